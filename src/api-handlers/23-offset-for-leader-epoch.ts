// OffsetForLeaderEpoch, versions 2 to 4: where an epoch ends, so that a client can tell whether the log was cut behind its
// back (KIP-320). Only the leader answers; the replica id of v3 is not looked at.
import { OffsetForLeaderEpoch } from '../protocol/messages/23-offset-for-leader-epoch.ts';
import { type EpochEnd, endOffsetForEpoch, type ReplicaManager } from '../replication/index.ts';
import { defineHandler } from './handler.ts';

export const offsetForLeaderEpoch = (replicas: ReplicaManager) =>
  defineHandler(OffsetForLeaderEpoch, {
    authorize: [
      { operation: 'CLUSTER_ACTION', resource: 'CLUSTER', at: [], asked: 'within', denied: null },
      {
        operation: 'DESCRIBE',
        resource: 'TOPIC',
        at: ['topics.topic'],
        asked: 'within',
        denied: 'TOPIC_AUTHORIZATION_FAILED',
      },
    ],
    handle: (request) => ({
      topics: request.topics.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map(({ partition, currentLeaderEpoch, leaderEpoch }) => ({
          partition,
          ...endOf(replicas, topic, partition, currentLeaderEpoch, leaderEpoch),
        })),
      })),
    }),
    failed: (request, code) => ({
      topics: request.topics.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map(({ partition }) => ({ partition, ...unknownEnd(code) })),
      })),
    }),
  });

const unknownEnd = (errorCode: number): EpochEnd => ({ errorCode, leaderEpoch: -1, endOffset: -1 });

function endOf(replicas: ReplicaManager, topic: string, index: number, currentEpoch: number, epoch: number): EpochEnd {
  const partition = replicas.partition(topic, index);
  if (partition === undefined) return unknownEnd(replicas.missingError(topic, index));
  return endOffsetForEpoch(partition, currentEpoch, epoch);
}
