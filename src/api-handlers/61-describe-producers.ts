// DescribeProducers, version 0: the producers that a partition knows and their open transactions (KIP-664). Every
// replica answers for itself.
import { topicNameFault } from '../kraft/controller/index.ts';
import { compareInt64, Errors, errorMessage } from '../protocol/index.ts';
import { DescribeProducers, type DescribeProducersResponse } from '../protocol/messages/61-describe-producers.ts';
import type { ReplicaManager } from '../replication/index.ts';
import { defineHandler } from './handler.ts';

type PartitionAnswer = DescribeProducersResponse['topics'][number]['partitions'][number];

export const describeProducers = (replicas: ReplicaManager) =>
  defineHandler(DescribeProducers, {
    authorize: [
      {
        operation: 'READ',
        resource: 'TOPIC',
        at: ['topics.name'],
        asked: 'within',
        denied: 'TOPIC_AUTHORIZATION_FAILED',
      },
    ],
    handle: (request) => ({
      topics: request.topics.map(({ name, partitionIndexes }) => ({
        name,
        partitions: partitionIndexes.map((index) => describe(replicas, name, index)),
      })),
    }),
    failed: (request, code, message) => ({
      topics: request.topics.map(({ name, partitionIndexes }) => ({
        name,
        partitions: partitionIndexes.map((index) => refused(index, code, message)),
      })),
    }),
  });

function refused(partitionIndex: number, errorCode: number, message: string | null): PartitionAnswer {
  return { partitionIndex, errorCode, errorMessage: message, activeProducers: [] };
}

function describe(replicas: ReplicaManager, topic: string, index: number): PartitionAnswer {
  const fault = topicNameFault(topic);
  if (fault !== undefined) return refused(index, Errors.INVALID_TOPIC_EXCEPTION, fault);
  const partition = replicas.partition(topic, index);
  if (partition === undefined) {
    const code = replicas.missingError(topic, index);
    // Kafka spends a text only where the topic itself is unknown.
    const isTopicKnown = replicas.image.topics.byName.has(topic);
    return refused(index, code, isTopicKnown ? null : errorMessage(code));
  }
  return {
    partitionIndex: index,
    errorCode: Errors.NONE,
    errorMessage: null,
    activeProducers: partition.log.producers().sort((a, b) => compareInt64(a.producerId, b.producerId)),
  };
}
