// The first half of a pass: the last offset of each key in the dirty part of a log (Kafka's Cleaner.buildOffsetMap). Records of
// aborted transactions do not count.
import * as batch from '../../protocol/records/index.ts';
import type { Segment } from '../segments/segment.ts';
import { type BatchContent, codecLoading, openValidBatch } from './batch-content.ts';
import { CleanedTransactions } from './cleaned-transactions.ts';
import type { CleanerStats } from './cleaner-stats.ts';
import { type CleaningWork, type LogToClean, RECORDS_PER_STEP } from './log-to-clean.ts';
import type { OffsetMap } from './offset-map.ts';
import { SegmentReader } from './segment-reader.ts';
import { segmentsIn } from './segment-groups.ts';

export interface MapBuilding {
  readonly log: LogToClean;
  /** The dirty part that may be cleaned: [start, end). */
  readonly start: number;
  readonly end: number;
  readonly map: OffsetMap;
  readonly stats: CleanerStats;
  readonly work: CleaningWork;
}

/**
 * Fills the map from the front of the dirty part, up to its end or until it is full; `map.latestOffset` is the last offset that it
 * knows of. Rejects with DamagedLogError, CorruptRecordError, InvalidRecordError, DiskError, CleaningAbortedError.
 */
export async function buildOffsetMap(building: MapBuilding): Promise<void> {
  const { log, start, end, work } = building;
  const dirty = segmentsIn(log.segments, start, end);
  const transactions = new CleanedTransactions();
  transactions.add(log.abortedTransactions(start, end));
  const builder = new MapBuilder(building, transactions, new SegmentReader(work));
  for (let i = 0; i < dirty.length; i++) {
    const segment = dirty[i] as Segment;
    if (await builder.addSegment(segment)) return;
    building.map.latestOffset = (dirty[i + 1]?.baseOffset ?? end) - 1;
  }
}

class MapBuilder {
  readonly #building: MapBuilding;
  readonly #transactions: CleanedTransactions;
  readonly #reader: SegmentReader;

  constructor(building: MapBuilding, transactions: CleanedTransactions, reader: SegmentReader) {
    this.#building = building;
    this.#transactions = transactions;
    this.#reader = reader;
  }

  /** True when the map is full. */
  async addSegment(segment: Segment): Promise<boolean> {
    const first = segment.seek(this.#building.start);
    if (first === undefined) return false;
    const reader = this.#reader;
    const { work } = this.#building;
    reader.open(segment, first.position);
    try {
      while (await reader.fill()) {
        for (let at = reader.next(); at >= 0; at = reader.next()) {
          const isFull = this.#addBatch(at);
          if (isFull === true || (typeof isFull === 'object' && (await isFull))) return true;
          this.#building.stats.mapBytesRead += reader.sizeBytes;
          if (work.isDue) await work.pause();
        }
      }
      return false;
    } finally {
      reader.close();
    }
  }

  /** A promise only where the batch is large or its codec has to be loaded. */
  #addBatch(at: number): boolean | Promise<boolean> {
    const { bytes } = this.#reader;
    const { stats } = this.#building;
    if (batch.magic(bytes, at) < batch.MAGIC_V2) return this.#addLegacy(at);
    if (batch.isControl(bytes, at)) {
      this.#transactions.controlRead(bytes, at);
      stats.mapMessagesRead++;
      return this.#behind(batch.lastOffset(bytes, at));
    }
    const count = batch.recordsCount(bytes, at);
    if (this.#transactions.dataRead(bytes, at)) {
      stats.mapMessagesRead += count;
      return this.#behind(batch.lastOffset(bytes, at));
    }
    if (count === 0) return this.#behind(batch.lastOffset(bytes, at));
    const loading = codecLoading(bytes, at);
    if (loading !== undefined) return loading.then(() => this.#addRecords(at));
    return this.#addRecords(at);
  }

  #addRecords(at: number): boolean | Promise<boolean> {
    const { bytes } = this.#reader;
    const content = openValidBatch(bytes, at);
    const baseOffset = batch.baseOffset(bytes, at);
    if (content.count > RECORDS_PER_STEP) return this.#addInSteps(at, content, baseOffset);
    if (this.#addSome(content, baseOffset, content.count)) return true;
    return this.#behind(batch.lastOffset(bytes, at));
  }

  async #addInSteps(at: number, content: BatchContent, baseOffset: number): Promise<boolean> {
    for (let left = content.count; left > 0; left -= RECORDS_PER_STEP) {
      if (this.#addSome(content, baseOffset, Math.min(left, RECORDS_PER_STEP))) return true;
      await this.#building.work.pause();
    }
    return this.#behind(batch.lastOffset(this.#reader.bytes, at));
  }

  /** The next `count` records; true when the map is full. */
  #addSome({ cursor, view }: BatchContent, baseOffset: number, count: number): boolean {
    const { map, start, stats } = this.#building;
    for (let i = 0; i < count; i++) {
      cursor.next();
      const offset = baseOffset + cursor.offsetDelta;
      if (cursor.keyLength >= 0 && offset >= start) {
        if (map.isFull) return true;
        map.put(view, cursor.keyAt, cursor.keyLength, offset);
      }
      stats.mapMessagesRead++;
    }
    return false;
  }

  #addLegacy(at: number): boolean {
    const { bytes } = this.#reader;
    const { map, start, stats } = this.#building;
    batch.ensureBatchValid(bytes, at);
    for (const { key, offset } of batch.legacyRecordsOf(bytes, at)) {
      if (key !== null && offset >= start) {
        if (map.isFull) return true;
        map.put(new DataView(key.buffer, key.byteOffset, key.length), 0, key.length, offset);
      }
      stats.mapMessagesRead++;
    }
    return this.#behind(batch.lastOffsetOf(bytes, at));
  }

  #behind(lastOffset: number): false {
    if (lastOffset >= this.#building.start) this.#building.map.latestOffset = lastOffset;
    return false;
  }
}
