// Holds positions against the log of a leader of another epoch before anything is fetched from it (KIP-320; Kafka: the part of
// OffsetFetcher that validates): what was cut off is told, not passed over.
import { Errors, KafkaError } from '../../protocol/index.ts';
import { OffsetForLeaderEpoch } from '../../protocol/messages/23-offset-for-leader-epoch.ts';
import type { ClusterClient } from '../connections/cluster-client.ts';
import type { Leader } from '../connections/topics-view.ts';
import type { PartitionState } from './partition-state.ts';

/** Marks what is sound as validated in the leader's epoch. Rejects with KafkaError. */
export type ValidatePositions = (nodeId: number, found: readonly [PartitionState, Leader][]) => Promise<void>;

const CONSUMER = -1;
/** Brokers that cannot be asked, or do not let consumers ask (before Kafka 2.3), are believed. */
const NOT_TO_BE_ASKED: ReadonlySet<number> = new Set([
  Errors.UNSUPPORTED_VERSION,
  Errors.CLUSTER_AUTHORIZATION_FAILED,
  Errors.TOPIC_AUTHORIZATION_FAILED,
]);

export function positionValidator(
  client: ClusterClient,
  truncated: (state: PartitionState, endOffset: number, epoch: number) => void,
): ValidatePositions {
  return async (nodeId, found) => {
    const doubtful: (readonly [PartitionState, Leader, number])[] = [];
    for (const [state, leader] of found) {
      if (state.validatedEpoch === leader.epoch) continue;
      if (state.fetchEpoch < 0 || leader.epoch < 0) state.validatedEpoch = leader.epoch;
      else if (leader.nodeId === nodeId) doubtful.push([state, leader, state.version]);
    }
    if (doubtful.length === 0) return;
    const ends = await endsOf(client, nodeId, doubtful);
    for (const [state, leader, version] of doubtful) {
      if (state.version !== version || state.isGone) continue;
      const end = ends.get(state.name);
      if (end === undefined) continue;
      state.validatedEpoch = leader.epoch;
      if (end.endOffset >= 0 && end.endOffset < state.fetchOffset) truncated(state, end.endOffset, end.leaderEpoch);
    }
  };
}

type Doubtful = readonly (readonly [PartitionState, Leader, number])[];

async function endsOf(
  client: ClusterClient,
  nodeId: number,
  doubtful: Doubtful,
): Promise<Map<string, { readonly endOffset: number; readonly leaderEpoch: number }>> {
  const ends = new Map<string, { endOffset: number; leaderEpoch: number }>();
  const nothing = { endOffset: -1, leaderEpoch: -1 };
  try {
    const topics = doubtful.map(([{ topic, partition, fetchEpoch }, { epoch }]) => ({
      topic,
      partitions: [{ partition, currentLeaderEpoch: epoch, leaderEpoch: fetchEpoch }],
    }));
    const answer = await client.askNode(nodeId, OffsetForLeaderEpoch, { replicaId: CONSUMER, topics });
    for (const { topic, partitions } of answer.topics) {
      for (const { partition, errorCode, endOffset, leaderEpoch } of partitions) {
        if (errorCode === Errors.NONE) ends.set(`${topic}-${partition}`, { endOffset, leaderEpoch });
        else if (NOT_TO_BE_ASKED.has(errorCode)) ends.set(`${topic}-${partition}`, nothing);
        else client.topics.doubt(topic);
      }
    }
  } catch (error) {
    if (!(error instanceof KafkaError) || !NOT_TO_BE_ASKED.has(error.code)) throw error;
    for (const [state] of doubtful) ends.set(state.name, nothing);
  }
  return ends;
}
