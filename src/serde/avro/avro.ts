// Avro with a schema registry, by avsc. Longs are numbers where a number holds them and bigints beyond.
import type { Serde } from '../../client/index.ts';
import type { NewSchema, RegistryClient, SchemaReference, StoredSchema } from '../registry-client/registry-client.ts';
import { type Reader, SchemaSerde, type SchemaSerdeOptions, type Writer } from '../schema-serde.ts';
import type { AvroCodec, AvroSchemaJson } from './avro-codec.ts';

export interface AvroOptions extends SchemaSerdeOptions {
  /** What is written: as JSON, or its text. Left out: the latest version of the subject (with `useLatest`), or only reading. */
  readonly schema?: AvroSchemaJson | string;
  /** Types that the schema refers to by name and that stand under subjects of their own. */
  readonly references?: readonly SchemaReference[];
  /** What is read, whatever was written: fields that are new have their defaults, others are left out. */
  readonly readerSchema?: AvroSchemaJson | string;
  /** avsc's logical types, by name. */
  readonly logicalTypes?: Readonly<Record<string, unknown>>;
  /** Values of unions as `{ string: 'x' }`: `auto` (only where needed) when left out. */
  readonly wrapUnions?: boolean | 'auto';
}

export function avro<T = unknown>(registry: RegistryClient, options: AvroOptions = {}): Serde<T> {
  const { schema, references = [], readerSchema } = options;
  const codec = () => import('./avro-codec.ts').then(({ AvroCodec: Codec }) => new Codec(options));
  let loaded: Promise<AvroCodec> | undefined;
  const load = () => (loaded ??= codec());
  return new SchemaSerde<T>(
    registry,
    {
      type: 'AVRO',
      own: async () => {
        if (schema === undefined) return undefined;
        const text = textOf(schema);
        const given: NewSchema = { schema: text, ...(references.length > 0 && { references }) };
        return { schema: given, writer: (await load()).writer<T>(text, await registry.resolve(references)) };
      },
      writer: async (stored: StoredSchema, texts): Promise<Writer<T>> => (await load()).writer<T>(stored.schema, texts),
      reader: async (stored: StoredSchema, texts): Promise<Reader<T>> => {
        const known = readerSchema === undefined ? undefined : await registry.resolve(references);
        return (await load()).reader<T>(
          stored.schema,
          texts,
          readerSchema === undefined ? undefined : textOf(readerSchema),
          known,
        );
      },
    },
    options,
  );
}

const textOf = (schema: AvroSchemaJson | string): string =>
  typeof schema === 'string' ? schema : JSON.stringify(schema);
