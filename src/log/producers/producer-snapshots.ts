// The `.snapshot` files of a partition, and the way from them to the producer state at an offset: the newest snapshot at
// or below it, then the batches in between (Kafka's ProducerStateManager and UnifiedLog.rebuildProducerState).
import type { Disk, DiskFile, Logger } from '../../runtime/index.ts';
import * as batch from '../../protocol/records/index.ts';
import { BatchCursor } from '../segments/batch-cursor.ts';
import { offsetName, SNAPSHOT_SUFFIX } from '../segments/log-names.ts';
import type { ProducerEntry } from './producer-entry.ts';
import { decodeProducerSnapshot, encodeProducerSnapshot } from './producer-snapshot.ts';
import { recallBatches } from './recent-batches.ts';
import { ProducerState } from './producer-state.ts';
import { DamagedLogError } from '../segments/damaged-log-error.ts';
import type { Segment } from '../segments/segment.ts';
import { damageAt } from '../segments/segment-search.ts';
import type { Segments } from '../segments/segments.ts';

/** Batches looked at between two chances to pause. */
const BATCHES_PER_STEP = 4096;

export class ProducerSnapshots {
  readonly #disk: Disk;
  readonly #logger: Logger;
  #directory: string;
  /** Offsets of the files that exist, ascending. */
  readonly #offsets: number[];
  readonly #unsynced: number[] = [];

  constructor(options: { disk: Disk; logger: Logger; directory: string; offsets: number[] }) {
    this.#disk = options.disk;
    this.#logger = options.logger;
    this.#directory = options.directory;
    this.#offsets = options.offsets.sort((a, b) => a - b);
  }

  moveTo(directory: string): void {
    this.#directory = directory;
  }

  /** The offset in the newest file's name, -1 without a file. */
  get latestOffset(): number {
    return this.#offsets[this.#offsets.length - 1] ?? -1;
  }

  /** A snapshot that cannot be written costs a longer replay, nothing else: the error is logged. */
  write(offset: number, state: ProducerState): void {
    if (this.latestOffset >= offset) return;
    try {
      this.#disk.writeFileSync(this.#path(offset), encodeProducerSnapshot(state.entries));
      this.#offsets.push(offset);
      this.#unsynced.push(offset);
    } catch (error) {
      this.#logger.log('warn', 'a producer snapshot could not be written', {
        path: this.#path(offset),
        error: String(error),
      });
    }
  }

  /** The newest readable snapshot at or below `offset`; damaged ones are removed. Throws DiskError. */
  newest(offset: number): { readonly offset: number; readonly entries: readonly ProducerEntry[] } | undefined {
    for (let i = this.#offsets.length - 1; i >= 0; i--) {
      const at = this.#offsets[i] as number;
      if (at > offset) continue;
      const entries = decodeProducerSnapshot(this.#disk.readFileSync(this.#path(at)), at);
      if (entries !== undefined) return { offset: at, entries };
      this.#logger.log('warn', 'a damaged producer snapshot is removed', { path: this.#path(at) });
      this.#remove(i);
    }
    return undefined;
  }

  /** Batches that cannot be read are not known to the producer state. */
  tellDamage({ path, position, reason }: DamagedLogError): void {
    this.#logger.log('warn', 'what a damaged segment says of producers and transactions is not known', {
      path,
      position,
      reason,
    });
  }

  /** Files were written since the last flush. */
  get hasUnsynced(): boolean {
    return this.#unsynced.length > 0;
  }

  /**
   * Removes what lies above the log's end. Those below the log's start stay as long as their segments: unlike Kafka, which
   * forgets producers whose batches are all deleted, they still tell what came before. Throws DiskError.
   */
  removeAbove(logEndOffset: number): void {
    while (this.latestOffset > logEndOffset) this.#remove(this.#offsets.length - 1);
  }

  /** Flushes those written since the last time; true when there were any. Rejects with DiskError. */
  async sync(): Promise<boolean> {
    const written = this.#unsynced.splice(0).filter((offset) => this.#offsets.includes(offset));
    const files: DiskFile[] = [];
    try {
      // Opened all at once: between two flushes the directory may get another name, and that one another owner.
      for (const offset of written) files.push(this.#disk.openSync(this.#path(offset), 'write'));
      for (const file of files) await file.sync();
    } finally {
      for (const file of files) file.closeSync();
    }
    return written.length > 0;
  }

  /** Removes the snapshot that belongs to a segment that goes. Throws DiskError. */
  remove(offset: number): void {
    const at = this.#offsets.indexOf(offset);
    if (at >= 0) this.#remove(at);
  }

  /** Removes those that no segment begins with; the newest stays. Throws DiskError. */
  removeStray(segments: Segments): void {
    for (let i = this.#offsets.length - 2; i >= 0; i--) {
      const offset = this.#offsets[i] as number;
      if (segments.at(segments.floorIndex(offset))?.baseOffset !== offset) this.#remove(i);
    }
  }

  removeAll(): void {
    while (this.#offsets.length > 0) this.#remove(this.#offsets.length - 1);
  }

  #remove(index: number): void {
    const path = this.#path(this.#offsets[index] as number);
    if (this.#disk.existsSync(path)) this.#disk.removeSync(path);
    this.#offsets.splice(index, 1);
  }

  #path(offset: number): string {
    return `${this.#directory}/${offsetName(offset)}${SNAPSHOT_SUFFIX}`;
  }
}

