// From JSON to Avro types, accepting and refusing what Apache Avro 1.12's Schema.Parser does. Names may be used before they
// are defined; those that stay open at the end of a text are an error.
import { isObject, type Json, JsonNumber, type JsonObject, parseJson, printJson } from '../json-text/index.ts';
import { InvalidSchemaError, SCHEMA_LIMITS } from '../schema-format.ts';
import {
  type AvroField,
  AvroName,
  type AvroNamed,
  type AvroOpenName,
  type AvroType,
  type FieldOrder,
  INT,
  isJsonInteger,
  PRIMITIVES,
  type PrimitiveKind,
  type Properties,
} from './avro-type.ts';
import { DefaultCheck } from './defaults.ts';
import { logicalTypeOf } from './logical-types.ts';
import { anyNames, type NameRule, strictNames, unicodeNames } from './name-rules.ts';
import { resolveNames } from './open-names.ts';
import { sameType } from './same-type.ts';
import { checkUnion } from './unions.ts';

const SCHEMA_WORDS = new Set([
  'doc',
  'fields',
  'items',
  'name',
  'namespace',
  'size',
  'symbols',
  'values',
  'type',
  'aliases',
]);
const ENUM_WORDS = new Set([...SCHEMA_WORDS, 'default']);
const FIELD_WORDS = new Set(['default', 'doc', 'name', 'order', 'type', 'aliases']);
const ORDERS: readonly string[] = ['ascending', 'descending', 'ignore'];

/** One parser reads the references first and then the schema itself; each text sees the names of those before it. */
export class AvroParser {
  private readonly known = new Map<string, AvroNamed>();
  private fresh = new Map<string, AvroNamed>();
  private readonly finished = new Set<AvroType>();
  private readonly checksDefaults: boolean;
  private defaults = new DefaultCheck();
  private readonly checkName: NameRule;
  /** For namespaces and aliases. */
  private readonly checkOther: NameRule;

  /** `asNew`: the strict rules for a schema that comes in now. */
  constructor(asNew: boolean) {
    this.checksDefaults = asNew;
    this.checkName = asNew ? strictNames : unicodeNames;
    this.checkOther = asNew ? strictNames : anyNames;
  }

  /** Throws InvalidSchemaError. */
  parse(text: string): AvroType {
    const type = this.type(parseJson(text, { comments: true }), undefined, 0);
    this.defaults = new DefaultCheck();
    const { fresh } = this;
    for (const [name, named] of fresh) this.known.set(name, named);
    this.fresh = new Map();
    return resolveNames(type, fresh.values(), this.known, this.finished, this.checksDefaults);
  }

  private type(json: Json, space: string | undefined, depth: number): AvroType {
    if (depth > SCHEMA_LIMITS.depth)
      throw new InvalidSchemaError(`More than ${SCHEMA_LIMITS.depth} types inside one another`);
    if (typeof json === 'string') return this.named(json, space);
    if (Array.isArray(json)) {
      const branches = json.map((branch) => this.type(branch, space, depth + 1));
      checkUnion(branches);
      return { kind: 'union', branches, properties: new Map() };
    }
    if (!isObject(json)) throw new InvalidSchemaError(`Schema not yet supported: ${short(json)}`);
    const word = requiredText(json, 'type', 'No type');
    if (PRIMITIVES.has(word))
      return withLogicalType({ kind: word as PrimitiveKind, properties: properties(json, SCHEMA_WORDS) });
    switch (word) {
      case 'record':
      case 'error':
        return this.record(json, space, depth, word === 'error');
      case 'enum':
        return this.enumeration(json, space);
      case 'fixed':
        return this.fixed(json, space);
      case 'array': {
        const items = this.type(required(json, 'items', 'Array has no items type'), space, depth + 1);
        return withLogicalType({ kind: 'array', items, properties: properties(json, SCHEMA_WORDS) });
      }
      case 'map': {
        const values = this.type(required(json, 'values', 'Map has no values type'), space, depth + 1);
        return withLogicalType({ kind: 'map', values, properties: properties(json, SCHEMA_WORDS) });
      }
      default:
        return this.named(word, space);
    }
  }

