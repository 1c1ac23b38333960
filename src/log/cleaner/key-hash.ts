// 128 bits that stand for a key: Chaskey-12 (ISO/IEC 29192-6), a keyed hash of 32-bit additions, rotations and exclusive ors,
// which JavaScript computes in place. Kafka takes MD5, one call of node:crypto costs ten times as much (measured). The secret is
// drawn for each pass, so that nobody can choose keys that collide.

const ROUNDS = 12;
const BLOCK_BYTES = 16;

export class KeyHash {
  /** The words of the last hash. */
  readonly words = new Int32Array(4);
  readonly #key: Int32Array;
  readonly #whole: Int32Array;
  readonly #padded: Int32Array;

  readonly #rounds: number;

  /** `secret`: 16 bytes. `rounds`: the authors give vectors for 8. */
  constructor(secret: Uint8Array, rounds = ROUNDS) {
    this.#rounds = rounds;
    const view = new DataView(secret.buffer, secret.byteOffset, BLOCK_BYTES);
    this.#key = Int32Array.from({ length: 4 }, (_, i) => view.getInt32(4 * i, true));
    this.#whole = timesTwo(this.#key);
    this.#padded = timesTwo(this.#whole);
  }

  /** Hashes `length` bytes at `at`; `view` lies over all of them. */
  hash(view: DataView, at: number, length: number): void {
    const key = this.#key;
    const rounds = this.#rounds;
    let a = key[0] as number;
    let b = key[1] as number;
    let c = key[2] as number;
    let d = key[3] as number;
    let position = at;
    let left = length;
    let last = this.#whole;
    for (let isLast = false; !isLast; ) {
      isLast = left <= BLOCK_BYTES;
      if (left >= BLOCK_BYTES) {
        a ^= view.getInt32(position, true);
        b ^= view.getInt32(position + 4, true);
        c ^= view.getInt32(position + 8, true);
        d ^= view.getInt32(position + 12, true);
      } else {
        last = this.#padded;
        a ^= partOf(view, position, left);
        b ^= partOf(view, position + 4, left - 4);
        c ^= partOf(view, position + 8, left - 8);
        d ^= partOf(view, position + 12, left - 12);
      }
      if (isLast) {
        a ^= last[0] as number;
        b ^= last[1] as number;
        c ^= last[2] as number;
        d ^= last[3] as number;
      }
      for (let round = 0; round < rounds; round++) {
        a = (a + b) | 0;
        b = ((b << 5) | (b >>> 27)) ^ a;
        a = (a << 16) | (a >>> 16);
        c = (c + d) | 0;
        d = ((d << 8) | (d >>> 24)) ^ c;
        a = (a + d) | 0;
        d = ((d << 13) | (d >>> 19)) ^ a;
        c = (c + b) | 0;
        b = ((b << 7) | (b >>> 25)) ^ c;
        c = (c << 16) | (c >>> 16);
      }
      position += BLOCK_BYTES;
      left -= BLOCK_BYTES;
    }
    const { words } = this;
    words[0] = a ^ (last[0] as number);
    words[1] = b ^ (last[1] as number);
    words[2] = c ^ (last[2] as number);
    words[3] = d ^ (last[3] as number);
  }
}

/** Up to four bytes of the end of a key, and the bit behind it. */
function partOf(view: DataView, at: number, left: number): number {
  if (left >= 4) return view.getInt32(at, true);
  if (left < 0) return 0;
  let word = 1 << (8 * left);
  for (let i = 0; i < left; i++) word |= view.getUint8(at + i) << (8 * i);
  return word;
}

/** In the field of 2^128 elements. */
function timesTwo(words: Int32Array): Int32Array {
  const [a, b, c, d] = words as unknown as [number, number, number, number];
  return Int32Array.of(
    (a << 1) ^ (d < 0 ? 0x87 : 0),
    (b << 1) | (a >>> 31),
    (c << 1) | (b >>> 31),
    (d << 1) | (c >>> 31),
  );
}
