// Serialisers: plain ones, and those whose schemas a registry keeps. A schema language is loaded with its first schema.
export { avro, type AvroOptions } from './avro/avro.ts';
export type { AvroSchemaJson } from './avro/avro-codec.ts';
export type { SubjectName } from './framing/subject-name.ts';
export { jsonSchema, type JsonSchemaOptions } from './json-schema/json-schema.ts';
export { bytes, json, string } from './plain.ts';
export { protobuf, type ProtobufOptions } from './protobuf/protobuf.ts';
export type { RegistryAuth } from './registry-client/exchange.ts';
export {
  type NewSchema,
  registryClient,
  RegistryClient,
  type RegistryClientOptions,
  type SchemaReference,
  type SchemaType,
  type SchemaVersion,
  type StoredSchema,
} from './registry-client/registry-client.ts';
export { RegistryError } from './registry-client/registry-error.ts';
export type { SchemaSerdeOptions } from './schema-serde.ts';
