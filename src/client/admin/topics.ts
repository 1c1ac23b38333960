// Topics are made, grown and deleted: asked of the controller, one answer a topic.
import {
  type DecodedResponseOf,
  type ErrorCode,
  Errors,
  type InputOf,
  KafkaError,
  ZERO_UUID,
} from '../../protocol/index.ts';
import { CreateTopics } from '../../protocol/messages/19-create-topics.ts';
import { DeleteTopics } from '../../protocol/messages/20-delete-topics.ts';
import { CreatePartitions } from '../../protocol/messages/37-create-partitions.ts';
import type { CallOptions } from '../connections/patience.ts';
import type { Asking } from './asking.ts';
import { CONFIG_SOURCES, type ConfigSource } from './config-entries.ts';
import { answerFor, failureOf, type Outcome } from './outcomes.ts';

export interface NewTopic {
  readonly name: string;
  /** Left out: the cluster's default (num.partitions). */
  readonly partitions?: number;
  /** Left out: the cluster's default (default.replication.factor). */
  readonly replicationFactor?: number;
  /** Brokers of each partition, the preferred leader first; in place of the two above. */
  readonly assignments?: Readonly<Record<number, readonly number[]>>;
  readonly configs?: Readonly<Record<string, string>>;
}

export interface CreatedTopic {
  /** undefined, like what follows: the broker is older than Kafka 2.4 (2.8 for the id), or the principal may not see configs. */
  readonly topicId: string | undefined;
  readonly partitions: number | undefined;
  readonly replicationFactor: number | undefined;
  readonly configs: readonly CreatedConfig[] | undefined;
}

export interface CreatedConfig {
  readonly name: string;
  readonly value: string | null;
  readonly source: ConfigSource;
  readonly isReadOnly: boolean;
  readonly isSensitive: boolean;
}

export interface ChangeOptions extends CallOptions {
  /** Only say whether it would work. */
  readonly validateOnly?: boolean;
  /** What a quota puts off is tried again until the time is over (KIP-599); true when left out. */
  readonly retryOnQuotaViolation?: boolean;
}

/** By name, or by id from Kafka 2.8 on. */
export type TopicToDelete = string | { readonly topicId: string };

export interface NewPartitions {
  /** Partitions wanted in all. */
  readonly totalCount: number;
  /** Brokers of each new partition, in order. */
  readonly assignments?: readonly (readonly number[])[];
}

/** DeleteTopics carries ids from this version on. */
const TOPIC_IDS = 6;
const NO_IDS = 'topics can be deleted by id from Kafka 2.8 on';

/** Rejects with KafkaError. */
export function createTopics(
  asking: Asking,
  topics: readonly NewTopic[],
  how: ChangeOptions = {},
): Promise<Map<string, Outcome<CreatedTopic>>> {
  const { validateOnly = false } = how;
  const named = new Map(topics.map((topic) => [topic.name, topic]));
  return untilQuotaAllows(asking, [...named.keys()], how, async (names) => {
    const answer = await asking.controller(
      CreateTopics,
      () => ({
        topics: names.map((name) => wireTopic(named.get(name) as NewTopic)),
        timeoutMs: asking.requestTimeoutMs,
        validateOnly,
      }),
      codesOf((one) => one.topics),
    );
    return answer.topics.map((one) => [one.name, one.errorCode, outcomeOf(one, createdTopic(one))] as const);
  });
}

function wireTopic({ name, partitions, replicationFactor, assignments, configs = {} }: NewTopic) {
  const placed = Object.entries(assignments ?? {});
  return {
    name,
    numPartitions: partitions ?? -1,
    replicationFactor: replicationFactor ?? -1,
    assignments: placed.map(([partition, brokerIds]) => ({ partitionIndex: Number(partition), brokerIds })),
    configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
  };
}

type AnsweredTopic = DecodedResponseOf<typeof CreateTopics>['topics'][number];

function createdTopic(one: AnsweredTopic): CreatedTopic {
  const { topicId, numPartitions, replicationFactor, configs, topicConfigErrorCode } = one;
  const isTold = topicConfigErrorCode === Errors.NONE && numPartitions >= 0;
  return {
    topicId: topicId === ZERO_UUID ? undefined : topicId,
    partitions: isTold ? numPartitions : undefined,
    replicationFactor: isTold ? replicationFactor : undefined,
    configs: isTold ? configs?.map(createdConfig) : undefined,
  };
}

