// Share groups (KIP-932): who is in them, and where their partitions stand.
import { type AclOperationName, type DecodedResponseOf, Errors, KafkaError } from '../../protocol/index.ts';
import { ShareGroupDescribe } from '../../protocol/messages/77-share-group-describe.ts';
import { DescribeShareGroupOffsets } from '../../protocol/messages/90-describe-share-group-offsets.ts';
import { AlterShareGroupOffsets } from '../../protocol/messages/91-alter-share-group-offsets.ts';
import { DeleteShareGroupOffsets } from '../../protocol/messages/92-delete-share-group-offsets.ts';
import type { Asking } from './asking.ts';
import { authorizedOperations } from './authorized-operations.ts';
import { assignedPartitions, type DescribeGroupsOptions } from './describe-groups.ts';
import { atCoordinator, coordinatorsOf, fanOut } from './fan-out.ts';
import type { ClusterNode } from './nodes.ts';
import {
  answerFor,
  byTopic,
  failureOf,
  type Outcome,
  type OutcomeFor,
  placeOf,
  throwIfFailed,
  type TopicPartition,
} from './outcomes.ts';

export interface ShareMemberDescription {
  readonly memberId: string;
  readonly rackId: string | undefined;
  readonly clientId: string;
  readonly host: string;
  readonly assignment: readonly TopicPartition[];
  readonly memberEpoch: number;
}

export interface ShareGroupDescription {
  readonly groupId: string;
  readonly members: readonly ShareMemberDescription[];
  readonly assignor: string;
  readonly state: string;
  readonly coordinator: ClusterNode;
  readonly groupEpoch: number;
  readonly targetAssignmentEpoch: number;
  readonly authorizedOperations: readonly AclOperationName[] | undefined;
}

/** Rejects with KafkaError. */
export function describeShareGroups(
  asking: Asking,
  groupIds: readonly string[],
  { includeAuthorizedOperations = false }: DescribeGroupsOptions,
): Promise<Map<string, Outcome<ShareGroupDescription>>> {
  return fanOut<string, ShareGroupDescription>(asking, {
    items: groupIds,
    locate: coordinatorsOf(asking, 'group'),
    ask: async (nodeId, ids) => {
      const { groups } = await asking.node(nodeId, ShareGroupDescribe, { groupIds: ids, includeAuthorizedOperations });
      const coordinator = asking.nodes.nodeOf(nodeId);
      return new Map(groups.map((group) => [group.groupId, described(group, coordinator)]));
    },
  });
}

function described(
  group: DecodedResponseOf<typeof ShareGroupDescribe>['groups'][number],
  coordinator: ClusterNode,
): ShareGroupDescription | KafkaError {
  if (group.errorCode !== Errors.NONE) return new KafkaError(group.errorCode, group.errorMessage ?? undefined);
  return {
    groupId: group.groupId,
    members: group.members.map((member) => ({
      memberId: member.memberId,
      rackId: member.rackId ?? undefined,
      clientId: member.clientId,
      host: member.clientHost,
      assignment: assignedPartitions(member.assignment),
      memberEpoch: member.memberEpoch,
    })),
    assignor: group.assignorName,
    state: group.groupState,
    coordinator,
    groupEpoch: group.groupEpoch,
    targetAssignmentEpoch: group.assignmentEpoch,
    authorizedOperations: authorizedOperations(group.authorizedOperations),
  };
}

export interface AskedShareOffsets {
  readonly groupId: string;
  /** Left out: all that the group has read. */
  readonly partitions?: readonly TopicPartition[];
}

export interface ShareOffset {
  /** The first that is not yet done with. */
  readonly startOffset: number;
  readonly leaderEpoch: number | undefined;
  /** Records that are not yet done with; undefined: the broker does not know, or is older than Kafka 4.2. */
  readonly lag: number | undefined;
}

/** null: the group has not begun to read there. */
export type OffsetsOfShareGroup = readonly OutcomeFor<TopicPartition, ShareOffset | null>[];

