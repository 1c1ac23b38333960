// What a partition must hold, kept apart from the log under test: the batches that were sent, in the order of the offsets
// that they got, and what follows from them for producers, transactions and epochs.
import type { Int64 } from '../../src/protocol/index.ts';
import type { ProducerRow } from '../../src/log/index.ts';
import * as batch from '../../src/protocol/records/index.ts';

export type Fate = 'pending' | 'acknowledged' | 'refused';

export interface SentBatch {
  readonly firstOffset: number;
  readonly lastOffset: number;
  /** The bytes that must stand in the log, offset and epoch included. */
  readonly bytes: Buffer;
  fate: Fate;
}

export interface AbortedRow {
  readonly producerId: Int64;
  readonly firstOffset: number;
}

export interface ExpectedState {
  readonly producers: Map<Int64, ProducerRow>;
  readonly aborted: (AbortedRow & { readonly lastOffset: number })[];
}

/** The state that `batches`, in order, lead to. */
export function stateAfter(batches: readonly SentBatch[]): ExpectedState {
  const producers = new Map<Int64, ProducerRow>();
  const aborted: ExpectedState['aborted'] = [];
  for (const { bytes, firstOffset } of batches) {
    const producerId = batch.producerId(bytes);
    if (producerId < 0) continue;
    const before = producers.get(producerId);
    const open = before?.currentTxnStartOffset ?? -1;
    const common = { producerId, producerEpoch: batch.producerEpoch(bytes), lastTimestamp: batch.maxTimestamp(bytes) };
    if (!batch.isControl(bytes)) {
      const starts = batch.isTransactional(bytes) && open < 0 ? firstOffset : open;
      const coordinatorEpoch = before?.coordinatorEpoch ?? -1;
      const lastSequence = batch.lastSequence(bytes);
      producers.set(producerId, { ...common, lastSequence, coordinatorEpoch, currentTxnStartOffset: starts });
      continue;
    }
    const record = [...batch.recordsOf(bytes)][0] as batch.BatchRecord;
    const isAbort = batch.controlRecordType(record.key) === batch.ControlRecordType.ABORT;
    const { coordinatorEpoch } = batch.readEndTransactionMarker(record.value);
    const lastSequence =
      before !== undefined && before.producerEpoch === common.producerEpoch ? before.lastSequence : -1;
    producers.set(producerId, { ...common, lastSequence, coordinatorEpoch, currentTxnStartOffset: -1 });
    if (isAbort && open >= 0) aborted.push({ producerId, firstOffset: open, lastOffset: firstOffset });
  }
  return { producers, aborted };
}
