// kcat's pack strings (-s '>iHs$'): binary keys and values as numbers and texts.
import { CatFailure } from './cat-failure.ts';

const TOKENS = ' <>bBhHiIqQcs$';

/** Throws CatFailure for a token that is none. */
export function checkPackFormat(what: 'key' | 'value', format: string): void {
  if (format === '') throw new CatFailure(`${what} pack-format must not be empty`);
  for (const token of format) {
    if (!TOKENS.includes(token)) throw new CatFailure(`Invalid token '${token}' in ${what} pack-format, see -s usage.`);
  }
}

/** The bytes do not hold what the format asks for; `written` is what had been unpacked by then. */
export class UnpackError extends Error {
  readonly written: Buffer;

  constructor(message: string, written: Buffer) {
    super(message);
    this.written = written;
  }
}

/** Throws UnpackError. */
export function unpacked(what: 'key' | 'value', format: string, bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  let isLittle = false;
  const take = (token: string): string => {
    const size = SIZES[token.toLowerCase()] ?? 1;
    const left = bytes.length - at;
    if (size > left) {
      const missing = `${what} truncated, expected ${size} bytes to unpack ${token} but only ${left} bytes remaining`;
      throw new UnpackError(missing, Buffer.concat(parts));
    }
    const part = Buffer.from(bytes.subarray(at, at + size));
    at += size;
    // An order that is not said is that of the network, as everything in Kafka.
    return numberText(token, isLittle ? part.reverse() : part);
  };
  for (const token of format) {
    if (token === '<' || token === '>') isLittle = token === '<';
    else if (token === ' ') parts.push(Buffer.from(' '));
    else if (token === 'c') parts.push(bytes.subarray(at, (at += 1)));
    else if (token === 's') parts.push(bytes.subarray(at, (at = bytes.length)));
    else if (token !== '$') parts.push(Buffer.from(take(token)));
    else if (at < bytes.length) {
      const rest = `expected ${what} end-of-input, but ${bytes.length - at} bytes remaining`;
      throw new UnpackError(rest, Buffer.concat(parts));
    }
  }
  return Buffer.concat(parts);
}

const SIZES: Readonly<Record<string, number>> = { b: 1, h: 2, i: 4, q: 8 };

function numberText(token: string, bytes: Buffer): string {
  if (token === 'q') return String(bytes.readBigInt64BE());
  if (token === 'Q') return String(bytes.readBigUInt64BE());
  const isSigned = token === token.toLowerCase();
  return String(isSigned ? bytes.readIntBE(0, bytes.length) : bytes.readUIntBE(0, bytes.length));
}
