// Keys and values by the schemas of a registry, for the tools: decoded to JSON by the id that they carry, encoded from JSON by the latest
// schema of a subject or the one with an id. The language is the schema's.
import type { RecordHeader, Serde } from '../../client/index.ts';
import { avro, jsonSchema, protobuf, registryClient, type RegistryClient, type SchemaType } from '../../serde/index.ts';
import { plainJson } from './plain-json.ts';

export interface SchemaLogin {
  readonly username: string;
  readonly password: string;
}

export interface DecodedJson {
  readonly json: string;
  readonly schemaId: number | undefined;
}

interface Place {
  readonly topic: string;
  readonly isKey: boolean;
  readonly headers: readonly RecordHeader[];
}

/** The schema to write with: the latest of the topic's subject, or the one with this id. */
export interface WantedSchema {
  readonly id: number | 'topic';
  /** Of Protobuf, where the file has several messages. */
  readonly message?: string | undefined;
}

const PREFIX_BYTES = 5;
const GUID_BYTES = 17;

export class SchemaCodec {
  readonly #registry: RegistryClient;
  readonly #readers = new Map<SchemaType, Serde<unknown>>();
  readonly #writers = new Map<string, Promise<Serde<unknown>>>();

  constructor(url: string, login: SchemaLogin | undefined) {
    this.#registry = registryClient(url, { ...(login !== undefined && { auth: login }), retries: 0 });
  }

  /** Rejects with Error that says why the bytes cannot be decoded. */
  async decode(bytes: Uint8Array, { topic, isKey, headers }: Place): Promise<DecodedJson> {
    const { type, id } = await this.#identity(bytes, isKey, headers);
    const data = await this.#reader(type).deserialize(bytes, { topic, isKey, headers: [...headers] });
    return { json: plainJson(data), schemaId: id };
  }

  async #identity(bytes: Uint8Array, isKey: boolean, headers: readonly RecordHeader[]) {
    const name = isKey ? '__key_schema_id' : '__value_schema_id';
    const header = headers.findLast(({ key }) => key === name)?.value;
    if (header?.[0] === 1 && header.length >= GUID_BYTES) {
      const hex = Buffer.from(header.subarray(1, GUID_BYTES)).toString('hex');
      const guid = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
      return { type: (await this.#registry.schemaByGuid(guid)).schemaType, id: undefined };
    }
    if (bytes[0] !== 0 || bytes.length < PREFIX_BYTES)
      throw new Error('Invalid CP1 magic byte: there is no schema id before the data');
    const id = Buffer.from(bytes.subarray(1, PREFIX_BYTES)).readInt32BE();
    return { type: (await this.#registry.schemaById(id)).schemaType, id };
  }

  #reader(type: SchemaType): Serde<unknown> {
    const known = this.#readers.get(type);
    if (known !== undefined) return known;
    const made = serdeOf(this.#registry, type, undefined, {});
    this.#readers.set(type, made);
    return made;
  }

  /** Rejects with Error that says what does not fit. */
  async encode(json: Uint8Array, wanted: WantedSchema, { topic, isKey, headers }: Place): Promise<Uint8Array | null> {
    const key = `${topic} ${isKey} ${wanted.id}`;
    let writer = this.#writers.get(key);
    if (writer === undefined) {
      writer = this.#writer(wanted, `${topic}-${isKey ? 'key' : 'value'}`);
      this.#writers.set(key, writer);
    }
    const data = JSON.parse(Buffer.from(json.buffer, json.byteOffset, json.byteLength).toString()) as unknown;
    return (await writer).serialize(data, { topic, isKey, headers: [...headers] });
  }

  async #writer({ id, message }: WantedSchema, subject: string): Promise<Serde<unknown>> {
    if (id === 'topic') {
      const { schemaType } = await this.#registry.version(subject, 'latest');
      return serdeOf(this.#registry, schemaType, undefined, { message, useLatest: true });
    }
    const { schema, schemaType } = await this.#registry.schemaById(id);
    return serdeOf(this.#registry, schemaType, schema, { message });
  }

  close(): void {
    this.#registry.close();
  }
}

interface SerdeShape {
  readonly message?: string | undefined;
  readonly useLatest?: boolean;
}

function serdeOf(
  registry: RegistryClient,
  type: SchemaType,
  schema: string | undefined,
  shape: SerdeShape,
): Serde<unknown> {
  const { message, useLatest = false } = shape;
  // A tool writes with schemas that are there, and adds none.
  const options = { register: false, useLatest, ...(schema !== undefined && { schema }) };
  if (type === 'AVRO') return avro(registry, options);
  if (type === 'JSON') return jsonSchema(registry, options);
  return protobuf(registry, {
    ...options,
    keepCase: true,
    ...(message !== undefined && { message }),
  }) as Serde<unknown>;
}
