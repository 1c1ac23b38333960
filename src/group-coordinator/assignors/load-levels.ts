// Members of a topic in the order of their load, while partitions go to those that have least and come from those that have
// most (Kafka: MemberAssignmentBalancer in UniformHeterogeneousAssignmentBuilder). Two plateaus are kept: [0, #lowEnd) are
// the members that have least, all the same number, and get one partition each in turn; when all have got theirs the
// plateau is one higher, and takes in those that have so many already. [#highStart, #highEnd) are those that have most, and
// give in turn. Behind #highEnd stand members that have nothing to give.

export class LoadLevels {
  /** Partitions of each member by its index; changed by whoever moves partitions. */
  readonly #loads: Int32Array;
  #order: number[] = [];
  #lowEnd = 0;
  #lowLevel = 0;
  #nextLow = 0;
  #highStart = 0;
  #highEnd = 0;
  #highLevel = 0;
  #nextHigh = 0;

  constructor(loads: Int32Array) {
    this.#loads = loads;
  }

  /** Begins with these members, one at least. Returns how far apart the most and the least loaded are. */
  start(members: readonly number[]): number {
    this.#order = [...members].sort((one, other) => this.#loadOf(one) - this.#loadOf(other) || one - other);
    const lowest = this.#loadAt(0);
    const highest = this.#loadAt(this.#order.length - 1);
    this.#lowEnd = 0;
    this.#lowLevel = lowest - 1;
    this.#nextLow = 0;
    this.#highStart = this.#order.length;
    this.#highEnd = this.#order.length;
    this.#highLevel = highest + 1;
    this.#nextHigh = this.#order.length - 1;
    return highest - lowest;
  }

  /** The plateaus are at most one apart: moving a partition makes nothing better. */
  get areBalanced(): boolean {
    return this.#highLevel - this.#lowLevel <= 1;
  }

  /** The member to give a partition to; it is taken to get it. */
  takeLeast(): number {
    if (this.#nextLow >= this.#lowEnd) {
      this.#lowLevel += 1;
      while (this.#lowEnd < this.#order.length && this.#loadAt(this.#lowEnd) === this.#lowLevel) this.#lowEnd += 1;
      this.#nextLow = 0;
    }
    const member = this.#order[this.#nextLow] as number;
    this.#nextLow += 1;
    return member;
  }

  /** The member to take a partition from; undefined when none is left. */
  takeMost(): number | undefined {
    if (this.#nextHigh < this.#highStart) {
      // When all of the plateau were excluded the next one is wherever the next member stands.
      const isEmpty = this.#highEnd <= this.#highStart && this.#highStart > 0;
      this.#highLevel = isEmpty ? this.#loadAt(this.#highStart - 1) : this.#highLevel - 1;
      while (this.#highStart > 0 && this.#loadAt(this.#highStart - 1) === this.#highLevel) this.#highStart -= 1;
      this.#nextHigh = this.#highEnd - 1;
    }
    if (this.#nextHigh < 0) return undefined;
    const member = this.#order[this.#nextHigh] as number;
    this.#nextHigh -= 1;
    return member;
  }

  /** The member that was taken last has nothing to give: it leaves the plateau. */
  excludeMost(): void {
    const at = this.#nextHigh + 1;
    const member = this.#order[at] as number;
    this.#highEnd -= 1;
    this.#order[at] = this.#order[this.#highEnd] as number;
    this.#order[this.#highEnd] = member;
  }

  #loadOf(member: number): number {
    return this.#loads[member] as number;
  }
  #loadAt(place: number): number {
    return this.#loadOf(this.#order[place] as number);
  }
}
