// The assignor `simple` of share groups (KIP-932; Kafka: SimpleAssignor). A partition may have several members: as many as it
// takes for each member to have one. Members keep what they have as far as their share and the partition's allow. Members with
// one subscription share all their partitions at once; with different ones each topic is shared by itself.
//
// Better than Kafka's: nobody keeps what it does not subscribe to, what does not exist or may not be given out, and no
// partition stays without a member, which nobody would read.
import { AssignmentDraft } from './assignment-draft.ts';
import { type Assignor, type GroupSpec, type MemberSpec, subscribedTopics, type TopicPartitions } from './assignor.ts';
import { SharePool } from './share-pool.ts';

export const simpleAssignor: Assignor = {
  name: 'simple',
  assign: (spec, partitionCountOf) => {
    const counts = subscribedTopics(spec, partitionCountOf);
    const targets = new Map<string, TopicPartitions>();
    if (counts.size === 0) return targets;
    const members = [...spec.members.values()];
    const drafts = members.map((member) => draftOf(member));
    const pools = spec.isHomogeneous ? [[...counts.keys()]] : [...counts.keys()].map((topicId) => [topicId]);
    for (const topicIds of pools) {
      const pool = new SharePool(drafts, subscribersOf(topicIds[0] as string, members));
      for (const topicId of topicIds)
        pool.addTopic(topicId, assignablePartitions(spec, topicId, counts.get(topicId) ?? 0));
      pool.share();
    }
    let index = 0;
    for (const memberId of spec.members.keys()) targets.set(memberId, (drafts[index++] as AssignmentDraft).topics);
    return targets;
  },
};

/** What the member has of topics that it subscribes to. */
function draftOf({ assigned, subscribedTopicIds }: MemberSpec): AssignmentDraft {
  const draft = new AssignmentDraft(assigned);
  for (const topicId of assigned.keys()) if (!subscribedTopicIds.has(topicId)) draft.removeTopic(topicId);
  return draft;
}

/** Indexes of the members that have subscribed to the topic. */
function subscribersOf(topicId: string, members: readonly MemberSpec[]): number[] {
  const subscribers: number[] = [];
  members.forEach(({ subscribedTopicIds }, index) => {
    if (subscribedTopicIds.has(topicId)) subscribers.push(index);
  });
  return subscribers;
}

function assignablePartitions({ isAssignable }: GroupSpec, topicId: string, count: number): number[] {
  const partitions: number[] = [];
  for (let partition = 0; partition < count; partition++)
    if (isAssignable === undefined || isAssignable(topicId, partition)) partitions.push(partition);
  return partitions;
}
