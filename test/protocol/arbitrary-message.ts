// Random messages of any schema, for property tests. Fields that may be left out sometimes are.
import fc from 'fast-check';
import type { FieldFacts, Fields, MessageSchema } from '../../src/protocol/schema.ts';
import { isNullable, isPresent } from './interpreter.ts';

const integer = (bits: number) => fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 });
const bytes = fc.oneof(
  { weight: 9, arbitrary: fc.uint8Array({ maxLength: 40 }) },
  { weight: 1, arbitrary: fc.uint8Array({ minLength: 1000, maxLength: 1100 }) },
);
const leaves: Record<string, fc.Arbitrary<unknown>> = {
  bool: fc.boolean(),
  int8: integer(8),
  int16: integer(16),
  uint16: fc.nat(0xffff),
  int32: integer(32),
  uint32: fc.nat(0xffff_ffff),
  int64: fc.maxSafeInteger(),
  float64: fc.double({ noNaN: true, noDefaultInfinity: true }),
  string: fc.oneof(fc.string({ maxLength: 12 }), fc.string({ unit: 'grapheme', maxLength: 90 })),
  uuid: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((raw) => Buffer.from(raw).toString('base64url')),
  bytes,
  records: bytes.map((raw) => Buffer.from(raw)),
};

export function arbitraryMessage(schema: MessageSchema, version: number): fc.Arbitrary<Record<string, unknown>> {
  return struct(schema.fields, version);
}

function struct(fields: Fields, version: number): fc.Arbitrary<Record<string, unknown>> {
  const members: Record<string, fc.Arbitrary<unknown>> = {};
  for (const [name, { facts }] of Object.entries(fields)) {
    if (isPresent(facts, version)) members[name] = value(facts, version);
  }
  return fc.record(members, { requiredKeys: [] });
}

function value(facts: FieldFacts, version: number): fc.Arbitrary<unknown> {
  const plain =
    facts.kind === 'struct'
      ? struct(facts.fields as Fields, version)
      : facts.element === undefined
        ? (leaves[facts.kind] as fc.Arbitrary<unknown>)
        : fc.array(value(facts.element.facts, version), { maxLength: 3 });
  return isNullable(facts, version) ? fc.option(plain, { freq: 4 }) : plain;
}