  /** A name inside a namespace means the type there, or else the one of that very name. */
  private named(name: string, space: string | undefined): AvroType {
    if (PRIMITIVES.has(name)) return { kind: name as PrimitiveKind, properties: new Map() };
    const full = space !== undefined && !name.includes('.') ? `${space}.${name}` : name;
    return this.lookUp(full) ?? this.lookUp(name) ?? { kind: 'open name', fullName: full, properties: new Map() };
  }

  private lookUp(full: string): AvroNamed | undefined {
    return this.known.get(full) ?? this.fresh.get(full);
  }

  private record(json: JsonObject, space: string | undefined, depth: number, isError: boolean): AvroNamed {
    const name = this.name(json, space);
    const list = json.get('fields');
    if (!Array.isArray(list)) throw new InvalidSchemaError(`Record has no fields: ${short(json)}`);
    const fields: AvroField[] = [];
    const names = new Set<string>();
    for (const item of list) {
      const field = this.field(item, name.space, depth);
      if (names.has(field.name)) throw new InvalidSchemaError(`Duplicate field ${field.name} in record ${name.full}`);
      names.add(field.name);
      fields.push(field);
    }
    return this.define({ kind: 'record', isError, fields, ...this.commonParts(json, name, SCHEMA_WORDS) });
  }

  private field(json: Json, space: string | undefined, depth: number): AvroField {
    if (!isObject(json)) throw new InvalidSchemaError(`No field name: ${short(json)}`);
    const name = requiredText(json, 'name', 'No field name');
    const type = this.type(required(json, 'type', 'No field type'), space, depth + 1);
    this.checkName(name);
    const value = numberFromText(json.get('default'), type);
    if (this.checksDefaults && value !== undefined && !this.defaults.fits(type, value))
      throw new InvalidSchemaError(`Invalid default for field ${name}: ${short(value)}`);
    return {
      name,
      type,
      doc: text(json, 'doc'),
      default: value,
      order: order(json.get('order')),
      aliases: aliases(json),
      properties: properties(json, FIELD_WORDS),
    };
  }

  private enumeration(json: JsonObject, space: string | undefined): AvroNamed {
    const name = this.name(json, space);
    const list = json.get('symbols');
    if (!Array.isArray(list)) throw new InvalidSchemaError(`Enum has no symbols: ${short(json)}`);
    const symbols = new Set<string>();
    for (const symbol of list) {
      if (typeof symbol !== 'string') throw new InvalidSchemaError('Null name');
      this.checkName(symbol);
      if (symbols.has(symbol)) throw new InvalidSchemaError(`Duplicate enum symbol: ${symbol}`);
      symbols.add(symbol);
    }
    const chosen = text(json, 'default');
    if (chosen !== undefined && !symbols.has(chosen))
      throw new InvalidSchemaError(
        `The Enum Default: ${chosen} is not in the enum symbol set: [${[...symbols].join(', ')}]`,
      );
    return this.define({
      kind: 'enum',
      symbols: [...symbols],
      default: chosen,
      ...this.commonParts(json, name, ENUM_WORDS),
    });
  }

  private fixed(json: JsonObject, space: string | undefined): AvroNamed {
    const name = this.name(json, space);
    const size = json.get('size');
    if (!(size instanceof JsonNumber) || !isJsonInteger(size, INT.low, INT.high))
      throw new InvalidSchemaError(`Invalid or no size: ${short(json)}`);
    if (size.value < 0) throw new InvalidSchemaError(`Malformed data. Length is negative: ${size.text}`);
    return this.define({ kind: 'fixed', size: size.value, ...this.commonParts(json, name, SCHEMA_WORDS) });
  }

