// Builds one message as a list of chunks. Small values are gathered in a buffer that grows by new chunks; records and
// large byte fields are listed as they are, never copied. The compiled encoders (compile.ts) keep position and buffer in
// locals and call in here for what is rare or long; hand-written code uses the methods.
import { MAX_STRING_SIZE, MAX_WRITTEN_BYTES_PER_MESSAGE } from './limits.ts';
import type { UnknownTag } from './unknown-tags.ts';
import { putUuid } from './uuid.ts';

/** The value does not fit the schema or the version, a bug of the caller; or the message would be too large. */
export class EncodeError extends Error {
  override readonly name = 'EncodeError';
}

export interface WriterOptions {
  /** For tools: unknown tagged fields (setUnknownTags) are written. */
  readonly exact?: boolean;
  /** Bytes of a message that are not only referred to; MAX_WRITTEN_BYTES_PER_MESSAGE. */
  readonly maxBytes?: number;
}

const FIRST_CHUNK_SIZE = 512;
const LARGEST_CHUNK_SIZE = 64 * 1024;
/** Bytes fields above this are listed as chunks of their own instead of being copied. */
const REFERENCE_SIZE = 1024;
const VARINT_MAX_SIZE = 5;
const UUID_SIZE = 16;
/** Kafka does not write this tag number, nor do we. */
const LARGEST_TAG = 0x7fffffff;

export class Writer {
  readonly exact: boolean;
  /** The chunk being filled; `position` is where the next byte goes, `end` where the chunk ends. */
  bytes: Buffer = Buffer.allocUnsafe(0);
  position = 0;
  end = 0;
  /** Where in `bytes` the part that is not listed in #chunks yet begins. */
  #start = 0;
  #chunks: Uint8Array[] = [];
  #listedBytes = 0;
  #nextChunkSize = FIRST_CHUNK_SIZE;
  /** Of the chunks that this message has asked for. */
  #grownBytes = 0;
  readonly #maxBytes: number;
  /** Positions at which open tagged fields begin: from the first of them on, bytes stay in one chunk. */
  readonly #openTags: number[] = [];

  constructor(options?: WriterOptions) {
    this.exact = options?.exact ?? false;
    this.#maxBytes = options?.maxBytes ?? MAX_WRITTEN_BYTES_PER_MESSAGE;
  }

  /** Bytes written since the last finish or reset. */
  get sizeBytes(): number {
    return this.#listedBytes + this.position - this.#start;
  }

