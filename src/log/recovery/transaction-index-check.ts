// The indexes of aborted transactions of segments that are not read through at a start: an index that cannot be true, or names
// markers that are not in the log, is built anew (Kafka's TransactionIndex.sanityCheck and LogSegment.recover).
import type { Int64 } from '../../protocol/index.ts';
import * as batch from '../../protocol/records/index.ts';
import type { ProducerState } from '../producers/producer-state.ts';
import { BatchCursor } from '../segments/batch-cursor.ts';
import { DamagedLogError } from '../segments/damaged-log-error.ts';
import type { Segment } from '../segments/segment.ts';
import type { Segments } from '../segments/segments.ts';
import type { AbortedTransaction } from '../segments/transaction-index.ts';

/** Entries of one index that are looked up in the log; of more, the last ones. */
const MOST_LOOKED_UP = 4096;

/** Throws DiskError. */
export function isTransactionIndexSound(segments: Segments, segment: Segment): boolean {
  const index = segment.transactionIndex;
  if (!index.isSane(segment.baseOffset, segment.nextBaseOffset)) return false;
  for (let i = Math.max(0, index.count - MOST_LOOKED_UP); i < index.count; i++) {
    if (!isInLog(segments, segment, index.entry(i))) return false;
  }
  return true;
}

/** The marker, and the first batch of the transaction where it has not been deleted. */
function isInLog(segments: Segments, segment: Segment, transaction: AbortedTransaction): boolean {
  const { producerId, firstOffset, lastOffset } = transaction;
  if (!isOfProducer(segment, lastOffset, producerId, true)) return false;
  const first = segments.at(segments.floorIndex(firstOffset));
  return first === undefined || isOfProducer(first, firstOffset, producerId, false);
}

/** True for what cannot be read or is gone: that says nothing about the index. */
function isOfProducer(segment: Segment, offset: number, producerId: Int64, isControl: boolean): boolean {
  try {
    const cursor = segment.seek(offset);
    if (cursor === undefined) return !isControl;
    const { bytes, at } = cursor;
    // Compaction may have taken it.
    if (batch.baseOffset(bytes, at) > offset) return true;
    const isOfKind = batch.isControl(bytes, at) === isControl && (isControl || batch.baseOffset(bytes, at) === offset);
    return (isOfKind && batch.producerId(bytes, at) === producerId) || !batch.isBatchValid(cursor.read());
  } catch (error) {
    if (error instanceof DamagedLogError) return true;
    throw error;
  }
}

/** `state`: the producers at the segment's base offset; at its end afterwards. Throws DiskError. */
export function* rebuildTransactionIndex(segment: Segment, state: ProducerState): Generator<void, void, void> {
  const index = segment.transactionIndex;
  index.reset();
  const cursor = new BatchCursor().start(segment.log, 0, segment.writtenBytes);
  let countdown = 1024;
  while (cursor.next()) {
    if (batch.producerId(cursor.bytes, cursor.at) < 0) continue;
    const whole = cursor.read();
    const completed = state.apply(whole, 0, whole.length);
    if (completed === undefined) continue;
    if (completed.isAborted) {
      const { producerId, firstOffset, lastOffset } = completed;
      index.append({ producerId, firstOffset, lastOffset, lastStableOffset: state.lastStableOffset(completed) });
    }
    state.complete(completed);
    if (--countdown > 0) continue;
    countdown = 1024;
    yield;
  }
  index.save();
}
