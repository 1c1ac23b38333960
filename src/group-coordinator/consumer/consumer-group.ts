// A consumer group (KIP-848; Kafka: ConsumerGroup) as its records tell of it: the members with what each has, who owns which
// partition in which epoch, and the regular expressions that were resolved.
import { type ErrorCode, Errors, type Int64 } from '../../protocol/index.ts';
import type { Committer, Fetcher, GroupKind } from '../group.ts';
import { type GroupEffects, memberJoinKey, memberSyncKey, regexKey, revocationKey } from '../group-effects.ts';
import type { CommittedOffset, GroupStateRecord } from '../group-record.ts';
import { ModernGroup, type SubscribedTopics, type TopicPartitions, topicPartitionsOf } from '../modern/index.ts';
import { cancelSession } from '../sessions.ts';
import { assignedMember, type ConsumerMember, newMember, subscribedMember } from './consumer-member.ts';
import { groupTombstones } from './consumer-records.ts';
import { Counts } from './counts.ts';
import { PartitionOwners } from './partition-owners.ts';
import * as types from './record-types.ts';
import type { ResolvedRegex } from './resolved-regex.ts';

export const CONSUMER_TYPE = 'consumer';

/** Since then OffsetCommit tells a member epoch. */
const MEMBER_EPOCH_SINCE = 9;

export class ConsumerGroup extends ModernGroup<ConsumerMember> {
  readonly type = CONSUMER_TYPE;
  readonly #staticMembers = new Map<string, string>();
  readonly #owners = new PartitionOwners();
  readonly #resolved = new Map<string, ResolvedRegex>();
  /** Regular expression → members that have it. */
  readonly #regexes = new Counts();
  /** Server assignor → members that would like it. */
  readonly #assignors = new Counts();
  /** Protocol of classic members → how many of them support it. */
  readonly #classicProtocols = new Counts();
  #classicMembers = 0;
  /** There is a record of older versions, for the next update to remove. */
  hasPartitionMetadataRecord = false;
  /** Classic members that were told to join again and have not yet; known to this broker alone. */
  readonly joinsAwaited = new Set<string>();

