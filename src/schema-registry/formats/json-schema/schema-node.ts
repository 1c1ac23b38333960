// A JSON Schema as it is compared: each keyword's group is a node of its kind (a schema with two groups, such as a type and an
// enum, is a product of both), references point to what they mean, and what no comparison looks at is left out.
import type { Json, JsonNumber } from '../json-text/index.ts';

export interface Annotations {
  readonly id: string | undefined;
  readonly title: string | undefined;
  readonly description: string | undefined;
  /** Undefined: none. */
  readonly default: Json | undefined;
  /** `connect.type`: Kafka Connect's hint, which may excuse a changed type. */
  readonly connectType: string | undefined;
}

interface Node extends Annotations {
  /** The JSON it was made of, to tell equal branches of a union. */
  readonly source: Json;
}

/** `true`, `{}`. */
export interface AnythingNode extends Node {
  readonly kind: 'anything';
}
/** `false`. */
export interface NothingNode extends Node {
  readonly kind: 'nothing';
}
export interface PlainNode extends Node {
  readonly kind: 'boolean' | 'null';
}
export interface StringNode extends Node {
  readonly kind: 'string';
  readonly minLength: number | undefined;
  readonly maxLength: number | undefined;
  readonly pattern: string | undefined;
}
export interface NumberNode extends Node {
  readonly kind: 'number';
  readonly isInteger: boolean;
  readonly minimum: JsonNumber | undefined;
  readonly maximum: JsonNumber | undefined;
  readonly exclusiveMinimum: JsonNumber | undefined;
  readonly exclusiveMaximum: JsonNumber | undefined;
  readonly multipleOf: JsonNumber | undefined;
}
export interface ArrayNode extends Node {
  readonly kind: 'array';
  readonly allItems: SchemaNode | undefined;
  readonly items: readonly SchemaNode[];
  /** Beyond `items`: whether there may be more, and of which schema. */
  readonly additional: Additional;
  readonly unevaluated: SchemaNode | undefined;
  readonly minItems: number | undefined;
  readonly maxItems: number | undefined;
  readonly uniqueItems: boolean;
  readonly contains: SchemaNode | undefined;
  readonly minContains: number | undefined;
  readonly maxContains: number | undefined;
}
export interface ObjectNode extends Node {
  readonly kind: 'object';
  readonly properties: ReadonlyMap<string, SchemaNode>;
  readonly required: ReadonlySet<string>;
  readonly patterns: readonly { readonly pattern: string; readonly node: SchemaNode }[];
  readonly additional: Additional;
  readonly unevaluated: SchemaNode | undefined;
  readonly propertyDependencies: ReadonlyMap<string, ReadonlySet<string>>;
  readonly schemaDependencies: ReadonlyMap<string, SchemaNode>;
  readonly minProperties: number | undefined;
  readonly maxProperties: number | undefined;
}
export type Criterion = 'allOf' | 'anyOf' | 'oneOf';
export interface CombinedNode extends Node {
  readonly kind: 'combined';
  readonly criterion: Criterion;
  readonly parts: readonly SchemaNode[];
}
export interface ConstNode extends Node {
  readonly kind: 'const';
  readonly value: Json;
}
export interface EnumNode extends Node {
  readonly kind: 'enum';
  readonly values: readonly Json[];
}
export interface NotNode extends Node {
  readonly kind: 'not';
  readonly node: SchemaNode;
}
export interface ConditionalNode extends Node {
  readonly kind: 'conditional';
}
export interface ReferenceNode extends Node {
  readonly kind: 'reference';
  readonly ref: string;
  /** Looked up when it is asked for. Throws InvalidSchemaError when there is nothing. */
  readonly target: () => SchemaNode;
}

export type SchemaNode =
  | AnythingNode
  | NothingNode
  | PlainNode
  | StringNode
  | NumberNode
  | ArrayNode
  | ObjectNode
  | CombinedNode
  | ConstNode
  | EnumNode
  | NotNode
  | ConditionalNode
  | ReferenceNode;

/** Whether more is permitted; `node` when it must be of a schema. */
export interface Additional {
  readonly isPermitted: boolean;
  readonly node: SchemaNode | undefined;
}
