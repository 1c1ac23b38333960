// AssemblyScript, not part of the build: `node scripts/wasm/build.mjs` compiles it and rewrites src/protocol/compression/blocks-wasm.ts.
// Block formats of LZ4 and Snappy, both directions. The caller lays input and output out in memory and leaves SLACK bytes behind
// each, which copies of fixed size may read or write; lengths and offsets are checked before anything is copied.
// Memory: the compressors' hash table (16384 entries of 2 bytes) at 0.

const CORRUPT: i32 = -1;
const OVERFLOW: i32 = -2;
const HASH_BITS: u32 = 14;

// @ts-ignore: decorator
@inline
function hash(sequence: u32): usize {
  return <usize>((sequence * 2654435761) >>> (32 - HASH_BITS)) << 1;
}

/** Overlapping copy of `length` bytes from `distance` before `at`; writes up to 15 bytes more. */
// @ts-ignore: decorator
@inline
function copyMatch(at: usize, distance: usize, length: usize): void {
  let from = at - distance;
  const end = at + length;
  if (distance < 16) {
    if (distance == 1) {
      memory.fill(at, load<u8>(from), length);
      return;
    }
    // Repeat the pattern until the two ends are far enough apart.
    while (at - from < 16 && at < end) {
      const stop = min(at + (at - from), end);
      let source = from;
      while (at < stop) store<u8>(at++, load<u8>(source++));
    }
  }
  while (at < end) {
    store<u64>(at, load<u64>(from));
    store<u64>(at, load<u64>(from, 8), 8);
    at += 16;
    from += 16;
  }
}

// @ts-ignore: decorator
@inline
function copyLiterals(at: usize, from: usize, length: usize): void {
  if (length <= 32) {
    store<u64>(at, load<u64>(from));
    store<u64>(at, load<u64>(from, 8), 8);
    if (length > 16) {
      store<u64>(at, load<u64>(from, 16), 16);
      store<u64>(at, load<u64>(from, 24), 24);
    }
  } else memory.copy(at, from, length);
}

/** Bytes written, or CORRUPT, or OVERFLOW when the output is full. */
export function lz4Decode(src: usize, srcEnd: usize, dst: usize, dstEnd: usize): i32 {
  const start = dst;
  while (src < srcEnd) {
    const token = <u32>load<u8>(src++);
    let length = <usize>(token >>> 4);
    if (length == 15) {
      let more: u32;
      do {
        if (src >= srcEnd) return CORRUPT;
        more = load<u8>(src++);
        length += more;
      } while (more == 255);
    }
    if (length > srcEnd - src) return CORRUPT;
    if (length > dstEnd - dst) return OVERFLOW;
    copyLiterals(dst, src, length);
    src += length;
    dst += length;
    if (src == srcEnd) return <i32>(dst - start);
    if (srcEnd - src < 2) return CORRUPT;
    const distance = <usize>load<u16>(src);
    src += 2;
    if (distance == 0 || distance > dst - start) return CORRUPT;
    length = <usize>(token & 15);
    if (length == 15) {
      let more: u32;
      do {
        if (src >= srcEnd) return CORRUPT;
        more = load<u8>(src++);
        length += more;
      } while (more == 255);
    }
    length += 4;
    if (length > dstEnd - dst) return OVERFLOW;
    copyMatch(dst, distance, length);
    dst += length;
  }
  return CORRUPT;
}

/** Fills the output exactly, from the elements behind the preamble, or returns CORRUPT. */
export function snappyDecode(src: usize, srcEnd: usize, dst: usize, dstEnd: usize): i32 {
  const start = dst;
  while (src < srcEnd) {
    const tag = <u32>load<u8>(src++);
    let length = <usize>(tag >>> 2);
    if ((tag & 3) == 0) {
      if (length >= 60) {
        const extra = length - 59;
        if (srcEnd - src < extra) return CORRUPT;
        length = load<u32>(src) & (0xffffffff >>> (<u32>(4 - extra) << 3));
        src += extra;
      }
      // Compared before 1 is added: the length may be 2^32 - 1.
      if (length >= srcEnd - src || length >= dstEnd - dst) return CORRUPT;
      length++;
      copyLiterals(dst, src, length);
      src += length;
      dst += length;
      continue;
    }
    let distance: usize;
    if ((tag & 3) == 1) {
      if (src >= srcEnd) return CORRUPT;
      length = (length & 7) + 4;
      distance = <usize>((tag >>> 5) << 8) | load<u8>(src++);
    } else if ((tag & 3) == 2) {
      if (srcEnd - src < 2) return CORRUPT;
      length++;
      distance = load<u16>(src);
      src += 2;
    } else {
      if (srcEnd - src < 4) return CORRUPT;
      length++;
      distance = load<u32>(src);
      src += 4;
    }
    if (distance == 0 || distance > dst - start || length > dstEnd - dst) return CORRUPT;
    copyMatch(dst, distance, length);
    dst += length;
  }
  return dst == dstEnd ? <i32>(dst - start) : CORRUPT;
}

/** How far the bytes at `a` and at the earlier `b` agree, up to `limit`. */
// @ts-ignore: decorator
@inline
function agreement(a: usize, b: usize, limit: usize): usize {
  const begin = a;
  while (a + 8 <= limit) {
    const difference = load<u64>(a) ^ load<u64>(b);
    if (difference != 0) return a - begin + <usize>(ctz(difference) >>> 3);
    a += 8;
    b += 8;
  }
  while (a < limit && load<u8>(a) == load<u8>(b)) {
    a++;
    b++;
  }
  return a - begin;
}

