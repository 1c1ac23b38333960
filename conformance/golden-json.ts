// Decoded messages as the JSON of the golden corpus, and back (test/golden/README.md, "JSON conventions"). Works on the
// definitions, not on compiled code.
import { setUnknownTags, type UnknownTag, unknownTagsOf, ZERO_UUID } from '../src/protocol/index.ts';
import type { FieldFacts, Fields, MessageSchema, VersionRange } from '../src/protocol/schema.ts';

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
type Struct = Record<string, unknown>;

/** Where unknown tagged fields stand, as the corpus writes it. */
export interface UnknownTags {
  readonly path: readonly (string | number)[];
  readonly tags: readonly { readonly tag: number; readonly hex: string }[];
}

const inRange = ([low, high]: VersionRange, version: number) => version >= low && version <= high;
const isTagged = (facts: FieldFacts, version: number) =>
  facts.tag !== undefined && inRange(facts.taggedVersions, version);

export function toGoldenJson(schema: MessageSchema, version: number, message: unknown): Json {
  return structToJson(schema.fields, version, message as Struct);
}

function structToJson(fields: Fields, version: number, struct: Struct): Json {
  const json: { [name: string]: Json } = {};
  for (const [name, { facts }] of Object.entries(fields)) {
    if (!inRange(facts.versions, version)) continue;
    const value = struct[name];
    if (isTagged(facts, version) && isDefault(facts, value)) continue;
    json[name] = valueToJson(facts, version, value);
  }
  return json;
}

function valueToJson(facts: FieldFacts, version: number, value: unknown): Json {
  if (value === null) return null;
  switch (facts.kind) {
    case 'array':
      return (value as unknown[]).map((element) =>
        valueToJson((facts.element as { facts: FieldFacts }).facts, version, element),
      );
    case 'struct':
      return structToJson(facts.fields as Fields, version, value as Struct);
    case 'bytes':
    case 'records':
      return Buffer.from(value as Uint8Array).toString('base64');
    case 'int64': {
      const whole = BigInt(value as number | bigint);
      return Number.isSafeInteger(Number(whole)) ? Number(whole) : `${whole}`;
    }
    default:
      return value as Json;
  }
}

function isDefault(facts: FieldFacts, value: unknown): boolean {
  if (facts.defaultValue === null || value === null) return value === facts.defaultValue;
  switch (facts.kind) {
    case 'array':
      return (value as unknown[]).length === 0;
    case 'bytes':
    case 'records':
      return (value as Uint8Array).length === 0;
    case 'struct':
      if (unknownTagsOf(value as object) !== undefined) return false;
      return Object.entries(facts.fields as Fields).every(([name, field]) =>
        isDefault(field.facts, (value as Struct)[name]),
      );
    case 'int64':
      return BigInt(value as number | bigint) === BigInt((facts.defaultValue ?? 0) as number | bigint);
    default:
      return value === (facts.defaultValue ?? { string: '', bool: false, uuid: ZERO_UUID }[facts.kind as string] ?? 0);
  }
}

/** A message to encode with an exact Writer. What is absent from the JSON is left out. */
export function fromGoldenJson(schema: MessageSchema, json: Json, unknownTags: readonly UnknownTags[] = []): never {
  const message = structFromJson(schema.fields, json as { [name: string]: Json });
  for (const { path, tags } of unknownTags) {
    let struct: unknown = message;
    for (const step of path) struct = (struct as Record<string | number, unknown>)[step];
    setUnknownTags(
      struct as object,
      tags.map(({ tag, hex }): UnknownTag => ({ tag, bytes: Buffer.from(hex, 'hex') })),
    );
  }
  return message as never;
}

function structFromJson(fields: Fields, json: { [name: string]: Json }): Struct {
  const struct: Struct = {};
  for (const [name, value] of Object.entries(json)) {
    const field = fields[name];
    if (field === undefined) throw new Error(`the definition has no ${name}`);
    struct[name] = valueFromJson(field.facts, value);
  }
  return struct;
}

function valueFromJson(facts: FieldFacts, json: Json): unknown {
  if (json === null) return null;
  switch (facts.kind) {
    case 'array':
      return (json as Json[]).map((element) => valueFromJson((facts.element as { facts: FieldFacts }).facts, element));
    case 'struct':
      return structFromJson(facts.fields as Fields, json as { [name: string]: Json });
    case 'bytes':
    case 'records':
      return new Uint8Array(Buffer.from(json as string, 'base64'));
    case 'int64':
      return typeof json === 'number' && Math.abs(json) < Number.MAX_SAFE_INTEGER
        ? json
        : BigInt(json as string | number);
    default:
      return json;
  }
}

/** The unknown tagged fields of a decoded message, in the order of the structs that carry them. */
export function unknownTagsIn(schema: MessageSchema, message: unknown): UnknownTags[] {
  const found: UnknownTags[] = [];
  walk(schema.fields, message as Struct, [], found);
  return found;
}

function walk(fields: Fields, struct: Struct, path: (string | number)[], found: UnknownTags[]): void {
  const tags = unknownTagsOf(struct);
  if (tags !== undefined) {
    const inHex = tags.map(({ tag, bytes }) => ({ tag, hex: Buffer.from(bytes).toString('hex') }));
    found.push({ path, tags: inHex });
  }
  for (const [name, { facts }] of Object.entries(fields)) {
    const value = struct[name];
    if (value === null || value === undefined) continue;
    if (facts.kind === 'struct') walk(facts.fields as Fields, value as Struct, [...path, name], found);
    const inner = facts.element?.facts.fields;
    if (inner === undefined) continue;
    (value as Struct[]).forEach((element, index) => walk(inner, element, [...path, name, index], found));
  }
}
