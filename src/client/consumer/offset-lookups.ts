// Offsets of logs by time, or their ends: asked of the leaders, many partitions in one request (Kafka: OffsetFetcher).
import { type ErrorCode, Errors, type Int64, isClamped, KafkaError } from '../../protocol/index.ts';
import { ListOffsets } from '../../protocol/messages/02-list-offsets.ts';
import type { ClusterClient } from '../connections/cluster-client.ts';
import { type Place, placeName } from './consumed-record.ts';

export const LATEST = -1;
export const EARLIEST = -2;

export interface FoundOffset extends Place {
  /** -1: there is no record as late as that. */
  readonly offset: number;
  readonly timestamp: Int64;
  readonly leaderEpoch: number;
}

export interface Lookup extends Place {
  /** Milliseconds, or LATEST or EARLIEST. */
  readonly timestamp: Int64;
}

export type Isolation = 'read_uncommitted' | 'read_committed';

const CONSUMER = -1;

/** In the order asked. Rejects with KafkaError when they are not all found within `deadlineMs` on the monotonic clock. */
export async function lookUpOffsets(
  client: ClusterClient,
  lookups: readonly Lookup[],
  isolation: Isolation,
  deadlineMs = client.deadlineIn(client.limits.apiTimeoutMs),
): Promise<FoundOffset[]> {
  const found = new Map<string, FoundOffset>();
  await client.retrying(deadlineMs, async () => {
    const open = lookups.filter(({ topic, partition }) => !found.has(placeName(topic, partition)));
    const failure = await lookUpOnce(client, open, isolation, found);
    if (failure !== Errors.NONE) throw new KafkaError(failure);
  });
  return lookups.map(({ topic, partition }) => found.get(placeName(topic, partition)) as FoundOffset);
}

/** One try: adds to `found` what it can. Resolves with what went wrong last, or NONE. */
export async function lookUpOnce(
  client: ClusterClient,
  lookups: readonly Lookup[],
  isolation: Isolation,
  found: Map<string, FoundOffset>,
): Promise<ErrorCode> {
  const unknown = new Set<string>();
  for (const { topic, partition } of lookups) {
    if (client.topics.leaderOf(topic, partition) === undefined) unknown.add(topic);
  }
  if (unknown.size > 0) await client.topics.refresh([...unknown]);
  const byLeader = new Map<number, Asked[]>();
  let failure: ErrorCode = Errors.NONE;
  for (const lookup of lookups) {
    const leader = client.topics.leaderOf(lookup.topic, lookup.partition);
    if (leader === undefined) {
      failure = client.topics.errorOf(lookup.topic) ?? Errors.LEADER_NOT_AVAILABLE;
      continue;
    }
    const asked = { ...lookup, leaderEpoch: leader.epoch };
    const list = byLeader.get(leader.nodeId);
    if (list === undefined) byLeader.set(leader.nodeId, [asked]);
    else list.push(asked);
  }
  const failures = await Promise.all(
    [...byLeader].map(([nodeId, asked]) => askLeader(client, nodeId, asked, isolation, found)),
  );
  return failures.find((code) => code !== Errors.NONE) ?? failure;
}

type Asked = Lookup & { readonly leaderEpoch: number };

/** What went wrong last, or NONE. */
async function askLeader(
  client: ClusterClient,
  nodeId: number,
  asked: readonly Asked[],
  isolation: Isolation,
  found: Map<string, FoundOffset>,
): Promise<ErrorCode> {
  const topics = new Map<string, { partitionIndex: number; currentLeaderEpoch: number; timestamp: Int64 }[]>();
  for (const { topic, partition, leaderEpoch, timestamp } of asked) {
    const list = topics.get(topic) ?? [];
    list.push({ partitionIndex: partition, currentLeaderEpoch: leaderEpoch, timestamp });
    topics.set(topic, list);
  }
  const request = {
    replicaId: CONSUMER,
    isolationLevel: isolation === 'read_committed' ? 1 : 0,
    topics: [...topics].map(([name, partitions]) => ({ name, partitions })),
    timeoutMs: client.limits.requestTimeoutMs,
  };
  let failure: ErrorCode = Errors.NONE;
  try {
    const answer = await client.askNode(nodeId, ListOffsets, (version) =>
      version < 2 ? { ...request, isolationLevel: 0 } : request,
    );
    for (const { name: topic, partitions } of answer.topics) {
      for (const { partitionIndex: partition, errorCode, offset, timestamp, leaderEpoch } of partitions) {
        if (errorCode === Errors.NONE && !isClamped(offset)) {
          found.set(placeName(topic, partition), { topic, partition, offset, timestamp, leaderEpoch });
          continue;
        }
        failure = errorCode as ErrorCode;
        client.topics.doubt(topic);
      }
    }
  } catch (error) {
    for (const { topic } of asked) client.topics.doubt(topic);
    if (!(error instanceof KafkaError)) throw error;
    failure = error.code;
  }
  return failure;
}
