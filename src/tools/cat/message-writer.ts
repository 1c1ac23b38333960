// Writes what `ottla cat` has consumed, as it was asked to.
import type { DecodedJson, SchemaCodec } from '../schemas/schema-codec.ts';
import type { ToolRecord } from '../tool-record.ts';
import type { CatContext } from './cat-context.ts';
import type { Serdes } from './cat-options.ts';
import { type DecodedField, messageEnvelope } from './json-envelope.ts';
import { type FieldForm, FormatError, formattedMessage } from './message-format.ts';

type Field = 'key' | 'value';

/** A key or value that could not be decoded, and why. */
interface Undecoded {
  readonly error: string;
}

export class MessageWriter {
  readonly #context: CatContext;
  readonly #codec: SchemaCodec | undefined;
  /** Behind each line of JSON. */
  readonly #end: Buffer;
  #count = 0;

  constructor(context: CatContext, codec: SchemaCodec | undefined) {
    const [first] = context.options.pieces;
    this.#context = context;
    this.#codec = codec;
    this.#end = Buffer.isBuffer(first) ? first : Buffer.alloc(0);
  }

  /** Messages that were written. */
  get count(): number {
    return this.#count;
  }

  /** Rejects with CatFailure for one that cannot be formatted, unless errors are gone on after. */
  async write(record: ToolRecord): Promise<void> {
    const { io, options } = this.#context;
    const [key, value] = [await this.#decoded('key', record), await this.#decoded('value', record)];
    const bytes = options.isJson ? this.#json(record, key, value) : this.#formatted(record, key, value);
    this.#count += 1;
    if (!io.stdout.write(bytes)) await io.stdout.drained();
  }

  async #decoded(field: Field, record: ToolRecord): Promise<DecodedJson | Undecoded | undefined> {
    const serdes = this.#context.options.serdes[field];
    const bytes = record[field];
    if (this.#codec === undefined || serdes === undefined || 'pack' in serdes || bytes === null) return undefined;
    try {
      const { topic, headers } = record;
      return await this.#codec.decode(bytes, { topic, headers, isKey: field === 'key' });
    } catch (error) {
      return { error: (error as Error).message };
    }
  }

  #json(
    record: ToolRecord,
    key: DecodedJson | Undecoded | undefined,
    value: DecodedJson | Undecoded | undefined,
  ): Buffer {
    const brokerId = this.#context.client.topics.leaderOf(record.topic, record.partition)?.nodeId ?? -1;
    for (const [field, decoded] of [
      ['key', key],
      ['value', value],
    ] as const) {
      if (decoded !== undefined && 'error' in decoded) {
        this.#context.error(`Failed to deserialize ${field} in message in ${placeOf(record)}: ${decoded.error}`);
      }
    }
    const envelope = messageEnvelope(record, { brokerId, key: fieldOf(key), value: fieldOf(value) });
    return Buffer.concat([envelope, this.#end]);
  }

  #formatted(
    record: ToolRecord,
    key: DecodedJson | Undecoded | undefined,
    value: DecodedJson | Undecoded | undefined,
  ): Buffer {
    const { serdes, isNullForEmpty, pieces } = this.#context.options;
    try {
      return formattedMessage(pieces, record, {
        nullText: isNullForEmpty ? 'NULL' : undefined,
        key: formOf('key', serdes.key, key),
        value: formOf('value', serdes.value, value),
      });
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      this.#context.io.stdout.write(error.written);
      this.#context.error(`Failed to format message in ${placeOf(record)}: ${error.message}`);
      return Buffer.alloc(0);
    }
  }
}

const placeOf = ({ topic, partition, offset }: ToolRecord): string => `${topic} [${partition}] at offset ${offset}`;

function fieldOf(decoded: DecodedJson | Undecoded | undefined): DecodedField | undefined {
  if (decoded === undefined || 'error' in decoded) return decoded;
  return { json: decoded.json, ...(decoded.schemaId !== undefined && { schemaId: decoded.schemaId }) };
}

function formOf(field: Field, serdes: Serdes | undefined, decoded: DecodedJson | Undecoded | undefined): FieldForm {
  if (serdes !== undefined && 'pack' in serdes) return { pack: serdes.pack };
  if (decoded === undefined) return undefined;
  const what = field === 'key' ? 'key' : 'message';
  return 'error' in decoded ? { failure: `Avro/Schema-registry ${what} deserialization: ${decoded.error}` } : decoded;
}
