// Hands what is committed to the listeners, each offset once and in order: from memory where this node has appended it, else from the
// log, a slice per turn of the event loop, and from a snapshot where the log does not reach back.
import type { Clock } from '../../runtime/index.ts';
import type { CommittedBatch } from '../committed/index.ts';
import { loadSnapshot, readSlice } from './committed-history.ts';
import type { RaftListener, RecordSerde } from './raft-listener.ts';
import type { Leadership } from './raft-effects.ts';
import type { ReplicatedLog } from './replicated-log.ts';
import type { SnapshotFiles, SnapshotId } from './snapshot-files.ts';

export class ListenerDelivery<T> {
  readonly #log: ReplicatedLog;
  readonly #snapshots: SnapshotFiles;
  readonly #serde: RecordSerde<T>;
  readonly #clock: Clock;
  listeners: readonly RaftListener<T>[] = [];
  /** Appended by this node as leader, and not delivered yet. */
  #appended: CommittedBatch<T>[] = [];
  #deliveredOffset = 0;
  /** The leader that the listeners have been told of. */
  #told: Leadership = { epoch: -1, leaderId: undefined };

  constructor(parts: { log: ReplicatedLog; snapshots: SnapshotFiles; serde: RecordSerde<T>; clock: Clock }) {
    this.#log = parts.log;
    this.#snapshots = parts.snapshots;
    this.#serde = parts.serde;
    this.#clock = parts.clock;
  }

  /** Everything before was handed over. */
  get deliveredOffset(): number {
    return this.#deliveredOffset;
  }

  appended(batch: CommittedBatch<T>): void {
    this.#appended.push(batch);
  }

  /** What was appended may be cut off: it is read from the log when it is committed after all. */
  forgetAppended(): void {
    this.#appended = [];
  }

  /** Everything before `endOffset` is committed and flushed. Rejects with what listeners throw, CorruptBatchError, DiskError. */
  async deliver(endOffset: number): Promise<void> {
    while (this.#deliveredOffset < endOffset) {
      const snapshot = this.#dueSnapshot();
      if (snapshot !== undefined) {
        const loading = loadSnapshot(this.#snapshots, snapshot, this.#serde);
        const { provenance, batches } = await this.#inTurns(loading);
        for (const listener of this.listeners) {
          const taking = listener.handleSnapshot?.(provenance, batches);
          if (taking !== undefined) await this.#inTurns(taking);
        }
        this.#deliveredOffset = snapshot.endOffset;
        continue;
      }
      const batches = this.#next(endOffset);
      for (const listener of this.listeners) listener.handleCommit?.(batches);
      const last = batches.at(-1);
      if (last !== undefined) this.#deliveredOffset = last.lastOffset + 1;
      if (last !== undefined && batches !== this.#fromMemory && this.#deliveredOffset < endOffset) await this.#turn();
    }
  }

  tellLeadership(leadership: Leadership): void {
    if (leadership.epoch === this.#told.epoch && leadership.leaderId === this.#told.leaderId) return;
    this.#told = leadership;
    for (const listener of this.listeners) listener.handleLeaderChange?.(leadership);
  }

  /** One that has to be handed over before what is in the log. */
  #dueSnapshot(): SnapshotId | undefined {
    const delivered = this.#deliveredOffset;
    const { latest } = this.#snapshots;
    if (latest === undefined) return undefined;
    const isFresh = delivered === 0 && latest.endOffset > 0;
    return isFresh || delivered < this.#log.startOffset ? latest : undefined;
  }

  #fromMemory: readonly CommittedBatch<T>[] = [];

  #next(endOffset: number): readonly CommittedBatch<T>[] {
    const delivered = this.#deliveredOffset;
    const known = this.#appended;
    if (known[0]?.baseOffset === delivered) {
      const after = known.findIndex(({ lastOffset }) => lastOffset >= endOffset);
      this.#fromMemory = known.splice(0, after < 0 ? known.length : after);
      if (this.#fromMemory.length > 0) return this.#fromMemory;
    }
    const nextKnown = known[0]?.baseOffset ?? endOffset;
    const upTo = nextKnown > delivered ? Math.min(endOffset, nextKnown) : endOffset;
    return readSlice(this.#log, { startOffset: delivered, endOffset: upTo }, this.#serde);
  }

  async #inTurns<R>(work: Generator<void, R, void>): Promise<R> {
    let step = work.next();
    for (; step.done !== true; step = work.next()) await this.#turn();
    return step.value;
  }

  #turn(): Promise<void> {
    return new Promise((resolve) => this.#clock.endOfTurn(resolve));
  }
}
