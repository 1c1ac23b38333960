// `.snapshot`: the producer state of a partition up to the offset in the file's name, in Kafka's layout (the schema is
// ProducerSnapshot v1): int16 version, uint32 CRC-32C of what follows it, int32 count, 46 bytes an entry. Only the last
// batch of each producer is kept; after a restart recent-batches.ts looks the ones before it up in the log.
import { exactInt64At, int16At, int32At, int64At, putInt16, putInt32, putInt64 } from '../../protocol/records/index.ts';
import type { Int64 } from '../../protocol/index.ts';
import { crc32c } from '../../protocol/records/index.ts';
import { ProducerEntry } from './producer-entry.ts';

const VERSION = 1;
const CRC_AT = 2;
const COUNT_AT = 6;
const ENTRIES_AT = 10;
const ENTRY_SIZE = 46;

export function encodeProducerSnapshot(entries: ReadonlyMap<Int64, ProducerEntry>): Buffer {
  const bytes = Buffer.alloc(ENTRIES_AT + entries.size * ENTRY_SIZE);
  putInt16(bytes, 0, VERSION);
  putInt32(bytes, COUNT_AT, entries.size);
  let at = ENTRIES_AT;
  for (const entry of entries.values()) {
    putInt64(bytes, at, entry.producerId);
    putInt16(bytes, at + 8, entry.producerEpoch);
    putInt32(bytes, at + 10, entry.lastSequence);
    putInt64(bytes, at + 14, entry.lastOffset);
    putInt32(bytes, at + 22, entry.lastOffsetDelta);
    putInt64(bytes, at + 26, entry.lastTimestamp);
    putInt32(bytes, at + 34, entry.coordinatorEpoch);
    putInt64(bytes, at + 38, entry.currentTxnFirstOffset);
    at += ENTRY_SIZE;
  }
  putInt32(bytes, CRC_AT, crc32c(bytes, 0, COUNT_AT));
  return bytes;
}

/** The entries of a snapshot taken at `offset`, or undefined when the bytes are not a whole one, or of a later offset. */
export function decodeProducerSnapshot(
  bytes: Uint8Array,
  offset = Number.MAX_SAFE_INTEGER,
): ProducerEntry[] | undefined {
  if (bytes.length < ENTRIES_AT || int16At(bytes, 0) !== VERSION) return undefined;
  if (int32At(bytes, CRC_AT) >>> 0 !== crc32c(bytes, 0, COUNT_AT)) return undefined;
  const count = int32At(bytes, COUNT_AT);
  if (count < 0 || bytes.length < ENTRIES_AT + count * ENTRY_SIZE) return undefined;
  const entries: ProducerEntry[] = [];
  for (let i = 0; i < count; i++) {
    const entry = decodeEntry(bytes, ENTRIES_AT + i * ENTRY_SIZE);
    if (entry.lastOffset >= offset || entry.currentTxnFirstOffset >= offset) return undefined;
    entries.push(entry);
  }
  return entries;
}

function decodeEntry(bytes: Uint8Array, at: number): ProducerEntry {
  const lastOffset = int64At(bytes, at + 14);
  const timestamp = exactInt64At(bytes, at + 26);
  const batches = lastOffset < 0 ? [] : [int32At(bytes, at + 10), lastOffset, int32At(bytes, at + 22), timestamp];
  const entry = new ProducerEntry(exactInt64At(bytes, at), int16At(bytes, at + 8), batches);
  entry.lastTimestamp = timestamp;
  entry.coordinatorEpoch = int32At(bytes, at + 34);
  entry.currentTxnFirstOffset = int64At(bytes, at + 38);
  return entry;
}
