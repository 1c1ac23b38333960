// Checks golden lines about numbers, strings, uuids, hashes and partitions. A check returns why the line fails, or
// undefined.
import { javaHash, murmur2, partitionForId, partitionForKey } from '../src/protocol/index.ts';
import { codecOf } from '../src/protocol/compile.ts';
import { Reader } from '../src/protocol/reader.ts';
import { crc32c } from '../src/protocol/records/crc32c.ts';
import * as vocabulary from '../src/protocol/schema.ts';
import { uuidFromBytes, uuidToBytes } from '../src/protocol/uuid.ts';
import { Writer } from '../src/protocol/writer.ts';

export interface PrimitiveRow {
  readonly kind: string;
  readonly hex: string;
  readonly value?: unknown;
  readonly valueHex?: string | null;
  readonly size?: number;
  readonly consumed?: number;
  readonly error?: string;
  readonly text?: string;
  readonly mostSignificant?: number | string;
  readonly leastSignificant?: number | string;
  readonly crc?: number;
  readonly keyHex?: string;
  readonly key?: string;
  readonly id?: string;
  readonly hash?: number;
  readonly positive?: number;
  readonly partitions?: Readonly<Record<string, number>>;
}

const { bool, bytes, float64, int16, int32, int64, int8, message, string, uint16, uint32 } = vocabulary;
const one = (field: vocabulary.AnyField) => message('Primitive', [0, 1], 1, { value: field });

/** The field that writes the kind; compact ones are what version 1, a flexible one, makes of it. */
const messages: Readonly<Record<string, vocabulary.MessageSchema>> = {
  boolean: one(bool),
  int8: one(int8),
  int16: one(int16),
  uint16: one(uint16),
  int32: one(int32),
  uint32: one(uint32),
  int64: one(int64),
  float64: one(float64),
  string: one(string),
  'nullable-string': one(string.nullable()),
  bytes: one(bytes),
  'nullable-bytes': one(bytes.nullable()),
};

const same = (what: string, expected: unknown, actual: unknown): string | undefined =>
  Object.is(expected, actual) ? undefined : `${what}: expected ${String(expected)}, got ${String(actual)}`;

export function checkPrimitive(row: PrimitiveRow): string | undefined {
  const field = messages[row.kind.replace('compact-', '')];
  if (field !== undefined) return checkField(row, field, row.kind.startsWith('compact-'));
  switch (row.kind) {
    case 'uvarint':
    case 'varint':
    case 'varlong':
      return checkVarint(row, row.kind);
    case 'decode-uvarint':
    case 'decode-varint':
    case 'decode-varlong':
      return checkDecodeVarint(row);
    case 'uuid':
      return checkUuid(row);
    case 'parse-uuid':
      return checkParseUuid(row);
    case 'crc32c':
      return same('crc', row.crc, crc32c(Buffer.from(row.valueHex as string, 'hex')));
    case 'murmur2':
      return checkMurmur2(row);
    case 'coordinator-partition':
      return checkHash(row, row.id as string);
    case 'share-coordinator-partition':
      return checkHash(row, row.key as string);
    default:
      return `nobody checks ${row.kind}`;
  }
}

function written(write: (writer: Writer) => void): string {
  const writer = new Writer({ exact: true });
  write(writer);
  return writer.finishToBytes().toString('hex');
}

const special: Readonly<Record<string, number>> = { NaN, Infinity, '-Infinity': -Infinity };

