// JSON that is held against a JSON Schema of a registry, by ajv; patterns run in linear time.
import type { Serde } from '../../client/index.ts';
import type { NewSchema, RegistryClient, SchemaReference } from '../registry-client/registry-client.ts';
import { type Reader, SchemaSerde, type SchemaSerdeOptions, type Writer } from '../schema-serde.ts';

export interface JsonSchemaOptions extends SchemaSerdeOptions {
  /** What is written: as JSON, or its text. Left out: the latest version of the subject (with `useLatest`), or only reading. */
  readonly schema?: object | boolean | string;
  readonly references?: readonly SchemaReference[];
  /** false: data is not held against the schema, neither when it is written nor when it is read. */
  readonly validate?: boolean;
}

export function jsonSchema<T = unknown>(registry: RegistryClient, options: JsonSchemaOptions = {}): Serde<T> {
  const { schema, references = [], validate = true } = options;
  const check = async (text: string, texts: ReadonlyMap<string, string>): Promise<(data: unknown) => void> => {
    if (!validate) return () => undefined;
    return (await import('./json-validator.ts')).jsonValidator(text, texts);
  };
  const writer = async (text: string, texts: ReadonlyMap<string, string>): Promise<Writer<T>> => {
    const validated = await check(text, texts);
    return {
      record: titleOf(text),
      encode: (data) => {
        const json = JSON.stringify(data);
        // What arrives is what counts: dates are texts by then, undefined properties are gone.
        if (validate) validated(JSON.parse(json));
        return Buffer.from(json, 'utf8');
      },
    };
  };
  return new SchemaSerde<T>(
    registry,
    {
      type: 'JSON',
      own: async () => {
        if (schema === undefined) return undefined;
        const text = typeof schema === 'string' ? schema : JSON.stringify(schema);
        const given: NewSchema = { schema: text, schemaType: 'JSON', ...(references.length > 0 && { references }) };
        return { schema: given, writer: await writer(text, await registry.resolve(references)) };
      },
      writer: (stored, texts) => writer(stored.schema, texts),
      reader: async (stored, texts): Promise<Reader<T>> => {
        const validated = await check(stored.schema, texts);
        const decoder = new TextDecoder('utf-8', { fatal: true });
        return (payload) => {
          const data: unknown = JSON.parse(decoder.decode(payload));
          validated(data);
          return data as T;
        };
      },
    },
    options,
  );
}

function titleOf(text: string): string | undefined {
  const schema: unknown = JSON.parse(text);
  const title = typeof schema === 'object' && schema !== null && 'title' in schema ? schema.title : undefined;
  return typeof title === 'string' ? title : undefined;
}
