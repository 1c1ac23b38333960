// Takes snapshots of all groups, for whoever embeds a broker: what the APIs that describe groups tell, of every kind in one
// form, and offsets beside it. Loaded when somebody asks.
import type { MetadataImage } from '../../kraft/metadata/index.ts';
import { Errors, KafkaError } from '../../protocol/index.ts';
import type {
  DescribeShareGroupOffsetsRequest,
  DescribeShareGroupOffsetsResponse,
} from '../../protocol/messages/90-describe-share-group-offsets.ts';
import type { ClassicGroup } from '../classic/classic-group.ts';
import type { ClassicMember } from '../classic/classic-member.ts';
import { decodedAssignment, decodedSubscription } from '../consumer/consumer-protocol.ts';
import { describedConsumerGroup } from '../consumer/describe.ts';
import type { CommittedOffset } from '../group-record.ts';
import type { GroupShard } from '../group-shard.ts';
import type {
  GroupMemberSnapshot,
  GroupOffsetSnapshot,
  GroupSnapshot,
  GroupStateName,
  PendingOffsetSnapshot,
  ShareStartOffsetSnapshot,
} from './index.ts';
import type { TopicPartitions } from '../modern/index.ts';
import { describedShareGroup } from '../share/describe.ts';
import type { Answer, GroupShards } from '../shards.ts';
import { describedGroup as describedStreamsGroup } from '../streams/describe.ts';
import type { StreamsGroup } from '../streams/streams-group.ts';
import { streamsGroupOf } from '../streams/streams-world.ts';

/** What stands where, without what only some kinds have. */
type Standing = Omit<GroupSnapshot, 'offsets' | 'pendingOffsets' | 'startOffsets'>;
type DescribeShareOffsets = (
  request: DescribeShareGroupOffsetsRequest,
) => Answer<Pick<DescribeShareGroupOffsetsResponse, 'groups'>>;
interface TopicRow {
  readonly topic: string;
  readonly partitions: readonly number[];
}

/** What KIP-1071 calls it in the configs. */
const STREAMS_ASSIGNOR = 'sticky';
const UNKNOWN = -1;
const NO_TASKS = { standbyTasks: [], warmupTasks: [] } as const;

/** Throws what `shards.askPartition` throws, but for partitions that are led elsewhere by now. */
export async function groupSnapshots(
  shards: GroupShards<GroupShard>,
  describeShareOffsets: DescribeShareOffsets,
): Promise<GroupSnapshot[]> {
  const snapshots: GroupSnapshot[] = [];
  for (const partition of shards.partitions) {
    try {
      snapshots.push(...(await shards.askPartition(partition, snapshotsOf)));
    } catch (error) {
      if (!(error instanceof KafkaError && error.code === Errors.NOT_COORDINATOR)) throw error;
    }
  }
  snapshots.sort((one, other) => (one.groupId < other.groupId ? -1 : 1));
  return withStartOffsets(snapshots, describeShareOffsets);
}

function snapshotsOf(shard: GroupShard): GroupSnapshot[] {
  return Array.from(shard.groups.all(), (group) => ({
    ...standingOf(shard, group.groupId),
    ...offsetsOf(shard, group.groupId),
    startOffsets: [],
  }));
}

function standingOf(shard: GroupShard, groupId: string): Standing {
  const { groups, settings } = shard;
  const { image } = shard.consumer;
  const classic = groups.classic(groupId);
  if (classic !== undefined) return classicStanding(classic);
  const consumer = groups.consumer(groupId);
  if (consumer !== undefined) {
    return modernStanding('consumer', describedConsumerGroup(consumer, settings.consumer.assignors[0] ?? '', image));
  }
  const share = groups.share(groupId);
  if (share === undefined) return streamsStanding(streamsGroupOf(groups, groupId));
  const described = describedShareGroup(share, image);
  const members = described.members.map((member) => ({
    ...member,
    instanceId: null,
    targetAssignment: namedPartitions(share.target(member.memberId), image),
  }));
  return modernStanding('share', { ...described, members });
}

/** Topics that are gone are left out. */
function namedPartitions(all: TopicPartitions, image: MetadataImage): ModernMember['assignment'] {
  const topicPartitions = [];
  for (const [topicId, partitions] of all) {
    const topicName = image.topics.byId.get(topicId)?.name;
    if (topicName !== undefined) topicPartitions.push({ topicId, topicName, partitions: [...partitions] });
  }
  return { topicPartitions };
}

function classicStanding(group: ClassicGroup): Standing {
  return {
    groupId: group.groupId,
    type: 'classic',
    state: group.state,
    protocolType: group.protocolType ?? '',
    assignor: group.protocolName ?? undefined,
    epoch: group.generationId,
    assignmentEpoch: group.generationId,
    members: Array.from(group.members, (member) => classicMember(group, member)),
  };
}

/** What leaders and members that are no consumers write for one another is theirs to read. */
function classicMember(group: ClassicGroup, member: ClassicMember): GroupMemberSnapshot {
  const [protocol] = member.protocols;
  const metadata = member.metadata(group.protocolName ?? protocol?.name ?? null);
  const { isConsumerGroup } = group;
  const subscription = isConsumerGroup ? decodedSubscription(metadata) : undefined;
  const assignment = isConsumerGroup && member.assignment.length > 0 ? decodedAssignment(member.assignment) : undefined;
  return {
    memberId: member.memberId,
    instanceId: member.groupInstanceId ?? undefined,
    clientId: member.clientId,
    clientHost: member.clientHost,
    epoch: undefined,
    subscribedTopics: [...(subscription?.topics ?? [])].sort(),
    assignment: partitionsOf(assignment?.assignedPartitions ?? []),
    target: undefined,
    ...NO_TASKS,
  };
}

