// A request that says only what matters, with the rest as Kafka's schemas have it by default, and without what its version lacks.
import { ZERO_UUID } from '../../../src/protocol/index.ts';
import type { AnyField, Fields } from '../../../src/protocol/schema.ts';

type Struct = Readonly<Record<string, unknown>>;

/** Throws for a field that the message does not have. */
export function filled(fields: Fields, version: number, value: Struct): Struct {
  for (const name of Object.keys(value)) if (!(name in fields)) throw new Error(`no field ${name}`);
  const present = Object.entries(fields).filter(([, { facts }]) => isIn(version, facts.versions));
  return Object.fromEntries(present.map(([name, field]) => [name, filledField(field, version, value[name])]));
}

const isIn = (version: number, [low, high]: readonly [number, number]): boolean => version >= low && version <= high;

function filledField(field: AnyField, version: number, value: unknown): unknown {
  const { facts } = field;
  if (value === undefined) return facts.defaultValue === undefined ? emptyOf(field, version) : facts.defaultValue;
  if (value === null) return null;
  if (facts.kind === 'array')
    return (value as unknown[]).map((one) => filledField(facts.element as AnyField, version, one));
  return facts.kind === 'struct' ? filled(facts.fields as Fields, version, value as Struct) : value;
}

function emptyOf({ facts }: AnyField, version: number): unknown {
  switch (facts.kind) {
    case 'array':
      return [];
    case 'struct':
      return filled(facts.fields as Fields, version, {});
    case 'string':
      return '';
    case 'bool':
      return false;
    case 'uuid':
      return ZERO_UUID;
    case 'bytes':
    case 'records':
      return Buffer.alloc(0);
    default:
      return 0;
  }
}
