// Strings of the wire. Most are short names that come again and again (topics, groups, clients), so what was read lately
// stays in a small cache: no allocation, and a string object whose hash every Map already knows.

/** Bytes up to which a string is looked up in the cache. */
const SHORT = 24;
/** Entries of the cache; a power of two. */
const CACHE_SIZE = 2048;
const cached: string[] = Array.from({ length: CACHE_SIZE }, () => '');

/** From bytes: one character beyond Latin-1 would make the whole bundle that a start reads a string of two bytes each. */
const REPLACEMENT = Buffer.from([0xef, 0xbf, 0xbd]).toString();

/** The string of `length` bytes at `at`, which are there; broken sequences become U+FFFD as they do in Java. */
export function utf8(bytes: Buffer, at: number, length: number): string {
  if (length > SHORT) return decoded(bytes, at, length);
  if (length === 0) return '';
  let hash = length;
  let all = 0;
  for (let i = at; i < at + length; i++) {
    const byte = bytes[i] as number;
    all |= byte;
    hash = (Math.imul(hash, 31) + byte) | 0;
  }
  if (all >= 0x80) return decoded(bytes, at, length);
  const entry = (hash ^ (hash >>> 15)) & (CACHE_SIZE - 1);
  const known = cached[entry] as string;
  if (known.length === length && isText(bytes, at, known)) return known;
  const fresh = bytes.toString('latin1', at, at + length);
  cached[entry] = fresh;
  return fresh;
}

function isText(bytes: Uint8Array, at: number, expected: string): boolean {
  for (let i = 0; i < expected.length; i++) if (bytes[at + i] !== expected.charCodeAt(i)) return false;
  return true;
}

function decoded(bytes: Buffer, at: number, length: number): string {
  const text = bytes.toString('utf8', at, at + length);
  return text.includes(REPLACEMENT) ? withJavasReplacements(bytes.subarray(at, at + length)) : text;
}

/**
 * Java and the WHATWG agree on what becomes of broken UTF-8, but for surrogates written as three bytes: one U+FFFD there,
 * three here. Names must come out as Kafka would have stored them.
 */
function withJavasReplacements(bytes: Uint8Array): string {
  const mended = Buffer.from(bytes);
  for (let i = 0; i + 1 < mended.length; i++) {
    if (mended[i] !== 0xed || ((mended[i + 1] as number) & 0xe0) !== 0xa0) continue;
    const isWhole = i + 2 < mended.length && ((mended[i + 2] as number) & 0xc0) === 0x80;
    // U+FFFD itself; or the begin of a sequence that breaks off, which becomes one as well.
    if (isWhole) mended.set([0xef, 0xbf, 0xbd], i);
    else mended.set([0xf0, 0x90], i);
  }
  return mended.toString('utf8');
}
