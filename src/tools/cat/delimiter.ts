// Delimiters of kcat's -D and -K: `\n`, `\t` and `\xNN` stand for their byte, whatever else is meant as it is. Escapes are looked for
// in this order, each wherever it stands, and hexadecimal digits are taken as far as they go, of which the lowest byte counts.
import { CatFailure } from './cat-failure.ts';

/** Throws CatFailure for `\x` without a digit. */
export function delimiterOf(text: string): Buffer {
  let bytes = Buffer.from(text).toString('latin1');
  for (;;) {
    const escape = nextEscape(bytes);
    if (escape === undefined) return Buffer.from(bytes, 'latin1');
    bytes = bytes.slice(0, escape.at) + escape.byte + bytes.slice(escape.end);
  }
}

function nextEscape(bytes: string): { at: number; end: number; byte: string } | undefined {
  const line = bytes.indexOf('\\n');
  if (line !== -1) return { at: line, end: line + 2, byte: '\n' };
  const tab = bytes.indexOf('\\t');
  if (tab !== -1) return { at: tab, end: tab + 2, byte: '\t' };
  const at = bytes.indexOf('\\x');
  if (at === -1) return undefined;
  const digits = /^[0-9a-fA-F]+/.exec(bytes.slice(at + 2))?.[0];
  if (digits === undefined) throw new CatFailure(`Delimiter ${bytes.slice(at)} expects hex number`);
  const byte = String.fromCharCode(Number.parseInt(digits.slice(-2), 16));
  return { at, end: at + 2 + digits.length, byte };
}
