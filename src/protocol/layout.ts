// What a schema amounts to in one version: which fields are there, which are tagged or nullable, how large an element is
// at least. Shared by the two code generators of compile.ts; runs once per codec.
import { type FieldFacts, type Fields, type FieldKind, type VersionRange } from './schema.ts';
import { ZERO_UUID } from './uuid.ts';

export const inRange = (range: VersionRange, version: number): boolean => version >= range[0] && version <= range[1];

export const isPresent = (facts: FieldFacts, version: number): boolean => inRange(facts.versions, version);
export const isTagged = (facts: FieldFacts, version: number): boolean =>
  facts.tag !== undefined && inRange(facts.taggedVersions, version);
export const isNullable = (facts: FieldFacts, version: number): boolean => inRange(facts.nullableVersions, version);

const FIXED_SIZES: Readonly<Partial<Record<FieldKind, number>>> = {
  bool: 1,
  int8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  float64: 8,
  uuid: 16,
};

/** Bytes that a value of the kind takes; undefined when that depends on the value. */
export const fixedSize = (kind: FieldKind): number | undefined => FIXED_SIZES[kind];

export function elementOf(facts: FieldFacts): FieldFacts {
  if (facts.element === undefined) throw new TypeError('an array without element');
  return facts.element.facts;
}
export function fieldsOf(facts: FieldFacts): Fields {
  if (facts.fields === undefined) throw new TypeError('a struct without fields');
  return facts.fields;
}

/** Bytes of the length in front of a string, bytes, records or array; compact ones take 1 to 5. */
export const lengthSize = (kind: FieldKind, isCompact: boolean): number => (isCompact ? 1 : kind === 'string' ? 2 : 4);

/** The fewest bytes that a value can take, at least 1. */
export function minimumSize(facts: FieldFacts, version: number, isFlexible: boolean): number {
  const fixed = fixedSize(facts.kind);
  if (fixed !== undefined) return fixed;
  if (facts.kind !== 'struct') return lengthSize(facts.kind, isFlexible);
  let size = isFlexible ? 1 : 0;
  for (const { facts: field } of Object.values(fieldsOf(facts))) {
    if (!isPresent(field, version) || isTagged(field, version)) continue;
    size += field.kind === 'struct' && isNullable(field, version) ? 1 : minimumSize(field, version, isFlexible);
  }
  return Math.max(size, 1);
}

/** The size of a value when it is the same for all values (without unknown tagged fields), else undefined. */
export function constantSize(facts: FieldFacts, version: number, isFlexible: boolean): number | undefined {
  const fixed = fixedSize(facts.kind);
  if (fixed !== undefined) return fixed;
  if (facts.kind !== 'struct') return undefined;
  let size = isFlexible ? 1 : 0;
  for (const { facts: field } of Object.values(fieldsOf(facts))) {
    if (!isPresent(field, version)) continue;
    if (isTagged(field, version) || isNullable(field, version)) return undefined;
    const part = constantSize(field, version, isFlexible);
    if (part === undefined) return undefined;
    size += part;
  }
  return size;
}

/** The default of a field that is no struct and no array with one; a struct's default is built from its fields. */
export function scalarDefault(facts: FieldFacts): boolean | number | bigint | string | null {
  if (facts.defaultValue !== undefined) return facts.defaultValue as boolean | number | bigint | string | null;
  switch (facts.kind) {
    case 'bool':
      return false;
    case 'string':
      return '';
    case 'uuid':
      return ZERO_UUID;
    default:
      return 0;
  }
}
