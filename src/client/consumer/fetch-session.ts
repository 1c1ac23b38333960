// A fetch session with one broker (KIP-227; Kafka: FetchSessionHandler): both sides remember what is fetched, a request names only
// what has changed. Where the broker grants none every request is whole.
import type { PartitionState } from './partition-state.ts';

export interface WantedPartition {
  readonly state: PartitionState;
  readonly topicId: string;
  readonly leaderEpoch: number;
  readonly fetchOffset: number;
  readonly version: number;
}

export interface SessionRequest {
  readonly sessionId: number;
  readonly sessionEpoch: number;
  /** To be named in the request. */
  readonly named: readonly WantedPartition[];
  readonly forgotten: readonly WantedPartition[];
  /** All that the answer may speak of, by name. */
  readonly asked: ReadonlyMap<string, WantedPartition>;
}

const INITIAL = 0;
const FINAL = -1;
const LARGEST_EPOCH = 0x7fffffff;

export class FetchSession {
  #id = 0;
  #epoch = INITIAL;
  #known = new Map<string, WantedPartition>();

  get id(): number {
    return this.#id;
  }

  /** What to send to fetch all of `wanted`. */
  next(wanted: readonly WantedPartition[]): SessionRequest {
    const asked = new Map(wanted.map((one) => [one.state.name, one]));
    if (this.#epoch === INITIAL) {
      this.#known = asked;
      return { sessionId: this.#id, sessionEpoch: INITIAL, named: wanted, forgotten: [], asked };
    }
    const named: WantedPartition[] = [];
    const forgotten: WantedPartition[] = [];
    for (const one of wanted) {
      const before = this.#known.get(one.state.name);
      if (before !== undefined && before.topicId !== one.topicId) forgotten.push(before);
      if (before === undefined || isChanged(before, one)) named.push(one);
    }
    for (const [name, one] of this.#known) if (!asked.has(name)) forgotten.push(one);
    this.#known = asked;
    return { sessionId: this.#id, sessionEpoch: this.#epoch, named, forgotten, asked };
  }

  /** The broker has answered without an error. */
  answered(sessionId: number): void {
    if (sessionId === 0) this.reset();
    else if (this.#epoch === INITIAL) {
      this.#id = sessionId;
      this.#epoch = 1;
    } else this.#epoch = this.#epoch === LARGEST_EPOCH ? 1 : this.#epoch + 1;
  }

  /** The next request is whole. `hasLostId`: the broker knows nothing of the session; else the old one is closed by the way. */
  reset(hasLostId = true): void {
    if (hasLostId) this.#id = 0;
    this.#epoch = INITIAL;
    this.#known = new Map();
  }

  /** What closes it; undefined: there is none. */
  final(): { readonly sessionId: number; readonly sessionEpoch: number } | undefined {
    return this.#id === 0 ? undefined : { sessionId: this.#id, sessionEpoch: FINAL };
  }
}

function isChanged(before: WantedPartition, now: WantedPartition): boolean {
  return (
    before.fetchOffset !== now.fetchOffset || before.leaderEpoch !== now.leaderEpoch || before.topicId !== now.topicId
  );
}
