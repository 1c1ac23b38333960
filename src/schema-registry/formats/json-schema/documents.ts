// Where a `$ref` leads: within the schema, into a schema that it refers to by name, to an `$id` or `$anchor` in either. Nothing
// is ever fetched: a reference to the web is an error (but for JSON Schema's own descriptions of itself).
import { isObject, type Json, type JsonObject } from '../json-text/index.ts';
import { InvalidSchemaError } from '../schema-format.ts';
import { isMetaSchema } from './drafts.ts';

/** What stands for a schema without a place of its own. */
const NOWHERE = 'mem://input/';
/** Keywords whose content is no schema, whatever stands in it. */
const DATA = new Set(['const', 'enum', 'default', 'examples']);

export interface Found {
  readonly json: Json;
  /** Against which references inside are read. */
  readonly base: string;
}

export class Documents {
  readonly root: Found;
  private readonly places = new Map<string, Found>();
  /** The base of every object that has an own one: those with an `$id`. */
  private readonly bases = new Map<Json, string>();

  constructor(root: Json, named: ReadonlyMap<string, Json>) {
    const base = resolve(idOf(root) ?? '', NOWHERE);
    this.root = { json: withDefs(root), base };
    this.index(this.root.json, base);
    for (const [name, json] of named) {
      const document = withDefs(json);
      for (const from of [base, NOWHERE])
        this.places.set(withoutFragment(resolve(name, from)), { json: document, base: resolve(name, from) });
      this.index(document, resolve(name, base));
    }
    this.places.set(withoutFragment(base), this.root);
  }

  /** The base that holds inside an object: its own `$id`, or the one around it. */
  baseOf(json: Json, outer: string): string {
    return this.bases.get(json) ?? outer;
  }

  /** Undefined: a description of JSON Schema itself. Throws InvalidSchemaError when there is nothing. */
  find(ref: string, base: string): Found | undefined {
    const url = resolve(ref, base);
    const anchored = this.places.get(url);
    if (anchored !== undefined) return anchored;
    const document = this.places.get(withoutFragment(url)) ?? this.places.get(withoutFragment(resolve(ref, NOWHERE)));
    if (document === undefined) {
      if (isMetaSchema(url)) return undefined;
      const isRemote = /^https?:/.test(url);
      throw new InvalidSchemaError(
        isRemote ? `Unsupported external reference: ${ref}` : `Cannot resolve reference: ${ref}`,
      );
    }
    return this.follow(document, fragmentOf(url), ref);
  }

  private follow(document: Found, fragment: string, ref: string): Found {
    let found: Found = document;
    if (fragment !== '' && !fragment.startsWith('/')) throw new InvalidSchemaError(`Cannot resolve reference: ${ref}`);
    for (const part of fragment.split('/').slice(1)) {
      const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
      const json: Json | undefined = isObject(found.json)
        ? found.json.get(key)
        : Array.isArray(found.json) && /^\d+$/.test(key)
          ? found.json[Number(key)]
          : undefined;
      if (json === undefined) throw new InvalidSchemaError(`Cannot resolve reference: ${ref}`);
      found = { json, base: this.baseOf(json, found.base) };
    }
    return found;
  }

  /** Notes every `$id` and anchor below. */
  private index(json: Json, base: string): void {
    if (Array.isArray(json)) for (const item of json) this.index(item, base);
    if (!isObject(json)) return;
    let inner = base;
    const id = idOf(json);
    if (id?.startsWith('#') === true) this.places.set(withoutFragment(base) + id, { json, base });
    else if (id !== undefined) {
      inner = resolve(id, base);
      this.bases.set(json, inner);
      this.places.set(withoutFragment(inner), { json, base: inner });
    }
    for (const word of ['$anchor', '$dynamicAnchor']) {
      const anchor = json.get(word);
      if (typeof anchor === 'string') this.places.set(`${withoutFragment(inner)}#${anchor}`, { json, base: inner });
    }
    for (const [key, value] of json) if (!DATA.has(key)) this.index(value, inner);
  }
}

function idOf(json: Json): string | undefined {
  if (!isObject(json)) return undefined;
  const id = json.get('$id') ?? json.get('id');
  return typeof id === 'string' ? id : undefined;
}

/** `#/$defs/x` finds what stands in `definitions`, too: both words are in use whatever the draft. */
function withDefs(json: Json): Json {
  if (!isObject(json)) return json;
  const source = json.get('definitions');
  const target = json.get('$defs') ?? new Map();
  if (!isObject(source) || source.size === 0 || !isObject(target)) return json;
  const all: JsonObject = new Map([...source, ...target]);
  return new Map([...json, ['$defs', all]]);
}

function resolve(ref: string, base: string): string {
  try {
    return new URL(ref, base).href;
  } catch {
    return ref;
  }
}

const withoutFragment = (url: string): string => url.split('#', 1)[0] ?? url;

function fragmentOf(url: string): string {
  const at = url.indexOf('#');
  if (at < 0) return '';
  try {
    return decodeURIComponent(url.slice(at + 1));
  } catch {
    return url.slice(at + 1);
  }
}
