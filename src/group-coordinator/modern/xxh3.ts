// XXH3, 64 bits, seed 0, as Apache Kafka hashes the metadata of topics with it (KIP-1101; github.com/Cyan4973/xxHash,
// doc/xxhash_spec.md). In bigints: a topic is hashed when it has changed, not when somebody asks.

const MASK = 0xffff_ffff_ffff_ffffn;
const LOW = 0xffff_ffffn;
const P32_1 = 0x9e37_79b1n;
const P32_2 = 0x85eb_ca77n;
const P32_3 = 0xc2b2_ae3dn;
const P64_1 = 0x9e37_79b1_85eb_ca87n;
const P64_2 = 0xc2b2_ae3d_27d4_eb4fn;
const P64_3 = 0x1656_67b1_9e37_79f9n;
const P64_4 = 0x85eb_ca77_c2b2_ae63n;
const P64_5 = 0x27d4_eb2f_1656_67c5n;
const MX1 = 0x1656_6791_9e37_79f9n;
const MX2 = 0x9fb2_1c65_1e98_df25n;

/** The secret that hashes without a secret of their own are made with. */
const SECRET = Buffer.from(
  'b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221' +
    'b8084674f743248ee03590e6813a264c3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8' +
    'a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364eac5ac8334d3ebc3c581a0fffa1363eb' +
    '170ddd51b7f0da49d316552629d4689e2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e',
  'hex',
);
const STRIPE = 64;
const STRIPES_PER_BLOCK = 16;
const BLOCK = STRIPE * STRIPES_PER_BLOCK;
const LANES = 8;

const secret = (at: number): bigint => SECRET.readBigUInt64LE(at);

/** The hash as an unsigned number of 64 bits. */
export function xxh3(input: Buffer): bigint {
  const { length } = input;
  if (length <= 16) return ofShort(input);
  if (length <= 128) return ofMedium(input);
  return length <= 240 ? ofLonger(input) : ofLong(input);
}

function ofShort(input: Buffer): bigint {
  const { length } = input;
  const size = BigInt(length);
  if (length > 8) {
    const low = input.readBigUInt64LE(0) ^ secret(24) ^ secret(32);
    const high = input.readBigUInt64LE(length - 8) ^ secret(40) ^ secret(48);
    return avalanche(size + bytesSwapped(low) + high + folded(low, high));
  }
  if (length >= 4) {
    const keyed = (BigInt(input.readUInt32LE(0)) << 32n) + BigInt(input.readUInt32LE(length - 4));
    let hash = keyed ^ secret(8) ^ secret(16);
    hash ^= rotated(hash, 49n) ^ rotated(hash, 24n);
    hash = (hash * MX2) & MASK;
    hash ^= (hash >> 35n) + size;
    hash = (hash * MX2) & MASK;
    return hash ^ (hash >> 28n);
  }
  if (length === 0) return oldAvalanche(secret(56) ^ secret(64));
  const [first, middle, last] = [input.readUInt8(0), input.readUInt8(length >> 1), input.readUInt8(length - 1)];
  const combined = BigInt(first * 0x1_0000 + middle * 0x100_0000 + last + length * 0x100);
  return oldAvalanche(combined ^ BigInt(SECRET.readUInt32LE(0)) ^ BigInt(SECRET.readUInt32LE(4)));
}

function ofMedium(input: Buffer): bigint {
  const { length } = input;
  let sum = BigInt(length) * P64_1;
  for (let pair = (length - 1) >> 5; pair >= 0; pair--) {
    sum += mixed(input, pair * 16, pair * 32) + mixed(input, length - (pair + 1) * 16, pair * 32 + 16);
  }
  return avalanche(sum);
}

function ofLonger(input: Buffer): bigint {
  const { length } = input;
  let sum = BigInt(length) * P64_1;
  for (let round = 0; round < 8; round++) sum += mixed(input, round * 16, round * 16);
  sum = avalanche(sum);
  for (let round = 8; round < length >> 4; round++) sum += mixed(input, round * 16, (round - 8) * 16 + 3);
  return avalanche(sum + mixed(input, length - 16, 136 - 17));
}

function ofLong(input: Buffer): bigint {
  const { length } = input;
  const lanes = [P32_3, P64_1, P64_2, P64_3, P64_4, P32_2, P64_5, P32_1];
  const blocks = Math.floor((length - 1) / BLOCK);
  for (let block = 0; block < blocks; block++) {
    for (let n = 0; n < STRIPES_PER_BLOCK; n++) accumulate(lanes, input, block * BLOCK + n * STRIPE, n * 8);
    scramble(lanes);
  }
  const rest = Math.floor((length - 1 - blocks * BLOCK) / STRIPE);
  for (let n = 0; n < rest; n++) accumulate(lanes, input, blocks * BLOCK + n * STRIPE, n * 8);
  accumulate(lanes, input, length - STRIPE, SECRET.length - STRIPE - 7);
  let sum = BigInt(length) * P64_1;
  for (let pair = 0; pair < LANES; pair += 2) {
    const [one, other] = [lanes[pair] as bigint, lanes[pair + 1] as bigint];
    sum += folded(one ^ secret(11 + pair * 8), other ^ secret(11 + pair * 8 + 8));
  }
  return avalanche(sum);
}

function accumulate(lanes: bigint[], input: Buffer, at: number, secretAt: number): void {
  for (let lane = 0; lane < LANES; lane++) {
    const value = input.readBigUInt64LE(at + lane * 8);
    const keyed = value ^ secret(secretAt + lane * 8);
    lanes[lane ^ 1] = ((lanes[lane ^ 1] as bigint) + value) & MASK;
    lanes[lane] = ((lanes[lane] as bigint) + (keyed & LOW) * (keyed >> 32n)) & MASK;
  }
}

function scramble(lanes: bigint[]): void {
  for (let lane = 0; lane < LANES; lane++) {
    const value = lanes[lane] as bigint;
    lanes[lane] = ((value ^ (value >> 47n) ^ secret(SECRET.length - STRIPE + lane * 8)) * P32_1) & MASK;
  }
}

/** 16 bytes at `at`, under 16 bytes of the secret. */
function mixed(input: Buffer, at: number, secretAt: number): bigint {
  return folded(input.readBigUInt64LE(at) ^ secret(secretAt), input.readBigUInt64LE(at + 8) ^ secret(secretAt + 8));
}

/** The halves of a product of 128 bits, one upon the other. */
function folded(one: bigint, other: bigint): bigint {
  const product = one * other;
  return (product & MASK) ^ (product >> 64n);
}

function avalanche(sum: bigint): bigint {
  let hash = sum & MASK;
  hash = ((hash ^ (hash >> 37n)) * MX1) & MASK;
  return hash ^ (hash >> 32n);
}

/** That of XXH64. */
function oldAvalanche(value: bigint): bigint {
  let hash = value & MASK;
  hash = ((hash ^ (hash >> 33n)) * P64_2) & MASK;
  hash = ((hash ^ (hash >> 29n)) * P64_3) & MASK;
  return hash ^ (hash >> 32n);
}

const rotated = (value: bigint, bits: bigint): bigint => ((value << bits) | (value >> (64n - bits))) & MASK;

function bytesSwapped(value: bigint): bigint {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes.readBigUInt64BE(0);
}
