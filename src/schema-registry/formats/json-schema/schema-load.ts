// From JSON to nodes. The groups of keywords are read in the order in which Confluent's reader (everit) does: enum, combined,
// not, const, type; keywords that no type has taken make a node of their own.
import { isObject, type Json, type JsonObject, plainJson } from '../json-text/index.ts';
import { InvalidSchemaError, SCHEMA_LIMITS } from '../schema-format.ts';
import { Documents, type Found } from './documents.ts';
import { type Draft, draftOf, isModern } from './drafts.ts';
import { KEYWORDS, Keywords } from './keywords.ts';
import type { Additional, Annotations, Criterion, SchemaNode } from './schema-node.ts';

const CRITERIA: readonly Criterion[] = ['allOf', 'anyOf', 'oneOf'];

export class SchemaLoader {
  private readonly documents: Documents;
  private readonly draft: Draft;
  private readonly loaded = new Map<Json, SchemaNode>();
  private count = 0;

  constructor(root: Json, named: ReadonlyMap<string, Json>) {
    this.documents = new Documents(root, named);
    this.draft = draftOf(root);
  }

  /** Throws InvalidSchemaError. */
  load(): SchemaNode {
    return this.node(this.documents.root, '#');
  }

  private node({ json, base }: Found, path: string): SchemaNode {
    if (typeof json === 'boolean') return { kind: json ? 'anything' : 'nothing', source: json, ...noAnnotations };
    if (!isObject(json))
      throw new InvalidSchemaError(
        `${path}: a schema is an object or a boolean, not ${JSON.stringify(plainJson(json))}`,
      );
    const before = this.loaded.get(json);
    if (before !== undefined) return before;
    if (++this.count > SCHEMA_LIMITS.nodes)
      throw new InvalidSchemaError(`more than ${SCHEMA_LIMITS.nodes} schemas inside one another`);
    const node = this.object(json, this.documents.baseOf(json, base), path);
    this.loaded.set(json, node);
    return node;
  }

  private object(json: JsonObject, base: string, path: string): SchemaNode {
    const parts: SchemaNode[] = [];
    const ref = json.get('$ref') ?? json.get('$dynamicRef') ?? json.get('$recursiveRef');
    if (typeof ref === 'string') parts.push(this.reference(ref, json, base, path));
    const hasSiblings = parts.length === 0 || isModern(this.draft);
    if (hasSiblings) parts.push(...this.groups(new Keywords(json, path, this.draft), base));
    const annotations = annotationsOf(json);
    const [only] = parts;
    if (only === undefined) return { kind: 'anything', source: json, ...annotations };
    if (parts.length === 1) return only.kind === 'reference' ? only : { ...only, ...annotations };
    return { kind: 'combined', criterion: 'allOf', parts: combinedFirst(parts), source: json, ...annotations };
  }

  private reference(ref: string, json: JsonObject, base: string, path: string): SchemaNode {
    let target: SchemaNode | undefined;
    return {
      kind: 'reference',
      ref,
      source: new Map([['$ref', json.get('$ref') ?? ref]]),
      ...annotationsOf(json),
      target: () => {
        if (target !== undefined) return target;
        const found = this.documents.find(ref, base);
        target =
          found === undefined ? { kind: 'anything', source: true, ...noAnnotations } : this.node(found, `${path}/$ref`);
        return target;
      },
    };
  }

  private groups(keywords: Keywords, base: string): SchemaNode[] {
    const parts: SchemaNode[] = [];
    const own = { source: keywords.json, ...noAnnotations };
    const values = keywords.list('enum');
    if (values !== undefined) parts.push({ ...own, kind: 'enum', values, source: new Map([['enum', [...values]]]) });
    for (const criterion of CRITERIA) {
      const list = keywords.list(criterion);
      if (list === undefined) continue;
      if (list.length === 0)
        throw new InvalidSchemaError(`${keywords.path}/${criterion}: at least one schema is expected`);
      const nodes = list.map((json, at) => this.node({ json, base }, `${keywords.path}/${criterion}/${at}`));
      parts.push({
        ...own,
        kind: 'combined',
        criterion,
        parts: combinedFirst(nodes),
        source: new Map([[criterion, [...list]]]),
      });
    }
    const not = keywords.take('not');
    if (not !== undefined)
      parts.push({
        ...own,
        kind: 'not',
        node: this.node({ json: not, base }, `${keywords.path}/not`),
        source: new Map([['not', not]]),
      });
    if (this.draft !== '4') {
      const value = keywords.take('const');
      if (value !== undefined) parts.push({ ...own, kind: 'const', value, source: new Map([['const', value]]) });
    }
    parts.push(...this.types(keywords, base));
    for (const kind of ['array', 'object', 'number', 'string'] as const)
      if (keywords.hasAny(KEYWORDS[kind])) parts.push(this.typed(kind, keywords, base));
    if (this.draft !== '4' && this.draft !== '6' && keywords.hasAny(['if', 'then', 'else'])) {
      for (const word of ['if', 'then', 'else']) {
        const json = keywords.take(word);
        if (json !== undefined) this.node({ json, base }, `${keywords.path}/${word}`);
      }
      parts.push({ ...own, kind: 'conditional' });
    }
    return parts;
  }

  /** One type, or a union of several, each with the keywords that are its. */
  private types(keywords: Keywords, base: string): SchemaNode[] {
    const type = keywords.take('type');
    if (type === undefined) return [];
    if (typeof type === 'string') return [this.typed(type, keywords, base)];
    if (!Array.isArray(type)) throw new InvalidSchemaError(`${keywords.path}/type: a string or an array is expected`);
    const parts = type.map((one) => this.typed(typeof one === 'string' ? one : '', keywords, base));
    return [{ kind: 'combined', criterion: 'anyOf', parts, source: keywords.json, ...noAnnotations }];
  }

