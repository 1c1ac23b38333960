// A producer as DescribeProducers tells of it.
import type { Int64 } from '../../protocol/index.ts';
import type { ProducerEntry } from './producer-entry.ts';

export interface ProducerRow {
  readonly producerId: Int64;
  readonly producerEpoch: number;
  readonly lastSequence: number;
  readonly lastTimestamp: Int64;
  readonly coordinatorEpoch: number;
  readonly currentTxnStartOffset: number;
}

export const producerRow = (entry: ProducerEntry): ProducerRow => ({
  producerId: entry.producerId,
  producerEpoch: entry.producerEpoch,
  lastSequence: entry.lastSequence,
  lastTimestamp: entry.lastTimestamp,
  coordinatorEpoch: entry.coordinatorEpoch,
  currentTxnStartOffset: entry.currentTxnFirstOffset,
});
