// The keywords of one schema: each is taken once, by the group that it belongs to.
import { isObject, type Json, JsonNumber, type JsonObject } from '../json-text/index.ts';
import { InvalidSchemaError } from '../schema-format.ts';
import type { Draft } from './drafts.ts';

/** What makes a node of a kind where no type says so. */
export const KEYWORDS = {
  array: [
    'items',
    'prefixItems',
    'additionalItems',
    'unevaluatedItems',
    'minItems',
    'maxItems',
    'uniqueItems',
    'contains',
    'minContains',
    'maxContains',
  ],
  object: [
    'properties',
    'required',
    'minProperties',
    'maxProperties',
    'dependencies',
    'dependentRequired',
    'dependentSchemas',
    'patternProperties',
    'additionalProperties',
    'unevaluatedProperties',
    'propertyNames',
  ],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  string: ['minLength', 'maxLength', 'pattern', 'format'],
} as const;

/** From which draft on a keyword means something. */
const SINCE: Readonly<Record<string, readonly Draft[]>> = {
  contains: ['6', '7', '2019-09', '2020-12'],
  propertyNames: ['6', '7', '2019-09', '2020-12'],
  ...Object.fromEntries(
    [
      'unevaluatedItems',
      'unevaluatedProperties',
      'minContains',
      'maxContains',
      'dependentRequired',
      'dependentSchemas',
    ].map((word) => [word, ['2019-09', '2020-12']]),
  ),
  prefixItems: ['2020-12'],
};

export class Keywords {
  readonly json: JsonObject;
  readonly path: string;
  private readonly draft: Draft;
  private readonly taken = new Set<string>();

  constructor(json: JsonObject, path: string, draft: Draft) {
    this.json = json;
    this.path = path;
    this.draft = draft;
  }

  /** Several types of one union read the same keywords, so that a second taking is no mistake. */
  take(word: string): Json | undefined {
    if (SINCE[word]?.includes(this.draft) === false) return undefined;
    this.taken.add(word);
    return this.json.get(word);
  }

  hasAny(words: readonly string[]): boolean {
    return words.some(
      (word) => this.json.has(word) && !this.taken.has(word) && SINCE[word]?.includes(this.draft) !== false,
    );
  }

  list(word: string): readonly Json[] | undefined {
    return this.of(word, 'an array', (value) => (Array.isArray(value) ? value : undefined));
  }

  object(word: string): JsonObject | undefined {
    return this.of(word, 'an object', (value) => (isObject(value) ? value : undefined));
  }

  text(word: string): string | undefined {
    return this.of(word, 'a string', (value) => (typeof value === 'string' ? value : undefined));
  }

  number(word: string): JsonNumber | undefined {
    return this.of(word, 'a number', (value) => (value instanceof JsonNumber ? value : undefined));
  }

  count(word: string): number | undefined {
    return this.of(word, 'a number', (value) => (value instanceof JsonNumber ? value.value : undefined));
  }

  /** In draft 4 a boolean beside `maximum`, which no comparison looks at. */
  limit(word: string): JsonNumber | undefined {
    return typeof this.json.get(word) === 'boolean' ? (this.take(word), undefined) : this.number(word);
  }

  texts(word: string): ReadonlySet<string> {
    const list = this.list(word) ?? [];
    for (const item of list)
      if (typeof item !== 'string') throw new InvalidSchemaError(`${this.path}/${word}: strings are expected`);
    return new Set(list as string[]);
  }

  private of<T>(word: string, what: string, read: (value: Json) => T | undefined): T | undefined {
    const value = this.take(word);
    if (value === undefined) return undefined;
    const found = read(value);
    if (found === undefined) throw new InvalidSchemaError(`${this.path}/${word}: ${what} is expected`);
    return found;
  }
}
