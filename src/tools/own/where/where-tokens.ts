// The words of a condition: `value.amount > 100 and key =~ "^eu-"`. One pass from left to right, no backtracking.

export type TokenKind = 'number' | 'text' | 'name' | 'sign' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** Of texts what they mean, of all others what stands there. */
  readonly text: string;
  /** Where it begins, from 0. */
  readonly at: number;
}

/** What is wrong with a condition, and where. */
export class WhereError extends Error {
  constructor(message: string, condition: string, at: number) {
    super(`${message}, at column ${at + 1} of: ${condition}`);
  }
}

/** Longer ones are programs, not conditions. */
const LONGEST = 8192;
const SIGNS = [
  '==',
  '!=',
  '<=',
  '>=',
  '=~',
  '!~',
  '&&',
  '||',
  '<',
  '>',
  '=',
  '!',
  '+',
  '-',
  '*',
  '/',
  '%',
  '(',
  ')',
  '[',
  ']',
  ',',
  '.',
];

/** Throws WhereError. */
export function tokensOf(condition: string): Token[] {
  if (condition.length > LONGEST) throw new WhereError(`a condition has at most ${LONGEST} characters`, '...', 0);
  const tokens: Token[] = [];
  let at = 0;
  while (at < condition.length) {
    const character = condition.charAt(at);
    if (/\s/.test(character)) {
      at += 1;
      continue;
    }
    const token = tokenAt(condition, at);
    tokens.push(token.token);
    at = token.end;
  }
  tokens.push({ kind: 'end', text: '', at });
  return tokens;
}

function tokenAt(condition: string, at: number): { token: Token; end: number } {
  const character = condition.charAt(at);
  if (character === '"' || character === "'" || character === '`') return quoted(condition, at);
  const number = match(/\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y, condition, at);
  if (number !== undefined) return { token: { kind: 'number', text: number, at }, end: at + number.length };
  const name = match(/[\p{L}_$@][\p{L}\p{N}_$@-]*/uy, condition, at);
  if (name !== undefined) return { token: { kind: 'name', text: name, at }, end: at + name.length };
  const sign = SIGNS.find((one) => condition.startsWith(one, at));
  if (sign === undefined) throw new WhereError(`${JSON.stringify(character)} means nothing here`, condition, at);
  return { token: { kind: 'sign', text: sign, at }, end: at + sign.length };
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', 0: '\0' };

/** In backquotes nothing is escaped: for regular expressions. */
function quoted(condition: string, at: number): { token: Token; end: number } {
  const quote = condition.charAt(at);
  let text = '';
  for (let next = at + 1; next < condition.length; next++) {
    const character = condition.charAt(next);
    if (character === quote) return { token: { kind: 'text', text, at }, end: next + 1 };
    if (character !== '\\' || quote === '`') {
      text += character;
      continue;
    }
    next += 1;
    const escape = condition.charAt(next);
    const hex = /^(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4}))/.exec(condition.slice(next, next + 5));
    if (hex !== null) {
      text += String.fromCharCode(Number.parseInt(hex[1] ?? hex[2] ?? '', 16));
      next += hex[0].length - 1;
    } else text += ESCAPES[escape] ?? (/[A-Za-z]/.test(escape) ? `\\${escape}` : escape);
  }
  throw new WhereError('the text that begins here has no end', condition, at);
}
