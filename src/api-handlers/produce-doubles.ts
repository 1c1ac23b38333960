// Partitions that a Produce request names more than once.
import type { ProduceRequest } from '../protocol/messages/00-produce.ts';

type ProducedTopic = ProduceRequest['topicData'][number];
type ProducedPartition = ProducedTopic['partitionData'][number];

/** A partition that is named twice counts once, in its first place with the last batch given for it. */
export function withoutDoubles(topics: readonly ProducedTopic[]): readonly ProducedTopic[] {
  if (!mayHaveDoubles(topics)) return topics;
  const byTopic = new Map<string, { topic: ProducedTopic; byIndex: Map<number, ProducedPartition> }>();
  for (const topic of topics) {
    const key = `${topic.topicId} ${topic.name}`;
    let merged = byTopic.get(key);
    if (merged === undefined) byTopic.set(key, (merged = { topic, byIndex: new Map() }));
    for (const data of topic.partitionData) merged.byIndex.set(data.index, data);
  }
  return Array.from(byTopic.values(), ({ topic, byIndex }) => ({ ...topic, partitionData: [...byIndex.values()] }));
}

/** False when the indexes of each topic ascend and no topic comes twice, as clients send them. */
function mayHaveDoubles(topics: readonly ProducedTopic[]): boolean {
  for (const { partitionData } of topics) {
    for (let at = 1; at < partitionData.length; at++) {
      if ((partitionData[at] as ProducedPartition).index <= (partitionData[at - 1] as ProducedPartition).index)
        return true;
    }
  }
  if (topics.length === 1) return false;
  return new Set(topics.map(({ topicId, name }) => `${topicId} ${name}`)).size < topics.length;
}
