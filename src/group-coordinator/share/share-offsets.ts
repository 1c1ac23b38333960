// Start offsets of share groups, as far as the group has a say: which share partitions have any, where they are set anew or
// deleted, and that their state goes with the group (Kafka: GroupMetadataManager, shareGroupBuildPartitionDeleteRequest to
// completeDeleteShareGroupOffsets). The share coordinator is asked by whoever calls.
import { type ErrorCode, Errors, isClamped, KafkaError, ZERO_UUID } from '../../protocol/index.ts';
import type { InitializeShareGroupStateRequest } from '../../protocol/messages/83-initialize-share-group-state.ts';
import type { DeleteShareGroupStateRequest } from '../../protocol/messages/86-delete-share-group-state.ts';
import type {
  AlterShareGroupOffsetsRequest,
  AlterShareGroupOffsetsResponse,
} from '../../protocol/messages/91-alter-share-group-offsets.ts';
import type {
  DeleteShareGroupOffsetsRequest,
  DeleteShareGroupOffsetsResponse,
} from '../../protocol/messages/92-delete-share-group-offsets.ts';
import type { GroupEffects } from '../group-effects.ts';
import { ShareGroup } from './share-group.ts';
import { initializationsOverruled } from './share-initialization.ts';
import { statePartitionsRecord } from './share-records.ts';
import { knownShareGroup, type ShareWorld } from './share-world.ts';
import { combined, type NamedPartitions, type PartitionsByTopic, withInitializing } from './state-partitions.ts';

type AlteredTopic = AlterShareGroupOffsetsResponse['responses'][number];
type AlteredPartition = AlterShareGroupOffsetsRequest['topics'][number]['partitions'][number];
type DeletedTopic = DeleteShareGroupOffsetsResponse['responses'][number];

const UNKNOWN_TOPIC = 'This server does not host this topic-partition.';

interface Fault {
  readonly errorCode: ErrorCode;
  readonly errorMessage: string | null;
}
const NO_FAULT: Fault = { errorCode: Errors.NONE, errorMessage: null };
const MISSING: Fault = { errorCode: Errors.UNKNOWN_TOPIC_OR_PARTITION, errorMessage: UNKNOWN_TOPIC };
/** No log gets so far; Kafka keeps it all the same. */
const BEYOND: Fault = {
  errorCode: Errors.INVALID_REQUEST,
  errorMessage: 'Offsets of 2^53 - 1 and more are not supported.',
};

/** The share partitions of the group that have state, of topics that are there. */
export function partitionsWithState({ groups, image }: ShareWorld, groupId: string): PartitionsByTopic {
  const initialized = groups.share(groupId)?.statePartitions.initialized ?? new Map<string, NamedPartitions>();
  return new Map([...initialized].filter(([topicId]) => image.topics.byId.has(topicId)));
}

export interface AlterOutcome {
  readonly topics: AlteredTopic[];
  readonly initialization: InitializeShareGroupStateRequest;
}

/**
 * Kafka takes a negative partition of a topic that is there for one that is there too, and fails when it asks for its state: nothing
 * is set up then, though the group is there (DefaultStatePersister.validate). Throws KafkaError UNKNOWN_SERVER_ERROR.
 */
export function checkPartitions(groupId: string, { topics }: AlterOutcome): void {
  for (const { topicId, partitions } of topics) {
    const negative = topicId === ZERO_UUID ? undefined : partitions.find(({ partitionIndex }) => partitionIndex < 0);
    if (negative === undefined) continue;
    const where = `${groupId} ${topicId} ${negative.partitionIndex}`;
    const message = `Initialize share group parameters has invalid partitionId - ${where}`;
    throw new KafkaError(Errors.UNKNOWN_SERVER_ERROR, message);
  }
}

/** Throws KafkaError GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP. */
export function alterShareOffsets(
  world: ShareWorld,
  { groupId, topics }: AlterShareGroupOffsetsRequest,
  effects: GroupEffects,
): AlterOutcome {
  const isNew = world.groups.get(groupId) === undefined;
  const group = isNew ? new ShareGroup(groupId) : knownShareGroup(world, groupId);
  checkEmpty(group);
  const altered: AlteredTopic[] = [];
  const asked: InitializeShareGroupStateRequest['topics'][number][] = [];
  const named = new Map<string, NamedPartitions>();
  for (const [topicName, partitions] of byTopicName(topics)) {
    const topic = world.image.topics.byName.get(topicName);
    // Kafka tells of one that there is not with its partitions alone.
    if (topic === undefined && partitions.length === 0) continue;
    const faultOf = (one: { readonly partitionIndex: number; readonly startOffset: number }): Fault => {
      if (topic?.partitions[one.partitionIndex] === undefined) return MISSING;
      return isClamped(one.startOffset) ? BEYOND : NO_FAULT;
    };
    const rows = partitions.map((one) => ({ partitionIndex: one.partitionIndex, ...faultOf(one) }));
    altered.push({ topicName, topicId: topic?.id ?? ZERO_UUID, partitions: rows });
    if (topic === undefined) continue;
    const starts = partitions.filter((one) => faultOf(one) === NO_FAULT);
    const { id: topicId } = topic;
    named.set(topicId, { topicName, partitions: new Set(starts.map(({ partitionIndex }) => partitionIndex)) });
    const states = starts.map(({ partitionIndex: partition, startOffset }) => ({
      partition,
      stateEpoch: group.epoch,
      startOffset,
    }));
    if (states.length > 0) asked.push({ topicId, partitions: states });
  }
  // As in Kafka the group is there from now on, when a topic is, even if no partition of it can be altered.
  if (named.size > 0) effects.append(statePartitionsRecord(groupId, withInitializing(group.statePartitions, named)));
  const initialization = { groupId, topics: asked };
  initializationsOverruled(world, initialization);
  return { topics: altered, initialization };
}