  private typed(type: string, keywords: Keywords, base: string): SchemaNode {
    const source: JsonObject = new Map([...keywords.json].filter(([key]) => key !== 'type'));
    source.set('type', type);
    const own = { source, ...noAnnotations };
    switch (type) {
      case 'boolean':
      case 'null':
        return { ...own, kind: type };
      case 'string':
        keywords.take('format');
        return {
          ...own,
          kind: 'string',
          minLength: keywords.count('minLength'),
          maxLength: keywords.count('maxLength'),
          pattern: keywords.text('pattern'),
        };
      case 'integer':
      case 'number':
        return {
          ...own,
          kind: 'number',
          isInteger: type === 'integer',
          minimum: keywords.number('minimum'),
          maximum: keywords.number('maximum'),
          exclusiveMinimum: keywords.limit('exclusiveMinimum'),
          exclusiveMaximum: keywords.limit('exclusiveMaximum'),
          multipleOf: keywords.number('multipleOf'),
        };
      case 'array':
        return { ...own, kind: 'array', ...this.arrayParts(keywords, base) };
      case 'object':
        return { ...own, kind: 'object', ...this.objectParts(keywords, base) };
      default:
        throw new InvalidSchemaError(`${keywords.path}/type: unknown type: [${type}]`);
    }
  }

  private arrayParts(keywords: Keywords, base: string) {
    const prefix = keywords.list('prefixItems');
    const items = keywords.take('items');
    const list = prefix ?? (Array.isArray(items) ? items : undefined);
    const rest = Array.isArray(items) ? undefined : items;
    // With items in places, what `items` says (2020-12), or `additionalItems` (before), is about those beyond.
    const isBeyond = prefix !== undefined || (isModern(this.draft) && rest === false);
    const older = keywords.take('additionalItems');
    const beyond = isBeyond ? rest : older;
    return {
      allItems: isBeyond
        ? undefined
        : this.optional(rest === true && isModern(this.draft) ? undefined : rest, base, `${keywords.path}/items`),
      items: (list ?? []).map((json, at) => this.node({ json, base }, `${keywords.path}/items/${at}`)),
      additional: this.additional(beyond, base, `${keywords.path}/additionalItems`),
      unevaluated: this.optional(keywords.take('unevaluatedItems'), base, `${keywords.path}/unevaluatedItems`),
      minItems: keywords.count('minItems'),
      maxItems: keywords.count('maxItems'),
      uniqueItems: keywords.take('uniqueItems') === true,
      contains: this.optional(keywords.take('contains'), base, `${keywords.path}/contains`),
      minContains: keywords.count('minContains'),
      maxContains: keywords.count('maxContains'),
    };
  }

  private objectParts(keywords: Keywords, base: string) {
    const at = (word: string) => `${keywords.path}/${word}`;
    const propertyDependencies = new Map<string, ReadonlySet<string>>();
    const schemaDependencies = new Map<string, SchemaNode>();
    for (const word of ['dependencies', 'dependentRequired', 'dependentSchemas'])
      for (const [name, json] of keywords.object(word) ?? []) {
        if (Array.isArray(json)) propertyDependencies.set(name, new Set(json.map(String)));
        else schemaDependencies.set(name, this.node({ json, base }, `${at(word)}/${name}`));
      }
    const patterns = [...(keywords.object('patternProperties') ?? [])].map(([pattern, json]) => ({
      pattern,
      node: this.node({ json, base }, `${at('patternProperties')}/${pattern}`),
    }));
    const properties = [...(keywords.object('properties') ?? [])].map(([name, json]): [string, SchemaNode] => [
      name,
      this.node({ json, base }, `${at('properties')}/${name}`),
    ]);
    this.optional(keywords.take('propertyNames'), base, at('propertyNames'));
    return {
      properties: new Map(properties),
      required: keywords.texts('required'),
      patterns,
      additional: this.additional(keywords.take('additionalProperties'), base, at('additionalProperties')),
      unevaluated: this.optional(keywords.take('unevaluatedProperties'), base, at('unevaluatedProperties')),
      propertyDependencies,
      schemaDependencies,
      minProperties: keywords.count('minProperties'),
      maxProperties: keywords.count('maxProperties'),
    };
  }

  private optional(json: Json | undefined, base: string, path: string): SchemaNode | undefined {
    return json === undefined ? undefined : this.node({ json, base }, path);
  }

  private additional(json: Json | undefined, base: string, path: string): Additional {
    if (json === undefined || typeof json === 'boolean') return { isPermitted: json !== false, node: undefined };
    return { isPermitted: true, node: this.node({ json, base }, path) };
  }
}

const combinedFirst = (nodes: readonly SchemaNode[]): SchemaNode[] => [
  ...nodes.filter((node) => node.kind === 'combined'),
  ...nodes.filter((node) => node.kind !== 'combined'),
];

const noAnnotations: Annotations = {
  id: undefined,
  title: undefined,
  description: undefined,
  default: undefined,
  connectType: undefined,
};

function annotationsOf(json: JsonObject): Annotations {
  const text = (key: string): string | undefined => {
    const value = json.get(key);
    return typeof value === 'string' ? value : undefined;
  };
  return {
    id: text('$id') ?? text('id'),
    title: text('title'),
    description: text('description'),
    default: json.get('default'),
    connectType: text('connect.type'),
  };
}