  private name(json: JsonObject, space: string | undefined): AvroName {
    const name = new AvroName(requiredText(json, 'name', 'No name in schema'), text(json, 'namespace') ?? space);
    this.checkName(name.name);
    if (PRIMITIVES.has(name.full))
      throw new InvalidSchemaError(`Schemas may not be named after primitives: ${name.full}`);
    return name;
  }

  private commonParts(json: JsonObject, name: AvroName, words: ReadonlySet<string>) {
    const unique = new Map<string, AvroName>();
    for (const alias of aliases(json)) {
      const full = new AvroName(alias, name.space);
      this.checkOther(full.name);
      if (!unique.has(full.full)) unique.set(full.full, full);
    }
    return { name, doc: text(json, 'doc'), aliases: [...unique.values()], properties: properties(json, words) };
  }

  /** Makes the name known; the same definition again is none, another of the same name is an error. */
  private define(type: AvroNamed): AvroNamed {
    for (const part of type.name.space?.replace(/\.+$/, '').split('.') ?? []) this.checkOther(part);
    const before = this.lookUp(type.name.full);
    if (before !== undefined && !sameType(before, type))
      throw new InvalidSchemaError(`Can't redefine: ${type.name.full}`);
    if (before === undefined) this.fresh.set(type.name.full, type);
    return withLogicalType(type);
  }
}

function withLogicalType<T extends Exclude<AvroType, AvroOpenName>>(type: T): T {
  const logicalType = logicalTypeOf(type);
  if (logicalType !== undefined) type.logicalType = logicalType;
  return type;
}

function properties(json: JsonObject, words: ReadonlySet<string>): Properties {
  return new Map([...json].filter(([key]) => !words.has(key)));
}

/** Avro takes `"default": "NaN"` for a float; Java reads the text. */
function numberFromText(value: Json | undefined, type: AvroType): Json | undefined {
  if (typeof value !== 'string' || (type.kind !== 'float' && type.kind !== 'double')) return value;
  const trimmed = value.trim();
  if (/^[+-]?(NaN|Infinity)$/.test(trimmed)) return new JsonNumber(trimmed.replace('+', '').replace('-NaN', 'NaN'));
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[fFdD]?$/.test(trimmed))
    throw new InvalidSchemaError(`For input string: "${value}"`);
  const number = Number(trimmed.replace(/[fFdD]$/, ''));
  return new JsonNumber(number.toExponential());
}

function order(value: Json | undefined): FieldOrder {
  if (value === undefined) return 'ascending';
  const word = typeof value === 'string' ? value.toLowerCase() : '';
  if (!ORDERS.includes(word)) throw new InvalidSchemaError(`No such order: ${short(value)}`);
  return word as FieldOrder;
}

function aliases(json: JsonObject): string[] {
  const list = json.get('aliases');
  if (list === undefined) return [];
  if (!Array.isArray(list)) throw new InvalidSchemaError(`aliases not an array: ${short(json)}`);
  for (const alias of list)
    if (typeof alias !== 'string') throw new InvalidSchemaError(`alias not a string: ${short(alias)}`);
  return [...new Set(list as string[])];
}

function text(json: JsonObject, key: string): string | undefined {
  const value = json.get(key);
  return typeof value === 'string' ? value : undefined;
}

function requiredText(json: JsonObject, key: string, otherwise: string): string {
  const value = text(json, key);
  if (value === undefined) throw new InvalidSchemaError(`${otherwise}: ${short(json)}`);
  return value;
}

function required(json: JsonObject, key: string, otherwise: string): Json {
  const value = json.get(key);
  if (value === undefined) throw new InvalidSchemaError(`${otherwise}: ${short(json)}`);
  return value;
}

function short(json: Json): string {
  const whole = printJson(json);
  return whole.length > 300 ? `${whole.slice(0, 300)}...` : whole;
}
