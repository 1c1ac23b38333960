// AssemblyScript, not part of the build: `node scripts/wasm/build.mjs` compiles it and rewrites src/protocol/records/crc32c-wasm.ts.
// CRC-32C by slicing-by-16. Memory: sixteen tables of 256 words at 0 (filled once by `init`), input from 16384 on.

export function init(): void {
  for (let i: u32 = 0; i < 256; i++) {
    let crc = i;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
    store<u32>(i << 2, crc);
  }
  for (let slice: u32 = 1; slice < 16; slice++) {
    for (let i: u32 = 0; i < 256; i++) {
      const before = load<u32>(((slice - 1) << 10) + (i << 2));
      store<u32>((slice << 10) + (i << 2), (before >>> 8) ^ load<u32>((before & 0xff) << 2));
    }
  }
}

/** `crc` and the result are the raw register: the caller inverts. */
export function update(crc: u32, at: usize, end: usize): u32 {
  while (at + 16 <= end) {
    const a = crc ^ load<u32>(at);
    const b = load<u32>(at, 4);
    const c = load<u32>(at, 8);
    const d = load<u32>(at, 12);
    crc =
      load<u32>((a << 2) & 0x3fc, 15360) ^
      load<u32>((a >>> 6) & 0x3fc, 14336) ^
      load<u32>((a >>> 14) & 0x3fc, 13312) ^
      load<u32>((a >>> 22) & 0x3fc, 12288) ^
      load<u32>((b << 2) & 0x3fc, 11264) ^
      load<u32>((b >>> 6) & 0x3fc, 10240) ^
      load<u32>((b >>> 14) & 0x3fc, 9216) ^
      load<u32>((b >>> 22) & 0x3fc, 8192) ^
      (load<u32>((c << 2) & 0x3fc, 7168) ^
        load<u32>((c >>> 6) & 0x3fc, 6144) ^
        load<u32>((c >>> 14) & 0x3fc, 5120) ^
        load<u32>((c >>> 22) & 0x3fc, 4096) ^
        load<u32>((d << 2) & 0x3fc, 3072) ^
        load<u32>((d >>> 6) & 0x3fc, 2048) ^
        load<u32>((d >>> 14) & 0x3fc, 1024) ^
        load<u32>((d >>> 22) & 0x3fc, 0));
    at += 16;
  }
  while (at < end) {
    crc = load<u32>(((crc ^ load<u8>(at)) & 0xff) << 2) ^ (crc >>> 8);
    at++;
  }
  return crc;
}
