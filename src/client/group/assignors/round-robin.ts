// Kafka's RoundRobinAssignor: all partitions of all topics, in order, to one member after the other; those that do not subscribe to a
// topic are passed over.
import { type Assignor, compareMembers, compareText, groupedByTopic } from './assignor.ts';

export const roundRobinAssignor: Assignor = {
  name: 'roundrobin',
  protocol: 'eager',
  assign(members, partitionCounts) {
    const shares = new Map(members.map(({ memberId }) => [memberId, [] as { topic: string; partition: number }[]]));
    const circle = [...members].sort(compareMembers).map((member) => ({ ...member, topics: new Set(member.topics) }));
    const topics = [...partitionCounts].filter(([topic]) => circle.some((member) => member.topics.has(topic)));
    let next = 0;
    for (const [topic, count] of topics.sort(([a], [b]) => compareText(a, b))) {
      for (let partition = 0; partition < count; partition++) {
        while (circle[next % circle.length]?.topics.has(topic) === false) next++;
        const member = circle[next++ % circle.length];
        shares.get(member?.memberId ?? '')?.push({ topic, partition });
      }
    }
    return new Map([...shares].map(([memberId, places]) => [memberId, groupedByTopic(places)]));
  },
};
