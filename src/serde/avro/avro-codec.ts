// The part of Avro that needs avsc; loaded with the first schema.
import { default as avsc } from 'avsc';
import type { Reader, Writer } from '../schema-serde.ts';

/** A schema as JSON: a name, a union, or an object with a type. */
export type AvroSchemaJson =
  | string
  | readonly AvroSchemaJson[]
  | { readonly type: unknown; readonly [key: string]: unknown };

export interface AvroCodecOptions {
  readonly logicalTypes?: Readonly<Record<string, unknown>>;
  readonly wrapUnions?: boolean | 'auto';
}

export class AvroCodec {
  private readonly options: AvroCodecOptions;

  constructor(options: AvroCodecOptions) {
    this.options = options;
  }

  /** `texts`: the types that the schema refers to, those first that others need. Throws when the schema is none. */
  writer<T>(text: string, texts: ReadonlyMap<string, string>): Writer<T> {
    const type = this.type(text, texts);
    return {
      record: type.name,
      encode: (data) => {
        if (!type.isValid(data, { noUndeclaredFields: false })) throw new Error(whatIsWrong(type, data));
        return type.toBuffer(data);
      },
    };
  }

  reader<T>(
    text: string,
    texts: ReadonlyMap<string, string>,
    readerText: string | undefined,
    readerTexts = texts,
  ): Reader<T> {
    const writer = this.type(text, texts);
    if (readerText === undefined) return (payload) => writer.fromBuffer(bufferOf(payload)) as T;
    const reader = this.type(readerText, readerTexts);
    const resolver = reader.createResolver(writer);
    return (payload) => reader.fromBuffer(bufferOf(payload), resolver) as T;
  }

  private type(text: string, texts: ReadonlyMap<string, string>): avsc.Type {
    const registry: Record<string, avsc.Type> = {};
    const { logicalTypes = {}, wrapUnions = 'auto' } = this.options;
    const options = {
      registry,
      logicalTypes,
      wrapUnions,
      typeHook: (schema: unknown) => (isLong(schema) ? long() : undefined),
    } as unknown as avsc.ForSchemaOptions;
    for (const other of texts.values()) avsc.Type.forSchema(jsonOf(other), options);
    return avsc.Type.forSchema(jsonOf(text), options);
  }
}

/** A name alone is not JSON, but Avro's own parser takes `"string"` only; so do we. */
const jsonOf = (text: string): avsc.Schema => JSON.parse(text) as avsc.Schema;

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function isLong(schema: unknown): boolean {
  if (schema === 'long') return true;
  return (
    typeof schema === 'object' &&
    schema !== null &&
    'type' in schema &&
    schema.type === 'long' &&
    !('logicalType' in schema)
  );
}

/** Numbers up to 2^53, bigints beyond, both ways. */
function long(): avsc.Type {
  const exact = (value: bigint): number | bigint => (value >= -MOST && value <= MOST ? Number(value) : value);
  return avsc.types.LongType.__with({
    fromBuffer: (buffer: Buffer) => exact(buffer.readBigInt64LE()),
    toBuffer: (value: number | bigint) => {
      const buffer = Buffer.alloc(8);
      buffer.writeBigInt64LE(BigInt(value));
      return buffer;
    },
    fromJSON: (value: number | string) => exact(BigInt(value)),
    toJSON: (value: number | bigint) => Number(value),
    isValid: (value: unknown) =>
      typeof value === 'bigint' ? value >= -(2n ** 63n) && value < 2n ** 63n : Number.isSafeInteger(value),
    compare: (a: number | bigint, b: number | bigint) => (a === b ? 0 : a < b ? -1 : 1),
  });
}

const MOST = 2n ** 53n - 1n;

/** `order.lines.0.price: "x" is no double`. */
function whatIsWrong(type: avsc.Type, data: unknown): string {
  const found: string[] = [];
  type.isValid(data, {
    errorHook: (path: string[], value: unknown, part: avsc.Type) => {
      found.push(`${path.join('.') || 'the data'}: ${shown(value)} is no ${part.name ?? part.typeName}`);
    },
  });
  return `the data does not fit the schema${type.name === undefined ? '' : ` ${type.name}`}: ${found.slice(0, 5).join('; ')}`;
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'bigint') return `${value}n`;
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}
