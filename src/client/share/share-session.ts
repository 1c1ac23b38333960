// A share session with one broker (KIP-932; Kafka: ShareSessionHandler): which partitions it fetches from for this member, told once and
// then by what changes. All requests of a session, fetches and acknowledgements, count in one row. Pure.
export interface SharePartition {
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
  readonly name: string;
}

const INITIAL = 0;
const FINAL = -1;
const LARGEST_EPOCH = 0x7fffffff;

export class ShareSession {
  #epoch = INITIAL;
  #known = new Map<string, SharePartition>();

  /** Nothing can be acknowledged before it has begun. */
  get hasBegun(): boolean {
    return this.#epoch !== INITIAL;
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** What to name in the next request, so that it fetches from `wanted`. */
  change(wanted: readonly SharePartition[]): {
    readonly added: readonly SharePartition[];
    readonly forgotten: readonly SharePartition[];
  } {
    const names = new Map(wanted.map((one) => [one.name, one]));
    const added = wanted.filter(({ name, topicId }) => this.#known.get(name)?.topicId !== topicId);
    const forgotten = [...this.#known.values()].filter(({ name, topicId }) => names.get(name)?.topicId !== topicId);
    this.#known = names;
    return { added, forgotten: this.hasBegun ? forgotten : [] };
  }

  /** The broker has taken a request. */
  answered(): void {
    this.#epoch = this.#epoch === LARGEST_EPOCH ? 1 : this.#epoch + 1;
  }

  /** It is not known any more, or what was asked last may not have arrived. */
  reset(): void {
    this.#epoch = INITIAL;
    this.#known = new Map();
  }

  /** The epoch of the request that ends it. */
  end(): number {
    this.reset();
    return FINAL;
  }
}