  /** Forgets what was written and not finished. */
  reset(): void {
    this.position = this.#start;
    this.#chunks = [];
    this.#listedBytes = 0;
    this.#grownBytes = 0;
    if (this.#openTags.length > 0) this.#openTags.length = 0;
  }

  /**
   * What was written, in order. The chunks are the caller's from now on; the writer goes on behind them and can be used
   * for the next message at once.
   */
  finish(): Uint8Array[] {
    this.#list();
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#listedBytes = 0;
    this.#grownBytes = 0;
    return chunks;
  }

  /** As finish, in one piece (copied when there was more than one chunk). */
  finishToBytes(): Buffer {
    const chunks = this.finish();
    const first = chunks[0];
    return chunks.length === 1 && first !== undefined && Buffer.isBuffer(first) ? first : Buffer.concat(chunks);
  }

  /** Moves what stands in the current chunk to the list. */
  #list(): void {
    if (this.position === this.#start) return;
    this.#chunks.push(this.bytes.subarray(this.#start, this.position));
    this.#listedBytes += this.position - this.#start;
    this.#start = this.position;
  }

  /** Makes room for `sizeBytes` more bytes in one piece. */
  grow(sizeBytes: number): void {
    if (this.end - this.position >= sizeBytes) return;
    const openTag = this.#openTags[0];
    const from = openTag ?? this.position;
    const moved = this.position - from;
    this.position = from;
    this.#list();
    const size = Math.max(this.#nextChunkSize, moved === 0 ? sizeBytes : (sizeBytes + moved) * 2);
    this.#nextChunkSize = Math.min(this.#nextChunkSize * 2, LARGEST_CHUNK_SIZE);
    this.#grownBytes += size;
    if (this.#grownBytes > this.#maxBytes) throw new EncodeError('the message is too large');
    const chunk = Buffer.allocUnsafeSlow(size);
    if (moved > 0) this.bytes.copy(chunk, 0, from, from + moved);
    for (let i = 0; i < this.#openTags.length; i++) this.#openTags[i] = (this.#openTags[i] as number) - from;
    this.bytes = chunk;
    this.position = moved;
    this.end = size;
    this.#start = 0;
  }

  // ------------------------------------------------------------------ primitives

  int8(value: number): void {
    this.grow(1);
    this.bytes[this.position++] = value;
  }
  bool(value: boolean): void {
    this.int8(value ? 1 : 0);
  }
  /** Also for uint16. */
  int16(value: number): void {
    this.grow(2);
    const { bytes, position } = this;
    bytes[position] = value >> 8;
    bytes[position + 1] = value;
    this.position = position + 2;
  }
  /** Also for uint32. */
  int32(value: number): void {
    this.grow(4);
    const { bytes, position } = this;
    bytes[position] = value >> 24;
    bytes[position + 1] = value >> 16;
    bytes[position + 2] = value >> 8;
    bytes[position + 3] = value;
    this.position = position + 4;
  }
  int64(value: number | bigint): void {
    this.grow(8);
    putInt64(this.bytes, this.position, value);
    this.position += 8;
  }
  float64(value: number): void {
    this.grow(8);
    this.position = this.bytes.writeDoubleBE(value, this.position);
  }
  uuid(value: string): void {
    this.grow(UUID_SIZE);
    putUuidText(this.bytes, this.position, value);
    this.position += UUID_SIZE;
  }
  /** Unsigned varint of a 32-bit number. */
  uvarint(value: number): void {
    this.grow(VARINT_MAX_SIZE);
    this.position = putUvarint(this.bytes, this.position, value);
  }
  /** Zigzag, 32 bits. */
  varint(value: number): void {
    this.uvarint((value << 1) ^ (value >> 31));
  }
  /** Zigzag, 64 bits. */
  varlong(value: number | bigint): void {
    this.grow(10);
    const whole = BigInt(value);
    let rest = BigInt.asUintN(64, (whole << 1n) ^ (whole >> 63n));
    while (rest > 0x7fn) {
      this.bytes[this.position++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.bytes[this.position++] = Number(rest);
  }

  // ------------------------------------------------------------------ lengths and contents

  /** A string with an int16 length. */
  string(value: string): void {
    const length = value.length;
    if (length <= 64) {
      this.grow(2 + length);
      const at = this.position;
      if (putAscii(this.bytes, at + 2, value)) {
        this.bytes[at] = 0;
        this.bytes[at + 1] = length;
        this.position = at + 2 + length;
        return;
      }
    }
    const size = Buffer.byteLength(value);
    if (size > MAX_STRING_SIZE) throw new EncodeError(`a string of ${size} bytes is too long`);
    this.int16(size);
    this.#utf8(value, size);
  }
  nullableString(value: string | null): void {
    if (value === null) this.int16(-1);
    else this.string(value);
  }
  /** A string with a varint length, one more than it has bytes. */
  compactString(value: string): void {
    const length = value.length;
    if (length <= 64) {
      this.grow(1 + length);
      const at = this.position;
      if (putAscii(this.bytes, at + 1, value)) {
        this.bytes[at] = length + 1;
        this.position = at + 1 + length;
        return;
      }
    }
    const size = Buffer.byteLength(value);
    if (size > MAX_STRING_SIZE) throw new EncodeError(`a string of ${size} bytes is too long`);
    this.uvarint(size + 1);
    this.#utf8(value, size);
  }
  #utf8(value: string, size: number): void {
    this.grow(size);
    this.bytes.write(value, this.position, size, 'utf8');
    this.position += size;
  }

  /** The bytes alone, no length: copied when small or within a tagged field, else listed as a chunk of their own. */
  raw(value: Uint8Array): void {
    if (value.length > REFERENCE_SIZE && this.#openTags.length === 0) {
      this.reference(value);
      return;
    }
    this.grow(value.length);
    this.bytes.set(value, this.position);
    this.position += value.length;
  }
  /** Lists the bytes as a chunk of their own. They must not change until the message has been sent. */
  reference(value: Uint8Array): void {
    if (value.length === 0) return;
    this.#list();
    this.#chunks.push(value);
    this.#listedBytes += value.length;
  }
  /** Records, in one piece or several, without their length. */
  records(value: Uint8Array | readonly Uint8Array[]): void {
    if (value instanceof Uint8Array) {
      this.raw(value);
      return;
    }
    for (const piece of value) this.raw(piece);
  }

  // ------------------------------------------------------------------ frames and tagged fields

  /** Begins a frame: four bytes that finishFrame fills with the size of what follows. Only as the first thing written. */
  beginFrame(): void {
    this.int32(0);
  }
  /** As finish, for a message begun with beginFrame. */
  finishFrame(): Uint8Array[] {
    const sizeBytes = this.sizeBytes - 4;
    const chunks = this.finish();
    (chunks[0] as Buffer).writeInt32BE(sizeBytes, 0);
    return chunks;
  }

  /** Begins the content of a tagged field whose size is not known beforehand. */
  beginTag(tag: number): void {
    this.uvarint(tag);
    this.#openTags.push(this.position);
  }
  /** Ends it: its size is put in front of its content. */
  endTag(): void {
    const from = this.#openTags.at(-1) as number;
    const size = this.position - from;
    const prefix = uvarintSize(size);
    this.grow(prefix);
    const start = this.#openTags.pop() as number;
    this.bytes.copyWithin(start + prefix, start, start + size);
    putUvarint(this.bytes, start, size);
    this.position = start + prefix + size;
  }

  /** Writes unknown tagged fields from `index` on up to (not including) tag `below`; where it stopped. */
  unknownTags(tags: readonly UnknownTag[], index: number, previous: number, below: number): number {
    let last = previous;
    let i = index;
    for (; i < tags.length; i++) {
      const { tag, bytes } = tags[i] as UnknownTag;
      if (tag >= below) break;
      if (tag <= last) throw new EncodeError(`unknown tagged field ${tag} comes after ${last}`);
      last = tag;
      this.uvarint(tag);
      this.uvarint(bytes.length);
      this.raw(bytes);
    }
    return i;
  }
  /** Writes all that are left of them. */
  lastUnknownTags(tags: readonly UnknownTag[], index: number, previous: number): void {
    const stopped = this.unknownTags(tags, index, previous, LARGEST_TAG);
    if (stopped < tags.length) throw new EncodeError(`a tag number of ${LARGEST_TAG} cannot be written`);
  }

  mustNotBeNull(what: string): never {
    throw new EncodeError(`${what} must not be null`);
  }
  versionLacks(what: string, version: number): never {
    throw new EncodeError(`Attempted to write a non-default ${what} at version ${version}`);
  }
}

/** Bytes that an unsigned varint takes. */
function uvarintSize(value: number): number {
  const bits = 32 - Math.clz32(value);
  return bits <= 7 ? 1 : Math.ceil(bits / 7);
}

/** Writes an unsigned varint; the position behind it. The caller has made room for 5 bytes. */
export function putUvarint(bytes: Uint8Array, at: number, value: number): number {
  let rest = value >>> 0;
  let to = at;
  while (rest > 0x7f) {
    bytes[to++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[to] = rest;
  return to + 1;
}

/** Writes an int64; throws EncodeError on a number that is no safe integer. */
export function putInt64(bytes: Buffer, at: number, value: number | bigint): void {
  if (typeof value === 'bigint') {
    bytes.writeBigInt64BE(value, at);
    return;
  }
  if (!Number.isSafeInteger(value)) throw new EncodeError(`${value} is no int64`);
  const high = Math.floor(value / 0x1_0000_0000);
  const low = value - high * 0x1_0000_0000;
  bytes[at] = high >> 24;
  bytes[at + 1] = high >> 16;
  bytes[at + 2] = high >> 8;
  bytes[at + 3] = high;
  bytes[at + 4] = low >>> 24;
  bytes[at + 5] = low >>> 16;
  bytes[at + 6] = low >>> 8;
  bytes[at + 7] = low;
}

export function putFloat64(bytes: Buffer, at: number, value: number): void {
  bytes.writeDoubleBE(value, at);
}

export function putUuidText(bytes: Uint8Array, at: number, value: string): void {
  if (!putUuid(bytes, at, value)) throw new EncodeError(`'${value}' is no uuid`);
}

export function recordsSize(value: Uint8Array | readonly Uint8Array[]): number {
  if (value instanceof Uint8Array) return value.length;
  let sizeBytes = 0;
  for (const piece of value) sizeBytes += piece.length;
  return sizeBytes;
}

/** Writes the characters as bytes; false when one of them is not ASCII. The caller has made room. */
function putAscii(bytes: Uint8Array, at: number, value: string): boolean {
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code >= 0x80) return false;
    bytes[at + i] = code;
  }
  return true;
}
