// What Avro, Protobuf and JSON Schema have in common on their way to bytes and back: a subject, a schema that is registered or
// looked up once, an id in front of the data or in a header; and for readers, a schema behind each id that is prepared once.
import type { Serde, SerdeContext } from '../client/index.ts';
import { type Framed, readIdentity, setHeader, withPrefix } from './framing/schema-id.ts';
import { type SubjectName, subjectOf } from './framing/subject-name.ts';
import { PromiseCache } from './promise-cache.ts';
import type { NewSchema, RegistryClient, SchemaType, StoredSchema } from './registry-client/registry-client.ts';
import { RegistryError } from './registry-client/registry-error.ts';

export interface SchemaSerdeOptions {
  /** `topic` when left out. */
  readonly subject?: SubjectName;
  /** auto.register.schemas: a schema that is not there is registered; true when left out, else it must be there. */
  readonly register?: boolean;
  /** use.latest.version: data is written with the latest version of the subject. */
  readonly useLatest?: boolean;
  /** latest.cache.ttl.sec, in milliseconds: how long a version is taken for the latest; for ever when left out, as Confluent's do. */
  readonly latestTtlMs?: number;
  /** normalize.schemas: texts that say the same have the same id. */
  readonly normalize?: boolean;
  /** Where the id goes: `prefix` when left out. */
  readonly schemaId?: 'prefix' | 'header';
  /** Prepared schemas that are kept; 1,000 when left out. */
  readonly cacheSize?: number;
}

/** A schema as the language prepares it to write with. */
export interface Writer<T> {
  readonly record: string | undefined;
  /** Protobuf. */
  readonly indexes?: readonly number[];
  /** Throws an Error that says what does not fit. */
  encode(data: T): Uint8Array;
}

/** ... and to read with. */
export type Reader<T> = (payload: Uint8Array, indexes: readonly number[]) => T;

export interface SchemaLanguage<T> {
  readonly type: SchemaType;
  /** The schema that the program gave; undefined when it did not. Its references may have to be registered first. */
  own(context: SerdeContext): Promise<{ readonly schema: NewSchema; readonly writer: Writer<T> } | undefined>;
  writer(schema: StoredSchema, texts: ReadonlyMap<string, string>): Promise<Writer<T>>;
  reader(schema: StoredSchema, texts: ReadonlyMap<string, string>): Promise<Reader<T>>;
}

interface ReadyWriter<T> {
  readonly writer: Writer<T>;
  readonly id: number;
  readonly guid: string | undefined;
  /** On the monotonic clock; undefined: it is good for ever. */
  readonly untilMs: number | undefined;
}

export class SchemaSerde<T> implements Serde<T> {
  private readonly registry: RegistryClient;
  private readonly language: SchemaLanguage<T>;
  private readonly options: SchemaSerdeOptions;
  private readonly writers: PromiseCache<ReadyWriter<T>>;
  private readonly readers: PromiseCache<Reader<T>>;
  /** Those whose promise has come true: most records need no promise at all. */
  private readonly settledWriters = new Map<string, ReadyWriter<T>>();
  private readonly settledReaders = new Map<string | number, Reader<T>>();

  constructor(registry: RegistryClient, language: SchemaLanguage<T>, options: SchemaSerdeOptions) {
    this.registry = registry;
    this.language = language;
    this.options = options;
    const limit = options.cacheSize ?? 1000;
    this.writers = new PromiseCache(limit);
    this.readers = new PromiseCache(limit);
  }

  /** null and undefined are tombstones. */
  serialize(data: T, context: SerdeContext): Uint8Array | null | Promise<Uint8Array | null> {
    if (data === null || data === undefined) return null;
    const key = `${context.isKey ? 'key' : 'value'} ${context.topic}`;
    const settled = this.settledWriters.get(key);
    if (settled !== undefined && !this.isOver(settled)) return this.write(data, settled, context);
    if (settled !== undefined) {
      this.settledWriters.delete(key);
      this.writers.forget(key);
    }
    return this.writers
      .get(key, () => this.prepareWriter(context))
      .then((ready) => {
        this.settle(this.settledWriters, key, ready);
        return this.write(data, ready, context);
      });
  }