type AnsweredConfig = NonNullable<AnsweredTopic['configs']>[number];

function createdConfig({ name, value, configSource, readOnly, isSensitive }: AnsweredConfig): CreatedConfig {
  return { name, value, source: CONFIG_SOURCES[configSource] ?? 'UNKNOWN', isReadOnly: readOnly, isSensitive };
}

/** By name, or by id where that was given. Rejects with KafkaError. */
export function deleteTopics(
  asking: Asking,
  topics: readonly TopicToDelete[],
  how: ChangeOptions = {},
): Promise<Map<string, Outcome<undefined>>> {
  const isById = new Map(topics.map((topic) => (typeof topic === 'string' ? [topic, false] : [topic.topicId, true])));
  return untilQuotaAllows(asking, [...isById.keys()], how, async (keys) => {
    const question = (version: number) => wireDeletion(keys, isById, version, asking.requestTimeoutMs);
    const answer = await asking.controller(
      DeleteTopics,
      question,
      codesOf((one) => one.responses),
    );
    return answer.responses.map((one) => {
      const key = isById.get(one.topicId) === true ? one.topicId : (one.name ?? '');
      return [key, one.errorCode, failureOf(one.errorCode, one.errorMessage)] as const;
    });
  });
}

function wireDeletion(
  keys: readonly string[],
  isById: ReadonlyMap<string, boolean>,
  version: number,
  timeoutMs: number,
): InputOf<typeof DeleteTopics.request.fields> {
  if (version < TOPIC_IDS) {
    if (keys.some((key) => isById.get(key) === true)) throw new KafkaError(Errors.UNSUPPORTED_VERSION, NO_IDS);
    return { topicNames: keys, timeoutMs };
  }
  const topics = keys.map((key) => (isById.get(key) === true ? { topicId: key } : { name: key, topicId: ZERO_UUID }));
  return { topics, timeoutMs };
}

/** Rejects with KafkaError. */
export function createPartitions(
  asking: Asking,
  topics: Readonly<Record<string, NewPartitions>>,
  how: ChangeOptions = {},
): Promise<Map<string, Outcome<undefined>>> {
  const { validateOnly = false } = how;
  return untilQuotaAllows(asking, Object.keys(topics), how, async (names) => {
    const wanted = names.map((name) => {
      const { totalCount, assignments } = topics[name] as NewPartitions;
      return { name, count: totalCount, assignments: assignments?.map((brokerIds) => ({ brokerIds })) ?? null };
    });
    const answer = await asking.controller(
      CreatePartitions,
      () => ({ topics: wanted, timeoutMs: asking.requestTimeoutMs, validateOnly }),
      codesOf((one) => one.results),
    );
    return answer.results.map((one) => [one.name, one.errorCode, failureOf(one.errorCode, one.errorMessage)] as const);
  });
}

function codesOf<A>(itemsOf: (answer: A) => readonly { readonly errorCode: ErrorCode }[]) {
  return (answer: A): readonly ErrorCode[] => itemsOf(answer).map(({ errorCode }) => errorCode);
}

function outcomeOf<T>(one: { readonly errorCode: ErrorCode; readonly errorMessage: string | null }, value: T) {
  return failureOf(one.errorCode, one.errorMessage) ?? value;
}

/** What came of each name: those that a quota puts off are asked again (KIP-599). */
async function untilQuotaAllows<T>(
  asking: Asking,
  names: readonly string[],
  { retryOnQuotaViolation = true }: ChangeOptions,
  ask: (names: readonly string[]) => Promise<readonly (readonly [string, ErrorCode, Outcome<T>])[]>,
): Promise<Map<string, Outcome<T>>> {
  const outcomes = new Map<string, Outcome<T>>();
  let open = names;
  for (let failures = 1; open.length > 0; failures++) {
    const answers = await ask(open);
    for (const [name, , outcome] of answers) outcomes.set(name, outcome);
    if (!retryOnQuotaViolation || asking.isOver) break;
    open = answers.filter(([, code]) => code === Errors.THROTTLING_QUOTA_EXCEEDED).map(([name]) => name);
    if (open.length > 0) await asking.pause(failures);
  }
  return new Map(names.map((name) => [name, answerFor(outcomes, name)]));
}
