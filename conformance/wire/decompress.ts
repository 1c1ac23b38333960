// The four codecs, decompression only: libraries where there are some, LZ4 frames (which Node lacks) by hand.

import { createRequire } from 'node:module';
import { gunzipSync } from 'node:zlib';
import { decompress as zstd } from 'fzstd';

const snappy = createRequire(import.meta.url)('snappyjs') as { uncompress(bytes: Uint8Array): Uint8Array };

const GZIP = 1;
const SNAPPY = 2;
const LZ4 = 3;
const ZSTD = 4;
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);

/** @param codec the number in a batch's attributes, 1-4. */
export function decompress(codec: number, bytes: Buffer): Buffer {
  switch (codec) {
    case GZIP:
      return gunzipSync(bytes);
    case SNAPPY:
      return snappyChunks(bytes);
    case LZ4:
      return lz4Frame(bytes);
    case ZSTD:
      return Buffer.from(zstd(bytes));
    default:
      throw new RangeError(`no codec ${codec}`);
  }
}

/** Java writes snappy in blocks behind a header of its own; C clients write one bare block. */
function snappyChunks(bytes: Buffer): Buffer {
  if (!bytes.subarray(0, 8).equals(XERIAL_MAGIC)) return Buffer.from(snappy.uncompress(bytes));
  const parts: Buffer[] = [];
  for (let at = 16; at < bytes.length; ) {
    const size = bytes.readInt32BE(at);
    parts.push(Buffer.from(snappy.uncompress(bytes.subarray(at + 4, at + 4 + size))));
    at += 4 + size;
  }
  return Buffer.concat(parts);
}

function lz4Frame(bytes: Buffer): Buffer {
  if (bytes.readUInt32LE(0) !== 0x184d2204) throw new Error('no LZ4 frame');
  const flags = bytes[4] as number;
  const hasBlockChecksum = (flags & 0x10) !== 0;
  const hasContentSize = (flags & 0x08) !== 0;
  let result: Buffer = Buffer.alloc(0);
  for (let at = hasContentSize ? 15 : 7; ; ) {
    const word = bytes.readUInt32LE(at);
    at += 4;
    if (word === 0) break;
    const size = word & 0x7fffffff;
    const block = bytes.subarray(at, at + size);
    result = word >>> 31 === 1 ? Buffer.concat([result, block]) : lz4Block(block, result);
    at += size + (hasBlockChecksum ? 4 : 0);
  }
  return result;
}

/** Blocks may refer back into earlier ones, so the history is the beginning of the result. */
function lz4Block(block: Buffer, history: Buffer): Buffer {
  let out: Buffer = Buffer.alloc(history.length + Math.max(1 << 16, block.length * 8));
  history.copy(out);
  let length = history.length;
  const room = (size: number): void => {
    if (length + size <= out.length) return;
    const larger = Buffer.alloc(Math.max(out.length * 2, length + size));
    out.copy(larger, 0, 0, length);
    out = larger;
  };
  let at = 0;
  const extended = (start: number): number => {
    let value = start;
    if (start !== 15) return value;
    for (let byte = 255; byte === 255; value += byte) byte = block[at++] as number;
    return value;
  };
  while (at < block.length) {
    const token = block[at++] as number;
    const literals = extended(token >> 4);
    room(literals);
    block.copy(out, length, at, at + literals);
    at += literals;
    length += literals;
    if (at >= block.length) break;
    const distance = block.readUInt16LE(at);
    at += 2;
    const match = extended(token & 15) + 4;
    room(match);
    // Byte by byte: a match may overlap what it writes.
    for (let i = 0; i < match; i++, length++) out[length] = out[length - distance] as number;
  }
  return out.subarray(0, length);
}
