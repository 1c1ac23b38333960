// A cursor on the bytes of one message. The compiled decoders (compile.ts) keep position and bytes in locals and call
// in here for what is rare or long; hand-written code uses the methods. Every read is checked against the end first.
import type { Int64 } from './int64.ts';
import { MAX_ELEMENTS_PER_MESSAGE, MAX_UNKNOWN_TAG_BYTES_PER_MESSAGE, MAX_UNKNOWN_TAGS_PER_MESSAGE } from './limits.ts';
import type { UnknownTag } from './unknown-tags.ts';
import { utf8 } from './utf8.ts';
import { uuidFromBytes } from './uuid.ts';

/** Node makes a call of each look at the global, of which there is one for each message. */
const NodeBuffer = Buffer;

/** The bytes are not what the schema says. A broker answers by closing the connection, as Kafka does. */
export class DecodeError extends Error {
  override readonly name: string = 'DecodeError';
}

export interface ReaderOptions {
  /** For tools: int64 beyond ±(2^53−1) comes as bigint instead of clamped, unknown tagged fields are kept. */
  readonly exact?: boolean;
  /** Array elements that the whole message may have. */
  readonly maxElements?: number;
}

export class Reader {
  readonly bytes: Buffer;
  /** Offset in `bytes` of what is read next. */
  position: number;
  /** Offset in `bytes` behind the last byte that may be read. */
  readonly end: number;
  readonly exact: boolean;
  /** Array elements that may still come. */
  elementsLeft: number;
  #unknownTagsLeft = MAX_UNKNOWN_TAGS_PER_MESSAGE;
  #unknownTagBytesLeft = MAX_UNKNOWN_TAG_BYTES_PER_MESSAGE;

  constructor(bytes: Uint8Array, offset = 0, end = bytes.length, options?: ReaderOptions) {
    if (offset < 0 || end > bytes.length || offset > end) throw new RangeError(`no bytes ${offset} to ${end}`);
    // One class of array everywhere keeps the decoders monomorphic.
    this.bytes = NodeBuffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.position = offset;
    this.end = end;
    this.exact = options?.exact ?? false;
    this.elementsLeft = options?.maxElements ?? MAX_ELEMENTS_PER_MESSAGE;
  }

  get remaining(): number {
    return this.end - this.position;
  }

  // ------------------------------------------------------------------ primitives, for hand-written readers

