// Protobuf with a schema registry, by protobufjs. Messages are plain objects; 64-bit numbers are numbers where a number holds them
// and bigints beyond; enums are their names.
import type { Serde } from '../../client/index.ts';
import type { NewSchema, RegistryClient, SchemaReference } from '../registry-client/registry-client.ts';
import { SchemaSerde, type SchemaSerdeOptions } from '../schema-serde.ts';

export interface ProtobufOptions extends SchemaSerdeOptions {
  /** The text of the .proto file whose message is written. Left out: the latest version of the subject (with `useLatest`), or only reading. */
  readonly schema?: string;
  /** The message, as `pkg.Outer.Inner` or a part of it; the first of the file when left out. */
  readonly message?: string;
  /** Files that the schema imports, by path, each after those that it imports itself: they are registered first, under their paths. */
  readonly imports?: Readonly<Record<string, string>>;
  /** In place of `imports`: under which subjects they are already. */
  readonly references?: readonly SchemaReference[];
  /** Fields as they are written in the file; else in camelCase. */
  readonly keepCase?: boolean;
}

export function protobuf<T extends object = Record<string, unknown>>(
  registry: RegistryClient,
  options: ProtobufOptions = {},
): Serde<T> {
  const { schema, message, imports = {}, references, keepCase = false } = options;
  const load = () => import('./protobuf-codec.ts');
  return new SchemaSerde<T>(
    registry,
    {
      type: 'PROTOBUF',
      own: async () => {
        if (schema === undefined) return undefined;
        const known = references ?? (await registered(registry, imports, options));
        const texts = references === undefined ? new Map(Object.entries(imports)) : await registry.resolve(references);
        const given: NewSchema = { schema, schemaType: 'PROTOBUF', ...(known.length > 0 && { references: known }) };
        return { schema: given, writer: (await load()).protobufWriter<T>(schema, texts, { message, keepCase }) };
      },
      writer: async (stored, texts) => (await load()).protobufWriter<T>(stored.schema, texts, { message, keepCase }),
      reader: async (stored, texts) => (await load()).protobufReader<T>(stored.schema, texts, { keepCase }),
    },
    options,
  );
}

/** The imports of each file are those before it that it names. */
async function registered(
  registry: RegistryClient,
  imports: Readonly<Record<string, string>>,
  { register = true, normalize = false }: SchemaSerdeOptions,
): Promise<SchemaReference[]> {
  const known: SchemaReference[] = [];
  for (const [path, text] of Object.entries(imports)) {
    const references = known.filter(({ name }) => text.includes(`"${name}"`));
    const schema: NewSchema = { schema: text, schemaType: 'PROTOBUF', ...(references.length > 0 && { references }) };
    if (register) await registry.register(path, schema, { normalize });
    const { version } = await registry.lookup(path, schema, { normalize });
    known.push({ name: path, subject: path, version });
  }
  return known;
}
