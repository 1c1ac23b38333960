// The form that `normalize=true` registers: properties in the order of their names (a logical type's first), aliases sorted
// and in full, defaults as their types read them, empty documentation and the word "error" gone. Same types, same meaning.
import { isObject, type Json, JsonNumber, type JsonObject } from '../json-text/index.ts';
import { type AvroField, AvroName, type AvroNamed, type AvroType, type Properties } from './avro-type.ts';

/** A copy; `type` stays as it is. */
export function normalizedAvro(type: AvroType): AvroType {
  return new Normalizer().type(type);
}

class Normalizer {
  private readonly copies = new Map<AvroType, AvroType>();

  type(type: AvroType): AvroType {
    const before = this.copies.get(type);
    if (before !== undefined) return before;
    switch (type.kind) {
      case 'array':
        return { ...type, items: this.type(type.items), properties: ordered(type) };
      case 'map':
        return { ...type, values: this.type(type.values), properties: ordered(type) };
      case 'union':
        return { ...type, branches: type.branches.map((branch) => this.type(branch)) };
      case 'record': {
        const copy = { ...type, ...commonParts(type), isError: false, fields: [] as AvroField[] };
        this.copies.set(type, copy);
        copy.fields = type.fields.map((field) => this.field(field));
        return copy;
      }
      case 'enum':
      case 'fixed': {
        const copy = { ...type, ...commonParts(type) };
        this.copies.set(type, copy);
        return copy;
      }
      default:
        return { ...type, properties: ordered(type) };
    }
  }

  private field(field: AvroField): AvroField {
    return {
      ...field,
      type: this.type(field.type),
      default: field.default === undefined ? undefined : typedDefault(field.default, field.type),
      aliases: sorted(field.aliases),
      properties: sortedObject(field.properties),
    };
  }
}

function commonParts(type: AvroNamed) {
  const names = type.aliases.map((alias) =>
    alias.space === undefined && type.name.space !== undefined ? `.${alias.name}` : alias.full,
  );
  return {
    doc: type.doc === '' ? undefined : type.doc,
    aliases: sorted(names).map((name) => new AvroName(name, type.name.space)),
    properties: ordered(type),
  };
}

/** The logical type and what belongs to it first, if it is valid, then all others by name. */
function ordered(type: AvroType): Properties {
  const { logicalType } = type;
  const first: string[] = [];
  if (logicalType !== undefined) first.push('logicalType');
  if (logicalType?.name === 'decimal') {
    first.push('precision');
    if (logicalType.scale !== 0) first.push('scale');
  }
  const rest = sorted([...type.properties.keys()].filter((key) => !first.includes(key)));
  return new Map([...first, ...rest].map((key) => [key, sortedJson(type.properties.get(key) ?? null)]));
}

const sorted = (texts: readonly string[]): string[] => [...texts].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));

function sortedObject(object: JsonObject): JsonObject {
  return new Map(sorted([...object.keys()]).map((key) => [key, sortedJson(object.get(key) ?? null)]));
}

function sortedJson(value: Json): Json {
  if (Array.isArray(value)) return value.map(sortedJson);
  return isObject(value) ? sortedObject(value) : value;
}

/** A default for a double is a double, however it was written; undefined where the type does not read it. */
function typedDefault(value: Json, type: AvroType): Json | undefined {
  if (type.kind === 'union') {
    for (const branch of type.branches) {
      const typed = typedDefault(value, branch);
      if (typed !== undefined) return typed;
    }
    return undefined;
  }
  if (value instanceof JsonNumber) return typedNumber(value, type);
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (Array.isArray(value))
    return value.map((item) => (type.kind === 'array' ? (typedDefault(item, type.items) ?? null) : item));
  const parts = sorted([...value.keys()]).map((key): [string, Json] => {
    const item = value.get(key) ?? null;
    const inner = type.kind === 'map' ? type.values : type.kind === 'record' ? fieldType(type, key) : undefined;
    return [key, inner === undefined ? sortedJson(item) : (typedDefault(item, inner) ?? null)];
  });
  return new Map(parts);
}

function fieldType(record: { fields: readonly AvroField[] }, name: string): AvroType | undefined {
  return record.fields.find((field) => field.name === name)?.type;
}

function typedNumber(value: JsonNumber, type: AvroType): Json | undefined {
  switch (type.kind) {
    case 'double':
      return value.isInteger ? new JsonNumber(value.value.toExponential()) : value;
    case 'float':
      return new JsonNumber(floatText(value.value));
    case 'int':
    case 'long':
      return value.isInteger ? value : undefined;
    default:
      return undefined;
  }
}

/** The fewest digits that mean the same float. */
function floatText(value: number): string {
  const float = Math.fround(value);
  for (let digits = 0; digits < 9; digits++) {
    const text = value.toExponential(digits);
    if (Math.fround(Number(text)) === float) return text;
  }
  return float.toExponential();
}
