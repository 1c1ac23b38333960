// DescribeQuorum, versions 0 to 2: who votes on the metadata log, and how far each replica is (KIP-595). It answers for
// exactly one partition, that of the metadata.
//   v2 directory ids, and where the voters are reached (KIP-853)
import { Errors, errorMessage, METADATA_TOPIC, ZERO_UUID } from '../protocol/index.ts';
import {
  DescribeQuorum,
  type DescribeQuorumRequest,
  type DescribeQuorumResponse,
} from '../protocol/messages/55-describe-quorum.ts';
import type { ControllerChannel, QuorumReplica, QuorumState } from './controller-requests.ts';
import { defineHandler, type Handler } from './handler.ts';

type PartitionAnswer = DescribeQuorumResponse['topics'][number]['partitions'][number];

const DIRECTORIES_SINCE = 2;

const handlerOf = (handle: Handler<RequestFields, ResponseFields>['handle']) =>
  defineHandler(DescribeQuorum, {
    authorize: [
      { operation: 'DESCRIBE', resource: 'CLUSTER', at: [], asked: 'before', denied: 'CLUSTER_AUTHORIZATION_FAILED' },
    ],
    handle,
    failed: (_request, code, message) => ({ errorCode: code, errorMessage: message, topics: [], nodes: [] }),
  });

type RequestFields = (typeof DescribeQuorum)['request']['fields'];
type ResponseFields = (typeof DescribeQuorum)['response']['fields'];

/** As the leader of the quorum tells it. */
export const describeQuorum = (quorum: () => QuorumState) =>
  handlerOf((request, { apiVersion }) => quorumAnswer(request, apiVersion, quorum()));

/** Brokers pass it on: the leader alone knows how far the others are. */
export const describeQuorumOfLeader = (controller: ControllerChannel) =>
  handlerOf((request, context) => controller.forward(DescribeQuorum, request, context));

export function quorumAnswer(
  request: DescribeQuorumRequest,
  apiVersion: number,
  { leads, leaderId, leaderEpoch, highWatermark, voters, observers, nodes }: QuorumState,
): DescribeQuorumResponse {
  if (!asksForMetadataPartition(request)) return failedPartitions(request, Errors.UNKNOWN_TOPIC_OR_PARTITION);
  if (!leads) return failedPartitions(request, Errors.NOT_LEADER_OR_FOLLOWER);
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
}

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

function failedPartitions({ topics }: DescribeQuorumRequest, code: number): DescribeQuorumResponse {
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
