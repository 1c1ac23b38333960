// How long something takes, or how large it is: counted in buckets whose width grows with the value, a quarter of a power of two
// each, so that a quantile is right to an eighth. Counting is arithmetic on integers, and allocates nothing.

const STEPS_PER_OCTAVE = 4;
const OCTAVES = 32;
const BUCKETS = STEPS_PER_OCTAVE * OCTAVES;
const LARGEST = 2 ** 31 - 1;
/** Quantiles are of this window and the one before it. */
const WINDOW_MS = 60_000;

/** The bucket of a whole number from 0 to LARGEST. */
function bucketOf(value: number): number {
  if (value < STEPS_PER_OCTAVE) return value;
  const octave = 31 - Math.clz32(value);
  return (octave - 1) * STEPS_PER_OCTAVE + ((value >> (octave - 2)) & (STEPS_PER_OCTAVE - 1));
}

/** The smallest value of a bucket. */
function floorOf(bucket: number): number {
  if (bucket < STEPS_PER_OCTAVE) return bucket;
  const octave = Math.floor(bucket / STEPS_PER_OCTAVE) + 1;
  return (STEPS_PER_OCTAVE + (bucket % STEPS_PER_OCTAVE)) * 2 ** (octave - 2);
}

export class Distribution {
  sum = 0;
  /** Bucket 0 is a field: most of what never waits or is never throttled costs no look into the buckets. */
  #zeros = 0;
  #others = 0;
  readonly #all = new Float64Array(BUCKETS);
  /** What the buckets held when this window began, and the one before it: counting itself touches one array. */
  #atStart = new Float64Array(BUCKETS);
  #atStartBefore = new Float64Array(BUCKETS);
  #windowEndMs = 0;
  readonly #whole: Distribution | undefined;

  /** `whole` counts each event: one that is not recorded here counts as a 0, which costs nothing, as most waits and throttles do. */
  constructor(whole?: Distribution) {
    this.#whole = whole;
  }

  get count(): number {
    return this.#whole?.count ?? this.#zeros + this.#others;
  }

  /** `value` is counted as a whole number, `weight` times; `nowMs`: of a clock that does not go back. */
  record(value: number, nowMs: number, weight = 1): void {
    if (nowMs >= this.#windowEndMs) this.#turnTo(nowMs);
    const whole = Math.min(LARGEST, Math.max(0, value)) | 0;
    this.sum += value * weight;
    if (whole === 0) {
      this.#zeros += weight;
      return;
    }
    const bucket = bucketOf(whole);
    this.#others += weight;
    this.#all[bucket] = (this.#all[bucket] as number) + weight;
  }

  /** The values of the last minute or two below which these parts of them lie; 0 where there are none. */
  quantiles(parts: readonly number[], nowMs: number): number[] {
    if (nowMs >= this.#windowEndMs) this.#turnTo(nowMs);
    let total = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) total += this.#counted(bucket);
    if (total === 0) return parts.map(() => 0);
    return parts.map((part) => this.#quantile(part * total));
  }

  /** How many of all values are below `edge`, which has to be a power of two. */
  below(edge: number): number {
    const end = bucketOf(edge);
    let count = 0;
    for (let bucket = 0; bucket < end; bucket++) count += this.#inAll(bucket);
    return count;
  }

  #quantile(rank: number): number {
    let passed = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const here = this.#counted(bucket);
      if (here > 0 && passed + here >= rank) {
        const floor = floorOf(bucket);
        const width = floorOf(bucket + 1) - floor;
        return width === 1 ? floor : floor + ((rank - passed) / here) * width;
      }
      passed += here;
    }
    return LARGEST;
  }

  #counted(bucket: number): number {
    return this.#inAll(bucket) - (this.#atStartBefore[bucket] as number);
  }

  #inAll(bucket: number): number {
    return bucket === 0 ? this.count - this.#others : (this.#all[bucket] as number);
  }

  #turnTo(nowMs: number): void {
    const isLate = nowMs >= this.#windowEndMs + WINDOW_MS;
    [this.#atStartBefore, this.#atStart] = [this.#atStart, this.#atStartBefore];
    this.#atStart.set(this.#all);
    this.#atStart[0] = this.count - this.#others;
    if (isLate) this.#atStartBefore.set(this.#atStart);
    this.#windowEndMs = nowMs + WINDOW_MS;
  }
}
