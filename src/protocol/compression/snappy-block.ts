// Snappy blocks in JavaScript, for where WebAssembly is forbidden (github.com/google/snappy, format_description.txt).
import { BLOCK_CORRUPT } from './block-kernel.ts';

const COPY_1 = 1;
const COPY_2 = 2;
/** Lengths of literals above this have 1 to 4 bytes of their own. */
const LONGEST_SHORT_LITERAL = 60;

/** Unpacks `input`, without its length in front, into `output`, which it must fill. Returns its size or BLOCK_CORRUPT. */
export function decodeSnappyBlock(input: Uint8Array, output: Uint8Array): number {
  let from = 0;
  let at = 0;
  while (from < input.length) {
    const tag = input[from++] as number;
    const kind = tag & 3;
    if (kind === 0) {
      let length = (tag >>> 2) + 1;
      if (length > LONGEST_SHORT_LITERAL) {
        const size = length - LONGEST_SHORT_LITERAL;
        if (size > input.length - from) return BLOCK_CORRUPT;
        length = little(input, from, size) + 1;
        from += size;
      }
      if (length > input.length - from || length > output.length - at) return BLOCK_CORRUPT;
      output.set(input.subarray(from, from + length), at);
      from += length;
      at += length;
      continue;
    }
    const size = kind === COPY_1 ? 1 : kind === COPY_2 ? 2 : 4;
    if (size > input.length - from) return BLOCK_CORRUPT;
    const distance = little(input, from, size) + (kind === COPY_1 ? (tag >>> 5) << 8 : 0);
    const length = kind === COPY_1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1;
    from += size;
    if (distance === 0 || distance > at || length > output.length - at) return BLOCK_CORRUPT;
    // Byte by byte: source and target may overlap, and then repeat.
    for (let source = at - distance, stop = at + length; at < stop; ) output[at++] = output[source++] as number;
  }
  return at === output.length ? at : BLOCK_CORRUPT;
}

function little(bytes: Uint8Array, at: number, size: number): number {
  let value = 0;
  for (let i = size - 1; i >= 0; i--) value = value * 256 + (bytes[at + i] as number);
  return value;
}
