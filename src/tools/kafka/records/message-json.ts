// Messages as JSON, in the form of the JsonConverter classes that Kafka generates: a field stands in the versions that have it,
// a tagged one only when it is not the default, bytes are base64. int64 values are exact, so that this writes text, not objects.
import type { FieldFacts, Fields, MessageSchema, VersionRange } from '../../../protocol/index.ts';
import { ZERO_UUID } from '../../../protocol/index.ts';

type Struct = Readonly<Record<string, unknown>>;

/** Field by path of names → what stands in its place: JSON text of its own. */
export type Replaced = (name: string, value: unknown) => string | undefined;

export function messageJson(schema: MessageSchema, version: number, message: unknown, replaced?: Replaced): string {
  return structJson(schema.fields, version, message as Struct, replaced);
}

function structJson(fields: Fields, version: number, struct: Struct, replaced: Replaced | undefined): string {
  const parts: string[] = [];
  for (const [name, { facts }] of Object.entries(fields)) {
    const value = struct[name];
    const isTagged = facts.tag !== undefined && isIn(facts.taggedVersions, version);
    if (!isIn(facts.versions, version) || (isTagged && isDefault(facts, value))) continue;
    parts.push(`${JSON.stringify(name)}:${replaced?.(name, value) ?? valueJson(facts, version, value, replaced)}`);
  }
  return `{${parts.join(',')}}`;
}

function valueJson(facts: FieldFacts, version: number, value: unknown, replaced: Replaced | undefined): string {
  if (value === null || value === undefined) return 'null';
  switch (facts.kind) {
    case 'array': {
      const element = facts.element?.facts as FieldFacts;
      return `[${(value as unknown[]).map((one) => valueJson(element, version, one, replaced)).join(',')}]`;
    }
    case 'struct':
      return structJson(facts.fields as Fields, version, value as Struct, replaced);
    case 'bytes':
    case 'records':
      return JSON.stringify(Buffer.from(value as Uint8Array).toString('base64'));
    case 'int64':
      return String(value as number | bigint);
    case 'float64': {
      const text = String(value as number);
      return Number.isInteger(value) ? `${text}.0` : text;
    }
    default:
      return JSON.stringify(value);
  }
}

const isIn = ([low, high]: VersionRange, version: number): boolean => version >= low && version <= high;

function isDefault(facts: FieldFacts, value: unknown): boolean {
  const { kind, defaultValue } = facts;
  if (defaultValue === null || value === null || value === undefined)
    return value === defaultValue || value === undefined;
  if (kind === 'array' || kind === 'bytes') return (value as ArrayLike<unknown>).length === 0;
  if (kind === 'struct') return false;
  const zero = kind === 'uuid' ? ZERO_UUID : kind === 'string' ? '' : kind === 'bool' ? false : 0;
  return value === (defaultValue ?? zero);
}
