// kcat's -f: what of a record is printed, and how. The format is worked on as bytes, as kcat does, with its readings of escapes:
// `\xNN` needs a decimal digit behind the x, numbers take all digits that follow, and one that begins with 0 is octal.
import type { ToolRecord } from '../tool-record.ts';
import { CatFailure } from './cat-failure.ts';
import { UnpackError, unpacked } from './unpack.ts';

type Token = 'o' | 'k' | 'K' | 's' | 'S' | 'R' | 't' | 'p' | 'T' | 'h';
type Piece = Buffer | Token;

const TOKENS = 'okKsSRtpTh';

/** How keys or values are turned into text: as they are, by a pack string, or by a decoder. */
export type FieldForm =
  | undefined
  | { readonly pack: string }
  | { readonly json: string }
  | { readonly failure: string };

export interface MessageFormatOptions {
  /** What stands for null (-Z); left out: nothing. */
  readonly nullText?: string | undefined;
  readonly key?: FieldForm;
  readonly value?: FieldForm;
}

/** The record could not be formatted; what was written of it before stays written. */
export class FormatError extends Error {
  readonly written: Buffer;

  constructor(message: string, written: Buffer) {
    super(message);
    this.written = written;
  }
}

/** Throws CatFailure for a token that is none. */
export function parseMessageFormat(format: Buffer): readonly Piece[] {
  const text = format.toString('latin1');
  const pieces: Piece[] = [];
  let at = 0;
  while (at < text.length) {
    const percent = text.indexOf('%', at);
    const end = percent === -1 ? text.length : percent;
    if (end > at) pieces.push(unescaped(text.slice(at, end)));
    if (percent === -1) break;
    const token = text.charAt(percent + 1);
    if (token === '') throw new CatFailure('Empty formatter');
    if (token === '%') pieces.push(Buffer.from('%'));
    else if (TOKENS.includes(token)) pieces.push(token as Token);
    else throw new CatFailure(`Unsupported formatter: %${token}`);
    at = percent + 2;
  }
  return pieces;
}

function unescaped(text: string): Buffer {
  let bytes = '';
  for (let at = 0; at < text.length; at++) {
    let character = text.charAt(at);
    if (character !== '\\' || at + 1 === text.length) {
      bytes += character;
      continue;
    }
    character = text.charAt(++at);
    const short = { t: '\t', n: '\n', r: '\r' }[character];
    if (short !== undefined) {
      bytes += short;
      continue;
    }
    const isHex = character === 'x';
    if (isHex) character = text.charAt(++at);
    if (!/^[0-9]$/.test(character)) {
      bytes += character;
      continue;
    }
    const { value, length } = numberAt(text.slice(at), isHex);
    bytes += String.fromCharCode(value & 0xff);
    at += length - 1;
  }
  const end = bytes.indexOf('\0');
  return Buffer.from(end === -1 ? bytes : bytes.slice(0, end), 'latin1');
}

/** C's strtoul: base 16, or the base that the digits say themselves. */
function numberAt(text: string, isHex: boolean): { value: number; length: number } {
  const pattern = isHex ? /^(?:0[xX](?=[0-9a-fA-F]))?[0-9a-fA-F]+/ : /^(?:0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)/;
  const digits = pattern.exec(text)?.[0] ?? '0';
  const base = isHex || /^0[xX]/.test(digits) ? 16 : digits.startsWith('0') ? 8 : 10;
  // Only the lowest byte is kept, and it does not depend on digits far in front.
  let value = 0;
  for (const digit of digits.replace(/^0[xX]/, ''))
    value = (value * base + Number.parseInt(digit, base)) % 0x1_0000_0000;
  return { value, length: digits.length };
}

/** Throws FormatError. */
export function formattedMessage(pieces: readonly Piece[], record: ToolRecord, options: MessageFormatOptions): Buffer {
  const parts: Buffer[] = [];
  for (const piece of pieces) {
    try {
      parts.push(typeof piece === 'string' ? tokenBytes(piece, record, options) : piece);
    } catch (error) {
      const partly = error instanceof UnpackError ? error.written : Buffer.alloc(0);
      throw new FormatError((error as Error).message, Buffer.concat([...parts, partly]));
    }
  }
  return Buffer.concat(parts);
}

function tokenBytes(token: Token, record: ToolRecord, options: MessageFormatOptions): Buffer {
  switch (token) {
    case 'k':
      return fieldBytes('key', record, options);
    case 's':
      return fieldBytes('value', record, options);
    case 'R': {
      const length = Buffer.alloc(4);
      length.writeInt32BE(record.value === null ? -1 : record.value.length);
      return length;
    }
    case 'h':
      return headersBytes(record);
    default:
      return Buffer.from(String(plainFact(token, record)));
  }
}

function plainFact(token: Exclude<Token, 'k' | 's' | 'R' | 'h'>, record: ToolRecord): string | number | bigint {
  switch (token) {
    case 'o':
      return record.offset;
    case 'K':
      return record.key?.length ?? -1;
    case 'S':
      return record.value?.length ?? -1;
    case 't':
      return record.topic;
    case 'p':
      return record.partition;
    case 'T':
      return record.timestamp;
  }
}

/** An empty field is shown as null is, as in kcat. */
function fieldBytes(what: 'key' | 'value', record: ToolRecord, options: MessageFormatOptions): Buffer {
  const bytes = record[what];
  if (bytes === null || bytes.length === 0) return Buffer.from(options.nullText ?? '');
  const form = options[what];
  if (form === undefined) return asBuffer(bytes);
  if ('failure' in form) throw new Error(form.failure);
  return 'pack' in form ? unpacked(what, form.pack, asBuffer(bytes)) : Buffer.from(form.json);
}

function headersBytes({ headers }: ToolRecord): Buffer {
  const parts = headers.flatMap(({ key, value }, index) => [
    Buffer.from(`${index > 0 ? ',' : ''}${key}=`),
    value === null ? Buffer.from('NULL') : asBuffer(value),
  ]);
  return Buffer.concat(parts);
}

export const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
