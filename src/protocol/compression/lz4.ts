// LZ4 frames as Kafka reads and writes them (its Lz4BlockInputStream and Lz4BlockOutputStream): one frame, independent blocks;
// what follows the end mark is left unread. Written with blocks of 64 KiB and no checksums: descriptor 60 40 82.
import { BLOCK_CORRUPT, BLOCK_OVERFLOW, BlockKernel } from './block-kernel.ts';
import { CompressionError } from './compression-error.ts';
import { decodeLz4Block, encodeLz4Block } from './lz4-block.ts';
import { OutputBuffer } from './output-buffer.ts';
import { xxhash32 } from './xxhash32.ts';

const MAGIC = 0x184d2204;
const UNCOMPRESSED_MASK = 0x8000_0000;
const FLAG_RESERVED = 0x03;
const FLAG_CONTENT_CHECKSUM = 0x04;
const FLAG_CONTENT_SIZE = 0x08;
const FLAG_BLOCK_CHECKSUM = 0x10;
const FLAG_INDEPENDENT = 0x20;
const WRITTEN_BLOCK_BYTES = 65536;
/** Blocks above this unpack to a buffer that grows, lest a short stream claim 4 MiB at once. */
const GUESS_FACTOR = 4;

interface FrameHeader {
  readonly end: number;
  readonly maxBlockBytes: number;
  readonly hasBlockChecksums: boolean;
  readonly hasContentChecksum: boolean;
}

/** `checksHeader`: not for messages of format 0, whose writers had that checksum wrong (KAFKA-3160). Throws CompressionError. */
export function decompressLz4(bytes: Uint8Array, limit: number, checksHeader = true): Uint8Array {
  const header = readFrameHeader(bytes, checksHeader);
  const output = new OutputBuffer(limit, bytes.length * GUESS_FACTOR);
  let at = header.end;
  for (;;) {
    if (at + 4 > bytes.length) throw corrupt('stream ended prematurely', output);
    const word = readWord(bytes, at);
    const size = (word & ~UNCOMPRESSED_MASK) >>> 0;
    at += 4;
    if (size === 0) {
      if (header.hasContentChecksum && at + 4 > bytes.length) throw corrupt('stream ended prematurely', output);
      return output.bytes();
    }
    if (size > header.maxBlockBytes) throw corrupt(`block size ${size} exceeds ${header.maxBlockBytes}`, output);
    const next = at + size + (header.hasBlockChecksums ? 4 : 0);
    if (at + size > bytes.length || next > bytes.length) throw corrupt('stream ended prematurely', output);
    const block = bytes.subarray(at, at + size);
    if (header.hasBlockChecksums && xxhash32(block) !== readWord(bytes, at + size) >>> 0) {
      throw corrupt('block checksum does not match', output);
    }
    if ((word & UNCOMPRESSED_MASK) !== 0) output.add(block);
    else decodeBlock(block, header.maxBlockBytes, output);
    at = next;
  }
}

function decodeBlock(block: Uint8Array, maxBlockBytes: number, output: OutputBuffer): void {
  const capacity = Math.min(maxBlockBytes, output.room);
  const kernel = BlockKernel.load();
  let size: number;
  if (kernel !== undefined) {
    size = kernel.run('lz4Decode', block, capacity);
    if (size >= 0) output.add(kernel.output());
  } else {
    const unpacked = new Uint8Array(capacity);
    size = decodeLz4Block(block, unpacked);
    if (size >= 0) output.add(unpacked.subarray(0, size));
  }
  if (size === BLOCK_OVERFLOW && capacity < maxBlockBytes) throw output.limitExceeded();
  if (size === BLOCK_OVERFLOW || size === BLOCK_CORRUPT) throw corrupt('malformed block', output);
}

function readFrameHeader(bytes: Uint8Array, checksHeader: boolean): FrameHeader {
  if (bytes.length < 7 || readWord(bytes, 0) !== MAGIC) throw corruptHeader('invalid magic bytes');
  const flags = bytes[4] as number;
  const descriptor = bytes[5] as number;
  if (flags >>> 6 !== 1) throw corruptHeader(`version ${flags >>> 6} is unsupported`);
  if ((flags & FLAG_RESERVED) !== 0 || (descriptor & 0x8f) !== 0) throw corruptHeader('reserved bits are set');
  if ((flags & FLAG_INDEPENDENT) === 0) throw corruptHeader('dependent blocks are unsupported');
  const sizeCode = descriptor >>> 4;
  if (sizeCode < 4) throw corruptHeader(`block size code ${sizeCode} is unsupported`);
  const checksumAt = (flags & FLAG_CONTENT_SIZE) !== 0 ? 14 : 6;
  if (checksumAt >= bytes.length) throw corruptHeader('stream ended prematurely');
  const hash = xxhash32(bytes.subarray(4, checksumAt));
  if (checksHeader && bytes[checksumAt] !== ((hash >>> 8) & 0xff))
    throw corruptHeader('header checksum does not match');
  return {
    end: checksumAt + 1,
    maxBlockBytes: 1 << (2 * sizeCode + 8),
    hasBlockChecksums: (flags & FLAG_BLOCK_CHECKSUM) !== 0,
    hasContentChecksum: (flags & FLAG_CONTENT_CHECKSUM) !== 0,
  };
}

const corrupt = (message: string, output: OutputBuffer): CompressionError =>
  new CompressionError('corrupt', `lz4: ${message}`, output.bytes());
const corruptHeader = (message: string): CompressionError =>
  new CompressionError('corrupt', `lz4: ${message}`, new Uint8Array(0));

/** Little endian, signed. */
function readWord(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}

function putWord(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}

const FRAME_HEADER = Uint8Array.of(0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82);

/** There is one level: the fast one, Java's default. */
export function compressLz4(bytes: Uint8Array): Uint8Array {
  const blocks = Math.ceil(bytes.length / WRITTEN_BLOCK_BYTES);
  const output = Buffer.allocUnsafe(FRAME_HEADER.length + bytes.length + 4 * blocks + 4);
  output.set(FRAME_HEADER);
  let at = FRAME_HEADER.length;
  for (let from = 0; from < bytes.length; from += WRITTEN_BLOCK_BYTES) {
    const block = bytes.subarray(from, Math.min(bytes.length, from + WRITTEN_BLOCK_BYTES));
    const packed = encodeBlock(block);
    // A block that does not shrink stands as it is.
    const isPacked = packed.length < block.length;
    putWord(output, at, isPacked ? packed.length : block.length | UNCOMPRESSED_MASK);
    output.set(isPacked ? packed : block, at + 4);
    at += 4 + (isPacked ? packed.length : block.length);
  }
  putWord(output, at, 0);
  return output.subarray(0, at + 4);
}

function encodeBlock(block: Uint8Array): Uint8Array {
  const capacity = block.length + Math.ceil(block.length / 255) + 16;
  const kernel = BlockKernel.load();
  if (kernel !== undefined) {
    kernel.run('lz4Encode', block, capacity);
    return kernel.output();
  }
  const packed = new Uint8Array(capacity);
  return packed.subarray(0, encodeLz4Block(block, packed));
}
