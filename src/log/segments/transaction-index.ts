// `.txnindex`: the aborted transactions whose marker stands in a segment, 34 bytes each, in the order of their markers
// (Kafka's TransactionIndex). Read-committed fetches list them, so that consumers skip their records.
import type { Int64 } from '../../protocol/index.ts';
import { exactInt64At, int16At, int64At, putInt16, putInt64 } from '../../protocol/records/index.ts';
import type { CachedFile } from './file-cache.ts';
import { IndexFile, type IndexPages } from './index-file.ts';

const TRANSACTION_INDEX_ENTRY = 34;
const VERSION = 0;

export interface AbortedTransaction {
  readonly producerId: Int64;
  readonly firstOffset: number;
  /** The offset of the ABORT marker. */
  readonly lastOffset: number;
  /** The last stable offset once the marker had been applied. */
  readonly lastStableOffset: number;
}

export class TransactionIndex extends IndexFile {
  constructor(options: { file: CachedFile; pages: IndexPages; exists: boolean }) {
    super({ ...options, entrySize: TRANSACTION_INDEX_ENTRY });
  }

  append(transaction: AbortedTransaction): void {
    this.extend();
    const at = this.entryAt;
    putInt16(this.entryBytes, at, VERSION);
    putInt64(this.entryBytes, at + 2, transaction.producerId);
    putInt64(this.entryBytes, at + 10, transaction.firstOffset);
    putInt64(this.entryBytes, at + 18, transaction.lastOffset);
    putInt64(this.entryBytes, at + 26, transaction.lastStableOffset);
  }

  entry(index: number): AbortedTransaction {
    this.locate(index);
    const at = this.entryAt;
    return {
      producerId: exactInt64At(this.entryBytes, at + 2),
      firstOffset: int64At(this.entryBytes, at + 10),
      lastOffset: int64At(this.entryBytes, at + 18),
      lastStableOffset: int64At(this.entryBytes, at + 26),
    };
  }

  /**
   * Adds to `found` the transactions with records in [fetchOffset, upTo). True when no later segment can hold another:
   * the last stable offset had passed `upTo` when one of them ended.
   */
  collect(fetchOffset: number, upTo: number, found: AbortedTransaction[]): boolean {
    const count = this.count;
    for (let i = 0; i < count; i++) {
      const transaction = this.entry(i);
      if (transaction.lastOffset >= fetchOffset && transaction.firstOffset < upTo) found.push(transaction);
      if (transaction.lastStableOffset >= upTo) return true;
    }
    return false;
  }

  /** Whether every entry can be one of a segment with these bounds; a file that fails this is written anew. */
  isSane(baseOffset: number, nextBaseOffset: number): boolean {
    // Unlike the other indexes, Kafka never makes this one longer than its entries.
    if (!this.isExact) return false;
    let before = baseOffset - 1;
    for (let i = 0; i < this.count; i++) {
      this.locate(i);
      if (int16At(this.entryBytes, this.entryAt) !== VERSION) return false;
      const { producerId, firstOffset, lastOffset, lastStableOffset } = this.entry(i);
      if (producerId < 0 || firstOffset < 0 || firstOffset >= lastOffset) return false;
      if (lastOffset <= before || lastOffset >= nextBaseOffset) return false;
      if (lastStableOffset < 0 || lastStableOffset > lastOffset + 1) return false;
      before = lastOffset;
    }
    return true;
  }

  /** Drops transactions that ended at `offset` or later. */
  truncateToOffset(offset: number): void {
    let count = this.count;
    while (count > 0 && this.entry(count - 1).lastOffset >= offset) count--;
    if (count < this.count) this.truncateTo(count);
  }

  /** A marker is never the first record of a log: its transaction began before it. */
  protected isEntry(bytes: Buffer, at: number): boolean {
    return int64At(bytes, at + 18) !== 0;
  }
}