function putLength(dst: usize, rest: usize): usize {
  while (rest >= 255) {
    store<u8>(dst++, 255);
    rest -= 255;
  }
  store<u8>(dst++, <u8>rest);
  return dst;
}

// @ts-ignore: decorator
@inline
function lz4Sequence(dst: usize, from: usize, literals: usize): usize {
  const token = dst++;
  if (literals >= 15) {
    store<u8>(token, 0xf0);
    dst = putLength(dst, literals - 15);
  } else store<u8>(token, <u8>(literals << 4));
  memory.copy(dst, from, literals);
  return dst + literals;
}

/** One block of at most 65536 bytes. The output must hold size + size / 255 + 16. Returns its size. */
export function lz4Encode(src: usize, srcEnd: usize, dst: usize): i32 {
  const outStart = dst;
  const inStart = src;
  let anchor = src;
  memory.fill(0, 0, 1 << (HASH_BITS + 1));
  // The format: the last match begins 12 bytes before the end or earlier, the last 5 bytes are literals.
  if (srcEnd - src > 12) {
    const lastStart = srcEnd - 12;
    const matchLimit = srcEnd - 5;
    src++;
    let misses: u32 = 1 << 6;
    while (src <= lastStart) {
      const slot = hash(load<u32>(src));
      let candidate = inStart + <usize>load<u16>(slot);
      store<u16>(slot, <u16>(src - inStart));
      if (load<u32>(candidate) != load<u32>(src) || candidate >= src) {
        src += misses++ >>> 6;
        continue;
      }
      misses = 1 << 6;
      while (src > anchor && candidate > inStart && load<u8>(src - 1) == load<u8>(candidate - 1)) {
        src--;
        candidate--;
      }
      const token = dst;
      dst = lz4Sequence(dst, anchor, src - anchor);
      store<u16>(dst, <u16>(src - candidate));
      dst += 2;
      const length = 4 + agreement(src + 4, candidate + 4, matchLimit);
      if (length - 4 >= 15) {
        store<u8>(token, load<u8>(token) | 15);
        dst = putLength(dst, length - 19);
      } else store<u8>(token, load<u8>(token) | <u8>(length - 4));
      src += length;
      anchor = src;
      if (src <= lastStart) store<u16>(hash(load<u32>(src - 2)), <u16>(src - 2 - inStart));
    }
  }
  dst = lz4Sequence(dst, anchor, srcEnd - anchor);
  return <i32>(dst - outStart);
}

// @ts-ignore: decorator
@inline
function snappyLiteral(dst: usize, from: usize, length: usize): usize {
  const n = <u32>length - 1;
  if (n < 60) store<u8>(dst++, <u8>(n << 2));
  else if (n < 256) {
    store<u8>(dst++, 60 << 2);
    store<u8>(dst++, <u8>n);
  } else {
    store<u8>(dst++, 61 << 2);
    store<u16>(dst, <u16>n);
    dst += 2;
  }
  memory.copy(dst, from, length);
  return dst + length;
}

// @ts-ignore: decorator
@inline
function snappyCopy(dst: usize, distance: u32, length: u32): usize {
  while (length >= 68) {
    store<u8>(dst, (63 << 2) | 2);
    store<u16>(dst, <u16>distance, 1);
    dst += 3;
    length -= 64;
  }
  if (length > 64) {
    store<u8>(dst, (59 << 2) | 2);
    store<u16>(dst, <u16>distance, 1);
    dst += 3;
    length -= 60;
  }
  if (length >= 12 || distance >= 2048) {
    store<u8>(dst, <u8>(((length - 1) << 2) | 2));
    store<u16>(dst, <u16>distance, 1);
    return dst + 3;
  }
  store<u8>(dst, <u8>(((distance >>> 8) << 5) | ((length - 4) << 2) | 1));
  store<u8>(dst, <u8>distance, 1);
  return dst + 2;
}

/** Elements without the preamble, of at most 65536 bytes. The output must hold 32 + size + size / 6. Returns its size. */
export function snappyEncode(src: usize, srcEnd: usize, dst: usize): i32 {
  const outStart = dst;
  const inStart = src;
  let anchor = src;
  memory.fill(0, 0, 1 << (HASH_BITS + 1));
  if (srcEnd - src > 15) {
    const lastStart = srcEnd - 15;
    src++;
    let misses: u32 = 1 << 5;
    while (src <= lastStart) {
      const slot = hash(load<u32>(src));
      const candidate = inStart + <usize>load<u16>(slot);
      store<u16>(slot, <u16>(src - inStart));
      if (load<u32>(candidate) != load<u32>(src) || candidate >= src) {
        src += misses++ >>> 5;
        continue;
      }
      misses = 1 << 5;
      if (src > anchor) dst = snappyLiteral(dst, anchor, src - anchor);
      const length = 4 + agreement(src + 4, candidate + 4, srcEnd);
      dst = snappyCopy(dst, <u32>(src - candidate), <u32>length);
      src += length;
      anchor = src;
      if (src <= lastStart) store<u16>(hash(load<u32>(src - 1)), <u16>(src - 1 - inStart));
    }
  }
  if (anchor < srcEnd) dst = snappyLiteral(dst, anchor, srcEnd - anchor);
  return <i32>(dst - outStart);
}
