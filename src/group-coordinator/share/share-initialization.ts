// State of share partitions is set up when a group first subscribes to their topic, and when the topic grows (Kafka:
// GroupMetadataManager, subscribedTopicsChangeMap to uninitializeShareGroupState). First it is written that this is about to be
// done, then the share coordinator is asked, then it is written that it was done; only then are the partitions given out.
import type { InitializeShareGroupStateRequest } from '../../protocol/messages/83-initialize-share-group-state.ts';
import type { GroupEffects } from '../group-effects.ts';
import type { GroupStateRecord } from '../group-record.ts';
import type { SubscribedTopics } from '../modern/index.ts';
import type { ShareGroup } from './share-group.ts';
import { statePartitionsRecord } from './share-records.ts';
import type { ShareWorld } from './share-world.ts';
import {
  combined,
  type NamedPartitions,
  namedPartitions,
  type PartitionsByTopic,
  withInitialized,
  withInitializing,
  without,
} from './state-partitions.ts';

/** Group ids may hold anything: the length tells where the first ends. */
const askedKey = (groupId: string, topicId: string): string => `${groupId.length}:${groupId}${topicId}`;

/** The group finds out for itself where to begin. */
const UNINITIALISED_START_OFFSET = -1;

/** What is to be asked of the share coordinator; undefined: nothing is missing, or it has been asked for. */
export function initializationOf(
  world: ShareWorld,
  group: ShareGroup,
  { epoch, topics }: { readonly epoch: number; readonly topics: SubscribedTopics },
  nowMs: number,
  records: GroupStateRecord[],
): InitializeShareGroupStateRequest | undefined {
  const missing = missingOf(world, group, topics, nowMs);
  if (missing.size === 0) return undefined;
  for (const topicId of missing.keys()) world.initializationsAskedMs.set(askedKey(group.groupId, topicId), nowMs);
  records.push(statePartitionsRecord(group.groupId, withInitializing(group.statePartitions, missing)));
  const rows = Array.from(missing, ([topicId, { partitions }]) => ({
    topicId,
    partitions: Array.from(partitions, (partition) => ({
      partition,
      stateEpoch: epoch,
      startOffset: UNINITIALISED_START_OFFSET,
    })),
  }));
  return { groupId: group.groupId, topics: rows };
}

function missingOf(
  { image, settings, initializationsAskedMs }: ShareWorld,
  group: ShareGroup,
  topics: SubscribedTopics,
  nowMs: number,
): PartitionsByTopic {
  const { initialized, initializing } = group.statePartitions;
  const isAwaited = ([topicId]: readonly [string, NamedPartitions]): boolean => {
    const askedMs = initializationsAskedMs.get(askedKey(group.groupId, topicId));
    return askedMs !== undefined && nowMs - askedMs < settings.initializeRetryIntervalMs;
  };
  const cared = combined(initialized, new Map([...initializing].filter(isAwaited)));
  const missing = new Map<string, NamedPartitions>();
  for (const name of topics.names) {
    const topic = image.topics.byName.get(name);
    const known = topic && cared.get(topic.id)?.partitions;
    if (topic === undefined || (known !== undefined && known.size >= topic.partitions.length)) continue;
    const partitions = new Set(topic.partitions.keys());
    for (const partition of known ?? []) partitions.delete(partition);
    missing.set(topic.id, { topicName: name, partitions });
  }
  return missing;
}

export interface AskedTopic {
  readonly topicId: string;
  readonly partitions: Iterable<number>;
}

/** The share coordinator has set up the state of `topics`, or has not: then it is asked again when somebody next beats. */
export function initializationEnded(
  { groups, image, initializationsAskedMs }: ShareWorld,
  groupId: string,
  topics: readonly AskedTopic[],
  isDone: boolean,
  effects: GroupEffects,
): void {
  for (const { topicId } of topics) initializationsAskedMs.delete(askedKey(groupId, topicId));
  const group = groups.share(groupId);
  if (group === undefined || topics.length === 0) return;
  const named = namedPartitions(topics, image);
  const state = group.statePartitions;
  if (isDone) {
    effects.append(statePartitionsRecord(groupId, withInitialized(state, named)));
  } else if (state.initializing.size > 0) {
    const initializing = without(state.initializing, named);
    effects.append(statePartitionsRecord(groupId, { ...state, initializing }));
  }
}
