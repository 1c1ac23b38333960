// JSON Schema as the registry knows a schema language.
import { isObject, type Json, exactNumber, JsonNumber, parseJson, printJson } from '../json-text/index.ts';
import { sortedReferences } from '../sorted-references.ts';
import { withinStack } from '../within-stack.ts';
import {
  type CompatibilityOptions,
  type DataCheck,
  type Incompatibility,
  InvalidSchemaError,
  type ParsedSchema,
  SCHEMA_LIMITS,
  type SchemaFormat,
  type SchemaReference,
  type SchemaSource,
} from '../schema-format.ts';
import { jsonChanges } from './comparison.ts';
import { adviceOf, isBorne, sentenceOf } from './json-changes.ts';
import { SchemaLoader } from './schema-load.ts';
import type { SchemaNode } from './schema-node.ts';

class JsonSchema implements ParsedSchema {
  readonly type = 'JSON';
  readonly json: Json;
  readonly references: readonly SchemaReference[];
  readonly resolved: ReadonlyMap<string, string>;
  private text: string | undefined;
  private root: SchemaNode | undefined;

  constructor(json: Json, source: Omit<SchemaSource, 'text'>) {
    this.json = json;
    this.references = source.references ?? [];
    this.resolved = source.resolved ?? new Map();
  }

  get canonicalText(): string {
    this.text ??= printJson(this.json, exactNumber);
    return this.text;
  }

  get name(): string | undefined {
    const title = isObject(this.json) ? this.json.get('title') : undefined;
    if (title instanceof JsonNumber) return title.text;
    return typeof title === 'string' ? title : undefined;
  }

  get fieldNames(): ReadonlySet<string> {
    const properties = isObject(this.json) ? this.json.get('properties') : undefined;
    return new Set(isObject(properties) ? properties.keys() : []);
  }

  /** Throws InvalidSchemaError. */
  get node(): SchemaNode {
    if (this.root === undefined) {
      const named = new Map([...this.resolved].map(([name, text]) => [name, parseJson(text)]));
      this.root = new SchemaLoader(this.json, named).load();
    }
    return this.root;
  }

  normalized(): JsonSchema {
    return new JsonSchema(sorted(this.json), {
      references: sortedReferences(this.references),
      resolved: this.resolved,
    });
  }

  formatted(_format: string): string {
    return this.canonicalText;
  }
}

/** Keys in the order of their names, at every depth. */
function sorted(json: Json): Json {
  if (Array.isArray(json)) return json.map(sorted);
  if (!isObject(json)) return json;
  const keys = [...json.keys()].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return new Map(keys.map((key) => [key, sorted(json.get(key) ?? null)]));
}

/** Throws InvalidSchemaError. */
function parse(source: SchemaSource): JsonSchema {
  const json = parseJson(source.text);
  if (!isObject(json) && typeof json !== 'boolean')
    throw new InvalidSchemaError('Invalid JSON schema: expected an object or boolean at the root');
  const schema = new JsonSchema(json, source);
  if (source.asNew === true) checkReferences(schema.node);
  return schema;
}

/** Every reference that can be reached leads somewhere. Throws InvalidSchemaError. */
function checkReferences(root: SchemaNode): void {
  const seen = new Set<SchemaNode>();
  const open = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    if (node.kind === 'reference') open.push(node.target());
    else open.push(...childrenOf(node));
  }
}

function childrenOf(node: SchemaNode): SchemaNode[] {
  const some = (one: SchemaNode | undefined): SchemaNode[] => (one === undefined ? [] : [one]);
  if (node.kind === 'combined') return [...node.parts];
  if (node.kind === 'not') return [node.node];
  if (node.kind === 'array')
    return [
      ...node.items,
      ...some(node.allItems),
      ...some(node.additional.node),
      ...some(node.unevaluated),
      ...some(node.contains),
    ];
  if (node.kind !== 'object') return [];
  const patterns = node.patterns.map((one) => one.node);
  const rest = [...some(node.additional.node), ...some(node.unevaluated)];
  return [...node.properties.values(), ...patterns, ...rest, ...node.schemaDependencies.values()];
}

function compatibility(
  reader: ParsedSchema,
  writer: ParsedSchema,
  { policy = 'STRICT', readerIs = 'new' }: CompatibilityOptions = {},
): readonly Incompatibility[] {
  const [own, other] = readerIs === 'new' ? ['new', 'old'] : ['old', 'new'];
  try {
    const { changes } = withinStack(() =>
      jsonChanges((writer as JsonSchema).node, (reader as JsonSchema).node, policy),
    );
    return changes
      .filter(({ type }) => !isBorne(type, policy))
      .slice(0, SCHEMA_LIMITS.reasons)
      .map(({ type, path }) => reason(type, `#/${path}`, own ?? '', other ?? ''));
  } catch (error) {
    if (!(error instanceof InvalidSchemaError)) throw error;
    return [{ type: 'CHECK_FAILED', path: '#/', sentence: `The schemas cannot be compared: ${error.message}` }];
  }
}

function reason(type: string, path: string, own: string, other: string): Incompatibility {
  const advice = adviceOf(type);
  const sentence = sentenceOf(type, path, own, other);
  return { type, path, sentence, ...(advice !== undefined && { advice }) };
}

async function dataCheck(schema: ParsedSchema): Promise<DataCheck> {
  const { jsonDataCheck } = await import('./json-data.ts');
  return jsonDataCheck(schema.canonicalText, schema.resolved);
}

export const jsonSchemaFormat: SchemaFormat = { type: 'JSON', parse, compatibility, dataCheck };
