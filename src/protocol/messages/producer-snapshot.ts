// The file NNN.snapshot beside a segment: producers and their last sequences (KIP-98). Two bytes of version stand in
// front, then the checksum.
import { array, exactInt64, int16, int32, int64, message, uint32, type ValueOf } from '../schema.ts';

export const producerSnapshot = message('ProducerSnapshot', [1, 1], undefined, {
  crc: uint32.doc('CRC-32C of what follows the field.'),
  producerEntries: array({
    producerId: exactInt64,
    epoch: int16,
    lastSequence: int32,
    lastOffset: int64,
    offsetDelta: int32,
    timestamp: exactInt64,
    coordinatorEpoch: int32,
    currentTxnFirstOffset: int64.doc('-1: no open transaction.'),
  }),
});
export interface ProducerSnapshot extends ValueOf<typeof producerSnapshot.fields> {}
