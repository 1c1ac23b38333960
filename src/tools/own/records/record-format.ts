// rpk's record formats: `%t %k{hex} %v\n`, both for printing records and for reading them. Here a format becomes pieces; what they
// print or read is record-printer's and record-reader's.

export interface Verb {
  readonly verb: string;
  /** What stands in braces behind it; undefined: no braces. */
  readonly modifier: string | undefined;
}

export type Piece = Buffer | Verb;

/** What is wrong with a format. */
export class FormatMistake extends Error {}

const VERBS = 'tTkKvVhHpoedaxyi[]|';
const SHORT: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', '\\': '\\' };

/** Neighbouring literals are one piece. Throws FormatMistake. */
export function parseRecordFormat(format: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let literal: Buffer[] = [];
  const flush = (): void => {
    if (literal.length > 0) pieces.push(Buffer.concat(literal));
    literal = [];
  };
  let at = 0;
  while (at < format.length) {
    const character = format.charAt(at);
    if (character === '\\') {
      const { bytes, end } = escapeAt(format, at);
      literal.push(bytes);
      at = end;
    } else if (character !== '%') {
      const end = nextMark(format, at);
      literal.push(Buffer.from(format.slice(at, end)));
      at = end;
    } else if ('%{}'.includes(format.charAt(at + 1)) && at + 1 < format.length) {
      literal.push(Buffer.from(format.charAt(at + 1)));
      at += 2;
    } else {
      flush();
      const { piece, end } = verbAt(format, at);
      pieces.push(piece);
      at = end;
    }
  }
  flush();
  return pieces;
}

function nextMark(format: string, at: number): number {
  let end = at;
  while (end < format.length && format[end] !== '%' && format[end] !== '\\') end += 1;
  return end;
}

function escapeAt(format: string, at: number): { bytes: Buffer; end: number } {
  const escape = format.charAt(at + 1);
  const short = SHORT[escape];
  if (short !== undefined) return { bytes: Buffer.from(short), end: at + 2 };
  const hex = escape === 'x' ? /^[0-9a-fA-F]{2}/.exec(format.slice(at + 2))?.[0] : undefined;
  if (hex === undefined) throw new FormatMistake(`\\${escape} is none of \\t \\n \\r \\\\ \\xNN`);
  return { bytes: Buffer.from(hex, 'hex'), end: at + 4 };
}

function verbAt(format: string, at: number): { piece: Verb; end: number } {
  const verb = format.charAt(at + 1);
  if (verb === '') throw new FormatMistake('a % stands at the end; %% prints one');
  if (!VERBS.includes(verb)) throw new FormatMistake(`%${verb} is none of the escapes; %% prints a percent sign`);
  if (format.charAt(at + 2) !== '{') return { piece: { verb, modifier: undefined }, end: at + 2 };
  const end = verb === 'h' ? endOfHeaders(format, at + 3) : endOfModifier(format, at + 3);
  if (end === -1) throw new FormatMistake(`the brace behind %${verb} is not closed`);
  return { piece: { verb, modifier: format.slice(at + 3, end) }, end: end + 1 };
}

/** A format of its own, in which braces stand behind verbs. */
function endOfHeaders(format: string, from: number): number {
  let depth = 0;
  for (let at = from; at < format.length; at++) {
    const character = format.charAt(at);
    if (character === '\\' || (character === '%' && '%{}'.includes(format.charAt(at + 1)))) at += 1;
    else if (character === '{') depth += 1;
    else if (character === '}') {
      if (depth === 0) return at;
      depth -= 1;
    }
  }
  return -1;
}

const CLOSING: Readonly<Record<string, string>> = { '[': ']', '{': '}', '#': '#' };

/** `strftime[…]`, `unpack{{…}}`, `go###…###`: what is wrapped may hold anything but its own end. */
function endOfModifier(format: string, from: number): number {
  const opening = /^[a-z0-9-]*(\[+|\{+|#+)/.exec(format.slice(from));
  if (opening === null) return format.indexOf('}', from);
  const wrap = opening[1] as string;
  const close = (CLOSING[wrap.charAt(0)] as string).repeat(wrap.length);
  const end = format.indexOf(`${close}}`, from + opening[0].length);
  return end === -1 ? -1 : end + close.length;
}

/** Name and content of `strftime[%F]`; undefined: the modifier does not begin with this name. */
export function wrappedContent(modifier: string, name: string): string | undefined {
  if (!modifier.startsWith(name)) return undefined;
  const wrap = /^(\[+|\{+|#+)/.exec(modifier.slice(name.length))?.[0];
  if (wrap === undefined) return undefined;
  return modifier.slice(name.length + wrap.length, modifier.length - wrap.length);
}
