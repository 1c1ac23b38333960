// LZ4 blocks in JavaScript, for where WebAssembly is forbidden, and as oracle of the WebAssembly kernel in tests.
import { BLOCK_CORRUPT, BLOCK_OVERFLOW } from './block-kernel.ts';

const HASH_BITS = 13;
/** The format: matches are at least this long, the last begins 12 bytes before the end or earlier, the last 5 bytes are literals. */
const SMALLEST_MATCH = 4;
const LAST_MATCH_BEFORE_END = 12;
const LAST_LITERALS = 5;

/** Unpacks `input` into `output` from its start. Returns the bytes written, BLOCK_CORRUPT, or BLOCK_OVERFLOW when it is full. */
export function decodeLz4Block(input: Uint8Array, output: Uint8Array): number {
  let from = 0;
  let at = 0;
  while (from < input.length) {
    const token = input[from++] as number;
    let length = token >>> 4;
    if (length === 15) {
      let more: number;
      do {
        if (from >= input.length) return BLOCK_CORRUPT;
        more = input[from++] as number;
        length += more;
      } while (more === 255);
    }
    if (length > input.length - from) return BLOCK_CORRUPT;
    if (length > output.length - at) return BLOCK_OVERFLOW;
    for (const stop = from + length; from < stop; ) output[at++] = input[from++] as number;
    if (from === input.length) return at;
    if (input.length - from < 2) return BLOCK_CORRUPT;
    const distance = (input[from] as number) | ((input[from + 1] as number) << 8);
    from += 2;
    if (distance === 0 || distance > at) return BLOCK_CORRUPT;
    length = token & 15;
    if (length === 15) {
      let more: number;
      do {
        if (from >= input.length) return BLOCK_CORRUPT;
        more = input[from++] as number;
        length += more;
      } while (more === 255);
    }
    length += SMALLEST_MATCH;
    if (length > output.length - at) return BLOCK_OVERFLOW;
    for (let source = at - distance, stop = at + length; at < stop; ) output[at++] = output[source++] as number;
  }
  return BLOCK_CORRUPT;
}

/** Packs at most 65,536 bytes. `output` must hold size + size / 255 + 16. Returns the bytes written. */
export function encodeLz4Block(input: Uint8Array, output: Uint8Array): number {
  const table = new Uint16Array(1 << HASH_BITS);
  const lastStart = input.length - LAST_MATCH_BEFORE_END;
  const matchLimit = input.length - LAST_LITERALS;
  let anchor = 0;
  let at = 0;
  for (let from = 1; from <= lastStart; ) {
    const sequence = word(input, from);
    const slot = Math.imul(sequence, 2654435761) >>> (32 - HASH_BITS);
    const candidate = table[slot] as number;
    table[slot] = from;
    if (word(input, candidate) !== sequence) {
      from++;
      continue;
    }
    let length = SMALLEST_MATCH;
    while (from + length < matchLimit && input[from + length] === input[candidate + length]) length++;
    at = putSequence(input, anchor, from, output, at, length - SMALLEST_MATCH);
    const distance = from - candidate;
    output[at++] = distance & 0xff;
    output[at++] = distance >>> 8;
    if (length - SMALLEST_MATCH >= 15) at = putLength(output, at, length - SMALLEST_MATCH - 15);
    from += length;
    anchor = from;
  }
  return putSequence(input, anchor, input.length, output, at, 0);
}

/** Token and literals. */
function putSequence(
  input: Uint8Array,
  start: number,
  end: number,
  output: Uint8Array,
  at: number,
  matchCode: number,
): number {
  const literals = end - start;
  let position = at;
  output[position++] = (Math.min(15, literals) << 4) | Math.min(15, matchCode);
  if (literals >= 15) position = putLength(output, position, literals - 15);
  output.set(input.subarray(start, end), position);
  return position + literals;
}

function putLength(output: Uint8Array, at: number, length: number): number {
  let position = at;
  let rest = length;
  for (; rest >= 255; rest -= 255) output[position++] = 255;
  output[position++] = rest;
  return position;
}

function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}
