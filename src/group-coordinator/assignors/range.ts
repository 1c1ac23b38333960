// The assignor `range` (KIP-848): each topic is cut into one run of partitions for each of its subscribers, in the same order
// for all topics, so that members get the same partitions of topics with the same number of them. What members had before
// plays no part. The first subscribers get one more where the count does not divide.
import {
  type Assignor,
  AssignorError,
  type GroupSpec,
  type MemberSpec,
  type PartitionCountOf,
  type TopicPartitions,
} from './assignor.ts';

/** What is left of one topic while it is given out. */
interface Remainder {
  next: number;
  partitions: number;
  subscribers: number;
}

export const rangeAssignor: Assignor = {
  name: 'range',
  assign: (spec, partitionCountOf) => {
    const remainders = remaindersOf(spec, partitionCountOf);
    const targets = new Map<string, TopicPartitions>();
    for (const [memberId, { subscribedTopicIds }] of inRangeOrder(spec)) {
      const topics = new Map<string, ReadonlySet<number>>();
      for (const topicId of subscribedTopicIds) {
        const remainder = remainders.get(topicId) as Remainder;
        if (remainder.partitions > 0) topics.set(topicId, nextRun(remainder));
        remainder.subscribers -= 1;
      }
      targets.set(memberId, topics);
    }
    return targets;
  },
};

function remaindersOf({ members }: GroupSpec, partitionCountOf: PartitionCountOf): Map<string, Remainder> {
  const remainders = new Map<string, Remainder>();
  for (const { subscribedTopicIds } of members.values()) {
    for (const topicId of subscribedTopicIds) {
      const known = remainders.get(topicId);
      if (known !== undefined) {
        known.subscribers += 1;
        continue;
      }
      const partitions = partitionCountOf(topicId);
      if (partitions < 0) throw new AssignorError('Member is subscribed to a non-existent topic');
      remainders.set(topicId, { next: 0, partitions, subscribers: 1 });
    }
  }
  return remainders;
}

/** The share of the next subscriber: what remains, divided among those that remain, rounded up. */
function nextRun(remainder: Remainder): Set<number> {
  const size = Math.ceil(remainder.partitions / remainder.subscribers);
  const run = new Set<number>();
  for (let i = 0; i < size; i++) run.add(remainder.next + i);
  remainder.next += size;
  remainder.partitions -= size;
  return run;
}

/** Static members by their instance ids first, so that one that restarts keeps its place, then the others by member id. */
function inRangeOrder({ members }: GroupSpec): [string, MemberSpec][] {
  return [...members].sort(([oneId, one], [otherId, other]) => {
    if (one.instanceId !== null && other.instanceId !== null) return compareText(one.instanceId, other.instanceId);
    if (one.instanceId !== null) return -1;
    if (other.instanceId !== null) return 1;
    return compareText(oneId, otherId);
  });
}

/** By UTF-16 units, as Java compares strings. */
const compareText = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
