// StreamsGroupHeartbeat, version 0, flexible. A member of a streams group joins, lives, reports its tasks and leaves
// (KIP-1071). Null and -1 mean: as in the last heartbeat.
import {
  api,
  array,
  bool,
  int16,
  int32,
  int64,
  int8,
  type RequestOf,
  type ResponseOf,
  string,
  struct,
  uint16,
} from '../schema.ts';
import { errorCode, groupId, throttleTimeMs, topicName } from './fields.ts';

const keyValue = { key: string, value: string };

const topicInfo = {
  name: topicName,
  partitions: int32,
  replicationFactor: int16.doc('0 for the default.'),
  topicConfigs: array(keyValue),
};

const taskIds = { subtopologyId: string, partitions: array(int32) };

const endpoint = { host: string, port: uint16 };

const taskOffset = { subtopologyId: string, partition: int32, offset: int64 };

const status = { statusCode: int8, statusDetail: string };

const topicPartition = { topic: topicName, partitions: array(int32) };

export const StreamsGroupHeartbeat = api({
  key: 88,
  name: 'StreamsGroupHeartbeat',
  versions: [0, 0],
  flexible: 0,
  request: {
    groupId,
    memberId: string,
    memberEpoch: int32.doc('0 joins, -1 leaves, -2 leaves for a while (static member).'),
    endpointInformationEpoch: int32.doc('Counts the changes of partitionsByUserEndpoint.'),
    instanceId: string.nullable().default(null).doc('Set for static members (KIP-345).'),
    rackId: string.nullable().default(null),
    rebalanceTimeoutMs: int32.default(-1).doc('How long members may take to join again, or to give up partitions.'),
    topology: struct({
      epoch: int32,
      subtopologies: array({
        subtopologyId: string,
        sourceTopics: array(topicName),
        sourceTopicRegex: array(string),
        stateChangelogTopics: array(topicInfo),
        repartitionSinkTopics: array(topicName),
        repartitionSourceTopics: array(topicInfo),
        copartitionGroups: array({
          sourceTopics: array(int16),
          sourceTopicRegex: array(int16),
          repartitionSourceTopics: array(int16),
        }).doc('Topics that must have the same number of partitions.'),
      }),
    })
      .nullable()
      .default(null),
    activeTasks: array(taskIds).nullable().default(null),
    standbyTasks: array(taskIds).nullable().default(null),
    warmupTasks: array(taskIds).nullable().default(null),
    processId: string.nullable().default(null).doc('One per process: its members share state directories.'),
    userEndpoint: struct(endpoint).nullable().default(null),
    clientTags: array(keyValue).nullable().default(null).doc('Used for rack-aware assignment.'),
    taskOffsets: array(taskOffset).nullable().default(null).doc('How far the state stores of the member are.'),
    taskEndOffsets: array(taskOffset).nullable().default(null).doc('End offsets of the changelogs.'),
    shutdownApplication: bool.default(false).doc('true: the whole application shall stop.'),
  },
  response: {
    throttleTimeMs,
    errorCode,
    errorMessage: string.nullable().default(null),
    memberId: string,
    memberEpoch: int32,
    heartbeatIntervalMs: int32,
    acceptableRecoveryLag: int32.doc('A warm-up task closer than this is ready.'),
    taskOffsetIntervalMs: int32,
    status: array(status).nullable(),
    activeTasks: array(taskIds).nullable().default(null).doc('null: unchanged, as with the other kinds of tasks.'),
    standbyTasks: array(taskIds).nullable().default(null),
    warmupTasks: array(taskIds).nullable().default(null),
    endpointInformationEpoch: int32.doc('Counts the changes of partitionsByUserEndpoint.'),
    partitionsByUserEndpoint: array({
      userEndpoint: struct(endpoint),
      activePartitions: array(topicPartition),
      standbyPartitions: array(topicPartition),
    })
      .nullable()
      .default(null)
      .doc('For interactive queries: which client holds what; null: unchanged.'),
  },
});
export interface StreamsGroupHeartbeatRequest extends RequestOf<typeof StreamsGroupHeartbeat> {}
export interface StreamsGroupHeartbeatResponse extends ResponseOf<typeof StreamsGroupHeartbeat> {}
