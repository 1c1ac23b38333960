// The producers of a log as DescribeProducers tells of them.
import type { ProducerEntry } from './producer-entry.ts';

export interface ProducerRow {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly lastSequence: number;
  readonly lastTimestamp: number;
  readonly coordinatorEpoch: number;
  readonly currentTxnStartOffset: number;
}

export function producerRows(entries: Iterable<ProducerEntry>): ProducerRow[] {
  const rows: ProducerRow[] = [];
  for (const entry of entries) {
    rows.push({
      producerId: entry.producerId,
      producerEpoch: entry.producerEpoch,
      lastSequence: entry.lastSequence,
      lastTimestamp: entry.lastTimestamp,
      coordinatorEpoch: entry.coordinatorEpoch,
      currentTxnStartOffset: entry.currentTxnFirstOffset,
    });
  }
  return rows;
}
