// State of share partitions is set up when a group first subscribes to their topic, and when the topic grows (Kafka:
// GroupMetadataManager, subscribedTopicsChangeMap to uninitializeShareGroupState). First it is written that this is about to be
// done, then the share coordinator is asked, then it is written that it was done; only then are the partitions given out.
import type { GroupEffects } from '../group-effects.ts';
import type { GroupStateRecord } from '../group-record.ts';
import type { SubscribedTopics } from '../modern/index.ts';
import type { ShareGroup } from './share-group.ts';
import { statePartitionsRecord } from './share-records.ts';
import type { ShareWorld, StateInitialization } from './share-world.ts';
import {
  type NamedPartitions,
  namedPartitions,
  type PartitionsByTopic,
  withInitialized,
  withInitializing,
  without,
} from './state-partitions.ts';

/** Group ids may hold anything: the length tells where the first ends. */
const askedKey = (groupId: string, topicId: string, partition: number): string =>
  `${groupId.length}:${groupId}${topicId}${partition}`;

/** The group finds out for itself where to begin. */
const UNINITIALISED_START_OFFSET = -1;

/** What is to be asked of the share coordinator; undefined: nothing is missing, or it has been asked for. */
export function initializationOf(
  world: ShareWorld,
  group: ShareGroup,
  { epoch, topics }: { readonly epoch: number; readonly topics: SubscribedTopics },
  nowMs: number,
  records: GroupStateRecord[],
): StateInitialization | undefined {
  const { groupId } = group;
  const missing = missingOf(world, group, topics, nowMs);
  if (missing.size === 0) return undefined;
  records.push(statePartitionsRecord(groupId, withInitializing(group.statePartitions, missing)));
  const rows = Array.from(missing, ([topicId, { partitions }]) => ({
    topicId,
    partitions: Array.from(partitions, (partition) => ({
      partition,
      stateEpoch: epoch,
      startOffset: UNINITIALISED_START_OFFSET,
    })),
  }));
  const initialization = { request: { groupId, topics: rows }, askedMs: nowMs };
  for (const key of keysOf(initialization.request)) world.initializations.set(key, initialization);
  return initialization;
}

/** Share partitions as requests to the share coordinator name them. */
interface NamedState {
  readonly groupId: string;
  readonly topics: readonly {
    readonly topicId: string;
    readonly partitions: readonly { readonly partition: number }[];
  }[];
}

function* keysOf({ groupId, topics }: NamedState): Generator<string> {
  for (const { topicId, partitions } of topics) {
    for (const { partition } of partitions) yield askedKey(groupId, topicId, partition);
  }
}

/**
 * Nothing newer has been asked about any of it, by this shard. An older one must not be put again: it would set state back that
 * members have moved on since.
 */
export function isAwaited({ initializations }: ShareWorld, initialization: StateInitialization): boolean {
  for (const key of keysOf(initialization.request)) if (initializations.get(key) !== initialization) return false;
  return true;
}

/** What was asked about these share partitions so far is not waited for any more: their state is set by hand, or deleted. */
export function initializationsOverruled({ initializations }: ShareWorld, state: NamedState): void {
  for (const key of keysOf(state)) initializations.delete(key);
}

function missingOf(
  { image, settings, initializations }: ShareWorld,
  group: ShareGroup,
  topics: SubscribedTopics,
  nowMs: number,
): PartitionsByTopic {
  const { initialized, initializing } = group.statePartitions;
  const isAsked = (topicId: string, partition: number): boolean => {
    const asked = initializations.get(askedKey(group.groupId, topicId, partition));
    return asked !== undefined && nowMs - asked.askedMs < settings.initializeRetryIntervalMs;
  };
  const missing = new Map<string, NamedPartitions>();
  for (const name of topics.names) {
    const topic = image.topics.byName.get(name);
    if (topic === undefined) continue;
    const known = initialized.get(topic.id)?.partitions;
    if (known !== undefined && known.size >= topic.partitions.length) continue;
    const asked = initializing.get(topic.id)?.partitions;
    const partitions = new Set<number>();
    for (const partition of topic.partitions.keys()) {
      if (known?.has(partition) === true) continue;
      if (asked?.has(partition) !== true || !isAsked(topic.id, partition)) partitions.add(partition);
    }
    if (partitions.size > 0) missing.set(topic.id, { topicName: name, partitions });
  }
  return missing;
}

export interface AskedTopic {
  readonly topicId: string;
  readonly partitions: readonly number[];
}

/**
 * The share coordinator has set up the state of `topics`, or has not: then it is asked again when somebody next beats. Of an
 * `initialization` that counts which is awaited yet.
 */
export function initializationEnded(
  world: ShareWorld,
  groupId: string,
  { topics, isDone, initialization }: EndedInitialization,
  effects: GroupEffects,
): void {
  const isMeant = (topicId: string, partition: number): boolean =>
    initialization === undefined || world.initializations.get(askedKey(groupId, topicId, partition)) === initialization;
  const meant = topics
    .map(({ topicId, partitions }) => ({ topicId, partitions: partitions.filter((one) => isMeant(topicId, one)) }))
    .filter(({ partitions }) => partitions.length > 0);
  for (const { topicId, partitions } of meant) {
    for (const partition of partitions) world.initializations.delete(askedKey(groupId, topicId, partition));
  }
  const group = world.groups.share(groupId);
  if (group === undefined || meant.length === 0) return;
  const named = namedPartitions(meant, world.image);
  const state = group.statePartitions;
  if (isDone) {
    effects.append(statePartitionsRecord(groupId, withInitialized(state, named)));
  } else if (state.initializing.size > 0) {
    const initializing = without(state.initializing, named);
    effects.append(statePartitionsRecord(groupId, { ...state, initializing }));
  }
}

export interface EndedInitialization {
  readonly topics: readonly AskedTopic[];
  readonly isDone: boolean;
  /** Left out: offsets that were set by hand. */
  readonly initialization?: StateInitialization | undefined;
}
