// Consumer groups as their coordinators see them: those of KIP-848, and classic ones, which older brokers know only.
import { type AclOperationName, decodeVersioned, Errors, KafkaError } from '../../protocol/index.ts';
import { DescribeGroups } from '../../protocol/messages/15-describe-groups.ts';
import { ConsumerGroupDescribe } from '../../protocol/messages/69-consumer-group-describe.ts';
import { consumerProtocolAssignment } from '../../protocol/messages/consumer-protocol.ts';
import type { DecodedResponseOf } from '../../protocol/index.ts';
import type { CallOptions } from '../connections/patience.ts';
import type { Asking } from './asking.ts';
import { authorizedOperations } from './authorized-operations.ts';
import { type Answers, coordinatorsOf, fanOut } from './fan-out.ts';
import type { GroupType } from './list-groups.ts';
import type { ClusterNode } from './nodes.ts';
import type { Outcome, TopicPartition } from './outcomes.ts';

export interface DescribeGroupsOptions extends CallOptions {
  readonly includeAuthorizedOperations?: boolean;
}

export interface GroupMemberDescription {
  readonly memberId: string;
  /** Of static members (KIP-345). */
  readonly groupInstanceId: string | undefined;
  readonly rackId: string | undefined;
  readonly clientId: string;
  readonly host: string;
  readonly assignment: readonly TopicPartition[];
  /** This and what follows: of groups of KIP-848 only. What the member is to get. */
  readonly targetAssignment: readonly TopicPartition[] | undefined;
  readonly memberEpoch: number | undefined;
  /** false: a classic member in a group that is being upgraded. */
  readonly isUpgraded: boolean | undefined;
}

export interface ConsumerGroupDescription {
  readonly groupId: string;
  /** Offsets without members: a consumer that assigns itself. */
  readonly isSimpleConsumerGroup: boolean;
  readonly members: readonly GroupMemberDescription[];
  readonly partitionAssignor: string;
  readonly type: GroupType;
  readonly state: string;
  readonly coordinator: ClusterNode;
  readonly groupEpoch: number | undefined;
  readonly targetAssignmentEpoch: number | undefined;
  readonly authorizedOperations: readonly AclOperationName[] | undefined;
}

export interface ClassicGroupDescription {
  readonly groupId: string;
  /** The protocol type: 'consumer', 'connect' … */
  readonly protocol: string;
  /** What the members have chosen: of consumers the assignor. */
  readonly protocolData: string;
  readonly isSimpleConsumerGroup: boolean;
  readonly members: readonly GroupMemberDescription[];
  readonly state: string;
  readonly coordinator: ClusterNode;
  readonly authorizedOperations: readonly AclOperationName[] | undefined;
}

/** Rejects with KafkaError. */
export function describeConsumerGroups(
  asking: Asking,
  groupIds: readonly string[],
  { includeAuthorizedOperations = false }: DescribeGroupsOptions,
): Promise<Map<string, Outcome<ConsumerGroupDescription>>> {
  // Whom the broker does not know as a group of KIP-848, or does not know such groups, is asked for as a classic one.
  const classic = new Map<string, KafkaError>();
  return fanOut<string, ConsumerGroupDescription>(asking, {
    items: groupIds,
    locate: coordinatorsOf(asking, 'group'),
    ask: async (nodeId, ids) => {
      const modern = ids.filter((id) => !classic.has(id));
      const found = new Map(await describeModern(asking, nodeId, modern, includeAuthorizedOperations));
      for (const id of modern) {
        const answer = found.get(id);
        if (isNoModernGroup(answer)) classic.set(id, answer);
      }
      const older = ids.filter((id) => classic.has(id));
      const described = await describeClassic(asking, nodeId, older, includeAuthorizedOperations);
      for (const [id, one] of described) {
        found.set(id, one instanceof KafkaError ? firstRefusal(classic.get(id), one) : asConsumerGroup(one));
      }
      return found;
    },
  });
}

/** Who is no group by either protocol is told so in the words of the newer one. */
function firstRefusal(asModern: KafkaError | undefined, asClassic: KafkaError): KafkaError {
  return asModern?.code === Errors.GROUP_ID_NOT_FOUND && asClassic.code === asModern.code ? asModern : asClassic;
}

function isNoModernGroup(answer: ConsumerGroupDescription | KafkaError | undefined): answer is KafkaError {
  if (!(answer instanceof KafkaError)) return false;
  return answer.code === Errors.GROUP_ID_NOT_FOUND || answer.code === Errors.UNSUPPORTED_VERSION;
}

async function describeModern(
  asking: Asking,
  nodeId: number,
  ids: readonly string[],
  includeAuthorizedOperations: boolean,
): Promise<Answers<string, ConsumerGroupDescription>> {
  if (ids.length === 0) return new Map();
  try {
    const { groups } = await asking.node(nodeId, ConsumerGroupDescribe, { groupIds: ids, includeAuthorizedOperations });
    const coordinator = asking.nodes.nodeOf(nodeId);
    return new Map(groups.map((group) => [group.groupId, modernGroup(group, coordinator)]));
  } catch (error) {
    if (!(error instanceof KafkaError) || error.code !== Errors.UNSUPPORTED_VERSION) throw error;
    return new Map(ids.map((id) => [id, error]));
  }
}

