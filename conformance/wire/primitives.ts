// Kafka's primitive types, written and read field by field. The conformance suites speak through this small codec of
// their own, not through src/protocol: a judge that shared the broker's codec would share its mistakes.

export class WireWriter {
  #bytes = Buffer.alloc(256);
  #length = 0;

  #room(size: number): number {
    const at = this.#length;
    this.#length += size;
    if (this.#length > this.#bytes.length) {
      const larger = Buffer.alloc(Math.max(this.#length, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, at);
      this.#bytes = larger;
    }
    return at;
  }

  int8(value: number): this {
    const at = this.#room(1);
    this.#bytes.writeInt8(value, at);
    return this;
  }

  int16(value: number): this {
    const at = this.#room(2);
    this.#bytes.writeInt16BE(value, at);
    return this;
  }

  int32(value: number): this {
    const at = this.#room(4);
    this.#bytes.writeInt32BE(value, at);
    return this;
  }

  uint32(value: number): this {
    const at = this.#room(4);
    this.#bytes.writeUInt32BE(value, at);
    return this;
  }

  int64(value: number | bigint): this {
    const at = this.#room(8);
    this.#bytes.writeBigInt64BE(BigInt(value), at);
    return this;
  }

  float64(value: number): this {
    const at = this.#room(8);
    this.#bytes.writeDoubleBE(value, at);
    return this;
  }

  bool(value: boolean): this {
    return this.int8(value ? 1 : 0);
  }

  uvarint(value: number): this {
    let rest = value >>> 0;
    while (rest > 0x7f) {
      this.#bytes[this.#room(1)] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#bytes[this.#room(1)] = rest;
    return this;
  }

  /** Zigzag, up to 64 bits: lengths and deltas inside a record. */
  varint(value: number | bigint): this {
    let rest = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n));
    while (rest > 0x7fn) {
      this.int8(Number(rest & 0x7fn) - 128);
      rest >>= 7n;
    }
    return this.int8(Number(rest));
  }

  raw(bytes: Uint8Array): this {
    const at = this.#room(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }

  string(value: string | null): this {
    if (value === null) return this.int16(-1);
    const bytes = Buffer.from(value);
    return this.int16(bytes.length).raw(bytes);
  }

  compactString(value: string | null): this {
    if (value === null) return this.uvarint(0);
    const bytes = Buffer.from(value);
    return this.uvarint(bytes.length + 1).raw(bytes);
  }

  /** INT32 length in front; null is -1. */
  bytes(value: Uint8Array | null): this {
    return value === null ? this.int32(-1) : this.int32(value.length).raw(value);
  }

  array<T>(items: readonly T[] | null, write: (item: T) => void): this {
    if (items === null) return this.int32(-1);
    this.int32(items.length);
    for (const item of items) write(item);
    return this;
  }

  compactArray<T>(items: readonly T[] | null, write: (item: T) => void): this {
    if (items === null) return this.uvarint(0);
    this.uvarint(items.length + 1);
    for (const item of items) write(item);
    return this;
  }

  noTags(): this {
    return this.uvarint(0);
  }

  finish(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }
}

export class WireReader {
  readonly bytes: Buffer;
  position: number;

  constructor(bytes: Buffer, position = 0) {
    this.bytes = bytes;
    this.position = position;
  }

  get remaining(): number {
    return this.bytes.length - this.position;
  }

  #take(size: number): number {
    const at = this.position;
    if (size < 0 || size > this.remaining) throw new RangeError(`${size} bytes wanted, ${this.remaining} left`);
    this.position += size;
    return at;
  }

  int8(): number {
    return this.bytes.readInt8(this.#take(1));
  }

  int16(): number {
    return this.bytes.readInt16BE(this.#take(2));
  }

  int32(): number {
    return this.bytes.readInt32BE(this.#take(4));
  }

  int64(): number {
    return Number(this.bytes.readBigInt64BE(this.#take(8)));
  }

  bool(): boolean {
    return this.int8() !== 0;
  }

  uvarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.bytes[this.#take(1)] as number;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError('varint longer than five bytes');
  }

  varint(): number {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.bytes[this.#take(1)] as number;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
    throw new RangeError('varint longer than ten bytes');
  }

  raw(size: number): Buffer {
    const at = this.#take(size);
    return this.bytes.subarray(at, at + size);
  }

  string(): string | null {
    const length = this.int16();
    return length < 0 ? null : this.raw(length).toString();
  }

  compactString(): string | null {
    const length = this.uvarint() - 1;
    return length < 0 ? null : this.raw(length).toString();
  }

  bytesField(): Buffer | null {
    const length = this.int32();
    return length < 0 ? null : this.raw(length);
  }

  uuid(): string {
    return this.raw(16).toString('base64url');
  }

  array<T>(read: (reader: this) => T): T[] {
    return this.#many(this.int32(), read);
  }

  compactArray<T>(read: (reader: this) => T): T[] {
    return this.#many(this.uvarint() - 1, read);
  }

  #many<T>(count: number, read: (reader: this) => T): T[] {
    if (count > this.remaining) throw new RangeError(`${count} elements in ${this.remaining} bytes`);
    const items: T[] = [];
    for (let i = 0; i < count; i++) items.push(read(this));
    return items;
  }

  skipTags(): void {
    for (let left = this.uvarint(); left > 0; left--) {
      this.uvarint();
      this.raw(this.uvarint());
    }
  }
}
