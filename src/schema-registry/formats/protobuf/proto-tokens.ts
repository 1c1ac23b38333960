// Words, texts and signs of a .proto file. A word is a name with its dots or a number with its sign; a text is taken apart
// from its escapes, and texts that follow one another are one.
import { InvalidSchemaError, SCHEMA_LIMITS } from '../schema-format.ts';

export type Token =
  | { readonly kind: 'word'; readonly word: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'sign'; readonly sign: string }
  | { readonly kind: 'end' };

const WORD = /[-+]?[\w.]+(?:(?<=[\d.][eE])[-+]\d+)?/y;
const BLANK = /\s+/y;
const SIGNS = '{}[]()<>=;,:/';
const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '?': '?',
};

export class Tokens {
  private at = 0;
  private count = 0;
  private ahead: Token | undefined;
  private readonly text: string;

  constructor(text: string) {
    if (text.length > SCHEMA_LIMITS.textBytes)
      throw new InvalidSchemaError(
        `the text has ${text.length} characters; at most ${SCHEMA_LIMITS.textBytes} are taken`,
      );
    this.text = text;
  }

  peek(): Token {
    this.ahead ??= this.read();
    return this.ahead;
  }

  next(): Token {
    const token = this.peek();
    this.ahead = undefined;
    return token;
  }

  peeksSign(sign: string): boolean {
    const token = this.peek();
    return token.kind === 'sign' && token.sign === sign;
  }

  peeksWord(word: string): boolean {
    const token = this.peek();
    return token.kind === 'word' && token.word === word;
  }

  take(sign: string): boolean {
    if (!this.peeksSign(sign)) return false;
    this.ahead = undefined;
    return true;
  }

  takeWord(word: string): boolean {
    if (!this.peeksWord(word)) return false;
    this.ahead = undefined;
    return true;
  }

  expect(sign: string): void {
    if (!this.take(sign)) throw this.wrong(`expected '${sign}'`);
  }

  word(what: string): string {
    const token = this.next();
    if (token.kind !== 'word') throw this.wrong(`expected ${what}`);
    return token.word;
  }

  /** Letters, digits and underscores. */
  identifier(what: string): string {
    const word = this.word(what);
    if (!/^[A-Za-z_]\w*$/.test(word)) throw this.wrong(`expected ${what}, not '${word}'`);
    return word;
  }

  string(what: string): string {
    const token = this.next();
    if (token.kind !== 'text') throw this.wrong(`expected ${what} in quotes`);
    return token.text;
  }

  integer(what: string): number {
    const word = this.word(what);
    if (!/^-?(0[xX][\da-fA-F]+|\d+)$/.test(word)) throw this.wrong(`expected ${what}, not '${word}'`);
    const size = /^-?0\d/.test(word) ? Number.parseInt(word.replace('-', ''), 8) : Number(word.replace('-', ''));
    const value = word.startsWith('-') ? 0 - size : size;
    if (value > 2 ** 31 - 1 || value < -(2 ** 31)) throw this.wrong(`${what} ${word} is out of range`);
    return value;
  }

  wrong(what: string): InvalidSchemaError {
    const before = this.text.slice(0, this.at).split('\n');
    return new InvalidSchemaError(
      `Syntax error in Protobuf at ${before.length}:${before.at(-1)?.length ?? 0}: ${what}`,
    );
  }

  private read(): Token {
    this.skipBlanks();
    if (++this.count > SCHEMA_LIMITS.nodes * 10) throw this.wrong('too many words');
    const first = this.text[this.at];
    if (first === undefined) return { kind: 'end' };
    if (first === '"' || first === "'") return { kind: 'text', text: this.quoted() };
    WORD.lastIndex = this.at;
    const word = WORD.exec(this.text)?.[0];
    if (word !== undefined) {
      this.at += word.length;
      return { kind: 'word', word };
    }
    if (!SIGNS.includes(first)) throw this.wrong(`unexpected ${JSON.stringify(first)}`);
    this.at++;
    return { kind: 'sign', sign: first };
  }

  private quoted(): string {
    let text = '';
    do {
      const quote = this.text[this.at++];
      for (;;) {
        const character = this.text[this.at++];
        if (character === undefined || character === '\n') throw this.wrong('a text does not end');
        if (character === quote) break;
        text += character === '\\' ? this.escaped() : character;
      }
      this.skipBlanks();
    } while (this.text[this.at] === '"' || this.text[this.at] === "'");
    return text;
  }

  private escaped(): string {
    const rest = this.text.slice(this.at, this.at + 9);
    const match =
      /^[xX]([\da-fA-F]{1,2})/.exec(rest) ?? /^u([\da-fA-F]{4})/.exec(rest) ?? /^U([\da-fA-F]{8})/.exec(rest);
    const octal = /^[0-7]{1,3}/.exec(rest);
    const known = ESCAPES[rest[0] ?? ''];
    if (match === null && octal === null && known === undefined) throw this.wrong('an escape that is not known');
    this.at += match?.[0].length ?? octal?.[0].length ?? 1;
    if (known !== undefined && match === null && octal === null) return known;
    const code = match === null ? Number.parseInt(octal?.[0] ?? '', 8) : Number.parseInt(match[1] ?? '', 16);
    if (code > 0x10ffff) throw this.wrong('an escape beyond Unicode');
    return String.fromCodePoint(code);
  }

  private skipBlanks(): void {
    for (;;) {
      BLANK.lastIndex = this.at;
      this.at += BLANK.exec(this.text)?.[0].length ?? 0;
      if (this.text.startsWith('//', this.at)) this.skipTo('\n', false);
      else if (this.text.startsWith('/*', this.at)) this.skipTo('*/', true);
      else return;
    }
  }

  private skipTo(end: string, mustEnd: boolean): void {
    const found = this.text.indexOf(end, this.at + 2);
    if (found < 0 && mustEnd) throw this.wrong('a comment does not end');
    this.at = found < 0 ? this.text.length : found + end.length;
  }
}
