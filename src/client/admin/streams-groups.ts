// Streams groups (KIP-1071): their members, tasks and topology. Their offsets are those of consumer groups.
import { type AclOperationName, type DecodedResponseOf, Errors, KafkaError } from '../../protocol/index.ts';
import { StreamsGroupDescribe } from '../../protocol/messages/89-streams-group-describe.ts';
import type { Asking } from './asking.ts';
import { authorizedOperations } from './authorized-operations.ts';
import type { DescribeGroupsOptions } from './describe-groups.ts';
import { coordinatorsOf, fanOut } from './fan-out.ts';
import type { ClusterNode } from './nodes.ts';
import type { Outcome } from './outcomes.ts';

export interface StreamsTasks {
  readonly subtopologyId: string;
  readonly partitions: readonly number[];
}

export interface StreamsAssignment {
  readonly activeTasks: readonly StreamsTasks[];
  readonly standbyTasks: readonly StreamsTasks[];
  readonly warmupTasks: readonly StreamsTasks[];
}

export interface StreamsTaskOffset {
  readonly subtopologyId: string;
  readonly partition: number;
  readonly offset: number;
}

export interface StreamsMemberDescription {
  readonly memberId: string;
  readonly memberEpoch: number;
  readonly instanceId: string | undefined;
  readonly rackId: string | undefined;
  readonly clientId: string;
  readonly host: string;
  readonly topologyEpoch: number;
  readonly processId: string;
  readonly userEndpoint: { readonly host: string; readonly port: number } | undefined;
  readonly clientTags: Readonly<Record<string, string>>;
  readonly taskOffsets: readonly StreamsTaskOffset[];
  readonly taskEndOffsets: readonly StreamsTaskOffset[];
  readonly assignment: StreamsAssignment;
  readonly targetAssignment: StreamsAssignment;
  readonly isClassic: boolean;
}

export interface StreamsTopic {
  readonly name: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly configs: Readonly<Record<string, string>>;
}

export interface StreamsSubtopology {
  readonly subtopologyId: string;
  readonly sourceTopics: readonly string[];
  readonly repartitionSinkTopics: readonly string[];
  readonly stateChangelogTopics: readonly StreamsTopic[];
  readonly repartitionSourceTopics: readonly StreamsTopic[];
}

export interface StreamsGroupDescription {
  readonly groupId: string;
  readonly state: string;
  readonly groupEpoch: number;
  readonly targetAssignmentEpoch: number;
  readonly topologyEpoch: number;
  readonly subtopologies: readonly StreamsSubtopology[];
  readonly members: readonly StreamsMemberDescription[];
  readonly coordinator: ClusterNode;
  readonly authorizedOperations: readonly AclOperationName[] | undefined;
}

/** Rejects with KafkaError. */
export function describeStreamsGroups(
  asking: Asking,
  groupIds: readonly string[],
  { includeAuthorizedOperations = false }: DescribeGroupsOptions,
): Promise<Map<string, Outcome<StreamsGroupDescription>>> {
  return fanOut<string, StreamsGroupDescription>(asking, {
    items: groupIds,
    locate: coordinatorsOf(asking, 'group'),
    ask: async (nodeId, ids) => {
      const { groups } = await asking.node(nodeId, StreamsGroupDescribe, {
        groupIds: ids,
        includeAuthorizedOperations,
      });
      const coordinator = asking.nodes.nodeOf(nodeId);
      return new Map(groups.map((group) => [group.groupId, described(group, coordinator)]));
    },
  });
}

type AnsweredGroup = DecodedResponseOf<typeof StreamsGroupDescribe>['groups'][number];
type AnsweredMember = AnsweredGroup['members'][number];
type AnsweredSubtopology = NonNullable<NonNullable<AnsweredGroup['topology']>['subtopologies']>[number];

function described(group: AnsweredGroup, coordinator: ClusterNode): StreamsGroupDescription | KafkaError {
  if (group.errorCode !== Errors.NONE) return new KafkaError(group.errorCode, group.errorMessage ?? undefined);
  return {
    groupId: group.groupId,
    state: group.groupState,
    groupEpoch: group.groupEpoch,
    targetAssignmentEpoch: group.assignmentEpoch,
    topologyEpoch: group.topology?.epoch ?? -1,
    subtopologies: group.topology?.subtopologies?.map(subtopologyOf) ?? [],
    members: group.members.map(memberOf),
    coordinator,
    authorizedOperations: authorizedOperations(group.authorizedOperations),
  };
}

function memberOf(member: AnsweredMember): StreamsMemberDescription {
  const { instanceId, rackId, clientHost, userEndpoint, clientTags, ...rest } = member;
  return {
    ...rest,
    instanceId: instanceId ?? undefined,
    rackId: rackId ?? undefined,
    host: clientHost,
    userEndpoint: userEndpoint ?? undefined,
    clientTags: recordOf(clientTags),
  };
}

function subtopologyOf(one: AnsweredSubtopology): StreamsSubtopology {
  return {
    ...one,
    stateChangelogTopics: one.stateChangelogTopics.map(topicOf),
    repartitionSourceTopics: one.repartitionSourceTopics.map(topicOf),
  };
}

function topicOf({ topicConfigs, ...topic }: AnsweredSubtopology['stateChangelogTopics'][number]): StreamsTopic {
  return { ...topic, configs: recordOf(topicConfigs) };
}

function recordOf(pairs: readonly { readonly key: string; readonly value: string }[]): Record<string, string> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, value]));
}