function checkField(row: PrimitiveRow, schema: vocabulary.MessageSchema, isCompact: boolean): string | undefined {
  const codec = codecOf(schema, isCompact ? 1 : 0);
  // A flexible message ends with its tagged fields, here none.
  const hex = isCompact ? `${row.hex}00` : row.hex;
  let value = row.value;
  if ('valueHex' in row) value = typeof row.valueHex === 'string' ? Buffer.from(row.valueHex, 'hex') : null;
  else if (row.kind === 'int64') value = BigInt(value as number | string);
  else if (row.kind === 'float64' && typeof value === 'string') value = special[value];
  const { value: decoded } = codec.decode(new Reader(Buffer.from(hex, 'hex'), 0, hex.length / 2, { exact: true }));
  const comparable = (each: unknown) =>
    each instanceof Uint8Array ? Buffer.from(each).toString('hex') : row.kind === 'int64' ? `${each as bigint}` : each;
  return (
    same('read', comparable(value), comparable(decoded)) ??
    same(
      'written',
      hex,
      written((writer) => codec.encode(writer, { value })),
    )
  );
}

type VarintKind = 'uvarint' | 'varint' | 'varlong';

/** The corpus writes unsigned varints as such; Kafka, and we, read them as an int. */
function readVarint(reader: Reader, kind: VarintKind): bigint {
  if (kind === 'varlong') return reader.varlongBig();
  return BigInt(kind === 'uvarint' ? reader.uvarint() >>> 0 : reader.varint());
}

function checkVarint(row: PrimitiveRow, kind: VarintKind): string | undefined {
  const reader = new Reader(Buffer.from(row.hex, 'hex'));
  const value = BigInt(row.value as number | string);
  const write = (writer: Writer) => (kind === 'varlong' ? writer.varlong(value) : writer[kind](Number(value)));
  return (
    same('read', value, readVarint(reader, kind)) ??
    same('bytes read', row.size, reader.position) ??
    same('written', row.hex, written(write))
  );
}

function checkDecodeVarint(row: PrimitiveRow): string | undefined {
  const reader = new Reader(Buffer.from(row.hex, 'hex'));
  let read: bigint;
  try {
    read = readVarint(reader, row.kind.slice('decode-'.length) as VarintKind);
  } catch (error) {
    return row.error === undefined ? `refused: ${String(error)}` : undefined;
  }
  if (row.error !== undefined) return 'Kafka refuses it, we read it';
  const value = BigInt(row.value as number | string);
  return same('read', value, read) ?? same('bytes read', row.consumed, reader.position);
}

function checkUuid(row: PrimitiveRow): string | undefined {
  const raw = Buffer.from(row.hex, 'hex');
  return (
    same('read', row.text, uuidFromBytes(raw)) ??
    same('written', row.hex, Buffer.from(uuidToBytes(row.text as string)).toString('hex')) ??
    same('high', BigInt(row.mostSignificant as number), raw.readBigInt64BE(0)) ??
    same('low', BigInt(row.leastSignificant as number), raw.readBigInt64BE(8))
  );
}

function checkParseUuid(row: PrimitiveRow): string | undefined {
  let read: string;
  try {
    read = uuidFromBytes(Buffer.from(uuidToBytes(row.text as string)));
  } catch (error) {
    return row.error === undefined ? `refused: ${String(error)}` : undefined;
  }
  return row.error === undefined ? same('read', row.value, read) : 'Kafka refuses it, we read it';
}

function checkMurmur2(row: PrimitiveRow): string | undefined {
  const key = Buffer.from(row.keyHex as string, 'hex');
  return (
    same('hash', row.hash, murmur2(key)) ??
    same('positive', row.positive, murmur2(key) & 0x7fffffff) ??
    checkPartitions(row, (partitions) => partitionForKey(key, partitions))
  );
}

function checkHash(row: PrimitiveRow, id: string): string | undefined {
  return same('hash', row.hash, javaHash(id)) ?? checkPartitions(row, (partitions) => partitionForId(id, partitions));
}

function checkPartitions(row: PrimitiveRow, partitionOf: (partitions: number) => number): string | undefined {
  for (const [partitions, expected] of Object.entries(row.partitions ?? {})) {
    const failure = same(`of ${partitions} partitions`, expected, partitionOf(Number(partitions)));
    if (failure !== undefined) return failure;
  }
  return undefined;
}
