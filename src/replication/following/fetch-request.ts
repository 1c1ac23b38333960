// The Fetch request of a follower (Kafka: RemoteLeaderEndPoint.buildFetch).
import type { InputOf } from '../../protocol/index.ts';
import type { Fetch } from '../../protocol/messages/01-fetch.ts';
import type { SessionStep } from './fetcher-session.ts';
import type { FollowedPartition } from './followed-partition.ts';

/** Topics by id: the oldest that a follower asks in. */
export const OLDEST_FETCH_VERSION = 13;
/** The replica says who it is in a tag, with its broker epoch (KIP-903). */
const REPLICA_STATE_SINCE = 15;

/** What a follower asks with, as the configuration and the metadata say now. */
export interface FetchTerms {
  readonly nodeId: number;
  readonly brokerEpoch: number;
  /** The newest version of Fetch that every broker of the cluster is promised to know. */
  readonly version: number;
  readonly minBytes: number;
  readonly maxWaitMs: number;
  readonly maxBytes: number;
  readonly partitionMaxBytes: number;
  readonly backoffMs: number;
  readonly socketTimeoutMs: number;
}

type FetchInput = InputOf<(typeof Fetch)['request']['fields']>;
type AskedPartition = NonNullable<NonNullable<FetchInput['topics']>[number]['partitions']>[number];

/** The version of Fetch that goes with a level of metadata.version (Kafka: MetadataVersion.fetchRequestVersion). */
export function fetchVersionOf(metadataVersion: number): number {
  if (metadataVersion >= 27) return 18;
  if (metadataVersion >= 21) return 17;
  if (metadataVersion >= 19) return 16;
  if (metadataVersion >= 10) return 15;
  return metadataVersion >= 9 ? 14 : OLDEST_FETCH_VERSION;
}

export function fetchRequest(step: SessionStep, terms: FetchTerms, version: number): FetchInput {
  const { nodeId: replicaId, brokerEpoch: replicaEpoch } = terms;
  return {
    ...(version >= REPLICA_STATE_SINCE ? { replicaState: { replicaId, replicaEpoch } } : { replicaId }),
    maxWaitMs: terms.maxWaitMs,
    minBytes: terms.minBytes,
    maxBytes: terms.maxBytes,
    sessionId: step.sessionId,
    sessionEpoch: step.sessionEpoch,
    topics: byTopic(step.asked, (followed) => askedOf(followed, terms.partitionMaxBytes)),
    forgottenTopicsData: byTopic(step.forgotten, ({ partition }) => partition.index),
  };
}

function askedOf(
  { partition, askedOffset, leaderEpoch }: FollowedPartition,
  partitionMaxBytes: number,
): AskedPartition {
  const { log } = partition;
  return {
    partition: partition.index,
    currentLeaderEpoch: leaderEpoch,
    fetchOffset: askedOffset,
    lastFetchedEpoch: log.latestEpoch,
    logStartOffset: log.logStartOffset,
    partitionMaxBytes,
  };
}

function byTopic<T>(
  list: readonly FollowedPartition[],
  of: (followed: FollowedPartition) => T,
): { topicId: string; partitions: T[] }[] {
  const topics = new Map<string, T[]>();
  for (const followed of list) {
    const partitions = topics.get(followed.topicId);
    if (partitions === undefined) topics.set(followed.topicId, [of(followed)]);
    else partitions.push(of(followed));
  }
  return Array.from(topics, ([topicId, partitions]) => ({ topicId, partitions }));
}
