// Reads the COMMIT or ABORT marker in a control batch: the first record's key is int16 version, int16 type; its value
// int16 version, int32 coordinator epoch, and perhaps more in later versions (Kafka's EndTransactionMarker).
import { CONTROL_FLAG, HEADER_SIZE, int16At, int32At, recordsCount } from '../../protocol/records/index.ts';

const ABORT = 0;
const COMMIT = 1;
const VALUE_SIZE = 6;

export interface EndTransactionMarker {
  readonly isAbort: boolean;
  readonly coordinatorEpoch: number;
}

/** undefined for a control batch that ends no transaction: emptied by compaction, of another type, or not readable. */
export function readEndTransactionMarker(bytes: Uint8Array, at: number, end: number): EndTransactionMarker | undefined {
  if (((bytes[at + 22] as number) & CONTROL_FLAG) === 0 || recordsCount(bytes, at) < 1) return undefined;
  const cursor = new VarintCursor(bytes, at + HEADER_SIZE, end);
  cursor.next(); // length of the record
  cursor.at += 1; // attributes
  cursor.next(); // timestamp delta
  cursor.next(); // offset delta
  const keySize = cursor.next();
  const keyAt = cursor.at;
  if (keySize < 4 || keyAt + keySize > end) return undefined;
  const type = int16At(bytes, keyAt + 2);
  if (type !== ABORT && type !== COMMIT) return undefined;
  cursor.at += keySize;
  const valueSize = cursor.next();
  if (valueSize < VALUE_SIZE || cursor.at + valueSize > end) return undefined;
  return { isAbort: type === ABORT, coordinatorEpoch: int32At(bytes, cursor.at + 2) };
}

class VarintCursor {
  at: number;
  readonly #bytes: Uint8Array;
  readonly #end: number;

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.#bytes = bytes;
    this.at = at;
    this.#end = end;
  }

  /** A zig-zag varint of at most ten bytes, as a double; -1 past the end. */
  next(): number {
    let value = 0;
    let factor = 1;
    for (let i = 0; i < 10; i++) {
      if (this.at >= this.#end) return -1;
      const byte = this.#bytes[this.at++] as number;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
      factor *= 128;
    }
    return -1;
  }
}
