// The target assignment: what each member is to have once everybody is reconciled, as an assignor computes it (Kafka:
// TargetAssignmentBuilder). Kinds of groups write the result down in records of their own.
import type { MetadataImage } from '../../kraft/metadata/index.ts';
import type { Assignor, MemberSpec } from '../assignors/index.ts';
import { inHashOrder } from './hash-order.ts';
import type { ModernGroup } from './modern-group.ts';
import type { ModernMember } from './modern-member.ts';
import { NO_PARTITIONS, sameTopicPartitions, type TopicPartitions } from './topic-partitions.ts';

export interface TargetAssignmentParts<M extends ModernMember> {
  readonly group: ModernGroup<M>;
  /** The member as it will be: its record has not been replayed. */
  readonly updated: M;
  /** The static member whose place `updated` takes, if there is one: it counts no more. */
  readonly replacedId: string | undefined;
  readonly image: MetadataImage;
  /** Names of all topics that a member has subscribed to, in whatever way. */
  readonly subscriptionOf: (member: M) => ReadonlySet<string>;
  /** All members have subscribed to the same. */
  readonly isHomogeneous: boolean;
  readonly assignor: Assignor;
  /** Share groups: whether the partition may be given out. */
  readonly isAssignable?: (topicId: string, partition: number) => boolean;
}

export interface TargetAssignment {
  readonly all: ReadonlyMap<string, TopicPartitions>;
  /** Members whose target is another one now, or who had none. */
  readonly changed: ReadonlyMap<string, TopicPartitions>;
}

export function computeTargetAssignment<M extends ModernMember>(parts: TargetAssignmentParts<M>): TargetAssignment {
  const { group, assignor, image, isHomogeneous, isAssignable } = parts;
  const members = inHashOrder(memberSpecs(parts));
  const assigned = assignor.assign(
    isAssignable === undefined ? { members, isHomogeneous } : { members, isHomogeneous, isAssignable },
    (topicId) => image.topics.byId.get(topicId)?.partitions.length ?? -1,
  );
  const all = new Map<string, TopicPartitions>();
  const changed = new Map<string, TopicPartitions>();
  for (const memberId of members.keys()) {
    const target = assigned.get(memberId) ?? NO_PARTITIONS;
    all.set(memberId, target);
    const known = group.targets.get(memberId);
    if (known === undefined || !sameTopicPartitions(known, target)) changed.set(memberId, target);
  }
  return { all, changed };
}

function memberSpecs<M extends ModernMember>(parts: TargetAssignmentParts<M>): Map<string, MemberSpec> {
  const { group, updated, replacedId, image, subscriptionOf } = parts;
  const idsOf = new TopicIds(image);
  const specs = new Map<string, MemberSpec>();
  const add = (member: M, targetOf: string): void => {
    const { memberId, instanceId, rackId } = member;
    const subscribedTopicIds = idsOf.of(subscriptionOf(member));
    specs.set(memberId, { instanceId, rackId, subscribedTopicIds, assigned: group.target(targetOf) });
  };
  for (const member of group.members) {
    if (member.memberId !== updated.memberId && member.memberId !== replacedId) add(member, member.memberId);
  }
  // A static member that is back has the target of the one whose place it takes.
  add(updated, replacedId ?? updated.memberId);
  return specs;
}

/** Names to ids: members that share a subscription share its ids. */
class TopicIds {
  readonly #image: MetadataImage;
  readonly #known = new Map<ReadonlySet<string>, ReadonlySet<string>>();

  constructor(image: MetadataImage) {
    this.#image = image;
  }

  of(names: ReadonlySet<string>): ReadonlySet<string> {
    const known = this.#known.get(names);
    if (known !== undefined) return known;
    const ids = topicIdsOf(names, this.#image);
    this.#known.set(names, ids);
    return ids;
  }
}

/** The ids of the topics that exist. */
export function topicIdsOf(names: Iterable<string>, image: MetadataImage): Set<string> {
  const ids = new Set<string>();
  for (const name of names) {
    const topic = image.topics.byName.get(name);
    if (topic !== undefined) ids.add(topic.id);
  }
  return ids;
}

/**
 * Whether a new target assignment may be computed now: not twice within `intervalMs` (Kafka: canComputeNextTargetAssignment). A
 * clock that was set back since the last one holds up nobody.
 */
export function isAssignmentDue(
  { assignmentTimestampMs }: Pick<ModernGroup, 'assignmentTimestampMs'>,
  intervalMs: number,
  nowMs: number,
): boolean {
  const lastMs = Number(assignmentTimestampMs);
  return lastMs === 0 || intervalMs === 0 || nowMs < lastMs || nowMs >= lastMs + intervalMs;
}
