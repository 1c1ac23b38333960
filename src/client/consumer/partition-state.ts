// What a consumer knows of a partition that it reads: what was fetched, what was handed out, what the program is done with.
import type { ConsumedRecord, RawRecord } from './consumed-record.ts';
import { placeName } from './consumed-record.ts';
import type { FetchedChunk } from './fetched-chunk.ts';

/** Where reading is to begin when nobody knows yet: a committed offset or what auto.offset.reset says; a reset; a time. */
export type Search =
  | { readonly kind: 'committed' }
  | { readonly kind: 'earliest' | 'latest' | 'none' }
  | { readonly kind: 'time'; readonly timestampMs: number };

export class PartitionState {
  readonly topic: string;
  readonly partition: number;
  readonly name: string;
  /** Given: the offsets below are not known yet. */
  search: Search | undefined;
  /** What is fetched next. */
  fetchOffset = -1;
  /** Epoch of the last batch before `fetchOffset`; -1 when not known. */
  fetchEpoch = -1;
  /** What is handed out next. */
  position = -1;
  /** The program is done with everything below. -1: with nothing since it is read. */
  handled = -1;
  handledEpoch = -1;
  /** As this consumer has committed it, or found it committed. */
  committed = -1;
  isPaused = false;
  /** Being given up, or not begun yet: nothing is handed out, nothing is fetched. */
  isHeld = false;
  /** Not ours any more. */
  isGone = false;
  /** In which epoch of the leader the offset was held against its log (KIP-320); -1: never. */
  validatedEpoch = -1;
  highWatermark = -1;
  lastStableOffset = -1;
  /** Whole answers that nobody has read from yet, and the one that is being read. */
  readonly chunks: FetchedChunk[] = [];
  bufferedBytes = 0;
  /** Read and not decoded; decoded and not handed out, from `readyAt` on. */
  raw: RawRecord[] = [];
  ready: ConsumedRecord<unknown, unknown>[] = [];
  readyAt = 0;
  /** What `ready` was decoded from, one for one; undefined: it is what was read. */
  sources: readonly RawRecord[] | undefined;
  /** Leader epoch of what stands before `position`: of the record that was handed out last, or of a batch that was passed over behind it. */
  takenEpoch = -1;
  /** What the next record cannot be read for. Stays until the position is another one. */
  failure: unknown;
  /** Records of it are being decoded. */
  isDecoding = false;
  /** Where to read instead of the leader (KIP-392). */
  preferred: { readonly nodeId: number; readonly untilMs: number } | undefined;
  /** Changes with every seek: what was asked for before is not wanted any more. */
  version = 0;
  /** Before it is asked for again. */
  notBeforeMs = 0;

  constructor(topic: string, partition: number, search: Search | undefined) {
    this.topic = topic;
    this.partition = partition;
    this.name = placeName(topic, partition);
    this.search = search;
  }

  get mayFetch(): boolean {
    return this.search === undefined && !this.isPaused && !this.isHeld && !this.isGone && this.failure === undefined;
  }

  get mayDeliver(): boolean {
    return !this.isPaused && !this.isHeld && !this.isGone;
  }

  get hasReady(): boolean {
    return this.readyAt < this.ready.length;
  }

  /** Something was fetched that is not decoded yet. */
  get hasUndecoded(): boolean {
    return this.raw.length > 0 || this.chunks.length > 0;
  }

  /** Reads on from `offset`, or from where `search` leads; what was fetched is forgotten. */
  moveTo(offset: number, epoch = -1, search?: Search): void {
    this.version++;
    this.search = search;
    this.fetchOffset = offset;
    this.fetchEpoch = epoch;
    this.position = offset;
    this.takenEpoch = epoch;
    this.validatedEpoch = -1;
    this.clear();
  }

  /** Hands out again from `offset` on, which has been handed out before. */
  rewind(offset: number): void {
    this.moveTo(offset);
  }

  clear(): void {
    this.chunks.length = 0;
    this.bufferedBytes = 0;
    this.raw = [];
    this.ready = [];
    this.readyAt = 0;
    this.sources = undefined;
    this.failure = undefined;
  }

  /** The next record that is ready. Only where `hasReady`. */
  take(): ConsumedRecord<unknown, unknown> {
    const record = this.ready[this.readyAt++] as ConsumedRecord<unknown, unknown>;
    this.position = record.offset + 1;
    this.takenEpoch = record.leaderEpoch;
    if (this.readyAt === this.ready.length) {
      this.ready = [];
      this.readyAt = 0;
      this.settlePosition();
    }
    return record;
  }

  /** The key of the next record, as it was sent. Only where `hasReady`. */
  nextKey(): Uint8Array | null {
    return (this.sources ?? (this.ready as RawRecord[]))[this.readyAt]?.key ?? null;
  }

  /** All that is ready, as it is. Only where `hasReady`, and nothing of it has been taken. */
  takeAll(): ConsumedRecord<unknown, unknown>[] {
    const { ready } = this;
    const last = ready.at(-1) as ConsumedRecord<unknown, unknown>;
    this.position = last.offset + 1;
    this.takenEpoch = last.leaderEpoch;
    this.ready = [];
    this.settlePosition();
    return ready;
  }

  /** When nothing that was fetched is left, the position is behind all that was passed over as well. */
  settlePosition(): void {
    if (this.search !== undefined || this.hasReady || this.hasUndecoded || this.position === this.fetchOffset) return;
    this.position = this.fetchOffset;
    this.takenEpoch = this.fetchEpoch;
  }

  /** The program is done with everything below `offset`. */
  done(offset: number, epoch: number): void {
    this.handled = offset;
    this.handledEpoch = epoch;
  }
}
