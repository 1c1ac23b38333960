// Operations whose items lie with different nodes: each item's node is found, the items of one node are asked together, and those
// that fail in passing are looked for again, until the time is over (Kafka: AdminApiDriver with its lookup strategies).
import { type ErrorCode, Errors, KafkaError } from '../../protocol/index.ts';
import { FindCoordinator } from '../../protocol/messages/10-find-coordinator.ts';
import { type ClientError, clientErrorOf, isWorthAnother } from '../errors.ts';
import type { Asking } from './asking.ts';
import { type Outcome, type TopicPartition, valueOf } from './outcomes.ts';

/** By item: its node, or why it has none. */
export type Places<K> = ReadonlyMap<K, number | KafkaError>;
/** By item: what the node says. An item that is missing has been forgotten by the node. */
export type Answers<K, T> = ReadonlyMap<K, T | KafkaError>;

export interface FanOut<K, T> {
  readonly items: readonly K[];
  /** Rejects with KafkaError. */
  locate(items: readonly K[]): Promise<Places<K>>;
  /** Rejects with KafkaError, which is then that of all these items. */
  ask(nodeId: number, items: readonly K[]): Promise<Answers<K, T>>;
  /** Codes that are tried again beside those that Kafka calls retriable, and those that are not although it does. */
  readonly again?: ReadonlySet<ErrorCode>;
  readonly final?: ReadonlySet<ErrorCode>;
}

/** In the order of the items. */
export async function fanOut<K, T>(asking: Asking, plan: FanOut<K, T>): Promise<Map<K, Outcome<T>>> {
  const answers = new Map<K, T | KafkaError>();
  let open: readonly K[] = [...new Set(plan.items)];
  for (let failures = 1; open.length > 0; failures++) {
    for (const [item, answer] of await oneRound(plan, open)) answers.set(item, answer);
    open = open.filter((item) => shouldTryAgain(asking, plan, answers.get(item)));
    if (open.length > 0) await asking.pause(failures);
  }
  return new Map([...new Set(plan.items)].map((item) => [item, outcomeOf(answers.get(item))]));
}

function outcomeOf<T>(answer: T | KafkaError | undefined): Outcome<T> {
  if (answer instanceof KafkaError) return clientErrorOf(answer) as ClientError;
  return answer as T;
}

function shouldTryAgain<K, T>(asking: Asking, { again, final }: FanOut<K, T>, answer: T | KafkaError | undefined) {
  if (!(answer instanceof KafkaError) || asking.isOver || asking.nodes.client.isClosed) return false;
  if (final?.has(answer.code) === true) return false;
  return isWorthAnother(answer.code) || again?.has(answer.code) === true;
}

async function oneRound<K, T>(plan: FanOut<K, T>, open: readonly K[]): Promise<Map<K, T | KafkaError>> {
  const answers = new Map<K, T | KafkaError>();
  const groups = new Map<number, K[]>();
  const places = await plan.locate(open).catch((error: unknown) => failAll<K>(open, error));
  for (const item of open) {
    const place = places.get(item) ?? new KafkaError(Errors.BROKER_NOT_AVAILABLE);
    if (place instanceof KafkaError) answers.set(item, place);
    else groups.set(place, [...(groups.get(place) ?? []), item]);
  }
  await Promise.all(
    [...groups].map(async ([nodeId, items]) => {
      const said = await plan.ask(nodeId, items).catch((error: unknown) => failAll<K>(items, error));
      for (const item of items) answers.set(item, saidOf(said, item));
    }),
  );
  return answers;
}

function saidOf<K, T>(said: Answers<K, T>, item: K): T | KafkaError {
  if (!said.has(item)) return new KafkaError(Errors.UNKNOWN_SERVER_ERROR, 'the broker did not answer for this item');
  return said.get(item) as T | KafkaError;
}

/** Errors of programs are not the items': they end the operation. */
function failAll<K>(items: readonly K[], error: unknown): Map<K, KafkaError> {
  if (!(error instanceof KafkaError)) throw error;
  return new Map(items.map((item) => [item, error]));
}

/** FindCoordinator takes several keys from this version on. */
const SEVERAL_COORDINATORS = 4;
const KEY_TYPES = { group: 0, transaction: 1 } as const;

/** Coordinators of groups or transactional ids. */
export function coordinatorsOf(
  asking: Asking,
  kind: keyof typeof KEY_TYPES,
): (keys: readonly string[]) => Promise<Places<string>> {
  return async (keys) => {
    const { client } = asking.nodes;
    const found = new Map<string, number | KafkaError>();
    const take = (key: string, one: FoundCoordinator): void => {
      if (one.errorCode === Errors.NONE) client.learnBroker(one);
      const failure = (): KafkaError => new KafkaError(one.errorCode, one.errorMessage ?? undefined);
      found.set(key, one.errorCode === Errors.NONE ? one.nodeId : failure());
    };
    const answers = await askForAll(asking, kind, keys);
    for (const one of answers) take(one.key, one);
    return found;
  };
}

/** Brokers before 3.0 are asked for one key at a time (KIP-699). */
async function askForAll(
  asking: Asking,
  kind: keyof typeof KEY_TYPES,
  keys: readonly string[],
): Promise<readonly FoundCoordinator[]> {
  const keyType = KEY_TYPES[kind];
  const [first = ''] = keys;
  const answer = await asking.any(FindCoordinator, (version) =>
    version < SEVERAL_COORDINATORS ? { key: first, keyType } : { coordinatorKeys: keys, keyType },
  );
  if (answer.coordinators.length > 0) return answer.coordinators;
  const others = await Promise.all(keys.slice(1).map((key) => askForAll(asking, kind, [key])));
  return [{ ...answer, key: first }, ...others.flat()];
}

interface FoundCoordinator {
  readonly key: string;
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly errorCode: ErrorCode;
  readonly errorMessage: string | null;
}

/** What one coordinator answers for one key. Rejects with KafkaError. */
export async function atCoordinator<T>(
  asking: Asking,
  kind: keyof typeof KEY_TYPES,
  key: string,
  ask: (nodeId: number) => Promise<T>,
  again?: ReadonlySet<ErrorCode>,
): Promise<T> {
  const answers = await fanOut<string, T>(asking, {
    items: [key],
    locate: coordinatorsOf(asking, kind),
    ask: async (nodeId) => new Map([[key, await ask(nodeId)]]),
    ...(again !== undefined && { again }),
  });
  return valueOf(answers.get(key) as Outcome<T>);
}

/** Leaders of partitions (Kafka: PartitionLeaderStrategy). */
export function leadersOf<P extends TopicPartition>(asking: Asking): (items: readonly P[]) => Promise<Places<P>> {
  return async (items) => {
    const { topics } = asking.nodes.client;
    await topics.refresh([...new Set(items.map(({ topic }) => topic))]);
    return new Map(
      items.map((item): [P, number | KafkaError] => {
        const failure = topics.errorOf(item.topic);
        if (failure !== undefined) return [item, new KafkaError(failure)];
        const leader = topics.leaderOf(item.topic, item.partition);
        if (leader !== undefined) return [item, leader.nodeId];
        const isKnown = topics.partitionsOf(item.topic).includes(item.partition);
        return [item, new KafkaError(isKnown ? Errors.LEADER_NOT_AVAILABLE : Errors.UNKNOWN_TOPIC_OR_PARTITION)];
      }),
    );
  };
}
