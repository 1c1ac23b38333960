// Files that every schema may import without a reference: google/protobuf/*, google/type/*, confluent/*. Those that
// protobufjs carries come from there; the others are written down here as fields and numbers.
import protobuf from 'protobufjs';
import descriptor from 'protobufjs/ext/descriptor.js';
import type { Label, ProtoField, ProtoFile, ProtoMessage, ProtoType } from './proto-file.ts';
import { parseProto } from './proto-parse.ts';
import { CONFLUENT_FILES, GOOGLE_FILES } from './well-known-texts.ts';

let all: ReadonlyMap<string, ProtoFile> | undefined;

/** By path, each made once; the same objects every time. */
export function wellKnownFiles(): ReadonlyMap<string, ProtoFile> {
  if (all !== undefined) return all;
  const files = new Map<string, ProtoFile>();
  for (const name of ['any', 'duration', 'empty', 'field_mask', 'struct', 'timestamp', 'wrappers']) {
    const path = `google/protobuf/${name}.proto`;
    files.set(path, googleFile(protobuf.common.get(path)?.nested?.['google'] as Namespace | undefined));
  }
  const root = descriptor.FileDescriptorProto.parent?.toJSON() as Namespace | undefined;
  files.set('google/protobuf/descriptor.proto', { ...fromNested(root?.nested ?? {}, 'proto2'), syntax: 'proto2' });
  for (const [path, text] of Object.entries({ ...GOOGLE_FILES, ...CONFLUENT_FILES })) files.set(path, parseProto(text));
  all = files;
  return files;
}

/** What protobufjs' JSON form of a namespace, message, enum or field has that matters here. */
interface Namespace {
  readonly nested?: Readonly<Record<string, Namespace>>;
  readonly fields?: Readonly<Record<string, JsonField>>;
  readonly oneofs?: Readonly<Record<string, { readonly oneof: readonly string[] }>>;
  readonly values?: Readonly<Record<string, number>>;
}
interface JsonField {
  readonly rule?: string;
  readonly keyType?: string;
  readonly type: string;
  readonly id: number;
  readonly protoName?: string;
}

function googleFile(google: Namespace | undefined): ProtoFile {
  return fromNested(google?.nested?.['protobuf']?.nested ?? {}, 'proto3');
}

function fromNested(nested: Readonly<Record<string, Namespace>>, syntax: string): ProtoFile {
  return {
    syntax,
    isEdition: false,
    packageName: 'google.protobuf',
    imports: [],
    publicImports: [],
    weakImports: [],
    options: [],
    types: typesOf(nested, syntax === 'proto2' ? 'optional' : undefined),
    extends: [],
    services: [],
  };
}

const typesOf = (nested: Readonly<Record<string, Namespace>>, label: Label | undefined): ProtoType[] =>
  Object.entries(nested).map(([name, json]) =>
    json.values === undefined ? message(name, json, label) : enumeration(name, json.values),
  );

function enumeration(name: string, values: Readonly<Record<string, number>>): ProtoType {
  const constants = Object.entries(values).map(([constant, number]) => ({ name: constant, number, options: [] }));
  return { kind: 'enum', name, options: [], reserved: [], constants };
}

/** `label` is what a field has that says nothing: proto2 wants one. */
function message(name: string, json: Namespace, label: Label | undefined): ProtoMessage {
  const fields = new Map(Object.entries(json.fields ?? {}).map(([key, value]) => [key, field(key, value, label)]));
  const oneofs = Object.entries(json.oneofs ?? {}).map(([oneof, members]) => ({
    name: oneof,
    options: [],
    groups: [],
    fields: members.oneof.flatMap((key) => fields.get(key) ?? []),
  }));
  const inOneofs = new Set(oneofs.flatMap((oneof) => oneof.fields));
  return {
    kind: 'message',
    name,
    options: [],
    reserved: [],
    fields: [...fields.values()].filter((one) => !inOneofs.has(one)),
    oneofs,
    groups: [],
    extensions: [],
    extends: [],
    types: typesOf(json.nested ?? {}, label),
  };
}

function field(key: string, json: JsonField, label: Label | undefined): ProtoField {
  return {
    label: (json.rule as Label | undefined) ?? (json.keyType === undefined ? label : undefined),
    type: json.keyType === undefined ? json.type : `map<${json.keyType}, ${json.type}>`,
    name: json.protoName ?? key,
    number: json.id,
    options: [],
  };
}
