// DescribeQuorum, versions 0 to 2: who votes on the metadata log, and how far each replica is (KIP-595). It answers for
// exactly one partition, that of the metadata.
//   v2 directory ids, and where the voters are reached (KIP-853)
import { Errors, errorMessage, METADATA_TOPIC, ZERO_UUID } from '../protocol/index.ts';
import {
  DescribeQuorum,
  type DescribeQuorumRequest,
  type DescribeQuorumResponse,
} from '../protocol/messages/55-describe-quorum.ts';
import type { QuorumReplica, QuorumState } from './controller-requests.ts';
import { defineHandler } from './handler.ts';

type PartitionAnswer = DescribeQuorumResponse['topics'][number]['partitions'][number];

const DIRECTORIES_SINCE = 2;

export const describeQuorum = (quorum: () => QuorumState) =>
  defineHandler(DescribeQuorum, {
    authorize: [
      { operation: 'DESCRIBE', resource: 'CLUSTER', at: [], asked: 'before', denied: 'CLUSTER_AUTHORIZATION_FAILED' },
    ],
    handle(request, { apiVersion }) {
      if (!asksForMetadataPartition(request)) return unknownPartitions(request, Errors.UNKNOWN_TOPIC_OR_PARTITION);
      const { leaderId, leaderEpoch, highWatermark, voters, observers, nodes } = quorum();
      const partition = {
        ...failedPartition(0, Errors.NONE, ''),
        leaderId,
        leaderEpoch,
        highWatermark,
        currentVoters: replicasFor(apiVersion, voters),
        observers: replicasFor(apiVersion, observers),
      };
      return {
        errorCode: Errors.NONE,
        errorMessage: '',
        topics: [{ topicName: METADATA_TOPIC, partitions: [partition] }],
        nodes: apiVersion >= DIRECTORIES_SINCE ? nodes : [],
      };
    },
    failed: (_request, code, message) => ({ errorCode: code, errorMessage: message, topics: [], nodes: [] }),
  });

/** The fields of a version; what a directory is was not known before (KIP-853). */
function replicasFor(version: number, replicas: readonly QuorumReplica[]): PartitionAnswer['currentVoters'] {
  if (version >= DIRECTORIES_SINCE) return replicas;
  return replicas.map((replica) => ({ ...replica, replicaDirectoryId: ZERO_UUID }));
}

function asksForMetadataPartition({ topics }: DescribeQuorumRequest): boolean {
  const [topic] = topics;
  if (topics.length !== 1 || topic === undefined || topic.topicName !== METADATA_TOPIC) return false;
  return topic.partitions.length === 1 && topic.partitions[0]?.partitionIndex === 0;
}

function unknownPartitions({ topics }: DescribeQuorumRequest, code: number): DescribeQuorumResponse {
  return {
    errorCode: Errors.NONE,
    errorMessage: '',
    topics: topics.map(({ topicName, partitions }) => ({
      topicName,
      partitions: partitions.map(({ partitionIndex }) => failedPartition(partitionIndex, code, errorMessage(code))),
    })),
    nodes: [],
  };
}

function failedPartition(partitionIndex: number, errorCode: number, message: string): PartitionAnswer {
  const nobody = { leaderId: 0, leaderEpoch: 0, highWatermark: 0, currentVoters: [], observers: [] };
  return { partitionIndex, errorCode, errorMessage: message, ...nobody };
}
