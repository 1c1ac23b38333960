// Sticky assignment where members subscribe to different topics: what may stay stays, the rest goes to whoever has least, and then
// partitions are moved as long as that makes shares more even (Kafka: AbstractStickyAssignor, general).
import { compareText } from './assignor.ts';
import { Movements } from './sticky-movements.ts';
import { NO_GENERATION, type Owners, type Partition, partitionOf, type StickyMember } from './sticky-owners.ts';

export function assignMixed(owners: Owners, counts: ReadonlyMap<string, number>): Map<string, Partition[]> {
  return new MixedAssignment(owners, counts).run();
}

interface Previous {
  readonly memberId: string;
  readonly generation: number;
}

class MixedAssignment {
  readonly #owners: Owners;
  readonly #counts: ReadonlyMap<string, number>;
  readonly #topicsOf = new Map<string, ReadonlySet<string>>();
  /** How many members may read the topic. */
  readonly #readers = new Map<string, string[]>();
  readonly #all = new Map<string, Partition>();
  #shares = new Map<string, Partition[]>();
  #ownerOf = new Map<string, string>();
  /** Those that may still change, by size of share, then by id. */
  #bySize: string[] = [];
  readonly #previous = new Map<string, Previous>();
  readonly #movements = new Movements();
  #hasRevoked = false;

  constructor(owners: Owners, counts: ReadonlyMap<string, number>) {
    this.#owners = owners;
    this.#counts = counts;
    for (const topic of counts.keys()) this.#readers.set(topic, []);
    for (const { memberId, topics } of owners.members) {
      const known = new Set(topics.filter((topic) => counts.has(topic)));
      this.#topicsOf.set(memberId, known);
      for (const topic of known) this.#readers.get(topic)?.push(memberId);
    }
    const order = [...counts.keys()].sort((a, b) => this.#readersOf(a) - this.#readersOf(b) || compareText(a, b));
    for (const topic of order) {
      for (let index = 0; index < (counts.get(topic) as number); index++) {
        const partition = partitionOf(topic, index);
        this.#all.set(partition.name, partition);
      }
    }
  }

  run(): Map<string, Partition[]> {
    for (const member of this.#owners.members) this.#remember(member);
    for (const { memberId } of this.#owners.members) this.#keep(memberId);
    const unassigned = [...this.#all.values()].filter(({ name }) => !this.#isKept(name));
    this.#bySize = [...this.#shares.keys()].sort((a, b) => this.#compare(a, b));
    this.#balance(unassigned);
    return this.#shares;
  }

  #readersOf(topic: string): number {
    return this.#readers.get(topic)?.length ?? 0;
  }

  /** Who had it before those of the newest generation. */
  #remember({ memberId, claim }: StickyMember): void {
    const { maxGeneration } = this.#owners;
    const generation = claim.generation ?? NO_GENERATION;
    if (generation >= maxGeneration) return;
    for (const { name } of claim.owned) {
      const known = this.#previous.get(name);
      if (known === undefined || generation > known.generation) this.#previous.set(name, { memberId, generation });
    }
  }

  #keep(memberId: string): void {
    const topics = this.#topicsOf.get(memberId);
    const kept: Partition[] = [];
    for (const partition of this.#owners.owned.get(memberId) ?? []) {
      this.#ownerOf.set(partition.name, memberId);
      if (topics?.has(partition.topic) === true) kept.push(partition);
      else this.#hasRevoked = true;
    }
    this.#shares.set(memberId, kept);
  }

  #isKept(name: string): boolean {
    const owner = this.#ownerOf.get(name);
    return owner !== undefined && this.#shares.get(owner)?.some((one) => one.name === name) === true;
  }

