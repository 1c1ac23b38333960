// A JSON parser with bounds. Comments are allowed on request (Avro's own parser allows them); the last of two equal keys
// wins and keeps the place of the first, as in Jackson's trees.
import { InvalidSchemaError, SCHEMA_LIMITS } from '../schema-format.ts';
import { type Json, JsonNumber, type JsonObject } from './json-value.ts';

export interface JsonParseOptions {
  readonly comments?: boolean;
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** Up to what ends or breaks a string: a quote, a backslash, a control character. */
const PLAIN = /[ !#-[\]-\uffff]*/y;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

class JsonParser {
  private at = 0;
  private nodes = 0;
  private readonly text: string;
  private readonly comments: boolean;

  constructor(text: string, options: JsonParseOptions) {
    this.text = text;
    this.comments = options.comments === true;
  }

  whole(): Json {
    const value = this.value(0);
    this.skipBlanks();
    if (this.at < this.text.length) throw this.wrong('dangling content after the end of the schema');
    return value;
  }

  private value(depth: number): Json {
    if (depth > SCHEMA_LIMITS.depth) throw this.wrong(`more than ${SCHEMA_LIMITS.depth} values inside one another`);
    if (++this.nodes > SCHEMA_LIMITS.nodes) throw this.wrong(`more than ${SCHEMA_LIMITS.nodes} values`);
    this.skipBlanks();
    const first = this.text[this.at];
    if (first === '{') return this.object(depth);
    if (first === '[') return this.array(depth);
    if (first === '"') return this.string();
    if (first === '-' || (first !== undefined && first >= '0' && first <= '9')) return this.number();
    for (const [word, value] of [
      ['true', true],
      ['false', false],
      ['null', null],
    ] as const) {
      if (!this.text.startsWith(word, this.at)) continue;
      this.at += word.length;
      return value;
    }
    throw this.wrong(
      first === undefined ? 'the text ends where a value is expected' : `unexpected ${JSON.stringify(first)}`,
    );
  }

  private object(depth: number): JsonObject {
    const object: JsonObject = new Map();
    this.at++;
    this.skipBlanks();
    if (this.take('}')) return object;
    do {
      this.skipBlanks();
      if (this.text[this.at] !== '"') throw this.wrong('a key in quotes is expected');
      const key = this.string();
      this.skipBlanks();
      if (!this.take(':')) throw this.wrong('":" is expected');
      object.set(key, this.value(depth + 1));
      this.skipBlanks();
    } while (this.take(','));
    if (!this.take('}')) throw this.wrong('"," or "}" is expected');
    return object;
  }

  private array(depth: number): Json[] {
    const array: Json[] = [];
    this.at++;
    this.skipBlanks();
    if (this.take(']')) return array;
    do {
      array.push(this.value(depth + 1));
      this.skipBlanks();
    } while (this.take(','));
    if (!this.take(']')) throw this.wrong('"," or "]" is expected');
    return array;
  }

  private string(): string {
    this.at++;
    let result = '';
    for (;;) {
      PLAIN.lastIndex = this.at;
      const plain = PLAIN.exec(this.text)?.[0] ?? '';
      result += plain;
      this.at += plain.length;
      const next = this.text[this.at++];
      if (next === '"') return result;
      if (next !== '\\') throw this.wrong('a string does not end, or has a control character inside');
      result += this.escaped();
    }
  }

  private escaped(): string {
    const letter = this.text[this.at++] ?? '';
    const plain = ESCAPES[letter];
    if (plain !== undefined) return plain;
    const digits = this.text.slice(this.at, this.at + 4);
    if (letter !== 'u' || !/^[\da-fA-F]{4}$/.test(digits)) throw this.wrong('an escape that JSON does not know');
    this.at += 4;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }

  private number(): JsonNumber {
    NUMBER.lastIndex = this.at;
    const text = NUMBER.exec(this.text)?.[0];
    if (text === undefined) throw this.wrong('a number is expected');
    this.at += text.length;
    if (/[\w.]/.test(this.text[this.at] ?? ' ')) throw this.wrong('a number is not well formed');
    if (text.length > 1000) throw this.wrong('a number of more than 1000 characters');
    return new JsonNumber(text);
  }

  private skipBlanks(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) this.at++;
      else if (!(code === 0x2f && this.comments && this.skipComment())) return;
    }
  }

  private skipComment(): boolean {
    const kind = this.text[this.at + 1];
    if (kind !== '/' && kind !== '*') return false;
    const end = this.text.indexOf(kind === '/' ? '\n' : '*/', this.at + 2);
    if (end < 0 && kind === '*') throw this.wrong('a comment does not end');
    this.at = end < 0 ? this.text.length : end + (kind === '/' ? 1 : 2);
    return true;
  }

  private take(character: string): boolean {
    if (this.text[this.at] !== character) return false;
    this.at++;
    return true;
  }

  private wrong(what: string): InvalidSchemaError {
    const line = this.text.slice(0, this.at).split('\n').length;
    return new InvalidSchemaError(`not JSON: ${what}, at character ${this.at} (line ${line})`);
  }
}

/** Throws InvalidSchemaError. */
export function parseJson(text: string, options: JsonParseOptions = {}): Json {
  if (text.length > SCHEMA_LIMITS.textBytes)
    throw new InvalidSchemaError(
      `the text has ${text.length} characters; at most ${SCHEMA_LIMITS.textBytes} are taken`,
    );
  return new JsonParser(text, options).whole();
}
