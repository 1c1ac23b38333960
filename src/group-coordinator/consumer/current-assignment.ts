// How a member comes from what it has to what it is to have (Kafka: CurrentAssignmentBuilder). Its state, and what brings it on:
//
//   Stable                 it has its target
//     a new target                  → the next step
//   UnrevokedPartitions    it was told to give up partitions, and stays in its epoch
//     it says that it has none of them any more  → the next step
//   UnreleasedPartitions   in the new epoch, with what is free of its target
//     every heartbeat               → the next step: what others have given up meanwhile
//   Unknown                written by a version to come: it must come without any partition
//
// The next step: partitions that are not of its target must go first → UnrevokedPartitions; with none of them it gets the new
// epoch and what is free → Stable, or UnreleasedPartitions while something is not free.
import { Errors, KafkaError } from '../../protocol/index.ts';
import { MemberStates, type TopicPartitions, type TopicPartitionsRow } from '../modern/index.ts';
import type { ConsumerMember } from './consumer-member.ts';
import { hasAnyOf, hasPartition, NO_EPOCHS, type PartitionEpochs } from './partition-epochs.ts';

export interface Reconciliation {
  readonly assignmentEpoch: number;
  readonly target: TopicPartitions;
  /** Ids of the topics that the member has subscribed to, and that exist. */
  readonly subscribedTopicIds: ReadonlySet<string>;
  /** The subscription has just changed: what it does not name any more goes at once, whatever the target says. */
  readonly hasSubscriptionChanged: boolean;
  /** What the member says that it has; null: it does not say. */
  readonly owned: readonly TopicPartitionsRow[] | null;
  /** -1: nobody has the partition. */
  readonly partitionEpoch: (topicId: string, partition: number) => number;
}

/** The member as it is after this step; the same when there is nothing to do. Throws KafkaError FENCED_MEMBER_EPOCH. */
export function reconciled(member: ConsumerMember, by: Reconciliation): ConsumerMember {
  switch (member.state) {
    case MemberStates.STABLE:
      if (member.memberEpoch !== by.assignmentEpoch) return nextStep(member, by);
      return by.hasSubscriptionChanged ? withoutUnsubscribed(member, by) : member;
    case MemberStates.UNREVOKED_PARTITIONS:
      if (!stillOwns(member.pendingRevocation, by)) return nextStep(member, by);
      return by.hasSubscriptionChanged ? withoutUnsubscribed(member, by) : member;
    case MemberStates.UNRELEASED_PARTITIONS:
      return nextStep(member, by);
    default:
      if (by.owned === null || by.owned.length > 0) {
        const message =
          'The consumer group member is in a unknown state. The member must abandon all its partitions and rejoin.';
        throw new KafkaError(Errors.FENCED_MEMBER_EPOCH, message);
      }
      return nextStep({ ...member, memberEpoch: by.assignmentEpoch }, by);
  }
}

/** A member that does not say what it has may have all of them. */
const stillOwns = (partitions: PartitionEpochs, { owned }: Reconciliation): boolean =>
  owned === null || hasAnyOf(partitions, owned);

/** Topics that are no longer subscribed to are taken from the member, and nothing else is done. */
function withoutUnsubscribed(member: ConsumerMember, by: Reconciliation): ConsumerMember {
  const kept = new Map<string, ReadonlyMap<number, number>>();
  const revoked = new Map(member.pendingRevocation);
  for (const [topicId, epochs] of member.assigned) {
    if (by.subscribedTopicIds.has(topicId)) kept.set(topicId, epochs);
    else revoked.set(topicId, new Map([...(revoked.get(topicId) ?? []), ...epochs]));
  }
  if (kept.size === member.assigned.size) return member;
  const { memberEpoch } = member;
  if (!stillOwns(revoked, by)) return { ...member, previousMemberEpoch: memberEpoch, assigned: kept };
  return toRevoke(member, kept, revoked);
}

function toRevoke(member: ConsumerMember, kept: PartitionEpochs, revoked: PartitionEpochs): ConsumerMember {
  return {
    ...member,
    state: MemberStates.UNREVOKED_PARTITIONS,
    previousMemberEpoch: member.memberEpoch,
    assigned: kept,
    pendingRevocation: revoked,
  };
}

function nextStep(member: ConsumerMember, by: Reconciliation): ConsumerMember {
  const assigned = new Map<string, Map<number, number>>();
  const revoked = new Map<string, Map<number, number>>();
  let isMissingSome = false;
  for (const topicId of new Set([...by.target.keys(), ...member.assigned.keys()])) {
    const target = by.subscribedTopicIds.has(topicId) ? by.target.get(topicId) : undefined;
    const [kept, gone] = split(member.assigned.get(topicId), target);
    for (const partition of target ?? []) {
      if (kept.has(partition)) continue;
      // What the member itself has still to give up is free for it.
      const isFree =
        by.partitionEpoch(topicId, partition) === -1 || hasPartition(member.pendingRevocation, topicId, partition);
      if (isFree) kept.set(partition, by.assignmentEpoch);
      else isMissingSome = true;
    }
    if (kept.size > 0) assigned.set(topicId, kept);
    if (gone.size > 0) revoked.set(topicId, gone);
  }
  if (revoked.size > 0 && stillOwns(revoked, by)) return toRevoke(member, keptOf(member, assigned), revoked);
  return {
    ...member,
    state: isMissingSome ? MemberStates.UNRELEASED_PARTITIONS : MemberStates.STABLE,
    memberEpoch: by.assignmentEpoch,
    previousMemberEpoch: member.memberEpoch,
    assigned,
    pendingRevocation: NO_EPOCHS,
  };
}

/** What of the partitions stays, with its epochs, and what goes. */
function split(
  epochs: ReadonlyMap<number, number> | undefined,
  target: ReadonlySet<number> | undefined,
): [Map<number, number>, Map<number, number>] {
  const [kept, gone] = [new Map<number, number>(), new Map<number, number>()];
  for (const [partition, epoch] of epochs ?? []) (target?.has(partition) === true ? kept : gone).set(partition, epoch);
  return [kept, gone];
}

/** Nothing new is given to a member that has something to give up. */
function keptOf(member: ConsumerMember, assigned: PartitionEpochs): PartitionEpochs {
  const kept = new Map<string, Map<number, number>>();
  for (const [topicId, epochs] of assigned) {
    const own = [...epochs].filter(([partition]) => hasPartition(member.assigned, topicId, partition));
    if (own.length > 0) kept.set(topicId, new Map(own));
  }
  return kept;
}