  /** null stays null, whatever the type says of it. */
  deserialize(bytes: Uint8Array | null, context: SerdeContext): T | Promise<T> {
    if (bytes === null) return null as T;
    const framed = readIdentity(bytes, context, this.language.type === 'PROTOBUF');
    const key = framed.guid ?? framed.id ?? 0;
    const settled = this.settledReaders.get(key);
    if (settled !== undefined) return read(settled, framed, context);
    return this.readers
      .get(String(key), () => this.prepareReader(framed, bytes, context))
      .then((reader) => {
        this.settle(this.settledReaders, key, reader);
        return read(reader, framed, context);
      });
  }

  private isOver({ untilMs }: ReadyWriter<T>): boolean {
    return untilMs !== undefined && this.registry.clock.monotonicMs() >= untilMs;
  }

  private settle<K, V>(settled: Map<K, V>, key: K, value: V): void {
    if (settled.size >= (this.options.cacheSize ?? 1000)) settled.clear();
    settled.set(key, value);
  }

  private write(data: T, { writer, id, guid }: ReadyWriter<T>, context: SerdeContext): Uint8Array {
    const payload = writer.encode(data);
    const { indexes } = writer;
    const path = indexes === undefined ? {} : { indexes };
    if (this.options.schemaId !== 'header') return withPrefix({ id, ...path }, payload);
    if (guid === undefined)
      throw new Error(
        `The schema registry ${this.registry.urls} does not tell GUIDs, which a header would have; use schemaId: 'prefix'`,
      );
    setHeader({ guid, ...path }, context);
    return payload;
  }

  private async prepareWriter(context: SerdeContext): Promise<ReadyWriter<T>> {
    const { topic, isKey } = context;
    const { useLatest = false, subject: strategy = 'topic' } = this.options;
    const own = await this.language.own(context);
    if (own === undefined && !useLatest)
      throw new Error(`No schema is given for topic ${topic}, and useLatest is not set`);
    const subject = subjectOf(strategy, topic, isKey, own?.writer.record);
    if (own === undefined || useLatest) {
      const latest = await this.registry.version(subject, 'latest');
      this.checkType(latest, `Subject ${subject}`);
      const writer = await this.language.writer(latest, await this.registry.resolve(latest.references));
      const { latestTtlMs } = this.options;
      const untilMs = latestTtlMs === undefined ? undefined : this.registry.clock.monotonicMs() + latestTtlMs;
      return { writer, id: latest.id, guid: await this.guidOf(latest.id, latest.guid, subject), untilMs };
    }
    const { register = true, normalize = false } = this.options;
    const found = register
      ? await this.registry.register(subject, own.schema, { normalize })
      : await this.registry.lookup(subject, own.schema, { normalize });
    const guid = await this.guidOf(found.id, found.guid, subject);
    return { writer: own.writer, id: found.id, guid, untilMs: undefined };
  }

  /** Asked for only where it is needed and was not told. */
  private async guidOf(id: number, guid: string | undefined, subject: string): Promise<string | undefined> {
    if (guid !== undefined || this.options.schemaId !== 'header') return guid;
    return (await this.registry.schemaById(id, subject)).guid;
  }

  private async prepareReader(
    { id = 0, guid }: Framed,
    bytes: Uint8Array,
    { topic, isKey }: SerdeContext,
  ): Promise<Reader<T>> {
    let schema: StoredSchema;
    try {
      schema = guid === undefined ? await this.registry.schemaById(id) : await this.registry.schemaByGuid(guid);
    } catch (cause) {
      if (!(cause instanceof RegistryError) || cause.status !== 404) throw cause;
      const start = Buffer.from(bytes.subarray(0, 16))
        .toString('hex')
        .replace(/(..)(?=.)/g, '$1 ');
      throw new Error(
        `The ${isKey ? 'key' : 'value'} of topic ${topic} is of schema ${guid ?? id}, which ${this.registry.urls} does not know; it begins with ${start}. Was it written with another registry, or without one?`,
        { cause },
      );
    }
    this.checkType(schema, `Schema ${guid ?? id} of topic ${topic}`);
    return this.language.reader(schema, await this.registry.resolve(schema.references));
  }

  private checkType(schema: StoredSchema, what: string): void {
    if (schema.schemaType !== this.language.type)
      throw new Error(
        `${what} is of type ${schema.schemaType}, not ${this.language.type}; use the serialiser of that type`,
      );
  }
}

function read<T>(reader: Reader<T>, { payload, indexes, id, guid }: Framed, { topic, isKey }: SerdeContext): T {
  try {
    return reader(payload, indexes ?? [0]);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `The ${isKey ? 'key' : 'value'} of topic ${topic} does not fit its schema ${guid ?? id}: ${reason}`,
      { cause },
    );
  }
}
