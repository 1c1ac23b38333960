// What consumer and share groups have in common (Kafka: ModernGroup): members, the epoch that rises whenever they or their
// topics change, and the target assignment with the epoch that it was computed for. Changed by replay alone, but for the time
// at which its topics are looked at again.
import type { ErrorCode, Int64 } from '../../protocol/index.ts';
import type { Committer, DescribedGroup, Fetcher, Group, ListedGroup } from '../group.ts';
import type { GroupEffects } from '../group-effects.ts';
import type { CommittedOffset, GroupStateRecord } from '../group-record.ts';
import { isReconciledTo, type ModernMember } from './modern-member.ts';
import { SubscribedTopics } from './subscribed-topics.ts';
import { NO_PARTITIONS, type TopicPartitions } from './topic-partitions.ts';

export type ModernGroupState = 'Empty' | 'Assigning' | 'Reconciling' | 'Stable';

/** A group that is new has this epoch, without a record of it: what its first member brings is one more. */
const FIRST_EPOCH = 1;
/** Topics that have not changed are looked at again after this time all the same: practically never. */
const METADATA_REFRESH_INTERVAL_MS = 2_147_483_647;

export abstract class ModernGroup<M extends ModernMember = ModernMember> implements Group {
  abstract readonly type: string;
  readonly groupId: string;
  #epoch = FIRST_EPOCH;
  #metadataHash: Int64 = 0;
  #assignmentEpoch = FIRST_EPOCH;
  #assignmentTimestampMs: Int64 = 0;
  readonly #members = new Map<string, M>();
  readonly #targets = new Map<string, TopicPartitions>();
  protected readonly subscribed = SubscribedTopics.none();
  #refreshDeadlineMs = 0;
  #refreshedAtEpoch = 0;

  constructor(groupId: string) {
    this.groupId = groupId;
  }

  get epoch(): number {
    return this.#epoch;
  }
  get metadataHash(): Int64 {
    return this.#metadataHash;
  }
  /** 0: none has been computed. */
  get assignmentEpoch(): number {
    return this.#assignmentEpoch;
  }
  /** When the target assignment was computed, milliseconds; 0: not known, or long ago. */
  get assignmentTimestampMs(): Int64 {
    return this.#assignmentTimestampMs;
  }
  get members(): MapIterator<M> {
    return this.#members.values();
  }
  get size(): number {
    return this.#members.size;
  }
  get memberIds(): MapIterator<string> {
    return this.#members.keys();
  }
  member(memberId: string): M | undefined {
    return this.#members.get(memberId);
  }
  /** What the member is to have once it is reconciled. */
  target(memberId: string): TopicPartitions {
    return this.#targets.get(memberId) ?? NO_PARTITIONS;
  }
  get targets(): ReadonlyMap<string, TopicPartitions> {
    return this.#targets;
  }
  /** The topics that the group reads, to be counted further without changing the group. */
  subscribedTopics(): SubscribedTopics {
    return this.subscribed.copy();
  }
  get state(): ModernGroupState {
    if (this.isEmpty) return 'Empty';
    if (this.#epoch > this.#assignmentEpoch) return 'Assigning';
    for (const member of this.#members.values())
      if (!isReconciledTo(member, this.#assignmentEpoch)) return 'Reconciling';
    return 'Stable';
  }

  /** The topics are to be looked at now: they may have changed. */
  requestMetadataRefresh(): void {
    this.#refreshDeadlineMs = 0;
    this.#refreshedAtEpoch = 0;
  }
  /** The topics have been looked at, for `epoch`. */
  metadataRefreshed(nowMs: number, epoch: number): void {
    this.#refreshDeadlineMs = nowMs + METADATA_REFRESH_INTERVAL_MS;
    this.#refreshedAtEpoch = epoch;
  }
  /** `epoch` lower than the one that was looked at for: what was written then is lost. */
  hasMetadataExpired(nowMs: number): boolean {
    return nowMs >= this.#refreshDeadlineMs || this.#epoch < this.#refreshedAtEpoch;
  }

  // What records change.

  /** Takes in one record of the kind, a tombstone too. false: the group is gone with it. */
  abstract replay(record: GroupStateRecord): boolean;

  protected setEpoch(epoch: number, metadataHash: Int64): void {
    this.#epoch = epoch;
    this.#metadataHash = metadataHash;
  }
  protected setAssignmentEpoch(epoch: number, timestampMs: Int64): void {
    this.#assignmentEpoch = epoch;
    this.#assignmentTimestampMs = timestampMs;
  }
  protected setTarget(memberId: string, partitions: TopicPartitions | null): void {
    if (partitions === null) this.#targets.delete(memberId);
    else this.#targets.set(memberId, partitions);
  }
  protected setMember(member: M): void {
    const known = this.#members.get(member.memberId);
    if (known?.subscribedTopicNames !== member.subscribedTopicNames) {
      if (known !== undefined) this.subscribed.countByName(known.subscribedTopicNames, -1);
      this.subscribed.countByName(member.subscribedTopicNames, 1);
    }
    this.#members.set(member.memberId, member);
  }
  protected deleteMember(memberId: string): void {
    const known = this.#members.get(memberId);
    if (known === undefined) return;
    this.subscribed.countByName(known.subscribedTopicNames, -1);
    this.#members.delete(memberId);
  }

  // The contract of groups, as far as all such groups keep it alike.

  get isEmpty(): boolean {
    return this.#members.size === 0;
  }
  get shouldExpire(): boolean {
    return this.isEmpty;
  }
  isSubscribedTo(topic: string): boolean {
    return this.subscribed.has(topic);
  }
  abstract checkCommit(committer: Committer, effects: GroupEffects): ErrorCode;
  abstract checkFetch(fetcher: Fetcher): ErrorCode;
  abstract checkDeleteOffsets(): ErrorCode;
  abstract offsetsAgeFrom(): ((offset: CommittedOffset) => Int64) | undefined;
  abstract appendTombstones(effects: GroupEffects): void;
  abstract cancelTimers(effects: GroupEffects): void;
  listed(): ListedGroup {
    const { groupId, type, state } = this;
    return { groupId, protocolType: type, groupState: state, groupType: type };
  }
  described(): DescribedGroup | undefined {
    return undefined;
  }
}
