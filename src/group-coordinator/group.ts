// What a group must be able to do, of whatever kind it is (Kafka: org.apache.kafka.coordinator.group.Group), and what a kind of
// group is: the records that it is made of, and how a group comes out of them. Everything that all kinds share (committed
// offsets, retention, ListGroups, DescribeGroups, DeleteGroups) goes by this contract; nobody asks for the kind of a group,
// but for groups.ts.
import type { MetadataDelta, MetadataImage } from '../kraft/metadata/index.ts';
import type { ErrorCode, Int64 } from '../protocol/index.ts';
import type { DescribeGroupsResponse } from '../protocol/messages/15-describe-groups.ts';
import type { ListGroupsResponse } from '../protocol/messages/16-list-groups.ts';
import type { GroupEffects, GroupEvent } from './group-effects.ts';
import type { AnyGroupRecordType, CommittedOffset, GroupStateRecord } from './group-record.ts';

/** Who commits offsets. */
export interface Committer {
  /** Empty for those who are no members. */
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  /** -1 for those who are no members. */
  readonly generationIdOrMemberEpoch: number;
  /** Of OffsetCommit, or of TxnOffsetCommit when it is transactional. */
  readonly apiVersion: number;
  /** The offsets count when a transaction commits. Of such committers only those who say that they are members are checked. */
  readonly isTransactional: boolean;
}

/** Who reads committed offsets; members of KIP-848 groups say who they are. */
export interface Fetcher {
  readonly memberId: string | null;
  readonly memberEpoch: number;
}

export type ListedGroup = ListGroupsResponse['groups'][number];
export type DescribedGroup = DescribeGroupsResponse['groups'][number];

export interface Group {
  readonly groupId: string;
  /** The name of its kind. */
  readonly type: string;
  /** True without members: the group may be deleted. */
  readonly isEmpty: boolean;
  /** True when the group goes, with a tombstone, as soon as it has no committed offsets left. */
  readonly shouldExpire: boolean;
  /** True when the group, whose kind is another one, gives its id to a classic group that somebody joins. */
  readonly givesWay?: boolean;

  /** NONE when the commit is accepted; a member that commits has been heard of, and `effects` may keep its session. */
  checkCommit(committer: Committer, effects: GroupEffects): ErrorCode;
  /**
   * Asked for the partitions of a commit that is accepted otherwise, where there is something to ask: NONE when this one may be
   * committed (KIP-1251). `topicId`: zero when the topic is not known.
   */
  checkCommitOf?(committer: Committer, topicId: string, partition: number, topic: string): ErrorCode;
  /** NONE when the offsets may be read. GROUP_ID_NOT_FOUND: it is no group that has offsets. */
  checkFetch(fetcher: Fetcher): ErrorCode;
  /** NONE when offsets of topics that are not subscribed to may be deleted. */
  checkDeleteOffsets(): ErrorCode;
  /** The offsets of the topic are in use: they are neither deleted nor do they expire. */
  isSubscribedTo(topic: string): boolean;
  /**
   * Since when an offset is out of use, milliseconds: it expires offsets.retention.minutes later. undefined while all of
   * them are in use (Kafka: OffsetExpirationCondition).
   */
  offsetsAgeFrom(): ((offset: CommittedOffset) => Int64) | undefined;
  /** Tombstones for all records that the group is made of; it is gone once they are replayed. */
  appendTombstones(effects: GroupEffects): void;
  /** Takes out the timers of a group that is about to go. */
  cancelTimers(effects: GroupEffects): void;
  /** The group as ListGroups shows it. */
  listed(): ListedGroup;
  /** The group as DescribeGroups shows it; undefined for groups that are not classic, which that API does not show. */
  described(): DescribedGroup | undefined;
}

export interface GroupKind<G extends Group = Group> {
  /** As ListGroups names it. */
  readonly type: string;
  readonly recordTypes: readonly AnyGroupRecordType[];
  /**
   * The group as it stands after `record`, which is one of `recordTypes`; undefined when nothing is left of it. `known`: as
   * it stood before, if it was of this kind.
   */
  replay(known: G | undefined, record: GroupStateRecord): G | undefined;
}

/** What the groups of one kind do in a shard without being asked: once for each kind that does something. */
export interface GroupTenant {
  /** All records have been replayed. */
  onLoaded(image: MetadataImage, effects: GroupEffects): void;
  onMetadata(image: MetadataImage, delta: MetadataDelta, effects: GroupEffects): void;
  /** An event whose group is of this kind now, which it may not have been when the event was asked for. */
  onTimer(event: GroupEvent, effects: GroupEffects): void;
}

/** What operations on groups of any kind need of the groups of a shard. */
export interface GroupsById {
  get(groupId: string): Group | undefined;
  all(): Iterable<Group>;
}
