// Whether all that was written has been worked off, as clients can tell who ask a cluster: a broker that does not know yet that another
// leads may tell of an end that is none, so what is so has to be so for a while.

/** More than a follower takes between two fetches, and than a leader that is none any more needs to hear of it. */
export const LEARNS_END_MS = 2_000;

const NEVER = Number.POSITIVE_INFINITY;

interface PartitionEnd {
  readonly partition: number;
  readonly offset: number;
}

export class EndSeen {
  #sinceMs = NEVER;
  readonly #ends = new Map<number, number>();

  /**
   * `nowMs`: monotonic, of this look; `ends`: of the partitions. True when everything has been done with for LEARNS_END_MS, and nobody has
   * told otherwise since.
   */
  look(isWhole: boolean, nowMs: number, ends: readonly PartitionEnd[]): boolean {
    this.#sinceMs = isWhole ? Math.min(this.#sinceMs, nowMs) : NEVER;
    for (const { partition, offset } of ends) this.#ends.set(partition, offset);
    return nowMs - this.#sinceMs >= LEARNS_END_MS;
  }

  /** What a producer had given up may be written yet, when its network sends it again: that is behind the end as it was last seen. */
  reaches(partition: number, offset: number): boolean {
    return offset < (this.#ends.get(partition) ?? 0);
  }
}
