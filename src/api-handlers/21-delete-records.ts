// DeleteRecords, versions 0 to 2: the log start of partitions moves up to an offset (KIP-107). Batches stay whole; segments go
// when nothing of them is left. Internal topics and those without cleanup.policy=delete are refused. The answer waits, no longer
// than the client will, until the followers have deleted too.
import { Errors } from '../protocol/index.ts';
import {
  DeleteRecords,
  type DeleteRecordsRequest,
  type DeleteRecordsResponse,
} from '../protocol/messages/21-delete-records.ts';
import {
  DelayedDeletion,
  type Deletion,
  type DeletionResult,
  deleteRecords as deletePartitionRecords,
  type ReplicaManager,
} from '../replication/index.ts';
import { DiskError } from '../runtime/index.ts';
import { defineHandler } from './handler.ts';
import { isInternalTopic } from './topic-names.ts';

export const deleteRecords = (replicas: ReplicaManager) =>
  defineHandler(DeleteRecords, {
    authorize: [
      {
        operation: 'DELETE',
        resource: 'TOPIC',
        at: ['topics.name'],
        asked: 'within',
        denied: 'TOPIC_AUTHORIZATION_FAILED',
      },
    ],
    handle(request) {
      const topics = Array.from(offsetsByTopic(request), ([name, offsets]) => ({
        name,
        deletions: Array.from(offsets, ([partitionIndex, offset]) => ({
          partitionIndex,
          deletion: deleteUpTo(replicas, name, partitionIndex, offset),
        })),
      }));
      const answer = (): DeleteRecordsResponse => ({
        topics: topics.map(({ name, deletions }) => ({
          name,
          partitions: deletions.map(({ partitionIndex, deletion }) => ({ partitionIndex, ...deletion.result })),
        })),
      });
      const all = topics.flatMap(({ deletions }) => deletions.map(({ deletion }) => deletion));
      const waiting = new DelayedDeletion(all).settled(replicas.purgatory, request.timeoutMs);
      return waiting === undefined ? answer() : waiting.then(answer);
    },
    failed: (request, code) => ({
      topics: request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, ...refused(code) })),
      })),
    }),
  });

/** Kafka keeps what is asked in a map by partitions: of one that is named twice the last offset counts. */
function offsetsByTopic({ topics }: DeleteRecordsRequest): Map<string, Map<number, number>> {
  const byTopic = new Map<string, Map<number, number>>();
  for (const { name, partitions } of topics) {
    if (partitions.length === 0) continue;
    const offsets = byTopic.get(name) ?? new Map<number, number>();
    for (const { partitionIndex, offset } of partitions) offsets.set(partitionIndex, offset);
    byTopic.set(name, offsets);
  }
  return byTopic;
}

const refused = (errorCode: number): DeletionResult => ({ errorCode, lowWatermark: -1 });

const noDeletion = (errorCode: number): Deletion => ({ partition: undefined, upTo: -1, result: refused(errorCode) });

function deleteUpTo(replicas: ReplicaManager, topic: string, index: number, offset: number): Deletion {
  if (!replicas.isKnown(topic, index)) return noDeletion(Errors.UNKNOWN_TOPIC_OR_PARTITION);
  if (isInternalTopic(topic)) return noDeletion(Errors.INVALID_TOPIC_EXCEPTION);
  const partition = replicas.partition(topic, index);
  if (partition === undefined) return noDeletion(replicas.missingError(topic, index));
  try {
    const result = deletePartitionRecords(partition, offset);
    return { partition, upTo: offset < 0 ? result.lowWatermark : offset, result };
  } catch (error) {
    if (error instanceof DiskError) return noDeletion(Errors.KAFKA_STORAGE_ERROR);
    throw error;
  }
}
