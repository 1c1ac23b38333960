// Where partitions begin and end, and which offset a point in time has: asked of each partition's leader.
import { Errors, type Int64, KafkaError } from '../../protocol/index.ts';
import { ListOffsets } from '../../protocol/messages/02-list-offsets.ts';
import { DeleteRecords } from '../../protocol/messages/21-delete-records.ts';
import type { CallOptions } from '../connections/patience.ts';
import type { Asking } from './asking.ts';
import { type Answers, fanOut, leadersOf } from './fan-out.ts';
import { byTopic, grouped, type Outcome, type OutcomeFor, placeOf, type TopicPartition } from './outcomes.ts';

/** Kafka's special timestamps (ListOffsetsRequest). */
const SPECS = {
  latest: -1,
  earliest: -2,
  /** Of the record with the largest timestamp (KIP-734). */
  maxTimestamp: -3,
  /** What of a tiered topic is on the broker's disk (KIP-405). */
  earliestLocal: -4,
  /** The last of what lies in the remote storage. */
  latestTiered: -5,
  /** The first that waits to be carried there (KIP-1023). */
  earliestPendingUpload: -6,
} as const;

/** The first offset at or after a timestamp in milliseconds, or one of those with a name. */
export type OffsetSpec = keyof typeof SPECS | { readonly timestamp: Int64 };

export interface AskedOffset extends TopicPartition {
  readonly spec: OffsetSpec;
}

export interface FoundOffset {
  /** -1: there is none such. */
  readonly offset: number;
  /** -1 where it does not matter. */
  readonly timestamp: Int64;
  readonly leaderEpoch: number | undefined;
}

export interface ListOffsetsOptions extends CallOptions {
  /** read_committed: the end is where the first open transaction begins. */
  readonly isolation?: 'read_uncommitted' | 'read_committed';
}

/** ListOffsets: from which version on which specs are known. */
const SINCE: Partial<Readonly<Record<keyof typeof SPECS, number>>> = {
  maxTimestamp: 7,
  earliestLocal: 8,
  latestTiered: 9,
  earliestPendingUpload: 11,
};
const TIMEOUT_SINCE = 10;

/** In the order given. Rejects with KafkaError. */
export async function listOffsets(
  asking: Asking,
  places: readonly AskedOffset[],
  { isolation = 'read_uncommitted' }: ListOffsetsOptions,
): Promise<OutcomeFor<TopicPartition, FoundOffset>[]> {
  const isolationLevel = isolation === 'read_committed' ? 1 : 0;
  const found = await fanOut<AskedOffset, FoundOffset>(asking, {
    items: places,
    locate: leadersOf(asking),
    ask: async (nodeId, items) => {
      const requests = bySpecAge(items).flatMap((some) => onePerPartition(some));
      const answers = requests.map((some) => offsetsAt(asking, nodeId, some, isolationLevel));
      return new Map((await Promise.all(answers)).flatMap((some) => [...some]));
    },
  });
  return inOrder(places, found);
}

async function offsetsAt(
  asking: Asking,
  nodeId: number,
  items: readonly AskedOffset[],
  isolationLevel: number,
): Promise<Answers<AskedOffset, FoundOffset>> {
  const timeoutMs = asking.requestTimeoutMs;
  const answer = asking.node(nodeId, ListOffsets, (version) => ({
    replicaId: -1,
    isolationLevel,
    topics: wirePlaces(items, version),
    ...(version >= TIMEOUT_SINCE && { timeoutMs }),
  }));
  const said = await answer.catch((error: unknown) => tooOld(error));
  if (said instanceof KafkaError) return new Map(items.map((item) => [item, said]));
  const { topics } = said;
  return answersFor(items, topics, ({ offset, timestamp, leaderEpoch }) => ({
    offset,
    timestamp,
    leaderEpoch: leaderEpoch < 0 ? undefined : leaderEpoch,
  }));
}