export interface ReplayOptions {
  readonly snapshots: ProducerSnapshots;
  readonly segments: Segments;
  readonly endOffset: number;
  readonly now: number;
  readonly expirationMs: number;
}

/** The producer state at `endOffset`. Throws DiskError. */
export function* replayProducers(options: ReplayOptions): Generator<void, ProducerState, void> {
  const state = new ProducerState();
  const snapshot = options.snapshots.newest(options.endOffset);
  if (snapshot !== undefined) {
    state.load(snapshot.entries, options.now, options.expirationMs);
    recallBatches(state.entries, options.segments, snapshot.offset);
  }
  const from = snapshot?.offset ?? 0;
  if (from < options.endOffset) yield* replayBatches(state, options, from);
  return state;
}

function* replayBatches(state: ProducerState, options: ReplayOptions, from: number): Generator<void, void, void> {
  const { segments, endOffset } = options;
  const cursor = new BatchCursor();
  let countdown = BATCHES_PER_STEP;
  for (let i = Math.max(0, segments.floorIndex(from)); i < segments.count; i++) {
    const segment = segments.at(i);
    if (segment === undefined || segment.baseOffset >= endOffset) return;
    const start = startIn(segment, from, options.snapshots);
    if (start < 0) continue;
    cursor.start(segment.log, start, segment.writtenBytes);
    while (cursor.next()) {
      const { bytes, at } = cursor;
      if (batch.baseOffset(bytes, at) >= endOffset) return;
      replayBatch(state, cursor);
      if (--countdown === 0) {
        countdown = BATCHES_PER_STEP;
        yield;
      }
    }
    if (cursor.isBroken) options.snapshots.tellDamage(damageAt(segment, cursor));
  }
}

/** Where the batch with offset `from` begins, or the one behind it; -1: not in this segment, or it cannot be read. */
function startIn(segment: Segment, from: number, snapshots: ProducerSnapshots): number {
  try {
    return segment.seek(from)?.position ?? -1;
  } catch (error) {
    if (!(error instanceof DamagedLogError)) throw error;
    snapshots.tellDamage(error);
    return -1;
  }
}

function replayBatch(state: ProducerState, cursor: BatchCursor): void {
  const { bytes, at } = cursor;
  if (batch.producerId(bytes, at) < 0) return;
  if (!batch.isControl(bytes, at)) {
    state.apply(bytes, at, at + batch.HEADER_SIZE);
    return;
  }
  const whole = cursor.read();
  const completed = state.apply(whole, 0, whole.length);
  if (completed !== undefined) state.complete(completed);
}