  #balance(unassigned: readonly Partition[]): void {
    const isFirst = this.#sizeOf(this.#bySize.at(-1)) === 0;
    for (const partition of unassigned) this.#giveToSmallest(partition);
    const movable = ({ topic }: Partition): boolean => this.#readersOf(topic) >= 2;
    const fixed = this.#setFixedApart();
    const [sharesBefore, ownersBefore] = [copied(this.#shares), new Map(this.#ownerOf)];
    // Where nothing is revoked anyway, what is new is moved first.
    if (!this.#hasRevoked) this.#moveSome(unassigned.filter(movable));
    const hasMoved = this.#moveSome([...this.#all.values()].filter(movable));
    if (!isFirst && hasMoved && unevenness(this.#shares) >= unevenness(sharesBefore)) {
      this.#shares = sharesBefore;
      this.#ownerOf = ownersBefore;
    }
    for (const [memberId, share] of fixed) this.#shares.set(memberId, share);
  }

  #giveToSmallest(partition: Partition): void {
    const memberId = this.#bySize.find((one) => this.#topicsOf.get(one)?.has(partition.topic) === true);
    if (memberId === undefined) return;
    this.#resize([memberId], () => this.#shares.get(memberId)?.push(partition));
    this.#ownerOf.set(partition.name, memberId);
  }

  /** Members whose shares cannot change. */
  #setFixedApart(): Map<string, Partition[]> {
    const fixed = new Map<string, Partition[]>();
    for (const { memberId } of this.#owners.members) {
      const share = this.#shares.get(memberId) as Partition[];
      const mayChange =
        share.length < this.#mostFor(memberId) || share.some(({ topic }) => this.#readersOf(topic) >= 2);
      if (mayChange) continue;
      fixed.set(memberId, share);
      this.#shares.delete(memberId);
      this.#bySize.splice(this.#bySize.indexOf(memberId), 1);
    }
    return fixed;
  }

  #mostFor(memberId: string): number {
    let most = 0;
    for (const topic of this.#topicsOf.get(memberId) ?? []) most += this.#counts.get(topic) as number;
    return most;
  }

  #moveSome(partitions: readonly Partition[]): boolean {
    let hasMoved = false;
    let isModified: boolean;
    do {
      isModified = false;
      for (const partition of partitions) {
        if (this.#isBalanced()) break;
        const target = this.#betterPlace(partition);
        if (target === undefined) continue;
        this.#move(partition, target);
        isModified = true;
      }
      hasMoved ||= isModified;
    } while (isModified);
    return hasMoved;
  }

  #betterPlace({ name, topic }: Partition): string | undefined {
    const size = this.#sizeOf(this.#ownerOf.get(name));
    const previous = this.#previous.get(name)?.memberId;
    // Kafka fails where that one cannot change any more.
    const mayHaveIt = previous !== undefined && this.#shares.has(previous);
    if (mayHaveIt && size > this.#sizeOf(previous) + 1) return previous;
    const hasBetter = this.#readers.get(topic)?.some((other) => size > this.#sizeOf(other) + 1) === true;
    return hasBetter ? this.#bySize.find((one) => this.#topicsOf.get(one)?.has(topic) === true) : undefined;
  }

  #move(wanted: Partition, to: string): void {
    const wantedFrom = this.#ownerOf.get(wanted.name) as string;
    const partition = this.#all.get(this.#movements.actual(wanted, wantedFrom, to)) as Partition;
    const from = this.#ownerOf.get(partition.name) as string;
    this.#movements.moved(partition, from, to);
    this.#resize([from, to], () => {
      const share = this.#shares.get(from) as Partition[];
      share.splice(
        share.findIndex(({ name }) => name === partition.name),
        1,
      );
      this.#shares.get(to)?.push(partition);
    });
    this.#ownerOf.set(partition.name, to);
  }

  /** No partition could go to somebody who has at least two less. */
  #isBalanced(): boolean {
    const { length } = this.#bySize;
    if (length === 0 || this.#sizeOf(this.#bySize[0]) >= this.#sizeOf(this.#bySize[length - 1]) - 1) return true;
    for (const memberId of this.#bySize) {
      const size = this.#sizeOf(memberId);
      if (size === this.#mostFor(memberId)) continue;
      for (const topic of this.#topicsOf.get(memberId) ?? []) {
        for (let index = 0; index < (this.#counts.get(topic) as number); index++) {
          const owner = this.#ownerOf.get(`${topic} ${index}`);
          if (owner !== memberId && size + 1 < this.#sizeOf(owner)) return false;
        }
      }
    }
    return true;
  }

  #sizeOf(memberId: string | undefined): number {
    return this.#shares.get(memberId ?? '')?.length ?? 0;
  }

  #compare(a: string, b: string): number {
    return this.#sizeOf(a) - this.#sizeOf(b) || compareText(a, b);
  }

  /** Does `change` to the shares of these, and finds their places again. */
  #resize(memberIds: readonly string[], change: () => void): void {
    for (const memberId of memberIds) {
      const at = this.#bySize.indexOf(memberId);
      if (at >= 0) this.#bySize.splice(at, 1);
    }
    change();
    for (const memberId of memberIds) {
      const at = this.#bySize.findIndex((other) => this.#compare(memberId, other) < 0);
      if (at < 0) this.#bySize.push(memberId);
      else this.#bySize.splice(at, 0, memberId);
    }
  }
}

function copied(shares: ReadonlyMap<string, Partition[]>): Map<string, Partition[]> {
  return new Map([...shares].map(([memberId, share]) => [memberId, [...share]]));
}

/** The differences between the shares of all pairs, summed up. */
function unevenness(shares: ReadonlyMap<string, readonly Partition[]>): number {
  const sizes = [...shares.values()].map(({ length }) => length);
  let sum = 0;
  for (let one = 0; one < sizes.length; one++) {
    for (let other = one + 1; other < sizes.length; other++) {
      sum += Math.abs((sizes[one] as number) - (sizes[other] as number));
    }
  }
  return sum;
}