  /** The position of the next `sizeBytes` bytes, which are then behind the cursor. */
  #take(sizeBytes: number): number {
    const at = this.position;
    if (sizeBytes < 0 || this.end - at < sizeBytes) this.underflow(at, sizeBytes, 'value');
    this.position = at + sizeBytes;
    return at;
  }
  bool(): boolean {
    return this.bytes[this.#take(1)] !== 0;
  }
  int8(): number {
    return this.bytes.readInt8(this.#take(1));
  }
  int16(): number {
    return this.bytes.readInt16BE(this.#take(2));
  }
  uint16(): number {
    return this.bytes.readUInt16BE(this.#take(2));
  }
  int32(): number {
    return this.bytes.readInt32BE(this.#take(4));
  }
  uint32(): number {
    return this.bytes.readUInt32BE(this.#take(4));
  }
  /** Beyond ±(2^53−1): clamped, or a bigint (typed as number) in `exact` mode. */
  int64(): number {
    const at = this.#take(8);
    return this.exact ? (exactInt64(this.bytes, at) as number) : clampedInt64(this.bytes, at);
  }
  float64(): number {
    return this.bytes.readDoubleBE(this.#take(8));
  }
  uuid(): string {
    return uuidFromBytes(this.bytes, this.#take(16));
  }
  /** An unsigned varint as Kafka reads it: at most 5 bytes, as a signed 32-bit number, overlong forms allowed. */
  uvarint(): number {
    const bytes = this.bytes;
    const end = this.end;
    let at = this.position;
    let value = 0;
    for (let shift = 0; shift <= 28; shift += 7) {
      if (at >= end) this.underflow(at, 1, 'varint');
      const byte = bytes[at++] as number;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.position = at;
        return value;
      }
    }
    throw new DecodeError(`varint of more than 5 bytes at ${this.position}`);
  }
  /** Zigzag, 32 bits. */
  varint(): number {
    const value = this.uvarint();
    return (value >>> 1) ^ -(value & 1);
  }
  /** Zigzag, 64 bits, at most 10 bytes. */
  varlongBig(): bigint {
    let value = 0n;
    for (let shift = 0n; shift <= 63n; shift += 7n) {
      const byte = this.bytes[this.#take(1)] as number;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) {
        value = BigInt.asUintN(64, value);
        return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
      }
    }
    throw new DecodeError(`varlong of more than 10 bytes at ${this.position}`);
  }
  /** As varlongBig, clamped to ±(2^53−1). */
  varlong(): number {
    return clamp(this.varlongBig());
  }
  /** The next `sizeBytes` bytes as a view. */
  view(sizeBytes: number): Buffer {
    const at = this.#take(sizeBytes);
    return this.bytes.subarray(at, at + sizeBytes);
  }
  /** A string with an int16 length; null for a negative one. */
  nullableString(): string | null {
    const length = this.int16();
    return length < 0 ? null : utf8(this.bytes, this.#take(length), length);
  }
  string(): string {
    return this.nullableString() ?? this.unexpectedNull('string');
  }

  // ------------------------------------------------------------------ what the compiled decoders call

  underflow(at: number, sizeBytes: number, what: string): never {
    throw new DecodeError(`${what} at ${at} wants ${sizeBytes} bytes, ${this.end - at} are left`);
  }
  unexpectedNull(what: string): never {
    throw new DecodeError(`${what} must not be null`);
  }
  stringTooLong(length: number, what: string): never {
    throw new DecodeError(`${what} has invalid length ${length}`);
  }
  tooManyElements(count: number, what: string): never {
    throw new DecodeError(`${what} has ${count} elements, more than the message has room for`);
  }
  tagOfAnotherVersion(tag: number, what: string): never {
    throw new DecodeError(`tag ${tag} of ${what} is not valid for this version`);
  }

  /** Goes past one unknown tagged field of `sizeBytes`. */
  skipTag(tag: number, sizeBytes: number): void {
    if (sizeBytes < 0 || sizeBytes > this.end - this.position) {
      this.underflow(this.position, sizeBytes, `unknown tagged field ${tag}`);
    }
    this.#unknownTagsLeft -= 1;
    this.#unknownTagBytesLeft -= sizeBytes;
    if (this.#unknownTagsLeft < 0 || this.#unknownTagBytesLeft < 0) {
      throw new DecodeError('too many unknown tagged fields');
    }
    this.position += sizeBytes;
  }
  /** The same, adding it to what was kept so far. */
  keepTag(kept: UnknownTag[] | undefined, tag: number, sizeBytes: number): UnknownTag[] {
    const at = this.position;
    this.skipTag(tag, sizeBytes);
    const tags = kept ?? [];
    tags.push({ tag, bytes: copy(this.bytes, at, sizeBytes) });
    return tags;
  }
  /** The tagged section of a struct that knows no tagged fields. */
  skipTags(): void {
    for (let count = this.uvarint(); count > 0; count--) {
      const tag = this.uvarint();
      this.skipTag(tag, this.uvarint());
    }
  }
}

function clamp(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) return Number.MAX_SAFE_INTEGER;
  if (value < BigInt(Number.MIN_SAFE_INTEGER)) return Number.MIN_SAFE_INTEGER;
  return Number(value);
}

function int32At(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}

/** An int64 as a number; what lies beyond ±(2^53−1) becomes that bound. */
export function clampedInt64(bytes: Uint8Array, at: number): number {
  const high = int32At(bytes, at);
  const value = high * 0x1_0000_0000 + (int32At(bytes, at + 4) >>> 0);
  if (high >= -0x20_0000 && high < 0x20_0000) return value === -0x20_0000_0000_0000 ? Number.MIN_SAFE_INTEGER : value;
  return high < 0 ? Number.MIN_SAFE_INTEGER : Number.MAX_SAFE_INTEGER;
}

/** An int64 as a number where it is a safe integer, else as a bigint. */
export function exactInt64(bytes: Buffer, at: number): Int64 {
  const near = int32At(bytes, at) * 0x1_0000_0000 + (int32At(bytes, at + 4) >>> 0);
  return Number.isSafeInteger(near) ? near : bytes.readBigInt64BE(at);
}

export function float64At(bytes: Buffer, at: number): number {
  return bytes.readDoubleBE(at);
}

/** A copy that does not keep the frame alive. */
export function copy(bytes: Uint8Array, at: number, length: number): Uint8Array {
  const copied = new Uint8Array(length);
  if (length <= 32) for (let i = 0; i < length; i++) copied[i] = bytes[at + i] as number;
  else copied.set(bytes.subarray(at, at + length));
  return copied;
}
