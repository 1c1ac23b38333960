// kafkajs's own assigner, so that members of both kinds can be in one group while a program is being changed over.
import { type Assignment, type Assignor, compareText, groupedByTopic } from '../group/assignors/assignor.ts';

/** All partitions of all topics, dealt out one after the other to the members, by their ids. */
export const RoundRobinAssigner: Assignor = {
  name: 'RoundRobinAssigner',
  protocol: 'eager',
  assign(members, partitionCounts): Assignment {
    const ids = members.map(({ memberId }) => memberId).sort(compareText);
    const shares = new Map(ids.map((id) => [id, [] as { topic: string; partition: number }[]]));
    const topics = [...new Set(members.flatMap((member) => member.topics))].sort(compareText);
    let dealt = 0;
    for (const topic of topics) {
      for (let partition = 0; partition < (partitionCounts.get(topic) ?? 0); partition++) {
        shares.get(ids[dealt++ % ids.length] as string)?.push({ topic, partition });
      }
    }
    return new Map([...shares].map(([id, places]) => [id, groupedByTopic(places)]));
  },
};