/** Rejects with KafkaError. */
export function listShareGroupOffsets(
  asking: Asking,
  groups: readonly AskedShareOffsets[],
): Promise<Map<string, Outcome<OffsetsOfShareGroup>>> {
  const asked = new Map(groups.map((group) => [group.groupId, group]));
  return fanOut<string, OffsetsOfShareGroup>(asking, {
    items: [...asked.keys()],
    locate: coordinatorsOf(asking, 'group'),
    ask: async (nodeId, ids) => {
      const wanted = ids.map((groupId) => ({ groupId, topics: wireTopics(asked.get(groupId)?.partitions) }));
      const answer = await asking.node(nodeId, DescribeShareGroupOffsets, { groups: wanted });
      return new Map(answer.groups.map((group) => [group.groupId, offsetsOf(group)]));
    },
  });
}

function wireTopics(partitions: readonly TopicPartition[] | undefined) {
  if (partitions === undefined) return null;
  return [...byTopic(partitions)].map(([topicName, list]) => ({
    topicName,
    partitions: list.map(({ partition }) => partition),
  }));
}

function offsetsOf(
  group: DecodedResponseOf<typeof DescribeShareGroupOffsets>['groups'][number],
): OffsetsOfShareGroup | KafkaError {
  if (group.errorCode !== Errors.NONE) return new KafkaError(group.errorCode, group.errorMessage ?? undefined);
  return group.topics.flatMap(({ topicName, partitions }) =>
    partitions.map((one) => ({
      topic: topicName,
      partition: one.partitionIndex,
      result: failureOf(one.errorCode, one.errorMessage) ?? offsetOf(one),
    })),
  );
}

function offsetOf(one: {
  readonly startOffset: number;
  readonly leaderEpoch: number;
  readonly lag: number;
}): ShareOffset | null {
  if (one.startOffset < 0) return null;
  return {
    startOffset: one.startOffset,
    leaderEpoch: one.leaderEpoch < 0 ? undefined : one.leaderEpoch,
    lag: one.lag < 0 ? undefined : one.lag,
  };
}

export interface NewShareOffset extends TopicPartition {
  readonly startOffset: number;
}

/** In the order given; of groups without members. Rejects with KafkaError. */
export async function alterShareGroupOffsets(
  asking: Asking,
  groupId: string,
  offsets: readonly NewShareOffset[],
): Promise<OutcomeFor<TopicPartition, undefined>[]> {
  const topics = [...byTopic(offsets)].map(([topicName, list]) => ({
    topicName,
    partitions: list.map(({ partition, startOffset }) => ({ partitionIndex: partition, startOffset })),
  }));
  const { responses } = await atCoordinator(asking, 'group', groupId, async (nodeId) => {
    const answer = await asking.node(nodeId, AlterShareGroupOffsets, { groupId, topics });
    throwIfFailed(answer.errorCode, answer.errorMessage);
    return answer;
  });
  const outcomes = new Map(
    responses.flatMap(({ topicName, partitions }) =>
      partitions.map((one) => [
        placeOf({ topic: topicName, partition: one.partitionIndex }),
        failureOf(one.errorCode, one.errorMessage),
      ]),
    ),
  );
  return offsets.map(({ topic, partition }) => ({
    topic,
    partition,
    result: answerFor(outcomes, placeOf({ topic, partition })),
  }));
}

/** What the group knows of whole topics is forgotten. Rejects with KafkaError. */
export async function deleteShareGroupOffsets(
  asking: Asking,
  groupId: string,
  topics: readonly string[],
): Promise<Map<string, Outcome<undefined>>> {
  const wanted = topics.map((topicName) => ({ topicName }));
  const { responses } = await atCoordinator(asking, 'group', groupId, async (nodeId) => {
    const answer = await asking.node(nodeId, DeleteShareGroupOffsets, { groupId, topics: wanted });
    throwIfFailed(answer.errorCode, answer.errorMessage);
    return answer;
  });
  const outcomes = new Map(responses.map((one) => [one.topicName, failureOf(one.errorCode, one.errorMessage)]));
  return new Map(topics.map((topic) => [topic, answerFor(outcomes, topic)]));
}
