// What a condition may ask of a record. Keys and values are read as JSON when they are, else as text; each at most once a record.
import type { ToolRecord } from '../../tool-record.ts';

/** As JSON has them. */
export type Value = string | number | boolean | null | readonly unknown[] | object;

export interface RecordFacts {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly key: Value;
  readonly value: Value;
  readonly headers: Value;
  readonly keySize: number;
  readonly valueSize: number;
}

/** Larger values are texts to a condition: whoever writes them does not want to wait until they are parsed. */
const LARGEST_JSON_BYTES = 8 * 1024 * 1024;

const NAMES = ['topic', 'partition', 'offset', 'timestamp', 'key', 'value', 'headers', 'keySize', 'valueSize'] as const;

export function isFactName(name: string): name is keyof RecordFacts {
  return (NAMES as readonly string[]).includes(name);
}

export const factOf = (record: RecordFacts, name: keyof RecordFacts): Value => record[name];

/** The facts of a record, each found when it is first asked for. */
export class FactsOfRecord implements RecordFacts {
  readonly #record: ToolRecord;
  #key: Value | undefined;
  #value: Value | undefined;
  #headers: Value | undefined;

  constructor(record: ToolRecord) {
    this.#record = record;
  }

  get topic(): string {
    return this.#record.topic;
  }

  get partition(): number {
    return this.#record.partition;
  }

  get offset(): number {
    return this.#record.offset;
  }

  get timestamp(): number {
    return Number(this.#record.timestamp);
  }

  get keySize(): number {
    return this.#record.key?.length ?? -1;
  }

  get valueSize(): number {
    return this.#record.value?.length ?? -1;
  }

  get key(): Value {
    this.#key ??= contentOf(this.#record.key);
    return this.#key;
  }

  get value(): Value {
    this.#value ??= contentOf(this.#record.value);
    return this.#value;
  }

  /** By name; of several with one name the last. */
  get headers(): Value {
    this.#headers ??= Object.fromEntries(this.#record.headers.map(({ key, value }) => [key, textOf(value)]));
    return this.#headers;
  }
}

const textOf = (bytes: Uint8Array | null): string | null =>
  bytes === null ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();

function contentOf(bytes: Uint8Array | null): Value {
  const text = textOf(bytes);
  if (text === null) return null;
  // A number alone is a text for people as often as a number: it is read as a number, and texts stay texts.
  if (text.length > LARGEST_JSON_BYTES || !/^\s*(?:[[{"\d-]|true|false|null)/.test(text)) return text;
  try {
    return JSON.parse(text) as Value;
  } catch {
    return text;
  }
}

/** Own members only: nothing of JavaScript's is reached. */
export function memberOf(value: Value, name: Value): Value {
  if (Array.isArray(value)) {
    if (name === 'length') return value.length;
    return typeof name === 'number' ? ((value.at(name) ?? null) as Value) : null;
  }
  if (typeof value !== 'object' || value === null || typeof name !== 'string' || !Object.hasOwn(value, name))
    return null;
  return ((value as { readonly [name: string]: unknown })[name] ?? null) as Value;
}
