// Which segment answers a read, and which aborted transactions belong to it (Kafka's LocalLog.read and collectAbortedTransactions).
import { DamagedLogError } from '../segments/damaged-log-error.ts';
import type { Segment } from '../segments/segment.ts';
import type { Segments } from '../segments/segments.ts';
import type { AbortedTransaction } from '../segments/transaction-index.ts';
import { emptySlice, type LogSlice, locate } from './log-slice.ts';
import type { LogState } from './log-state.ts';

export interface ReadPlace {
  readonly fetchOffset: number;
  readonly maxBytes: number;
  /** Not above what is written. */
  readonly upTo: number;
  readonly minOneBatch: boolean;
}

/** Throws DamagedLogError, DiskError. */
export function locateIn(state: LogState, { fetchOffset, maxBytes, upTo, minOneBatch }: ReadPlace): LogSlice {
  const { segments, holesBelow, environment } = state;
  for (let i = Math.max(0, segments.floorIndex(fetchOffset)); i < segments.count; i++) {
    const segment = segments.at(i) as Segment;
    if (segment.baseOffset >= upTo) break;
    const end = i + 1 < segments.count ? segments.endOffset(i, 0) : state.writtenEndOffset;
    const slice = locate(segment, {
      fetchOffset,
      maxBytes,
      upTo,
      isUpToWritten: upTo >= end,
      minOneBatch,
      totalWrittenBytes: environment.scheduler.totalWrittenBytes,
      holesBelow,
      pace: environment.readPace,
    });
    if (slice !== undefined) return slice;
    // The next segment does not have it either.
    if (fetchOffset >= holesBelow) {
      throw new DamagedLogError(segment.log.path, segment.writtenBytes, `it ends before offset ${fetchOffset}`);
    }
  }
  return emptySlice(fetchOffset);
}

/** Those that have records in [fetchOffset, upTo). Throws DiskError. */
export function abortedIn(segments: Segments, fetchOffset: number, upTo: number): AbortedTransaction[] {
  const found: AbortedTransaction[] = [];
  for (let i = Math.max(0, segments.floorIndex(fetchOffset)); i < segments.count; i++) {
    const segment = segments.at(i) as Segment;
    if (segment.mayHaveAborted && segment.transactionIndex.collect(fetchOffset, upTo, found)) break;
  }
  return found;
}
