// Equality of types as Avro has it (Schema.equals): names, fields, defaults, order and properties count; documentation
// and aliases do not. A type may be defined twice in one schema if both are equal in this sense.
import { sameJson } from '../json-text/index.ts';
import type { AvroField, AvroRecord, AvroType, Properties } from './avro-type.ts';

export function sameType(a: AvroType, b: AvroType, seen = new Map<AvroType, Set<AvroType>>()): boolean {
  if (a === b) return true;
  if (a.kind !== b.kind || !sameProperties(a.properties, b.properties)) return false;
  switch (a.kind) {
    case 'array':
      return sameType(a.items, (b as typeof a).items, seen);
    case 'map':
      return sameType(a.values, (b as typeof a).values, seen);
    case 'union': {
      const { branches } = b as typeof a;
      return (
        a.branches.length === branches.length &&
        a.branches.every((one, at) => sameType(one, branches[at] as AvroType, seen))
      );
    }
    case 'fixed':
      return a.name.full === (b as typeof a).name.full && a.size === (b as typeof a).size;
    case 'enum': {
      const { name, symbols } = b as typeof a;
      return (
        a.name.full === name.full &&
        a.symbols.length === symbols.length &&
        a.symbols.every((one, at) => one === symbols[at])
      );
    }
    case 'record':
      return sameRecord(a, b as AvroRecord, seen);
    // Two names that are still open are never known to mean the same.
    case 'open name':
      return false;
    default:
      return true;
  }
}

function sameRecord(a: AvroRecord, b: AvroRecord, seen: Map<AvroType, Set<AvroType>>): boolean {
  if (a.name.full !== b.name.full || a.fields.length !== b.fields.length) return false;
  const before = seen.get(a) ?? new Set();
  if (before.has(b)) return true;
  seen.set(a, before.add(b));
  return a.fields.every((field, at) => sameField(field, b.fields[at] as AvroField, seen));
}

function sameField(a: AvroField, b: AvroField, seen: Map<AvroType, Set<AvroType>>): boolean {
  return (
    a.name === b.name &&
    a.order === b.order &&
    sameJson(a.default, b.default) &&
    sameProperties(a.properties, b.properties) &&
    sameType(a.type, b.type, seen)
  );
}

const sameProperties = (a: Properties, b: Properties): boolean => sameJson(a, b);
