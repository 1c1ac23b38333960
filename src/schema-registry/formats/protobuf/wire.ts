// Protobuf's wire types, both ways; scalars as texts, bytes as one character each.
import { InvalidSchemaError } from '../schema-format.ts';

const FIXED64 = new Set(['fixed64', 'sfixed64', 'double']);
const FIXED32 = new Set(['fixed32', 'sfixed32', 'float']);

export function wireTypeOf(type: string): number {
  if (FIXED64.has(type)) return 1;
  if (FIXED32.has(type)) return 5;
  return type === 'string' || type === 'bytes' ? 2 : 0;
}

export class WireWriter {
  private readonly parts: Uint8Array[] = [];

  finish(): Uint8Array {
    return Buffer.concat(this.parts);
  }

  nested(number: number, bytes: Uint8Array): void {
    this.varint((BigInt(number) << 3n) | 2n);
    this.varint(BigInt(bytes.length));
    this.parts.push(bytes);
  }

  /** Throws InvalidSchemaError when the text is no value of the type. */
  scalar(number: number, type: string, text: string): void {
    if (type === 'string') return this.nested(number, Buffer.from(text, 'utf8'));
    if (type === 'bytes') return this.nested(number, Buffer.from(text, 'latin1'));
    this.varint((BigInt(number) << 3n) | BigInt(wireTypeOf(type)));
    if (type === 'double' || type === 'float') return this.float(type, text);
    if (type === 'bool') return this.varint(booleanOf(text));
    const value = integerOf(text, type);
    if (wireTypeOf(type) === 0)
      return this.varint(BigInt.asUintN(64, type.startsWith('sint') ? (value << 1n) ^ (value >> 63n) : value));
    const bytes = Buffer.alloc(wireTypeOf(type) === 1 ? 8 : 4);
    if (bytes.length === 8) bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
    else bytes.writeUInt32LE(Number(BigInt.asUintN(32, value)));
    this.parts.push(bytes);
  }

  private float(type: string, text: string): void {
    const value = Number(
      text
        .replace(/^(-?)inf$/i, '$1Infinity')
        .replace(/^-?nan$/i, 'NaN')
        .replace(/[fF]$/, ''),
    );
    const bytes = Buffer.alloc(type === 'double' ? 8 : 4);
    if (type === 'double') bytes.writeDoubleLE(value);
    else bytes.writeFloatLE(value);
    this.parts.push(bytes);
  }

  private varint(value: bigint): void {
    const bytes: number[] = [];
    let rest = value;
    while (rest > 127n) {
      bytes.push(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    bytes.push(Number(rest));
    this.parts.push(Uint8Array.from(bytes));
  }
}

function integerOf(text: string, type: string): bigint {
  const match = /^([-+]?)(0[xX][\da-fA-F]+|\d+)$/.exec(text);
  if (match === null) throw new InvalidSchemaError(`'${text}' is no ${type}`);
  const digits = match[2] ?? '0';
  const size = BigInt(/^0\d/.test(digits) ? `0o${digits.slice(1)}` : digits);
  return match[1] === '-' ? -size : size;
}

function booleanOf(text: string): bigint {
  if (text !== 'true' && text !== 'false') throw new InvalidSchemaError(`'${text}' is no bool`);
  return text === 'true' ? 1n : 0n;
}

export class WireReader {
  private at = 0;
  private readonly bytes: Buffer;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isDone(): boolean {
    return this.at >= this.bytes.length;
  }

  tag(): { number: number; wireType: number } {
    const tag = Number(this.varint());
    if (tag < 8 || tag > 2 ** 32) throw new InvalidSchemaError('not a Protobuf descriptor: a tag that cannot be');
    return { number: Math.floor(tag / 8), wireType: tag % 8 };
  }

  nested(wireType: number): WireReader {
    if (wireType !== 2) throw new InvalidSchemaError(`not a Protobuf descriptor: wire type ${wireType} for a message`);
    return new WireReader(this.take(Number(this.varint())));
  }

  /** Groups are not told apart: a descriptor has none. */
  skip(wireType: number): void {
    if (wireType === 0) this.varint();
    else if (wireType === 1) this.take(8);
    else if (wireType === 5) this.take(4);
    else if (wireType === 2) this.take(Number(this.varint()));
    else throw new InvalidSchemaError(`not a Protobuf descriptor: wire type ${wireType}`);
  }

  scalar(type: string): string {
    if (type === 'string') return this.take(Number(this.varint())).toString('utf8');
    if (type === 'bytes') return this.take(Number(this.varint())).toString('latin1');
    if (type === 'double') return String(this.take(8).readDoubleLE()).replace('Infinity', 'inf').replace('NaN', 'nan');
    if (type === 'float') return String(this.take(4).readFloatLE()).replace('Infinity', 'inf').replace('NaN', 'nan');
    if (type === 'fixed64') return String(this.take(8).readBigUInt64LE());
    if (type === 'sfixed64') return String(this.take(8).readBigInt64LE());
    if (type === 'fixed32') return String(this.take(4).readUInt32LE());
    if (type === 'sfixed32') return String(this.take(4).readInt32LE());
    const value = this.varint();
    if (type === 'bool') return String(value !== 0n);
    if (type.startsWith('sint')) return String((value >> 1n) ^ -(value & 1n));
    return String(type.startsWith('uint') ? value : BigInt.asIntN(type === 'int64' ? 64 : 32, value));
  }

  private varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) break;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return BigInt.asUintN(64, value);
    }
    throw new InvalidSchemaError('not a Protobuf descriptor: a number that does not end');
  }

  private take(length: number): Buffer {
    if (length > this.bytes.length - this.at)
      throw new InvalidSchemaError('not a Protobuf descriptor: it ends too early');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
}