  staticMember(instanceId: string | null): ConsumerMember | undefined {
    return instanceId === null ? undefined : this.member(this.#staticMembers.get(instanceId) ?? '');
  }
  /** The target of the member, or of the static member whose place it takes. */
  targetOf({ memberId, instanceId }: ConsumerMember): TopicPartitions {
    if (instanceId === null) return this.target(memberId);
    return this.target(this.#staticMembers.get(instanceId) ?? '');
  }
  /** The epoch of the member that has the partition, or has not yet given it up; -1 when it is free. */
  partitionEpoch(topicId: string, partition: number): number {
    return this.#owners.epochOf(topicId, partition);
  }
  /** Somebody else has a partition of the target of the member. */
  isWaitingForPartitions({ memberId, assigned }: ConsumerMember): boolean {
    for (const [topicId, partitions] of this.target(memberId)) {
      for (const partition of partitions) {
        if (assigned.get(topicId)?.has(partition) !== true && this.partitionEpoch(topicId, partition) !== -1)
          return true;
      }
    }
    return false;
  }

  get regexes(): ReadonlyMap<string, number> {
    return this.#regexes.all;
  }
  get resolvedRegexes(): ReadonlyMap<string, ResolvedRegex> {
    return this.#resolved;
  }
  get assignors(): ReadonlyMap<string, number> {
    return this.#assignors.all;
  }
  get classicMembers(): number {
    return this.#classicMembers;
  }
  /** Whether a classic member with one of these protocols may be among the others. */
  supportsClassic(protocolType: string, protocols: readonly { readonly name: string }[]): boolean {
    if (protocolType !== CONSUMER_TYPE) return false;
    return protocols.some(({ name }) => this.isEmpty || this.#classicProtocols.of(name) === this.#classicMembers);
  }
  /** All topics that the member has subscribed to, by name and by its regular expression. */
  subscriptionOf({ subscribedTopicNames, subscribedTopicRegex }: ConsumerMember): ReadonlySet<string> {
    const matched = this.#resolved.get(subscribedTopicRegex)?.topics;
    if (matched === undefined || matched.size === 0) return subscribedTopicNames;
    return subscribedTopicNames.size === 0 ? matched : new Set([...subscribedTopicNames, ...matched]);
  }
  /** The topics that the group would read if `after` were there in place of `before`. */
  topicsWith(before: ConsumerMember | undefined, after: ConsumerMember): SubscribedTopics {
    const topics = this.subscribedTopics();
    if (before !== undefined) topics.countByName(before.subscribedTopicNames, -1);
    topics.countByName(after.subscribedTopicNames, 1);
    const regex = before?.subscribedTopicRegex ?? '';
    if (regex !== after.subscribedTopicRegex && this.#regexes.of(regex) === 1) {
      topics.countByRegex(this.#resolved.get(regex)?.topics ?? [], -1);
    }
    return topics;
  }

  // What records change.

  replay(record: GroupStateRecord): boolean {
    const group = types.groupMetadata.read(record);
    if (group?.value === null) return false;
    if (group !== undefined) this.setEpoch(group.value.epoch, group.value.metadataHash);
    const epoch = types.targetAssignmentMetadata.read(record);
    if (epoch !== undefined) {
      this.setAssignmentEpoch(epoch.value?.assignmentEpoch ?? 0, epoch.value?.assignmentTimestamp ?? 0);
    }
    const target = types.targetAssignmentMember.read(record);
    if (target !== undefined) {
      const { key, value } = target;
      this.setTarget(key.memberId, value && topicPartitionsOf(value.topicPartitions));
    }
    const older = types.partitionMetadata.read(record);
    if (older !== undefined) this.hasPartitionMetadataRecord = older.value !== null;
    this.#replayMember(record);
    this.#replayRegex(record);
    return true;
  }

  #replayMember(record: GroupStateRecord): void {
    const subscription = types.memberMetadata.read(record);
    if (subscription !== undefined) {
      const { key, value } = subscription;
      const known = this.member(key.memberId);
      if (value !== null) this.#put(subscribedMember(known ?? newMember(key.memberId), value));
      else if (known !== undefined) this.#remove(known);
    }
    const current = types.currentMemberAssignment.read(record);
    if (current !== undefined) {
      const { key, value } = current;
      const known = this.member(key.memberId);
      if (value !== null || known !== undefined) this.#put(assignedMember(known ?? newMember(key.memberId), value));
    }
  }

  #replayRegex(record: GroupStateRecord): void {
    const read = types.regularExpression.read(record);
    if (read === undefined) return;
    const regex = read.key.regularExpression;
    this.subscribed.countByRegex(this.#resolved.get(regex)?.topics ?? [], -1);
    if (read.value === null) this.#resolved.delete(regex);
    else {
      const { topics, version, timestamp } = read.value;
      this.#resolved.set(regex, { topics: new Set(topics), version, timestampMs: timestamp });
      this.subscribed.countByRegex(new Set(topics), 1);
    }
  }

  #put(member: ConsumerMember): void {
    const known = this.member(member.memberId);
    this.setMember(member);
    if (known !== undefined) this.#count(known, -1);
    this.#count(member, 1);
    this.#owners.replace(known, member);
    if (member.instanceId !== null) this.#staticMembers.set(member.instanceId, member.memberId);
  }

  #remove(member: ConsumerMember): void {
    this.deleteMember(member.memberId);
    this.#count(member, -1);
    this.#owners.replace(member, undefined);
    this.joinsAwaited.delete(member.memberId);
    // A static member that has been replaced is another one by now.
    const { instanceId, memberId } = member;
    if (instanceId !== null && this.#staticMembers.get(instanceId) === memberId) this.#staticMembers.delete(instanceId);
  }

  #count({ subscribedTopicRegex, serverAssignor, classic }: ConsumerMember, change: 1 | -1): void {
    if (subscribedTopicRegex !== '') this.#regexes.count(subscribedTopicRegex, change);
    if (serverAssignor !== null) this.#assignors.count(serverAssignor, change);
    if (classic === null) return;
    this.#classicMembers += change;
    for (const { name } of classic.supportedProtocols) this.#classicProtocols.count(name, change);
  }

  // The contract of groups.

  get givesWay(): boolean {
    return this.isEmpty;
  }
  checkCommit(committer: Committer): ErrorCode {
    const { memberId, generationIdOrMemberEpoch: epoch, isTransactional } = committer;
    // Admin clients and consumers that assign themselves: as long as nobody is in the group.
    if (epoch < 0 && this.isEmpty) return Errors.NONE;
    if (isTransactional && epoch === -1 && memberId === '' && committer.groupInstanceId === null) return Errors.NONE;
    const member = this.member(memberId);
    if (member === undefined) return Errors.UNKNOWN_MEMBER_ID;
    const isClassic = member.classic !== null;
    if (!isTransactional && !isClassic && committer.apiVersion < MEMBER_EPOCH_SINCE) return Errors.UNSUPPORTED_VERSION;
    return epoch > member.memberEpoch ? staleEpoch(member) : Errors.NONE;
  }

  /** An older epoch will do, as long as the member has had the partition since then. */
  checkCommitOf(committer: Committer, topicId: string, partition: number): ErrorCode {
    const { memberId, generationIdOrMemberEpoch: epoch } = committer;
    const member = this.member(memberId);
    if (member === undefined || epoch === member.memberEpoch) return Errors.NONE;
    const { assigned, pendingRevocation } = member;
    const since = assigned.get(topicId)?.get(partition) ?? pendingRevocation.get(topicId)?.get(partition);
    return since === undefined || epoch < since ? staleEpoch(member) : Errors.NONE;
  }

  checkFetch({ memberId, memberEpoch }: Fetcher): ErrorCode {
    // Admin clients, and versions that do not tell.
    if (memberId === null && memberEpoch < 0) return Errors.NONE;
    const member = this.member(memberId ?? '');
    if (member === undefined) return Errors.UNKNOWN_MEMBER_ID;
    return memberEpoch === member.memberEpoch ? Errors.NONE : staleEpoch(member);
  }

  checkDeleteOffsets(): ErrorCode {
    return Errors.NONE;
  }
  offsetsAgeFrom(): (offset: CommittedOffset) => Int64 {
    return ({ commitTimestampMs }) => commitTimestampMs;
  }
  appendTombstones(effects: GroupEffects): void {
    const { groupId, memberIds } = this;
    for (const record of groupTombstones(groupId, [...memberIds], this.#resolved.keys())) effects.append(record);
  }
  cancelTimers(effects: GroupEffects): void {
    for (const memberId of this.memberIds) cancelMemberTimers(this.groupId, memberId, effects);
    effects.cancel(regexKey(this.groupId));
  }
}

/** All that waits for the member to do something. */
export function cancelMemberTimers(groupId: string, memberId: string, effects: GroupEffects): void {
  cancelSession(groupId, memberId, effects);
  for (const keyOf of [revocationKey, memberJoinKey, memberSyncKey]) effects.cancel(keyOf(groupId, memberId));
}

const staleEpoch = ({ classic }: ConsumerMember): ErrorCode =>
  classic === null ? Errors.STALE_MEMBER_EPOCH : Errors.ILLEGAL_GENERATION;

export const consumerKind: GroupKind<ConsumerGroup> = {
  type: CONSUMER_TYPE,
  recordTypes: types.consumerRecordTypes,
  replay(known, record) {
    if (known === undefined && record.value === null) return undefined;
    const group = known ?? new ConsumerGroup(record.groupId);
    return group.replay(record) ? group : undefined;
  },
};
