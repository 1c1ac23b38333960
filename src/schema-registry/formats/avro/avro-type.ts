// Avro types as a parsed schema holds them. Named types are shared, so a recursive schema is a graph with circles.
import type { Json, JsonNumber } from '../json-text/index.ts';

export type PrimitiveKind = 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'bytes' | 'string';
export type Properties = Map<string, Json>;

/** A logical type that is valid where it stands; an invalid one is a property like any other. */
export interface LogicalType {
  readonly name: string;
  readonly precision?: number;
  readonly scale?: number;
}

interface Common {
  readonly properties: Properties;
  logicalType?: LogicalType;
}
interface Named extends Common {
  readonly name: AvroName;
  readonly doc: string | undefined;
  readonly aliases: readonly AvroName[];
}

export interface AvroPrimitive extends Common {
  readonly kind: PrimitiveKind;
}
export interface AvroArray extends Common {
  readonly kind: 'array';
  items: AvroType;
}
export interface AvroMap extends Common {
  readonly kind: 'map';
  values: AvroType;
}
export interface AvroUnion extends Common {
  readonly kind: 'union';
  branches: AvroType[];
}
export interface AvroFixed extends Named {
  readonly kind: 'fixed';
  readonly size: number;
}
export interface AvroEnum extends Named {
  readonly kind: 'enum';
  readonly symbols: readonly string[];
  readonly default: string | undefined;
}
export interface AvroRecord extends Named {
  readonly kind: 'record';
  readonly isError: boolean;
  fields: AvroField[];
}
/** A name that was not known when it was read: a type further down, or the record that it stands in. */
export interface AvroOpenName extends Common {
  readonly kind: 'open name';
  readonly fullName: string;
}

export type AvroNamed = AvroFixed | AvroEnum | AvroRecord;
export type AvroType = AvroPrimitive | AvroArray | AvroMap | AvroUnion | AvroNamed | AvroOpenName;

export type FieldOrder = 'ascending' | 'descending' | 'ignore';

export interface AvroField {
  readonly name: string;
  type: AvroType;
  readonly doc: string | undefined;
  /** Undefined: none; JSON's null is null. */
  readonly default: Json | undefined;
  readonly order: FieldOrder;
  readonly aliases: readonly string[];
  readonly properties: Properties;
}

export const PRIMITIVES: ReadonlySet<string> = new Set<PrimitiveKind>([
  'null',
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'bytes',
  'string',
]);
/** Names that a reference never shortens, since they would be taken for the type of that name. */
const TYPE_WORDS = new Set([...PRIMITIVES, 'record', 'enum', 'array', 'map', 'union', 'fixed']);

/** A dot in the name decides; else the given namespace is the name's. */
export class AvroName {
  readonly name: string;
  readonly space: string | undefined;
  readonly full: string;

  constructor(name: string, space: string | undefined) {
    const dot = name.lastIndexOf('.');
    this.name = dot < 0 ? name : name.slice(dot + 1);
    const own = dot < 0 ? space : name.slice(0, dot);
    this.space = own === '' ? undefined : own;
    this.full = this.space === undefined ? this.name : `${this.space}.${this.name}`;
  }

  /** As a text that stands inside the namespace writes it. */
  within(space: string | undefined): string {
    return this.space !== undefined && this.space === space && !TYPE_WORDS.has(this.name) ? this.name : this.full;
  }
}

export const isNamed = (type: AvroType): type is AvroNamed =>
  type.kind === 'record' || type.kind === 'enum' || type.kind === 'fixed';

/** What tells the branches of a union apart. */
export function branchName(type: AvroType): string {
  return isNamed(type) ? type.name.full : type.kind;
}

export const isJsonInteger = (value: Json | undefined, low: bigint, high: bigint): value is JsonNumber =>
  typeof value === 'object' &&
  value !== null &&
  'isInteger' in value &&
  value.isInteger &&
  BigInt(value.text) >= low &&
  BigInt(value.text) <= high;

export const INT = { low: -(2n ** 31n), high: 2n ** 31n - 1n };
export const LONG = { low: -(2n ** 63n), high: 2n ** 63n - 1n };
