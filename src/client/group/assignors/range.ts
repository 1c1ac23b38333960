// Kafka's RangeAssignor: of each topic every member gets a run of partitions, the first ones one more when they do not divide evenly.
import { type Assignment, type Assignor, type AssignorMember, compareMembers, compareText } from './assignor.ts';

export const rangeAssignor: Assignor = {
  name: 'range',
  protocol: 'eager',
  assign(members, partitionCounts) {
    const shares: Assignment = new Map(members.map(({ memberId }) => [memberId, []]));
    for (const [topic, subscribers] of subscribersByTopic(members, partitionCounts)) {
      const count = partitionCounts.get(topic) as number;
      const each = Math.floor(count / subscribers.length);
      const extra = count % subscribers.length;
      let next = 0;
      subscribers.forEach(({ memberId }, index) => {
        const size = each + (index < extra ? 1 : 0);
        const partitions = Array.from({ length: size }, (_, at) => next + at);
        if (size > 0) shares.get(memberId)?.push({ topic, partitions });
        next += size;
      });
    }
    return shares;
  },
};

function subscribersByTopic(
  members: readonly AssignorMember[],
  partitionCounts: ReadonlyMap<string, number>,
): [string, AssignorMember[]][] {
  const byTopic = new Map<string, AssignorMember[]>();
  for (const member of [...members].sort(compareMembers)) {
    for (const topic of new Set(member.topics)) {
      if (!partitionCounts.has(topic)) continue;
      const known = byTopic.get(topic);
      if (known === undefined) byTopic.set(topic, [member]);
      else known.push(member);
    }
  }
  return [...byTopic].sort(([a], [b]) => compareText(a, b));
}
