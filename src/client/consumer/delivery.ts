// Hands out what has been fetched: from one partition as long as it has something ready, then from the next, so that none starves.
import type { ConsumedRecord } from './consumed-record.ts';
import type { Decoder } from './decoding.ts';
import type { PartitionState } from './partition-state.ts';

export type AnyRecord = ConsumedRecord<unknown, unknown>;

export class Delivery {
  readonly #states: ReadonlyMap<string, PartitionState>;
  readonly #decoder: Decoder;
  readonly #most: number;
  #circle: PartitionState[] = [];
  #at = 0;

  /** `most`: records that are made ready of a partition at a time (max.poll.records). */
  constructor(states: ReadonlyMap<string, PartitionState>, decoder: Decoder, most: number) {
    this.#states = states;
    this.#decoder = decoder;
    this.#most = most;
  }

  /** Partitions have come or gone. */
  changed(): void {
    const current = this.#circle[this.#at];
    this.#circle = [...this.#states.values()];
    this.#at = Math.max(0, current === undefined ? 0 : this.#circle.indexOf(current));
  }

  /** A partition with something ready; undefined: nothing is. Throws what the next record of one cannot be read for. */
  next(): PartitionState | undefined {
    const { length } = this.#circle;
    for (let step = 0; step < length; step++) {
      const index = (this.#at + step) % length;
      const state = this.#circle[index] as PartitionState;
      if (!state.mayDeliver) continue;
      if (!state.hasReady) this.#decoder.prepare(state, this.#most);
      if (state.hasReady) {
        this.#at = index;
        return state;
      }
      if (state.failure !== undefined && !state.isDecoding && state.raw.length === 0) throw state.failure;
    }
    return undefined;
  }

  /** The turn is the next partition's. */
  turn(): void {
    if (this.#circle.length > 0) this.#at = (this.#at + 1) % this.#circle.length;
  }

  /** Up to `most` records, of as many partitions as it takes; `given` is told of each partition once. */
  take(most: number, given: (state: PartitionState) => void): AnyRecord[] {
    const records: AnyRecord[] = [];
    while (records.length < most) {
      let state: PartitionState | undefined;
      try {
        state = this.next();
      } catch (error) {
        // What comes before is handed out first; the error stays.
        if (records.length === 0) throw error;
      }
      if (state === undefined) break;
      given(state);
      if (records.length === 0 && state.readyAt === 0 && state.ready.length <= most) {
        const all = state.takeAll();
        this.turn();
        if (all.length === most) return all;
        records.push(...all);
        continue;
      }
      while (state.hasReady && records.length < most) records.push(state.take());
      this.turn();
    }
    return records;
  }
}
