// Where to look when something happens to a broker: in how many partitions of which topics it is in sync, eligible or leads;
// and which topics have partitions without a leader, with another than the preferred one, or under reassignment (Kafka:
// BrokersToIsrs and the sets beside it). It counts by topic, so that it stays small with 100,000 partitions, and follows the
// image change by change: only an activation walks through all of them.
import type { MetadataDelta, MetadataImage, PartitionImage } from '../../metadata/index.ts';
import { NO_LEADER } from '../../metadata/index.ts';

/** For how many partitions of each topic something holds. */
export class TopicTally {
  readonly #counts = new Map<string, number>();
  #total = 0;

  /** Over all topics. */
  get total(): number {
    return this.#total;
  }

  /** Ids of the topics with such a partition, as they are now. */
  topicIds(): string[] {
    return [...this.#counts.keys()];
  }

  has(topicId: string): boolean {
    return this.#counts.has(topicId);
  }

  add(topicId: string, change: number): void {
    const count = (this.#counts.get(topicId) ?? 0) + change;
    this.#total += change;
    if (count === 0) this.#counts.delete(topicId);
    else this.#counts.set(topicId, count);
  }
}

const NOTHING = new TopicTally();

export const isUnderReassignment = ({ addingReplicas, removingReplicas }: PartitionImage): boolean =>
  addingReplicas.length > 0 || removingReplicas.length > 0;

export const hasPreferredLeader = ({ leader, replicas }: PartitionImage): boolean => leader === replicas[0];

export class PartitionIndex {
  readonly leaderless = new TopicTally();
  /** Another replica than the first leads, or none. */
  readonly imbalanced = new TopicTally();
  readonly reassigning = new TopicTally();
  readonly #inSync = new Map<number, TopicTally>();
  readonly #eligible = new Map<number, TopicTally>();
  readonly #leads = new Map<number, number>();

  constructor(image: MetadataImage) {
    for (const { id, partitions } of image.topics.byId.values()) {
      for (const partition of partitions) this.#count(id, partition, 1);
    }
  }

  /** Topics with partitions in whose ISR the broker is. */
  inSync(brokerId: number): TopicTally {
    return this.#inSync.get(brokerId) ?? NOTHING;
  }

  /** Topics with partitions of which the broker is an eligible leader replica. */
  eligible(brokerId: number): TopicTally {
    return this.#eligible.get(brokerId) ?? NOTHING;
  }

  /** The number of partitions that the broker leads. */
  leaderships(brokerId: number): number {
    return this.#leads.get(brokerId) ?? 0;
  }

  /** Follows the image from the base of `delta` to what it leads to. */
  follow(delta: MetadataDelta): void {
    for (const { id, partitions } of delta.deletedTopics.values()) {
      for (const partition of partitions) this.#count(id, partition, -1);
    }
    for (const topic of delta.changedTopics.values()) {
      for (const [index, partition] of topic.changedPartitions) {
        const before = topic.base?.partitions[index];
        if (before !== undefined) this.#count(topic.id, before, -1);
        this.#count(topic.id, partition, 1);
      }
    }
  }

  #count(topicId: string, partition: PartitionImage, change: 1 | -1): void {
    const { leader, isr, elr } = partition;
    for (const id of isr) tallyOf(this.#inSync, id).add(topicId, change);
    for (const id of elr) tallyOf(this.#eligible, id).add(topicId, change);
    if (leader === NO_LEADER) this.leaderless.add(topicId, change);
    else this.#leads.set(leader, (this.#leads.get(leader) ?? 0) + change);
    if (!hasPreferredLeader(partition)) this.imbalanced.add(topicId, change);
    if (isUnderReassignment(partition)) this.reassigning.add(topicId, change);
  }
}

function tallyOf(tallies: Map<number, TopicTally>, brokerId: number): TopicTally {
  let tally = tallies.get(brokerId);
  if (tally === undefined) tallies.set(brokerId, (tally = new TopicTally()));
  return tally;
}
