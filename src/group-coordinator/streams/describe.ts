// StreamsGroupDescribe: a streams group with its members (Kafka: StreamsGroup.asDescribedGroup).
import { type ErrorCode, Errors } from '../../protocol/index.ts';
import type { StreamsGroupDescribeResponse } from '../../protocol/messages/89-streams-group-describe.ts';
import { describedConfigured } from './configured-topology.ts';
import type { StreamsGroup } from './streams-group.ts';
import type { StreamsMember } from './streams-member.ts';
import { NO_TASKS, taskIdsOf, type TasksTuple, type TasksTupleWithEpochs } from './tasks.ts';
import { describedTopology } from './topology.ts';

export type DescribedStreamsGroup = StreamsGroupDescribeResponse['groups'][number];
type DescribedMember = DescribedStreamsGroup['members'][number];

export function describedGroup(group: StreamsGroup): DescribedStreamsGroup {
  const { topology, configured } = group;
  // Held against the topics it shows the partitions that they have.
  const isReady = configured !== undefined && configured.fault === undefined;
  return {
    ...undescribed(group.groupId, Errors.NONE, null),
    groupState: group.state,
    groupEpoch: group.epoch.epoch,
    assignmentEpoch: group.assignmentEpoch,
    topology: isReady ? describedConfigured(configured) : topology === undefined ? null : describedTopology(topology),
    members: Array.from(group.members.values(), (member) =>
      describedMember(member, group.targets.get(member.memberId) ?? NO_TASKS),
    ),
  };
}

export function undescribed(groupId: string, errorCode: ErrorCode, errorMessage: string | null): DescribedStreamsGroup {
  return {
    errorCode,
    errorMessage,
    groupId,
    groupState: '',
    groupEpoch: 0,
    assignmentEpoch: 0,
    topology: null,
    members: [],
  };
}

function describedMember(member: StreamsMember, target: TasksTuple): DescribedMember {
  const { memberId, memberEpoch, instanceId, rackId, clientId, clientHost, topologyEpoch } = member;
  const { processId, userEndpoint, clientTags } = member;
  return {
    memberId,
    memberEpoch,
    instanceId,
    rackId,
    clientId,
    clientHost,
    topologyEpoch,
    processId,
    userEndpoint,
    clientTags: [...clientTags],
    // Apache Kafka 4.3 takes no offsets of tasks.
    taskOffsets: [],
    taskEndOffsets: [],
    assignment: describedTasks(member.assigned),
    targetAssignment: describedTasks(target),
    isClassic: false,
  };
}

function describedTasks({ active, standby, warmup }: TasksTuple | TasksTupleWithEpochs): DescribedMember['assignment'] {
  return { activeTasks: taskIdsOf(active), standbyTasks: taskIdsOf(standby), warmupTasks: taskIdsOf(warmup) };
}
