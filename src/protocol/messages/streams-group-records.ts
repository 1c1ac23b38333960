// Records of streams groups in __consumer_offsets (KIP-1071).
import {
  array,
  int16,
  exactInt64,
  int32,
  int64,
  int8,
  message,
  string,
  struct,
  uint16,
  type ValueOf,
} from '../schema.ts';

export const streamsGroupMetadataKey = message('StreamsGroupMetadataKey', [0, 0], undefined, { groupId: string });
export interface StreamsGroupMetadataKey extends ValueOf<typeof streamsGroupMetadataKey.fields> {}

const lastAssignmentConfig = { key: string, value: string };

export const streamsGroupMetadataValue = message('StreamsGroupMetadataValue', [0, 0], 0, {
  epoch: int32,
  metadataHash: exactInt64,
  validatedTopologyEpoch: int32.tag(0).default(-1),
  lastAssignmentConfigs: array(lastAssignmentConfig).nullable().tag(1),
});
export interface StreamsGroupMetadataValue extends ValueOf<typeof streamsGroupMetadataValue.fields> {}

export const streamsGroupMemberMetadataKey = message('StreamsGroupMemberMetadataKey', [0, 0], undefined, {
  groupId: string,
  memberId: string,
});
export interface StreamsGroupMemberMetadataKey extends ValueOf<typeof streamsGroupMemberMetadataKey.fields> {}

const endpoint = { host: string, port: uint16 };

const keyValue = { key: string, value: string };

export const streamsGroupMemberMetadataValue = message('StreamsGroupMemberMetadataValue', [0, 0], 0, {
  instanceId: string.nullable(),
  rackId: string.nullable(),
  clientId: string,
  clientHost: string,
  rebalanceTimeoutMs: int32.default(-1),
  topologyEpoch: int32,
  processId: string,
  userEndpoint: struct(endpoint).nullable().default(null),
  clientTags: array(keyValue),
});
export interface StreamsGroupMemberMetadataValue extends ValueOf<typeof streamsGroupMemberMetadataValue.fields> {}

export const streamsGroupTargetAssignmentMetadataKey = message(
  'StreamsGroupTargetAssignmentMetadataKey',
  [0, 0],
  undefined,
  { groupId: string },
);
export interface StreamsGroupTargetAssignmentMetadataKey
  extends ValueOf<typeof streamsGroupTargetAssignmentMetadataKey.fields> {}

export const streamsGroupTargetAssignmentMetadataValue = message(
  'StreamsGroupTargetAssignmentMetadataValue',
  [0, 0],
  0,
  { assignmentEpoch: int32, assignmentTimestamp: int64.tag(0).default(0) },
);
export interface StreamsGroupTargetAssignmentMetadataValue
  extends ValueOf<typeof streamsGroupTargetAssignmentMetadataValue.fields> {}

export const streamsGroupTargetAssignmentMemberKey = message(
  'StreamsGroupTargetAssignmentMemberKey',
  [0, 0],
  undefined,
  { groupId: string, memberId: string },
);
export interface StreamsGroupTargetAssignmentMemberKey
  extends ValueOf<typeof streamsGroupTargetAssignmentMemberKey.fields> {}

const taskIds = { subtopologyId: string, partitions: array(int32) };

export const streamsGroupTargetAssignmentMemberValue = message('StreamsGroupTargetAssignmentMemberValue', [0, 0], 0, {
  activeTasks: array(taskIds),
  standbyTasks: array(taskIds),
  warmupTasks: array(taskIds),
});
export interface StreamsGroupTargetAssignmentMemberValue
  extends ValueOf<typeof streamsGroupTargetAssignmentMemberValue.fields> {}

export const streamsGroupCurrentMemberAssignmentKey = message(
  'StreamsGroupCurrentMemberAssignmentKey',
  [0, 0],
  undefined,
  { groupId: string, memberId: string },
);
export interface StreamsGroupCurrentMemberAssignmentKey
  extends ValueOf<typeof streamsGroupCurrentMemberAssignmentKey.fields> {}

const streamsGroupCurrentMemberAssignmentValueTaskIds = {
  subtopologyId: string,
  partitions: array(int32),
  assignmentEpochs: array(int32).nullable().tag(0),
};

export const streamsGroupCurrentMemberAssignmentValue = message('StreamsGroupCurrentMemberAssignmentValue', [0, 0], 0, {
  memberEpoch: int32,
  previousMemberEpoch: int32,
  state: int8,
  activeTasks: array(streamsGroupCurrentMemberAssignmentValueTaskIds),
  standbyTasks: array(streamsGroupCurrentMemberAssignmentValueTaskIds),
  warmupTasks: array(streamsGroupCurrentMemberAssignmentValueTaskIds),
  activeTasksPendingRevocation: array(streamsGroupCurrentMemberAssignmentValueTaskIds),
  standbyTasksPendingRevocation: array(streamsGroupCurrentMemberAssignmentValueTaskIds),
  warmupTasksPendingRevocation: array(streamsGroupCurrentMemberAssignmentValueTaskIds),
});
export interface StreamsGroupCurrentMemberAssignmentValue
  extends ValueOf<typeof streamsGroupCurrentMemberAssignmentValue.fields> {}

export const streamsGroupTopologyKey = message('StreamsGroupTopologyKey', [0, 0], undefined, { groupId: string });
export interface StreamsGroupTopologyKey extends ValueOf<typeof streamsGroupTopologyKey.fields> {}

const topicConfig = { key: string, value: string };

const topicInfo = { name: string, partitions: int32, replicationFactor: int16, topicConfigs: array(topicConfig) };

export const streamsGroupTopologyValue = message('StreamsGroupTopologyValue', [0, 0], 0, {
  epoch: int32,
  subtopologies: array({
    subtopologyId: string,
    sourceTopics: array(string),
    sourceTopicRegex: array(string),
    stateChangelogTopics: array(topicInfo),
    repartitionSinkTopics: array(string),
    repartitionSourceTopics: array(topicInfo),
    copartitionGroups: array({
      sourceTopics: array(int16),
      sourceTopicRegex: array(int16),
      repartitionSourceTopics: array(int16),
    }),
  }),
});
export interface StreamsGroupTopologyValue extends ValueOf<typeof streamsGroupTopologyValue.fields> {}
