// From what a member says to what it has (Kafka: GroupMetadataManager, hasMemberSubscriptionChanged to maybeReconcile): the steps
// that a heartbeat and the join of a classic member share. Nothing is changed here but `records`, and the time at which the
// topics of the group are looked at again.
import { Errors, hashOrderOfTexts, type Int64, KafkaError } from '../../protocol/index.ts';
import { type GroupEffects, revocationKey } from '../group-effects.ts';
import { AssignorError } from '../assignors/index.ts';
import type { GroupStateRecord } from '../group-record.ts';
import {
  computeTargetAssignment,
  isAssignmentDue,
  isReconciledTo,
  MemberStates,
  sameNames,
  type SubscribedTopics,
  type TargetAssignment,
  type TargetAssignmentParts,
  topicIdsOf,
  type TopicPartitions,
  type TopicPartitionsRow,
} from '../modern/index.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import { type ConsumerMember, hasSameAssignment, hasSameFacts } from './consumer-member.ts';
import {
  assignmentEpochRecord,
  currentAssignmentRecord,
  epochRecord,
  memberRecord,
  partitionMetadataTombstone,
  targetRecord,
} from './consumer-records.ts';
import type { ConsumerWorld } from './consumer-world.ts';
import { mostOf } from './counts.ts';
import { reconciled } from './current-assignment.ts';
import { regexChange } from './regular-expressions.ts';

export interface Telling {
  /** The member as it was. */
  readonly member: ConsumerMember;
  /** The member as it says it is. */
  readonly told: ConsumerMember;
  /** What it says that it has; null: it does not say. */
  readonly owned: readonly TopicPartitionsRow[] | null;
  readonly nowMs: number;
}

export interface Brought {
  readonly member: ConsumerMember;
  /** Its epoch, state or partitions are other ones now. */
  readonly isReconciledAnew: boolean;
  /** The group reads other topics, or may: its epoch has risen. */
  readonly isBumped: boolean;
  /** The regular expressions of the group are to be matched against topics. */
  readonly needsResolution: boolean;
}

interface Epoch {
  readonly epoch: number;
  /** The topics that the group reads from now on; not counted before somebody asks. */
  readonly topics: () => SubscribedTopics;
}

/** Writes down what the member says, and brings it a step closer to its target. Throws KafkaError. */
export function brought(
  world: ConsumerWorld,
  group: ConsumerGroup,
  telling: Telling,
  records: GroupStateRecord[],
): Brought {
  const told = toldOf(world, group, telling, records);
  const { epoch } = told;
  const goal = nextTarget(world, group, telling, told.epoch, records);
  const member = reconcile(world, group, telling, { ...goal, hasSubscriptionChanged: told.hasSubscriptionChanged });
  const isReconciledAnew = !hasSameAssignment(member, telling.told);
  if (isReconciledAnew) records.push(currentAssignmentRecord(group.groupId, member));
  return { member, isReconciledAnew, isBumped: epoch.epoch > group.epoch, needsResolution: told.needsResolution };
}

interface Told {
  readonly hasSubscriptionChanged: boolean;
  readonly needsResolution: boolean;
  readonly epoch: Epoch;
}

/** Writes down what the member says, and the epoch that comes of it. Throws KafkaError INVALID_REGULAR_EXPRESSION. */
export function toldOf(
  world: ConsumerWorld,
  group: ConsumerGroup,
  { member, told, nowMs }: Telling,
  records: GroupStateRecord[],
): Told {
  const { groupId } = group;
  if (!hasSameFacts(member, told)) records.push(memberRecord(groupId, told));
  const haveNamesChanged = !sameNames(member.subscribedTopicNames, told.subscribedTopicNames);
  const regex = regexChange(world, group, { member, told, nowMs }, records);
  // An expression that is still to be resolved raises the epoch once it is.
  const isBumped = haveNamesChanged || regex.isResolved || (regex.hasChanged && told.classic !== null);
  const topics = (): SubscribedTopics => group.topicsWith(member, told);
  const epoch = nextEpoch(world, group, { topics, isBumped, nowMs }, records);
  return {
    hasSubscriptionChanged: haveNamesChanged || regex.hasChanged,
    needsResolution: regex.needsResolution,
    epoch: { epoch, topics },
  };
}

/** The epoch rises when members read other topics, and when the topics themselves have changed. */
function nextEpoch(
  world: ConsumerWorld,
  group: ConsumerGroup,
  change: { readonly topics: Epoch['topics']; readonly isBumped: boolean; readonly nowMs: number },
  records: GroupStateRecord[],
): number {
  const { groupId } = group;
  if (!change.isBumped && !group.hasMetadataExpired(change.nowMs)) return group.epoch;
  const hash: Int64 = world.hashes.groupHash(change.topics().names, world.image);
  const isBumped = change.isBumped || hash !== group.metadataHash;
  const epoch = isBumped ? group.epoch + 1 : group.epoch;
  if (isBumped) records.push(epochRecord(groupId, epoch, hash));
  group.metadataRefreshed(change.nowMs, epoch);
  if (group.hasPartitionMetadataRecord) records.push(partitionMetadataTombstone(groupId));
  return epoch;
}

