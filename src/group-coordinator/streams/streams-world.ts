// What operations on streams groups need of their shard.
import type { MetadataImage } from '../../kraft/metadata/index.ts';
import { Errors, KafkaError } from '../../protocol/index.ts';
import type { TaskAssignor } from '../assignors/index.ts';
import type { GroupsById } from '../group.ts';
import type { TopicHashes } from '../modern/index.ts';
import type { PartitionCountOf } from './partition-counts.ts';
import { StreamsGroup } from './streams-group.ts';
import type { StreamsSettings } from './streams-settings.ts';

export interface StreamsWorld {
  readonly groups: GroupsById;
  readonly settings: StreamsSettings;
  readonly image: MetadataImage;
  readonly hashes: TopicHashes;
  readonly assignor: TaskAssignor;
  /** Until when, on the wall clock, the first assignment of groups waits for more members; a timer ends it too. */
  readonly delayedUntilMs: Map<string, number>;
}

export const partitionCountOf =
  ({ topics }: MetadataImage): PartitionCountOf =>
  (topic) =>
    topics.byName.get(topic)?.partitions.length;

/** Throws KafkaError GROUP_ID_NOT_FOUND. `absent`: what is said of a group that does not exist. */
export function streamsGroupOf(
  groups: GroupsById,
  groupId: string,
  absent = `Group ${groupId} not found.`,
): StreamsGroup {
  const group = groups.get(groupId);
  if (group instanceof StreamsGroup) return group;
  const message = group === undefined ? absent : `Group ${groupId} is not a streams group.`;
  throw new KafkaError(Errors.GROUP_ID_NOT_FOUND, message);
}