type ModernGroup = ReturnType<typeof describedConsumerGroup>;
type ModernMember = Pick<
  ModernGroup['members'][number],
  | 'memberId'
  | 'instanceId'
  | 'clientId'
  | 'clientHost'
  | 'memberEpoch'
  | 'subscribedTopicNames'
  | 'assignment'
  | 'targetAssignment'
>;

function modernStanding(
  type: 'consumer' | 'share',
  group: Omit<ModernGroup, 'members'> & { readonly members: readonly ModernMember[] },
): Standing {
  return {
    groupId: group.groupId,
    type,
    state: group.groupState as GroupStateName,
    protocolType: '',
    assignor: group.assignorName,
    epoch: group.groupEpoch,
    assignmentEpoch: group.assignmentEpoch,
    members: group.members.map((member) => ({
      memberId: member.memberId,
      instanceId: member.instanceId ?? undefined,
      clientId: member.clientId,
      clientHost: member.clientHost,
      epoch: member.memberEpoch,
      subscribedTopics: [...(member.subscribedTopicNames ?? [])].sort(),
      assignment: partitionsOfTopics(member.assignment),
      target: partitionsOfTopics(member.targetAssignment),
      ...NO_TASKS,
    })),
  };
}

function streamsStanding(group: StreamsGroup): Standing {
  const { groupId, groupEpoch, assignmentEpoch, members } = describedStreamsGroup(group);
  return {
    groupId,
    type: 'streams',
    state: group.state,
    protocolType: '',
    assignor: STREAMS_ASSIGNOR,
    epoch: groupEpoch,
    assignmentEpoch,
    members: members.map((member) => ({
      memberId: member.memberId,
      instanceId: member.instanceId ?? undefined,
      clientId: member.clientId,
      clientHost: member.clientHost,
      epoch: member.memberEpoch,
      subscribedTopics: [],
      assignment: tasksOf(member.assignment.activeTasks),
      target: tasksOf(member.targetAssignment.activeTasks),
      standbyTasks: tasksOf(member.assignment.standbyTasks),
      warmupTasks: tasksOf(member.assignment.warmupTasks),
    })),
  };
}

function offsetsOf({ offsets }: GroupShard, groupId: string): Pick<GroupSnapshot, 'offsets' | 'pendingOffsets'> {
  const committed: GroupOffsetSnapshot[] = [];
  const topics = offsets.committedOf(groupId);
  for (const topic of [...topics.keys()].sort()) {
    const partitions = [...(topics.get(topic) ?? [])].sort(([one], [other]) => one - other);
    for (const [partition, value] of partitions) committed.push(offsetRow(topic, partition, value));
  }
  const pending: PendingOffsetSnapshot[] = [];
  for (const [producerId, { topic, partition, value }] of offsets.pendingOf(groupId)) {
    if (value !== null) pending.push({ ...offsetRow(topic, partition, value), producerId });
  }
  return { offsets: committed, pendingOffsets: pending };
}

const offsetRow = (topic: string, partition: number, { offset, metadata }: CommittedOffset): GroupOffsetSnapshot => ({
  partition: `${topic}-${partition}`,
  offset,
  metadata,
});

/** Start offsets are with the share coordinator. */
async function withStartOffsets(
  snapshots: readonly GroupSnapshot[],
  describeShareOffsets: DescribeShareOffsets,
): Promise<GroupSnapshot[]> {
  const asked = snapshots.filter(({ type }) => type === 'share').map(({ groupId }) => ({ groupId, topics: null }));
  if (asked.length === 0) return [...snapshots];
  const { groups } = await describeShareOffsets({ groups: asked });
  const rows = new Map(groups.map((group) => [group.groupId, startOffsetsOf(group)]));
  return snapshots.map((snapshot) => ({ ...snapshot, startOffsets: rows.get(snapshot.groupId) ?? [] }));
}

function startOffsetsOf({ topics }: DescribeShareGroupOffsetsResponse['groups'][number]): ShareStartOffsetSnapshot[] {
  const known = (value = UNKNOWN): number | undefined => (value === UNKNOWN ? undefined : value);
  return [...topics]
    .sort((one, other) => (one.topicName < other.topicName ? -1 : 1))
    .flatMap(({ topicName, partitions }) =>
      [...partitions]
        .sort((one, other) => one.partitionIndex - other.partitionIndex)
        .map(({ partitionIndex, startOffset, lag }) => ({
          partition: `${topicName}-${partitionIndex}`,
          offset: known(startOffset),
          lag: known(lag),
        })),
    );
}

const partitionsOfTopics = ({ topicPartitions }: ModernMember['assignment']): string[] =>
  partitionsOf(topicPartitions.map(({ topicName, partitions }) => ({ topic: topicName, partitions })));

/** By topic, then by partition. */
function partitionsOf(rows: readonly TopicRow[]): string[] {
  return [...rows]
    .sort((one, other) => (one.topic < other.topic ? -1 : 1))
    .flatMap(({ topic, partitions }) => [...partitions].sort((a, b) => a - b).map((index) => `${topic}-${index}`));
}

function tasksOf(
  rows: readonly { readonly subtopologyId: string; readonly partitions: readonly number[] }[],
): string[] {
  return rows.flatMap(({ subtopologyId, partitions }) => partitions.map((index) => `${subtopologyId}_${index}`));
}