interface Goal {
  readonly assignmentEpoch: number;
  readonly target: TopicPartitions;
}

/** The target of the member: newly computed for an epoch that has none, as far as the interval between two allows. */
function nextTarget(
  world: ConsumerWorld,
  group: ConsumerGroup,
  { member, told, nowMs }: Telling,
  { epoch, topics }: Epoch,
  records: GroupStateRecord[],
): Goal {
  const { groupId } = group;
  const last = { assignmentEpoch: group.assignmentEpoch, target: group.targetOf(told) };
  if (epoch <= group.assignmentEpoch) return last;
  if (!isAssignmentDue(group, world.settings.assignmentIntervalMs(groupId, world.image), nowMs)) return last;
  const held = group.staticMember(told.instanceId)?.memberId;
  const replacedId = held === told.memberId ? undefined : held;
  const isNew = group.member(told.memberId) === undefined && replacedId === undefined;
  const { all, changed } = targetsFor(epoch, {
    group,
    updated: told,
    replacedId,
    image: world.image,
    subscriptionOf: (one) => group.subscriptionOf(one),
    isHomogeneous: isHomogeneous(group, member, told, topics(), group.size + (isNew ? 1 : 0)),
    assignor: preferredAssignor(world, group, member, told),
  });
  for (const [memberId, target] of changed) records.push(targetRecord(groupId, memberId, target));
  records.push(assignmentEpochRecord(groupId, epoch, nowMs));
  return { assignmentEpoch: epoch, target: all.get(told.memberId) as TopicPartitions };
}

/** Throws KafkaError UNKNOWN_SERVER_ERROR when there is none. */
function targetsFor(epoch: number, parts: TargetAssignmentParts<ConsumerMember>): TargetAssignment {
  try {
    return computeTargetAssignment(parts);
  } catch (error) {
    if (!(error instanceof AssignorError)) throw error;
    const message = `Failed to compute a new target assignment for epoch ${epoch}: ${error.message}`;
    throw new KafkaError(Errors.UNKNOWN_SERVER_ERROR, message);
  }
}

/** All read the same: the same names, or one regular expression and no names (Kafka: ConsumerGroup.subscriptionType). */
function isHomogeneous(
  group: ConsumerGroup,
  member: ConsumerMember,
  told: ConsumerMember,
  topics: SubscribedTopics,
  memberCount: number,
): boolean {
  const counts = new Map(group.regexes);
  for (const [regex, change] of [
    [member.subscribedTopicRegex, -1],
    [told.subscribedTopicRegex, 1],
  ] as const) {
    if (regex === '') continue;
    const count = (counts.get(regex) ?? 0) + change;
    if (count > 0) counts.set(regex, count);
    else counts.delete(regex);
  }
  if (counts.size === 0) return topics.areNamedByAll(memberCount);
  const [first] = counts.values();
  return first === memberCount && topics.areMatchedByOne();
}

/** The assignor that most members would like. */
function preferredAssignor(world: ConsumerWorld, group: ConsumerGroup, member: ConsumerMember, told: ConsumerMember) {
  const counts = new Map(group.assignors);
  for (const [name, change] of [
    [member.serverAssignor, -1],
    [told.serverAssignor, 1],
  ] as const) {
    if (name !== null) counts.set(name, (counts.get(name) ?? 0) + change);
  }
  // Kafka counts on in a small copy of its map, in which who comes anew comes first (HashMap.compute).
  const wanted = told.serverAssignor;
  const anew = wanted === null || group.assignors.has(wanted) ? [] : [wanted];
  const chosen =
    mostOf(counts, [...anew, ...hashOrderOfTexts(group.assignors.keys())]) ?? world.settings.assignors[0] ?? '';
  const assignor = world.assignorOf(chosen);
  if (assignor === undefined) throw new KafkaError(Errors.UNKNOWN_SERVER_ERROR, `There is no assignor ${chosen}.`);
  return assignor;
}

/** One step from what the member has to its target. Throws KafkaError FENCED_MEMBER_EPOCH. */
export function reconcile(
  world: ConsumerWorld,
  group: ConsumerGroup,
  { told, owned }: Pick<Telling, 'told' | 'owned'>,
  goal: Goal & { readonly hasSubscriptionChanged: boolean },
): ConsumerMember {
  if (!goal.hasSubscriptionChanged && isReconciledTo(told, goal.assignmentEpoch)) return told;
  return reconciled(told, {
    ...goal,
    owned,
    subscribedTopicIds: topicIdsOf(group.subscriptionOf(told), world.image),
    partitionEpoch: (topicId, partition) => group.partitionEpoch(topicId, partition),
  });
}

/** A member that is to give up partitions has its time for that. Classic members have theirs to join again. */
export function scheduleRevocation(groupId: string, member: ConsumerMember, effects: GroupEffects): void {
  const { memberId, memberEpoch, state, rebalanceTimeoutMs, classic } = member;
  if (classic !== null) return;
  const key = revocationKey(groupId, memberId);
  if (state !== MemberStates.UNREVOKED_PARTITIONS) return effects.cancel(key);
  effects.schedule(key, Math.max(0, rebalanceTimeoutMs), { kind: 'revocation', groupId, memberId, memberEpoch });
}
