// `uniform` for members with different subscriptions (Kafka: UniformHeterogeneousAssignmentBuilder): members keep what they
// have, what nobody has goes to those of its subscribers that have least, topic by topic, and then partitions move, topic by
// topic, from subscribers that have most to those that have least, until a whole round moves nothing.
import { uuidToBytes } from '../../protocol/index.ts';
import { AssignmentDraft } from './assignment-draft.ts';
import type { GroupSpec, TopicPartitions } from './assignor.ts';
import { LoadLevels } from './load-levels.ts';

/** Rounds of balancing at most. Each about halves what is out of balance; mostly one moves something and the next nothing. */
const MAX_ROUNDS = 16;
const NOBODY = -1;

interface Topic {
  readonly topicId: string;
  /** Indexes of members, in their order. */
  readonly subscribers: number[];
  /** The index of the member that has the partition, or NOBODY. */
  readonly owners: Int32Array;
  /** The topic id, to compare it by. */
  readonly idBytes: DataView;
}

export function assignHeterogeneous(
  spec: GroupSpec,
  counts: ReadonlyMap<string, number>,
): Map<string, TopicPartitions> {
  const run = new Balancing(spec, counts);
  run.keep();
  run.giveOut();
  run.balance();
  return run.targets();
}

class Balancing {
  readonly #members: GroupSpec['members'];
  readonly #topics = new Map<string, Topic>();
  readonly #drafts: AssignmentDraft[] = [];
  /** Partitions of each member. */
  readonly #sizes: Int32Array;
  readonly #levels: LoadLevels;

  constructor({ members }: GroupSpec, counts: ReadonlyMap<string, number>) {
    this.#members = members;
    this.#sizes = new Int32Array(members.size);
    this.#levels = new LoadLevels(this.#sizes);
    for (const [topicId, count] of counts) {
      const owners = new Int32Array(count).fill(NOBODY);
      this.#topics.set(topicId, {
        topicId,
        subscribers: [],
        owners,
        idBytes: new DataView(uuidToBytes(topicId).buffer),
      });
    }
    let member = 0;
    for (const { subscribedTopicIds } of members.values()) {
      for (const topicId of subscribedTopicIds) this.#topics.get(topicId)?.subscribers.push(member);
      member += 1;
    }
  }

  /** Members keep what they have of topics that they have subscribed to. */
  keep(): void {
    for (const { assigned, subscribedTopicIds } of this.#members.values()) {
      const draft = new AssignmentDraft(assigned);
      const member = this.#drafts.push(draft) - 1;
      for (const [topicId, partitions] of assigned) {
        if (!subscribedTopicIds.has(topicId)) {
          draft.removeTopic(topicId);
          continue;
        }
        const { owners } = this.#topics.get(topicId) as Topic;
        for (const partition of partitions) {
          // One that another member has too, or that does not exist (undefined), is not kept.
          if (owners[partition] !== NOBODY) {
            draft.remove(topicId, partition);
            continue;
          }
          owners[partition] = member;
          this.#sizes[member] = (this.#sizes[member] as number) + 1;
        }
      }
    }
  }

  giveOut(): void {
    const withFree = [...this.#topics.values()].filter(({ owners }) => owners.includes(NOBODY));
    for (const topic of withFree.sort(hardestFirst)) {
      this.#levels.start(topic.subscribers);
      for (let partition = 0; partition < topic.owners.length; partition++)
        if (topic.owners[partition] === NOBODY) this.#give(topic, partition, this.#levels.takeLeast());
    }
  }

  balance(): void {
    const topics = [...this.#topics.values()].filter(({ subscribers }) => subscribers.length > 1).sort(hardestFirst);
    let lastMoved: Topic | undefined;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      for (const topic of topics) {
        // Once around, and nothing has moved.
        if (topic === lastMoved) return;
        const hasMoved = this.#balanceTopic(topic);
        if (hasMoved || lastMoved === undefined) lastMoved = topic;
      }
    }
  }

  targets(): Map<string, TopicPartitions> {
    const targets = new Map<string, TopicPartitions>();
    let member = 0;
    for (const memberId of this.#members.keys())
      targets.set(memberId, (this.#drafts[member++] as AssignmentDraft).topics);
    return targets;
  }

  /** Whether a partition of the topic has moved. */
  #balanceTopic(topic: Topic): boolean {
    const levels = this.#levels;
    if (levels.start(topic.subscribers) <= 1) return false;
    const owned = partitionsByOwner(topic);
    let hasMoved = false;
    while (!levels.areBalanced) {
      const most = this.#mostLoadedOwner(owned);
      if (most === undefined) break;
      const partition = (owned.get(most) as number[]).pop() as number;
      const least = levels.takeLeast();
      if (levels.areBalanced) break;
      this.#give(topic, partition, least);
      hasMoved = true;
    }
    return hasMoved;
  }

  /** The next of the most loaded subscribers that had partitions of the topic before it was balanced and has some left. */
  #mostLoadedOwner(owned: ReadonlyMap<number, readonly number[]>): number | undefined {
    for (;;) {
      const most = this.#levels.takeMost();
      if (most === undefined || (owned.get(most)?.length ?? 0) > 0) return most;
      this.#levels.excludeMost();
    }
  }

  #give({ topicId, owners }: Topic, partition: number, member: number): void {
    const before = owners[partition] as number;
    if (before !== NOBODY) {
      (this.#drafts[before] as AssignmentDraft).remove(topicId, partition);
      this.#sizes[before] = (this.#sizes[before] as number) - 1;
    }
    (this.#drafts[member] as AssignmentDraft).add(topicId, partition);
    this.#sizes[member] = (this.#sizes[member] as number) + 1;
    owners[partition] = member;
  }
}

function partitionsByOwner({ owners }: Topic): Map<number, number[]> {
  const owned = new Map<number, number[]>();
  owners.forEach((owner, partition) => {
    const known = owned.get(owner);
    if (known === undefined) owned.set(owner, [partition]);
    else known.push(partition);
  });
  return owned;
}

/** Topics with most partitions for a subscriber first, then those with fewer subscribers, then by id. */
function hardestFirst(one: Topic, other: Topic): number {
  const byShare = other.owners.length / other.subscribers.length - one.owners.length / one.subscribers.length;
  if (byShare !== 0) return byShare;
  const bySubscribers = one.subscribers.length - other.subscribers.length;
  return bySubscribers !== 0 ? bySubscribers : compareUuids(one.idBytes, other.idBytes);
}

/** As Java compares them: two signed numbers of 64 bits. */
function compareUuids(one: DataView, other: DataView): number {
  for (const at of [0, 8]) {
    const a = one.getBigInt64(at);
    const b = other.getBigInt64(at);
    if (a !== b) return a < b ? -1 : 1;
  }
  return 0;
}
