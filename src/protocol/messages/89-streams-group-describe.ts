// StreamsGroupDescribe, version 0, flexible. State, topology and members of streams groups (KIP-1071).
import {
  api,
  array,
  bool,
  int16,
  int32,
  int64,
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

const endpoint = { host: string, port: uint16 };

const taskOffset = { subtopologyId: string, partition: int32, offset: int64 };

const taskIds = { subtopologyId: string, partitions: array(int32) };

const assignment = { activeTasks: array(taskIds), standbyTasks: array(taskIds), warmupTasks: array(taskIds) };

export const StreamsGroupDescribe = api({
  key: 89,
  name: 'StreamsGroupDescribe',
  versions: [0, 0],
  flexible: 0,
  request: { groupIds: array(groupId), includeAuthorizedOperations: bool },
  response: {
    throttleTimeMs,
    groups: array({
      errorCode,
      errorMessage: string.nullable().default(null),
      groupId,
      groupState: string,
      groupEpoch: int32,
      assignmentEpoch: int32,
      topology: struct({
        epoch: int32,
        subtopologies: array({
          subtopologyId: string,
          sourceTopics: array(topicName),
          repartitionSinkTopics: array(topicName),
          stateChangelogTopics: array(topicInfo),
          repartitionSourceTopics: array(topicInfo),
        })
          .nullable()
          .default(null),
      })
        .nullable()
        .default(null),
      members: array({
        memberId: string,
        memberEpoch: int32,
        instanceId: string.nullable().default(null).doc('Set for static members (KIP-345).'),
        rackId: string.nullable().default(null),
        clientId: string,
        clientHost: string,
        topologyEpoch: int32,
        processId: string.doc('One per process: its members share state directories.'),
        userEndpoint: struct(endpoint).nullable().default(null),
        clientTags: array(keyValue).doc('Used for rack-aware assignment.'),
        taskOffsets: array(taskOffset).doc('How far the state stores of the member are.'),
        taskEndOffsets: array(taskOffset).doc('End offsets of the changelogs.'),
        assignment: struct(assignment),
        targetAssignment: struct(assignment),
        isClassic: bool,
      }),
      authorizedOperations: int32
        .default(-0x8000_0000)
        .doc('Bits by operation code; the lowest int32 when not asked for.'),
    }),
  },
});
export interface StreamsGroupDescribeRequest extends RequestOf<typeof StreamsGroupDescribe> {}
export interface StreamsGroupDescribeResponse extends ResponseOf<typeof StreamsGroupDescribe> {}
