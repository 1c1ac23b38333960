// The follower's side of an incremental fetch session (KIP-227; Kafka: FetchSessionHandler): the leader remembers what was
// asked, so a request names only what has changed. Pure: what comes in is which partitions are wanted, and how a request ended.
import { Errors } from '../../protocol/index.ts';
import type { FollowedPartition } from './followed-partition.ts';

const NO_SESSION = 0;
/** Names all partitions, and asks for a session. */
const FULL = 0;
const LARGEST_EPOCH = 0x7fff_ffff;

export interface SessionStep {
  readonly sessionId: number;
  readonly sessionEpoch: number;
  readonly asked: readonly FollowedPartition[];
  readonly forgotten: readonly FollowedPartition[];
}

export class FetcherSession {
  #id = NO_SESSION;
  #epoch = FULL;
  readonly #wanted = new Map<string, FollowedPartition>();
  /** Wanted, and not as the leader remembers them. */
  readonly #changed = new Set<FollowedPartition>();
  /** What the leader remembers. */
  readonly #remembered = new Map<string, FollowedPartition>();
  readonly #unwanted = new Map<string, FollowedPartition>();

  get size(): number {
    return this.#wanted.size;
  }
  get(key: string): FollowedPartition | undefined {
    return this.#wanted.get(key);
  }

  /** It is to be asked for, from where it stands when the next request goes. */
  ask(followed: FollowedPartition): void {
    this.#wanted.set(followed.key, followed);
    this.#unwanted.delete(followed.key);
    this.#changed.add(followed);
  }

  /** It is left out of the next requests. */
  drop(followed: FollowedPartition): void {
    if (this.#wanted.get(followed.key) !== followed) return;
    this.#wanted.delete(followed.key);
    this.#changed.delete(followed);
    const remembered = this.#remembered.get(followed.key);
    if (remembered !== undefined) this.#unwanted.set(followed.key, remembered);
  }

  /** What the next request says. It must be followed by `answered` or `failed`. */
  next(): SessionStep {
    const { asked, forgotten } = this.#epoch === FULL ? this.#everything() : this.#changes();
    this.#changed.clear();
    this.#unwanted.clear();
    return { sessionId: this.#id, sessionEpoch: this.#epoch, asked, forgotten };
  }

  #everything() {
    this.#remembered.clear();
    for (const [key, followed] of this.#wanted) this.#remembered.set(key, followed);
    return { asked: [...this.#wanted.values()], forgotten: [] };
  }

  #changes() {
    const forgotten = [...this.#unwanted.values()];
    for (const { key } of forgotten) this.#remembered.delete(key);
    for (const followed of this.#changed) this.#remembered.set(followed.key, followed);
    return { asked: [...this.#changed], forgotten };
  }

  /** The leader has answered; `errorCode` is that of the whole answer. */
  answered(errorCode: number, sessionId: number): void {
    if (errorCode === Errors.FETCH_SESSION_ID_NOT_FOUND) this.#id = NO_SESSION;
    if (errorCode !== Errors.NONE || sessionId === NO_SESSION) {
      this.#id = errorCode === Errors.NONE ? NO_SESSION : this.#id;
      this.#epoch = FULL;
      return;
    }
    const isNew = this.#epoch === FULL || sessionId !== this.#id;
    this.#id = sessionId;
    this.#epoch = isNew || this.#epoch === LARGEST_EPOCH ? 1 : this.#epoch + 1;
  }

  /** There was no answer: whether the leader has seen the request is not known, so all is said again. */
  failed(): void {
    this.#epoch = FULL;
  }
}
