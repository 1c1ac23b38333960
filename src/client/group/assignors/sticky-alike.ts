// Sticky assignment where all members subscribe to the same topics: everybody keeps what he had up to an equal share, and who has too
// little gets the rest in turn (Kafka: AbstractStickyAssignor, constrained).
import { compareText } from './assignor.ts';
import { type Owners, type Partition, partitionOf } from './sticky-owners.ts';

export interface StickyResult {
  readonly shares: Map<string, Partition[]>;
  /** What another had until now, by name → who is to have it; undefined: to be found by comparing. */
  readonly moving: Map<string, string> | undefined;
}

export function assignAlike(owners: Owners, counts: ReadonlyMap<string, number>): StickyResult {
  return new AlikeAssignment(owners, counts).run();
}

class AlikeAssignment {
  readonly #owners: Owners;
  readonly #counts: ReadonlyMap<string, number>;
  readonly #least: number;
  readonly #most: number;
  /** How many members are to have one more than the least. */
  readonly #larger: number;
  #largerSoFar = 0;
  readonly #shares = new Map<string, Partition[]>();
  readonly #given = new Set<string>();
  readonly #givenUp = new Map<string, string>();
  readonly #moving = new Map<string, string>();
  /** Members with less than the least, and with just that who may get one more. */
  #below: string[] = [];
  #atLeast: string[] = [];

  constructor(owners: Owners, counts: ReadonlyMap<string, number>) {
    this.#owners = owners;
    this.#counts = counts;
    const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
    const members = owners.members.length;
    this.#least = Math.floor(total / members);
    this.#most = Math.ceil(total / members);
    this.#larger = total % members;
  }

  run(): StickyResult {
    // Kafka walks its map of members in Java's order, in which they stand here.
    for (const { memberId } of this.#owners.members) this.#keep(memberId);
    this.#below.sort(compareText);
    this.#atLeast.sort(compareText);
    this.#fill();
    return { shares: this.#shares, moving: this.#moving };
  }

  #keep(memberId: string): void {
    const { owned, disputed } = this.#owners;
    const own = (owned.get(memberId) ?? [])
      .filter(({ name }) => !disputed.has(name))
      .sort((a, b) => a.partition - b.partition || compareText(a.topic, b.topic));
    const mayBeLarger = this.#largerSoFar < this.#larger;
    let kept = own.length;
    if (own.length < this.#least) this.#below.push(memberId);
    else if (own.length >= this.#most && mayBeLarger) {
      kept = this.#most;
      this.#countLarger();
    } else {
      kept = this.#least;
      if (mayBeLarger) this.#atLeast.push(memberId);
    }
    const share = own.slice(0, kept);
    this.#shares.set(memberId, share);
    for (const { name } of share) this.#given.add(name);
    for (const { name } of own.slice(kept)) this.#givenUp.set(name, memberId);
  }

  #countLarger(): void {
    if (++this.#largerSoFar === this.#larger) this.#atLeast = [];
  }

  #fill(): void {
    let next = 0;
    for (const partition of this.#unassigned()) {
      if (next >= this.#below.length) next = 0;
      const isBelow = this.#below.length > 0;
      const memberId = isBelow ? (this.#below[next] as string) : this.#atLeast.shift();
      if (memberId === undefined) throw new Error('no member is left for a partition');
      const size = this.#give(partition, memberId);
      if (isBelow && size === this.#least) {
        this.#below.splice(next, 1);
        this.#atLeast.push(memberId);
      } else {
        if (size === this.#most) this.#largerSoFar++;
        next++;
      }
    }
  }

  #give(partition: Partition, memberId: string): number {
    const share = this.#shares.get(memberId) as Partition[];
    share.push(partition);
    const before = this.#givenUp.get(partition.name);
    if ((before !== undefined && before !== memberId) || this.#owners.disputed.has(partition.name)) {
      this.#moving.set(partition.name, memberId);
    }
    return share.length;
  }

  *#unassigned(): Generator<Partition> {
    for (const topic of [...this.#counts.keys()].sort(compareText)) {
      for (let index = 0; index < (this.#counts.get(topic) as number); index++) {
        const partition = partitionOf(topic, index);
        if (!this.#given.has(partition.name)) yield partition;
      }
    }
  }
}