type ModernGroup = DecodedResponseOf<typeof ConsumerGroupDescribe>['groups'][number];
type ModernMember = ModernGroup['members'][number];

function modernGroup(group: ModernGroup, coordinator: ClusterNode): ConsumerGroupDescription | KafkaError {
  if (group.errorCode !== Errors.NONE) return new KafkaError(group.errorCode, group.errorMessage ?? undefined);
  return {
    groupId: group.groupId,
    isSimpleConsumerGroup: false,
    members: group.members.map(modernMember),
    partitionAssignor: group.assignorName,
    type: 'Consumer',
    state: group.groupState,
    coordinator,
    groupEpoch: group.groupEpoch,
    targetAssignmentEpoch: group.assignmentEpoch,
    authorizedOperations: authorizedOperations(group.authorizedOperations),
  };
}

function modernMember(member: ModernMember): GroupMemberDescription {
  return {
    memberId: member.memberId,
    groupInstanceId: member.instanceId ?? undefined,
    rackId: member.rackId ?? undefined,
    clientId: member.clientId,
    host: member.clientHost,
    assignment: assignedPartitions(member.assignment),
    targetAssignment: assignedPartitions(member.targetAssignment),
    memberEpoch: member.memberEpoch,
    isUpgraded: member.memberType < 0 ? undefined : member.memberType === MODERN_MEMBER,
  };
}

const MODERN_MEMBER = 1;

export function assignedPartitions({
  topicPartitions,
}: {
  readonly topicPartitions: readonly { readonly topicName: string; readonly partitions: readonly number[] }[];
}): TopicPartition[] {
  return topicPartitions.flatMap(({ topicName, partitions }) =>
    partitions.map((partition) => ({ topic: topicName, partition })),
  );
}

/** Rejects with KafkaError. */
export function describeClassicGroups(
  asking: Asking,
  groupIds: readonly string[],
  { includeAuthorizedOperations = false }: DescribeGroupsOptions,
): Promise<Map<string, Outcome<ClassicGroupDescription>>> {
  return fanOut<string, ClassicGroupDescription>(asking, {
    items: groupIds,
    locate: coordinatorsOf(asking, 'group'),
    ask: (nodeId, ids) => describeClassic(asking, nodeId, ids, includeAuthorizedOperations),
  });
}

/** DescribeGroups tells of what the principal may do from this version on (KIP-430). */
const OPERATIONS_SINCE = 3;

async function describeClassic(
  asking: Asking,
  nodeId: number,
  ids: readonly string[],
  withOperations: boolean,
): Promise<Answers<string, ClassicGroupDescription>> {
  if (ids.length === 0) return new Map();
  const { groups } = await asking.node(nodeId, DescribeGroups, (version) => ({
    groups: ids,
    includeAuthorizedOperations: withOperations && version >= OPERATIONS_SINCE,
  }));
  const coordinator = asking.nodes.nodeOf(nodeId);
  return new Map(groups.map((group) => [group.groupId, classicGroup(group, coordinator)]));
}

type ClassicGroup = DecodedResponseOf<typeof DescribeGroups>['groups'][number];

function classicGroup(group: ClassicGroup, coordinator: ClusterNode): ClassicGroupDescription | KafkaError {
  if (group.errorCode !== Errors.NONE) return new KafkaError(group.errorCode, group.errorMessage ?? undefined);
  const isOfConsumers = group.protocolType === CONSUMERS;
  return {
    groupId: group.groupId,
    protocol: group.protocolType,
    protocolData: group.protocolData,
    isSimpleConsumerGroup: group.protocolType === '',
    members: group.members.map((member) => classicMember(member, isOfConsumers)),
    state: group.groupState,
    coordinator,
    authorizedOperations: authorizedOperations(group.authorizedOperations),
  };
}

const CONSUMERS = 'consumer';

function classicMember(member: ClassicGroup['members'][number], isOfConsumers: boolean): GroupMemberDescription {
  const isAssigned = isOfConsumers && member.memberAssignment.length > 0;
  return {
    memberId: member.memberId,
    groupInstanceId: member.groupInstanceId ?? undefined,
    rackId: undefined,
    clientId: member.clientId,
    host: member.clientHost,
    assignment: isAssigned ? classicAssignment(member.memberAssignment) : [],
    targetAssignment: undefined,
    memberEpoch: undefined,
    isUpgraded: undefined,
  };
}

function classicAssignment(bytes: Uint8Array): TopicPartition[] {
  const { assignedPartitions: topics } = decodeVersioned(consumerProtocolAssignment, bytes);
  return topics.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })));
}

function asConsumerGroup(group: ClassicGroupDescription): ConsumerGroupDescription | KafkaError {
  const { protocol, protocolData, ...rest } = group;
  if (protocol !== CONSUMERS && protocol !== '') {
    return new KafkaError(
      Errors.INCONSISTENT_GROUP_PROTOCOL,
      `GroupId ${group.groupId} is not a consumer group (${protocol}).`,
    );
  }
  return {
    ...rest,
    partitionAssignor: protocolData,
    type: 'Classic',
    groupEpoch: undefined,
    targetAssignmentEpoch: undefined,
  };
}