/** A topic that is named more than once is one with all its partitions. */
function byTopicName(topics: AlterShareGroupOffsetsRequest['topics']): Map<string, AlteredPartition[]> {
  const byName = new Map<string, AlteredPartition[]>();
  for (const { topicName, partitions } of topics) {
    byName.set(topicName, [...(byName.get(topicName) ?? []), ...partitions]);
  }
  return byName;
}

export interface DeleteOutcome {
  /** Topics of which there is nothing to delete. */
  readonly refused: DeletedTopic[];
  readonly deletion: DeleteShareGroupStateRequest;
}

/** Throws KafkaError GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP. */
export function deleteShareOffsets(
  world: ShareWorld,
  { groupId, topics }: DeleteShareGroupOffsetsRequest,
  effects: GroupEffects,
): DeleteOutcome {
  const group = knownShareGroup(world, groupId);
  checkEmpty(group);
  const state = group.statePartitions;
  const [initialized, deleting] = [new Map(state.initialized), new Map(state.deleting)];
  const refused: DeletedTopic[] = [];
  const asked: DeleteShareGroupStateRequest['topics'][number][] = [];
  for (const { topicName } of group.hasStatePartitions ? topics : []) {
    const topic = world.image.topics.byName.get(topicName);
    const known = topic && initialized.get(topic.id);
    if (topic !== undefined && known !== undefined) {
      asked.push(deletionOf(topic.id, known.partitions));
      initialized.delete(topic.id);
      deleting.set(topic.id, topicName);
    } else if (topic !== undefined && deleting.has(topic.id)) {
      // It was asked for before, and has not come to an end.
      asked.push(deletionOf(topic.id, topic.partitions.keys()));
    } else {
      const errorMessage = topic === undefined ? UNKNOWN_TOPIC : 'There is no offset information to delete.';
      refused.push({ topicName, topicId: ZERO_UUID, errorCode: Errors.UNKNOWN_TOPIC_OR_PARTITION, errorMessage });
    }
  }
  if (group.hasStatePartitions) effects.append(statePartitionsRecord(groupId, { ...state, initialized, deleting }));
  return { refused, deletion: { groupId, topics: asked } };
}

/** The share coordinator has nothing of these topics any more. */
export function shareOffsetsDeleted(
  { groups }: ShareWorld,
  groupId: string,
  topicIds: readonly string[],
  effects: GroupEffects,
): void {
  const group = groups.share(groupId);
  if (group === undefined) return;
  const deleting = new Map(group.statePartitions.deleting);
  for (const topicId of topicIds) deleting.delete(topicId);
  effects.append(statePartitionsRecord(groupId, { ...group.statePartitions, deleting }));
}

/** The group is about to be deleted: all state that there may be of it. No topics: there is none, or it may not be deleted. */
export function stateOfDeletedGroup(
  world: ShareWorld,
  groupId: string,
  effects: GroupEffects,
): DeleteShareGroupStateRequest {
  const { groups, image } = world;
  const group = groups.share(groupId);
  if (group === undefined || !group.isEmpty || !group.hasStatePartitions) return { groupId, topics: [] };
  const { initialized, initializing, deleting } = group.statePartitions;
  const again = new Map<string, NamedPartitions>();
  for (const topicId of deleting.keys()) {
    const topic = image.topics.byId.get(topicId);
    if (topic !== undefined)
      again.set(topicId, { topicName: topic.name, partitions: new Set(topic.partitions.keys()) });
  }
  const all = combined(combined(initialized, initializing), again);
  const names = new Map(Array.from(all, ([topicId, { topicName }]) => [topicId, topicName]));
  effects.append(statePartitionsRecord(groupId, { initialized: new Map(), initializing: new Map(), deleting: names }));
  const topics = Array.from(all, ([topicId, { partitions }]) => deletionOf(topicId, partitions));
  const deletion = { groupId, topics };
  initializationsOverruled(world, deletion);
  return deletion;
}

function deletionOf(topicId: string, partitions: Iterable<number>): DeleteShareGroupStateRequest['topics'][number] {
  return { topicId, partitions: Array.from(partitions, (partition) => ({ partition })) };
}

function checkEmpty({ isEmpty }: ShareGroup): void {
  if (!isEmpty) throw new KafkaError(Errors.NON_EMPTY_GROUP, 'The group is not empty.');
}
