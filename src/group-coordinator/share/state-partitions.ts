// Which share partitions of a group have state in the share coordinator (Kafka: ShareGroupStatePartitionMetadataInfo): topics
// whose state is being set up, those that have it, and those of which it is being deleted. What is written stands before what
// is done elsewhere, so that after a crash nothing is left behind there that nobody knows of.
import type { MetadataImage } from '../../kraft/metadata/index.ts';
import type { ShareGroupStatePartitionMetadataValue } from '../../protocol/messages/share-group-records.ts';

export interface NamedPartitions {
  readonly topicName: string;
  readonly partitions: ReadonlySet<number>;
}

/** By topic id. */
export type PartitionsByTopic = ReadonlyMap<string, NamedPartitions>;

export interface StatePartitions {
  readonly initializing: PartitionsByTopic;
  readonly initialized: PartitionsByTopic;
  /** Topic id → name. */
  readonly deleting: ReadonlyMap<string, string>;
}

export const NO_STATE_PARTITIONS: StatePartitions = {
  initializing: new Map(),
  initialized: new Map(),
  deleting: new Map(),
};
/** GroupMetadataManager's name for a topic that is gone. */
const UNKNOWN = '<UNKNOWN>';

export function statePartitionsOf(value: ShareGroupStatePartitionMetadataValue): StatePartitions {
  const named = (rows: ShareGroupStatePartitionMetadataValue['initializedTopics']): PartitionsByTopic =>
    new Map(
      rows.map(({ topicId, topicName, partitions }) => [topicId, { topicName, partitions: new Set(partitions) }]),
    );
  return {
    initializing: named(value.initializingTopics),
    initialized: named(value.initializedTopics),
    deleting: new Map(value.deletingTopics.map(({ topicId, topicName }) => [topicId, topicName])),
  };
}

export function statePartitionsValue(state: StatePartitions): ShareGroupStatePartitionMetadataValue {
  const rows = (topics: PartitionsByTopic): ShareGroupStatePartitionMetadataValue['initializedTopics'] =>
    Array.from(topics, ([topicId, { topicName, partitions }]) => ({
      topicId,
      topicName,
      partitions: [...partitions].sort((one, other) => one - other),
    }));
  return {
    initializingTopics: rows(state.initializing),
    initializedTopics: rows(state.initialized),
    deletingTopics: Array.from(state.deleting, ([topicId, topicName]) => ({ topicId, topicName })),
  };
}

/** Partitions of both; names are those of `added`. */
export function combined(known: PartitionsByTopic, added: PartitionsByTopic): PartitionsByTopic {
  const all = new Map(known);
  for (const [topicId, { topicName, partitions }] of added) {
    all.set(topicId, { topicName, partitions: new Set([...(known.get(topicId)?.partitions ?? []), ...partitions]) });
  }
  return all;
}

export function without(known: PartitionsByTopic, gone: PartitionsByTopic): PartitionsByTopic {
  const left = new Map(known);
  for (const [topicId, { partitions: taken }] of gone) {
    const topic = known.get(topicId);
    if (topic === undefined) continue;
    const partitions = new Set([...topic.partitions].filter((partition) => !taken.has(partition)));
    if (partitions.size === 0) left.delete(topicId);
    else left.set(topicId, { ...topic, partitions });
  }
  return left;
}

/** Partitions as requests name them, with the names that their topics have now. */
export function namedPartitions(
  topics: Iterable<{ readonly topicId: string; readonly partitions: Iterable<number> }>,
  image: MetadataImage,
): PartitionsByTopic {
  const named = new Map<string, NamedPartitions>();
  for (const { topicId, partitions } of topics) {
    const topicName = image.topics.byId.get(topicId)?.name ?? UNKNOWN;
    named.set(topicId, { topicName, partitions: new Set(partitions) });
  }
  return named;
}

/** State is about to be set up for `added`. */
export function withInitializing(state: StatePartitions, added: PartitionsByTopic): StatePartitions {
  const initializing = combined(state.initializing, added);
  const deleting = new Map([...state.deleting].filter(([topicId]) => !initializing.has(topicId)));
  return { initializing, initialized: state.initialized, deleting };
}

/** The state of `done` has been set up. */
export function withInitialized(state: StatePartitions, done: PartitionsByTopic): StatePartitions {
  return {
    initializing: without(state.initializing, done),
    initialized: combined(state.initialized, done),
    deleting: state.deleting,
  };
}

/** The topics are gone, and what was kept for them. undefined: there is nothing of them. */
export function withoutTopics(state: StatePartitions, topicIds: ReadonlySet<string>): StatePartitions | undefined {
  const { initializing, initialized, deleting } = state;
  const isGone = (topicId: string): boolean => topicIds.has(topicId);
  if (![...initializing.keys(), ...initialized.keys(), ...deleting.keys()].some(isGone)) return undefined;
  const left = <V>(topics: ReadonlyMap<string, V>): Map<string, V> =>
    new Map([...topics].filter(([topicId]) => !isGone(topicId)));
  return { initializing: left(initializing), initialized: left(initialized), deleting: left(deleting) };
}
