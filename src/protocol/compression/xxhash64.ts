// xxHash64 in halves of 32 bits (github.com/Cyan4973/xxHash, the specification), for the checksum of zstd frames, of which
// the low half is kept. Without bigints: a frame may be large, and the loop waits.

/** A word of 64 bits whose halves are changed in place. */
class Word {
  high: number;
  low: number;

  constructor(high: number, low: number) {
    this.high = high | 0;
    this.low = low | 0;
  }
  set(high: number, low: number): this {
    this.high = high;
    this.low = low;
    return this;
  }
  add(high: number, low: number): this {
    const sum = (this.low >>> 0) + (low >>> 0);
    this.high = (this.high + high + (sum > 0xffff_ffff ? 1 : 0)) | 0;
    this.low = sum | 0;
    return this;
  }
  xor(high: number, low: number): this {
    this.high ^= high;
    this.low ^= low;
    return this;
  }
  multiply({ high, low }: Word): this {
    const a = this.low >>> 16;
    const b = this.low & 0xffff;
    const c = low >>> 16;
    const d = low & 0xffff;
    // Each of these sums fits 32 bits.
    const middle = (Math.imul(a, d) >>> 0) + (Math.imul(b, d) >>> 16);
    const carried = (middle & 0xffff) + (Math.imul(b, c) >>> 0);
    const upper = (Math.imul(a, c) + (middle >>> 16) + (carried >>> 16)) | 0;
    this.high = (upper + Math.imul(this.high, low) + Math.imul(this.low, high)) | 0;
    this.low = Math.imul(this.low, low);
    return this;
  }
  /** To the left, by fewer than 32 bits. */
  rotate(bits: number): this {
    const { high, low } = this;
    return this.set((high << bits) | (low >>> (32 - bits)), (low << bits) | (high >>> (32 - bits)));
  }
  /** Exclusive or with itself shifted right. */
  fold(bits: number): this {
    const { high, low } = this;
    if (bits >= 32) return this.set(high, low ^ (high >>> (bits - 32)));
    return this.set(high ^ (high >>> bits), low ^ ((low >>> bits) | (high << (32 - bits))));
  }
}

const PRIME1 = new Word(0x9e3779b1, 0x85ebca87);
const PRIME2 = new Word(0xc2b2ae3d, 0x27d4eb4f);
const PRIME3 = new Word(0x165667b1, 0x9e3779f9);
const PRIME4 = new Word(0x85ebca77, 0xc2b2ae63);
const PRIME5 = new Word(0x27d4eb2f, 0x165667c5);
const STRIPE_BYTES = 32;

function wordAt(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}

const input = new Word(0, 0);

function round(lane: Word, high: number, low: number): Word {
  const { high: inputHigh, low: inputLow } = input.set(high, low).multiply(PRIME2);
  return lane.add(inputHigh, inputLow).rotate(31).multiply(PRIME1);
}

/** The low 32 bits of the hash with seed 0, unsigned. */
export function xxhash64Low(bytes: Uint8Array): number {
  let at = 0;
  const hash = new Word(PRIME5.high, PRIME5.low);
  if (bytes.length >= STRIPE_BYTES) {
    const lanes = [
      new Word(PRIME1.high, PRIME1.low).add(PRIME2.high, PRIME2.low),
      new Word(PRIME2.high, PRIME2.low),
      new Word(0, 0),
      new Word(~PRIME1.high, ~PRIME1.low).add(0, 1),
    ] as const;
    for (; at + STRIPE_BYTES <= bytes.length; at += STRIPE_BYTES) {
      round(lanes[0], wordAt(bytes, at + 4), wordAt(bytes, at));
      round(lanes[1], wordAt(bytes, at + 12), wordAt(bytes, at + 8));
      round(lanes[2], wordAt(bytes, at + 20), wordAt(bytes, at + 16));
      round(lanes[3], wordAt(bytes, at + 28), wordAt(bytes, at + 24));
    }
    converge(hash, lanes);
  }
  hash.add(0, bytes.length);
  finish(hash, bytes, at);
  return hash.low >>> 0;
}

function converge(hash: Word, lanes: readonly [Word, Word, Word, Word]): void {
  hash.set(0, 0);
  for (const [i, bits] of [1, 7, 12, 18].entries()) {
    const { high, low } = lanes[i] as Word;
    const { high: turnedHigh, low: turnedLow } = new Word(high, low).rotate(bits);
    hash.add(turnedHigh, turnedLow);
  }
  for (const { high, low } of lanes) {
    const mixed = round(new Word(0, 0), high, low);
    hash.xor(mixed.high, mixed.low).multiply(PRIME1).add(PRIME4.high, PRIME4.low);
  }
}

/** What is left behind the last whole stripe, and the last mixing. */
function finish(hash: Word, bytes: Uint8Array, from: number): void {
  let at = from;
  for (; at + 8 <= bytes.length; at += 8) {
    const mixed = round(new Word(0, 0), wordAt(bytes, at + 4), wordAt(bytes, at));
    hash.xor(mixed.high, mixed.low).rotate(27).multiply(PRIME1).add(PRIME4.high, PRIME4.low);
  }
  if (at + 4 <= bytes.length) {
    const mixed = new Word(0, wordAt(bytes, at)).multiply(PRIME1);
    hash.xor(mixed.high, mixed.low).rotate(23).multiply(PRIME2).add(PRIME3.high, PRIME3.low);
    at += 4;
  }
  for (; at < bytes.length; at++) {
    const mixed = new Word(0, bytes[at] as number).multiply(PRIME5);
    hash.xor(mixed.high, mixed.low).rotate(11).multiply(PRIME1);
  }
  hash.fold(33).multiply(PRIME2).fold(29).multiply(PRIME3).fold(32);
}
