// Uuids as the broker keeps them: 22 characters of URL-safe base64 without padding (org.apache.kafka.common.Uuid).
// Topic ids come by the thousand and are few, so what was read lately stays in a small cache: the same id is then the
// same string object, whose hash every Map already knows.

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const TEXT_LENGTH = 22;
const NO_DIGIT = 255;
/** Entries of the cache; a power of two. */
const CACHE_SIZE = 1024;

const digits = new Uint8Array(128).fill(NO_DIGIT);
for (let i = 0; i < ALPHABET.length; i++) digits[ALPHABET.charCodeAt(i)] = i;

const cachedWords = new Int32Array(CACHE_SIZE * 4);
/** What the bytes of an empty entry, all 0, stand for. */
export const ZERO_UUID = 'AAAAAAAAAAAAAAAAAAAAAA';
const cachedTexts: string[] = Array.from({ length: CACHE_SIZE }, () => ZERO_UUID);

function wordAt(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}

/** The text of the 16 bytes at `at`; the caller has checked that they are there. */
export function uuidFromBytes(bytes: Buffer, at = 0): string {
  const a = wordAt(bytes, at);
  const b = wordAt(bytes, at + 4);
  const c = wordAt(bytes, at + 8);
  const d = wordAt(bytes, at + 12);
  const entry = (Math.imul(a ^ b ^ c ^ d, 0x9e3779b1) >>> 22) & (CACHE_SIZE - 1);
  const word = entry * 4;
  if (
    cachedWords[word] === a &&
    cachedWords[word + 1] === b &&
    cachedWords[word + 2] === c &&
    cachedWords[word + 3] === d
  ) {
    return cachedTexts[entry] as string;
  }
  const text = bytes.toString('base64url', at, at + 16);
  cachedWords[word] = a;
  cachedWords[word + 1] = b;
  cachedWords[word + 2] = c;
  cachedWords[word + 3] = d;
  cachedTexts[entry] = text;
  return text;
}

function digitAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < 128 ? (digits[code] as number) : NO_DIGIT;
}

/** Writes the 16 bytes of `text` at `at`; false when the text is no uuid (as Uuid.fromString sees it, padding aside). */
export function putUuid(bytes: Uint8Array, at: number, text: string): boolean {
  if (text.length !== TEXT_LENGTH) return false;
  let bits = 0;
  let wrong = 0;
  let to = at;
  // Four characters are three bytes; the last two characters are the sixteenth.
  for (let i = 0; i < 20; i += 4) {
    const a = digitAt(text, i);
    const b = digitAt(text, i + 1);
    const c = digitAt(text, i + 2);
    const d = digitAt(text, i + 3);
    wrong |= a | b | c | d;
    bits = (a << 18) | (b << 12) | (c << 6) | d;
    bytes[to] = bits >> 16;
    bytes[to + 1] = bits >> 8;
    bytes[to + 2] = bits;
    to += 3;
  }
  const high = digitAt(text, 20);
  const low = digitAt(text, 21);
  bytes[to] = (high << 2) | (low >> 4);
  return ((wrong | high | low) & 0x80) === 0;
}

/** The 16 bytes of a uuid; throws RangeError when the text is none. Accepts the padding `==`. */
export function uuidToBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(16);
  const bare = text.length === TEXT_LENGTH + 2 && text.endsWith('==') ? text.slice(0, TEXT_LENGTH) : text;
  if (!putUuid(bytes, 0, bare))
    throw new RangeError(`Input string \`${text}\` is not a uuid of ${TEXT_LENGTH} characters`);
  return bytes;
}