/** Throws what is not the refusal of an old broker. */
function tooOld(error: unknown): KafkaError {
  if (error instanceof KafkaError && error.code === Errors.UNSUPPORTED_VERSION) return error;
  throw error;
}

/** What an old broker may not know is asked for apart, so that the rest is answered. */
function bySpecAge(items: readonly AskedOffset[]): AskedOffset[][] {
  return [...grouped(items, ({ spec }) => (typeof spec === 'object' ? 0 : (SINCE[spec] ?? 0))).values()];
}

/** A request names a partition once: who asks several things about one asks several times. */
function onePerPartition<P extends TopicPartition>(items: readonly P[]): P[][] {
  const requests: Map<string, P>[] = [];
  for (const item of items) {
    const place = placeOf(item);
    const free = requests.find((request) => !request.has(place));
    if (free === undefined) requests.push(new Map([[place, item]]));
    else free.set(place, item);
  }
  return requests.map((request) => [...request.values()]);
}

function wirePlaces(items: readonly AskedOffset[], version: number) {
  return [...byTopic(items)].map(([name, list]) => ({
    name,
    partitions: list.map(({ partition, spec }) => ({
      partitionIndex: partition,
      timestamp: timestampOf(spec, version),
    })),
  }));
}

function timestampOf(spec: OffsetSpec, version: number): Int64 {
  if (typeof spec === 'object') return spec.timestamp;
  if (version >= (SINCE[spec] ?? 0)) return SPECS[spec];
  throw new KafkaError(Errors.UNSUPPORTED_VERSION, `the broker is too old to tell the ${spec} offset`);
}

export interface DeleteBefore extends TopicPartition {
  /** The first that stays; -1: none does, up to the high watermark. */
  readonly beforeOffset: number;
}

export interface DeletedRecords {
  /** The new start of the log. */
  readonly lowWatermark: number;
}

/** In the order given. Rejects with KafkaError. */
export async function deleteRecords(
  asking: Asking,
  places: readonly DeleteBefore[],
): Promise<OutcomeFor<TopicPartition, DeletedRecords>[]> {
  const found = await fanOut<DeleteBefore, DeletedRecords>(asking, {
    items: places,
    locate: leadersOf(asking),
    ask: async (nodeId, items) => {
      const wanted = [...byTopic(items)].map(([name, list]) => ({
        name,
        partitions: list.map(({ partition, beforeOffset }) => ({ partitionIndex: partition, offset: beforeOffset })),
      }));
      const { topics } = await asking.node(nodeId, DeleteRecords, {
        topics: wanted,
        timeoutMs: asking.requestTimeoutMs,
      });
      return answersFor(items, topics, ({ lowWatermark }) => ({ lowWatermark }));
    },
  });
  return inOrder(places, found);
}

interface AnsweredPartition {
  readonly partitionIndex: number;
  readonly errorCode: number;
}

function answersFor<K extends TopicPartition, P extends AnsweredPartition, T>(
  items: readonly K[],
  topics: readonly { readonly name: string; readonly partitions: readonly P[] }[],
  valueOf: (partition: P) => T,
): Answers<K, T> {
  const found = new Map<string, P>();
  for (const { name, partitions } of topics) {
    for (const one of partitions) found.set(placeOf({ topic: name, partition: one.partitionIndex }), one);
  }
  return new Map(
    items.flatMap((item): [K, T | KafkaError][] => {
      const one = found.get(placeOf(item));
      if (one === undefined) return [];
      return [[item, one.errorCode === Errors.NONE ? valueOf(one) : new KafkaError(one.errorCode)]];
    }),
  );
}

function inOrder<K extends TopicPartition, T>(
  places: readonly K[],
  found: ReadonlyMap<K, Outcome<T>>,
): OutcomeFor<TopicPartition, T>[] {
  return places.map((place) => ({
    topic: place.topic,
    partition: place.partition,
    result: found.get(place) as Outcome<T>,
  }));
}
