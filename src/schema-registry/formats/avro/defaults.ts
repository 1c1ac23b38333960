// Whether a field's default fits its type (Schema.isValidDefault of Apache Avro 1.12): for a union, any branch will do.
import { isObject, type Json, JsonNumber } from '../json-text/index.ts';
import { InvalidSchemaError } from '../schema-format.ts';
import { type AvroType, INT, isJsonInteger, LONG } from './avro-type.ts';

/**
 * `isOpen` tells records whose fields are not known yet; a default that would need them is refused, as Avro does.
 * Throws InvalidSchemaError.
 */
export function fitsDefault(type: AvroType, value: Json | undefined, isOpen: (record: AvroType) => boolean): boolean {
  if (value === undefined) return false;
  switch (type.kind) {
    case 'string':
    case 'bytes':
    case 'enum':
    case 'fixed':
      return typeof value === 'string';
    case 'int':
      return isJsonInteger(value, INT.low, INT.high);
    case 'long':
      return isJsonInteger(value, LONG.low, LONG.high);
    case 'float':
    case 'double':
      return value instanceof JsonNumber;
    case 'boolean':
      return typeof value === 'boolean';
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value) && value.every((item) => fitsDefault(type.items, item, isOpen));
    case 'map':
      return isObject(value) && [...value.values()].every((item) => fitsDefault(type.values, item, isOpen));
    case 'union':
      return type.branches.some((branch) => fitsDefault(branch, value, isOpen));
    case 'record':
      if (!isObject(value)) return false;
      if (isOpen(type)) throw new InvalidSchemaError(`Schema fields not set yet: ${type.name.full}`);
      return type.fields.every((field) => fitsDefault(field.type, inherited(field, value), isOpen));
    case 'open name':
      return isObject(value);
  }
}

function inherited(field: { name: string; default: Json | undefined }, value: Map<string, Json>): Json | undefined {
  return value.has(field.name) ? value.get(field.name) : field.default;
}
