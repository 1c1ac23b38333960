// The forms in which a program reads: record by record, by batches of one partition, or many records at a time (for-each.ts). In each of
// them asking for more says that what was given before is done.
import { ClosedError } from '../errors.ts';
import type { ConsumedRecord } from './consumed-record.ts';
import type { ConsumerCore } from './consumer-core.ts';
import type { AnyRecord } from './delivery.ts';
import type { PartitionState } from './partition-state.ts';

/** Records of one partition, in order. */
export interface RecordBatch<K, V> {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly ConsumedRecord<K, V>[];
  /** As the last answer told it. */
  readonly highWatermark: number;
  /** Commits that the program is done with these. Rejects with ClientError. */
  commit(): Promise<void>;
}

/** Records by one, until the consumer is closed. */
export class RecordIterator<K, V> implements AsyncIterableIterator<ConsumedRecord<K, V>, undefined> {
  readonly #core: ConsumerCore;
  readonly #ended: () => void;
  /** The partition of the record that the program has. */
  #held: PartitionState | undefined;
  #version = 0;
  #isOver = false;

  constructor(core: ConsumerCore, ended: () => void) {
    this.#core = core;
    this.#ended = ended;
    core.settle = () => this.#settle();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<ConsumedRecord<K, V>, undefined>> {
    const held = this.#held;
    if (held !== undefined) {
      this.#settle();
      if (held.hasReady && held.mayDeliver && !this.#core.isClosed) {
        return Promise.resolve({ done: false, value: held.take() as ConsumedRecord<K, V> });
      }
      this.#letGo();
    }
    return this.#wait();
  }

  /** What the program has is not done: whoever reads next gets what follows it, and it is not committed before that. */
  return(): Promise<IteratorResult<ConsumedRecord<K, V>, undefined>> {
    this.#letGo();
    this.#end();
    return Promise.resolve({ done: true, value: undefined });
  }

  #settle(): void {
    const held = this.#held;
    if (held !== undefined && held.version === this.#version) held.done(held.position, held.takenEpoch);
  }

  #letGo(): void {
    if (this.#held !== undefined) this.#core.handover.back(this.#held);
    this.#held = undefined;
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#ended();
  }

  async #wait(): Promise<IteratorResult<ConsumedRecord<K, V>, undefined>> {
    const core = this.#core;
    for (;;) {
      if (core.isClosed || this.#isOver) break;
      core.come();
      core.throwFault();
      const state = core.delivery.next();
      core.advance();
      if (state !== undefined) {
        core.handover.give(state);
        this.#held = state;
        this.#version = state.version;
        return { done: false, value: state.take() as ConsumedRecord<K, V> };
      }
      await core.waitForNews();
    }
    this.#end();
    return { done: true, value: undefined };
  }
}

/** What `poll` has given, until it is called again. */
export class Polled {
  readonly #core: ConsumerCore;
  readonly #given = new Map<PartitionState, number>();

  constructor(core: ConsumerCore) {
    this.#core = core;
  }

  /** The program is done with it: it has come for more, or says so. */
  settle(): void {
    for (const [state, version] of this.#given) {
      if (state.version === version) state.done(state.position, state.takenEpoch);
    }
  }

  back(): void {
    this.settle();
    for (const state of this.#given.keys()) this.#core.handover.back(state);
    this.#given.clear();
  }

  take(most: number): AnyRecord[] {
    return this.#core.delivery.take(most, (state) => {
      if (this.#given.has(state)) return;
      this.#core.handover.give(state);
      this.#given.set(state, state.version);
    });
  }

  /** Of one partition, whatever is ready. */
  takeBatch(): { readonly state: PartitionState; readonly records: AnyRecord[] } | undefined {
    const state = this.#core.delivery.next();
    if (state === undefined) return undefined;
    this.#core.handover.give(state);
    this.#given.set(state, state.version);
    const records = state.readyAt === 0 ? state.takeAll() : [];
    while (state.hasReady) records.push(state.take());
    this.#core.delivery.turn();
    return { state, records };
  }
}

export async function* batchesFrom<K, V>(
  core: ConsumerCore,
  polled: Polled,
  commit: (state: PartitionState, offset: number, epoch: number) => Promise<void>,
): AsyncGenerator<RecordBatch<K, V>, void, void> {
  while (!core.isClosed) {
    polled.back();
    core.come();
    core.throwFault();
    const taken = polled.takeBatch();
    core.advance();
    if (taken === undefined) {
      await core.waitForNews();
      continue;
    }
    const { state, records } = taken;
    const last = records.at(-1) as AnyRecord;
    yield {
      topic: state.topic,
      partition: state.partition,
      records: records as unknown as readonly ConsumedRecord<K, V>[],
      highWatermark: state.highWatermark,
      commit: () => commit(state, last.offset + 1, last.leaderEpoch),
    };
  }
}

/** Throws ClosedError. */
export function ensureOpen({ isClosed }: ConsumerCore): void {
  if (isClosed) throw new ClosedError('The consumer');
}
