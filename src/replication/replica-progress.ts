// How far the followers of a partition have come, as the leader learns it from their fetches (Kafka: Replica, ReplicaState).
import { assert } from '../runtime/index.ts';

export class ReplicaProgress {
  readonly #localId: number;
  /** The offset that each follower fetches from next: it has what is below. */
  readonly #followers = new Map<number, number>();

  constructor(localId: number) {
    this.#localId = localId;
  }

  /** `brokerId` has everything below `offset`; `writtenEnd`: how far the leader itself has come. */
  fetched(brokerId: number, offset: number, writtenEnd: number): void {
    assert(brokerId !== this.#localId, 'the leader does not follow itself');
    assert(offset >= 0, 'offsets are not negative');
    assert(offset <= writtenEnd, 'a follower is not ahead of what its leader has written');
    this.#followers.set(brokerId, offset);
  }

  /** What all of `isr` have: at most `writtenEnd`, and no more than `highWatermark` when one has not been heard of. */
  replicatedEnd(isr: readonly number[], writtenEnd: number, highWatermark: number): number {
    let end = writtenEnd;
    if (isr.length <= 1) return end;
    for (const id of isr) {
      if (id !== this.#localId) end = Math.min(end, this.#followers.get(id) ?? highWatermark);
    }
    return end;
  }

  /** Whether every follower in `isr` is known to have everything below `offset`. */
  allHave(isr: readonly number[], offset: number): boolean {
    if (isr.length <= 1) return true;
    for (const id of isr) {
      if (id !== this.#localId && (this.#followers.get(id) ?? -1) < offset) return false;
    }
    return true;
  }

  /** Another leader, or another epoch of ours: followers have to be heard of again. */
  clear(): void {
    this.#followers.clear();
  }
}
