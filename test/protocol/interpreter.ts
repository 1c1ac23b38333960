// The schema read field by field, without code generation and without thought of speed: the oracle of compile.ts.
import type { FieldFacts, Fields, MessageSchema, VersionRange } from '../../src/protocol/schema.ts';
import { ZERO_UUID } from '../../src/protocol/index.ts';

type Struct = Record<string, unknown>;
const inRange = ([low, high]: VersionRange, version: number) => version >= low && version <= high;
export const isPresent = (facts: FieldFacts, version: number) => inRange(facts.versions, version);
export const isTagged = (facts: FieldFacts, version: number) => inRange(facts.taggedVersions, version);
export const isNullable = (facts: FieldFacts, version: number) => inRange(facts.nullableVersions, version);
export const isFlexible = (schema: MessageSchema, version: number) => version >= (schema.flexible ?? Infinity);

export function defaultOf(facts: FieldFacts): unknown {
  if (facts.defaultValue !== undefined)
    return typeof facts.defaultValue === 'bigint' ? 2 ** 53 - 1 : facts.defaultValue;
  if (facts.kind === 'struct') return filled(facts.fields as Fields, 0, {}, true);
  const ofKind: Struct = { bool: false, string: '', uuid: ZERO_UUID, array: [] };
  ofKind.bytes = new Uint8Array(0);
  ofKind.records = Buffer.alloc(0);
  return ofKind[facts.kind] ?? 0;
}

/** The struct as a reader gives it: every field there, what was left out or the version lacks at its default. */
export function filled(fields: Fields, version: number, struct: Struct, isFresh = false): Struct {
  const whole: Struct = {};
  for (const [name, { facts }] of Object.entries(fields)) {
    const value = isFresh || !isPresent(facts, version) ? undefined : struct[name];
    whole[name] = value === undefined ? defaultOf(facts) : filledValue(facts, version, value);
  }
  return whole;
}
function filledValue(facts: FieldFacts, version: number, value: unknown): unknown {
  if (value === null) return null;
  if (facts.kind === 'struct') return filled(facts.fields as Fields, version, value as Struct);
  const element = facts.element?.facts;
  return element === undefined ? value : (value as unknown[]).map((each) => filledValue(element, version, each));
}

// ---------------------------------------------------------------- to bytes

const numbers: Record<string, (value: never) => number[]> = {
  bool: (value: boolean) => [value ? 1 : 0],
  int8: (value: number) => [value & 255],
  int16: (value: number) => [(value >> 8) & 255, value & 255],
  int32: (value: number) => [24, 16, 8, 0].map((shift) => (value >> shift) & 255),
  int64: (value: number) => {
    const whole = BigInt.asUintN(64, BigInt(value));
    return [7, 6, 5, 4, 3, 2, 1, 0].map((i) => Number((whole >> BigInt(i * 8)) & 255n));
  },
  float64: (value: number) => [...new Uint8Array(new Float64Array([value]).buffer)].reverse(),
  uuid: (value: string) => [...Buffer.from(value, 'base64url')],
};
Object.assign(numbers, { uint16: numbers.int16, uint32: numbers.int32 });

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}

export function interpretedEncode(schema: MessageSchema, version: number, message: Struct): number[] {
  return structBytes(schema.fields, version, isFlexible(schema, version), filled(schema.fields, version, message));
}
function structBytes(fields: Fields, version: number, flexible: boolean, struct: Struct): number[] {
  const bytes: number[] = [];
  const tagged: [number, number[]][] = [];
  for (const [name, { facts }] of Object.entries(fields)) {
    if (!isPresent(facts, version)) continue;
    if (!isTagged(facts, version)) bytes.push(...valueBytes(facts, version, flexible, struct[name]));
    else if (JSON.stringify(struct[name]) !== JSON.stringify(defaultOf(facts)))
      tagged.push([facts.tag as number, valueBytes(facts, version, flexible, struct[name])]);
  }
  if (!flexible) return bytes;
  tagged.sort(([a], [b]) => a - b);
  return [...bytes, tagged.length, ...tagged.flatMap(([tag, value]) => [tag, ...varint(value.length), ...value])];
}
function valueBytes(facts: FieldFacts, version: number, flexible: boolean, value: unknown): number[] {
  const { kind } = facts;
  const fixed = numbers[kind];
  if (fixed !== undefined) return fixed(value as never);
  if (kind === 'struct') {
    if (!isNullable(facts, version)) return structBytes(facts.fields as Fields, version, flexible, value as Struct);
    // The one nullable struct that is tagged has a varint in front, not a byte.
    if (value === null) return [isTagged(facts, version) ? 0 : 255];
    return [1, ...structBytes(facts.fields as Fields, version, flexible, value as Struct)];
  }
  const length = (n: number): number[] =>
    flexible && !facts.isNeverCompact
      ? varint(n + 1)
      : (numbers[kind === 'string' ? 'int16' : 'int32'] as (n: number) => number[])(n);
  if (value === null) return length(-1);
  if (kind === 'array') {
    const element = (facts.element as { facts: FieldFacts }).facts;
    const elements = (value as unknown[]).map((each) => valueBytes(element, version, flexible, each));
    return [...length(elements.length), ...elements.flat()];
  }
  const content = kind === 'string' ? [...Buffer.from(value as string)] : [...(value as Uint8Array)];
  return [...length(content.length), ...content];
}
