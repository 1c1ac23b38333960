// DeleteRecords, versions 0 to 2: the log start of partitions moves up to an offset (KIP-107). Batches stay whole; segments go
// when nothing of them is left. Internal topics and those without cleanup.policy=delete are refused. The client's time-out is
// not needed while there are no followers to wait for.
import { Errors } from '../protocol/index.ts';
import { DeleteRecords } from '../protocol/messages/21-delete-records.ts';
import {
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
      const topics = request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex, offset }) => ({
          partitionIndex,
          ...deleteUpTo(replicas, name, partitionIndex, offset),
        })),
      }));
      return { topics };
    },
    failed: (request, code) => ({
      topics: request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, ...refused(code) })),
      })),
    }),
  });

const refused = (errorCode: number): DeletionResult => ({ errorCode, lowWatermark: -1 });

function deleteUpTo(replicas: ReplicaManager, topic: string, index: number, offset: number): DeletionResult {
  if (!replicas.isKnown(topic, index)) return refused(Errors.UNKNOWN_TOPIC_OR_PARTITION);
  if (isInternalTopic(topic)) return refused(Errors.INVALID_TOPIC_EXCEPTION);
  const partition = replicas.partition(topic, index);
  if (partition === undefined) return refused(replicas.missingError(topic, index));
  try {
    return deletePartitionRecords(partition, offset);
  } catch (error) {
    if (error instanceof DiskError) return refused(Errors.KAFKA_STORAGE_ERROR);
    throw error;
  }
}
