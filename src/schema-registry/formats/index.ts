// Schema languages of the registry, each loaded when it is asked for.
import type { SchemaFormat, SchemaType } from './schema-format.ts';

export * from './schema-format.ts';

/** In the order in which `GET /schemas/types` lists them. */
export const SCHEMA_TYPES: readonly SchemaType[] = ['JSON', 'PROTOBUF', 'AVRO'];

const loaders: Readonly<Record<SchemaType, () => Promise<SchemaFormat>>> = {
  JSON: async () => (await import('./json-schema/json-format.ts')).jsonSchemaFormat,
  PROTOBUF: async () => (await import('./protobuf/proto-format.ts')).protobufFormat,
  AVRO: async () => (await import('./avro/avro-format.ts')).avroFormat,
};

/** Undefined when nobody knows the type; a registry answers 42201 then. */
export function schemaFormat(type: string): Promise<SchemaFormat> | undefined {
  return Object.hasOwn(loaders, type) ? loaders[type as SchemaType]() : undefined;
}
