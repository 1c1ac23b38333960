// The promises of E.3 that are judged from inside, after every event: what each node believes, and what is on its disk. Cheap:
// an image is looked at when it is another one than before.
import type { MetadataImage } from '../../../src/kraft/metadata/index.ts';
import type { Leadership } from '../../../src/kraft/raft/index.ts';
import type { Cluster } from './cluster.ts';
import { checkDisks } from './disk-checks.ts';
import { DurableQuorum } from './durable-quorum.ts';
import { QuorumWatch } from './quorum-watch.ts';
import { ReplicaWatch } from './replica-watch.ts';
import { ensure, Violation } from './violation.ts';

interface SeenPartition {
  leaderEpoch: number;
  partitionEpoch: number;
}

/** The dear ones are judged every so many events; what a new leader of the quorum commits first, at once. */
const DURABLE_EVERY = 500;
const REPLICAS_EVERY = 20;

export class Invariants {
  readonly #cluster: Cluster;
  readonly #found: (violation: Violation) => void;
  /** By node. */
  readonly #images: MetadataImage[] = [];
  /** Partition and epoch → what was decided in it, by whichever node told it first. */
  readonly #decided = new Map<string, string>();
  readonly #seen = new Map<string, SeenPartition>();
  readonly #quorum: QuorumWatch;
  readonly #replicas: ReplicaWatch;
  readonly #durable: DurableQuorum;
  readonly #leaderEpochs = new Set<string>();
  /** Broker and its epoch → which of its processes. */
  readonly #owners = new Map<string, number>();
  #committed = { offset: -1, epoch: -1 };
  #events = 0;
  #hasDiskChanged = true;

  constructor(cluster: Cluster, found: (violation: Violation) => void) {
    this.#cluster = cluster;
    this.#found = found;
    this.#quorum = new QuorumWatch(cluster);
    this.#replicas = new ReplicaWatch(cluster);
    this.#durable = new DurableQuorum(cluster);
  }

  /** How much has happened: epochs of the quorum with a leader, and of partitions. */
  get stats(): { readonly elections: number; readonly leaderEpochs: number } {
    return { elections: this.#quorum.elections, leaderEpochs: this.#leaderEpochs.size };
  }

  /** Files or names on one of the disks are not what they were. */
  diskChanged(): void {
    this.#hasDiskChanged = true;
  }

  check(): void {
    try {
      if (this.#hasDiskChanged) this.#quorum.check();
      this.#hasDiskChanged = false;
      if (this.#events % REPLICAS_EVERY === 0) this.#replicas.check();
      const before = this.#committed.epoch;
      for (const one of this.#cluster.nodes) {
        const { node, id } = one;
        const image = node?.image;
        if (node === undefined || image === undefined || this.#images[id] === image) continue;
        this.#images[id] = image;
        this.#durable.noteVoters(node);
        this.#checkLeader(id, node.quorumLeader, image);
        this.#checkEpoch(id, one.lives, image);
        if (image.provenance.offset > this.#committed.offset) this.#committed = image.provenance;
        this.#checkImage(id, one.lives, image);
      }
      const isDue = ++this.#events % DURABLE_EVERY === 0 || this.#committed.epoch !== before;
      if (isDue && this.#committed.offset >= 0) this.#durable.check(this.#committed);
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      this.#found(error);
    }
  }

  /** When all nodes have stopped. Throws Violation. */
  atEnd(): void {
    checkDisks(this.#cluster);
  }

  /** R5: what a leader commits first ends with a record of its own epoch (Raft, section 5.4.2). */
  #checkLeader(id: number, leadership: Leadership, { provenance }: MetadataImage): void {
    if (leadership.leaderId !== id || provenance.offset <= this.#committed.offset) return;
    ensure(
      provenance.epoch >= leadership.epoch,
      'R5',
      () =>
        `${id} leads in epoch ${leadership.epoch} and commits ${provenance.offset} of ${provenance.epoch} by counting`,
    );
  }

  /** C5: a process that serves is registered under an epoch that none before it had. */
  #checkEpoch(id: number, lives: number, { cluster }: MetadataImage): void {
    const epoch = cluster.brokers.get(id)?.epoch;
    if (epoch === undefined) return;
    const key = `${id} ${epoch}`;
    const owner = this.#owners.get(key) ?? lives;
    ensure(owner === lives, 'C5', () => `process ${lives} of broker ${id} has the epoch ${epoch}, as ${owner} had`);
    this.#owners.set(key, lives);
  }

  /** C2 and C3, and that all nodes are told the same of the same epoch. */
  #checkImage(id: number, lives: number, image: MetadataImage): void {
    for (const topic of image.topics.byName.values()) {
      for (const [index, partition] of topic.partitions.entries()) {
        if (partition === undefined) continue;
        const { leader, leaderEpoch, partitionEpoch, isr, replicas } = partition;
        const name = `${topic.name}-${index}`;
        const words = `leader ${leader} in ${leaderEpoch}, isr ${isr.join()}, replicas ${replicas.join()}`;
        ensure(leader === -1 || isr.includes(leader), 'C3', () => `${name} has ${words}`);
        ensure(
          isr.every((one) => replicas.includes(one)),
          'C3',
          () => `${name} has ${words}`,
        );
        // The last one is kept, so that somebody knows what is committed.
        ensure(
          isr.length === 1 || isr.every((one) => image.cluster.brokers.get(one)?.isFenced !== true),
          'C3',
          () => `${name} has ${words}, of whom one is fenced`,
        );
        const key = `${topic.id} ${index} ${partitionEpoch}`;
        const decided = this.#decided.get(key) ?? words;
        ensure(
          decided === words,
          'C1',
          () => `${name} in ${partitionEpoch} has ${words} on ${id}, elsewhere ${decided}`,
        );
        this.#decided.set(key, words);
        this.#leaderEpochs.add(`${topic.id} ${index} ${leaderEpoch}`);
        const seenKey = `${id} ${lives} ${topic.id} ${index}`;
        const seen = this.#seen.get(seenKey);
        ensure(
          seen === undefined || (leaderEpoch >= seen.leaderEpoch && partitionEpoch >= seen.partitionEpoch),
          'C2',
          () => `${name} on ${id} goes back from ${seen?.leaderEpoch}/${seen?.partitionEpoch} to ${words}`,
        );
        this.#seen.set(seenKey, { leaderEpoch, partitionEpoch });
      }
    }
  }
}
