// What operations on consumer groups need of their shard.
import type { MetadataImage } from '../../kraft/metadata/index.ts';
import type { ClassicGroup } from '../classic/classic-group.ts';
import type { ClassicSettings } from '../classic/rebalance.ts';
import type { Group } from '../group.ts';
import type { Assignor } from '../assignors/index.ts';
import type { TopicHashes } from '../modern/index.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import type { ConsumerSettings } from './consumer-settings.ts';
import type { TopicRegexes } from './topic-regexes.ts';

export interface ConsumerGroups {
  get(groupId: string): Group | undefined;
  consumer(groupId: string): ConsumerGroup | undefined;
  classic(groupId: string): ClassicGroup | undefined;
  allConsumer(): Iterable<ConsumerGroup>;
  /** A group that has changed its kind stands in its place, before its records are written. */
  put(group: ClassicGroup): void;
}

export interface ConsumerWorld {
  readonly groups: ConsumerGroups;
  readonly settings: ConsumerSettings;
  readonly classicSettings: ClassicSettings;
  readonly image: MetadataImage;
  /** The offset of the last metadata that had new topics. */
  readonly newTopicsVersion: number;
  readonly hashes: TopicHashes;
  /** undefined: there is none of that name. */
  assignorOf(name: string): Assignor | undefined;
  readonly regexes: TopicRegexes;
}
