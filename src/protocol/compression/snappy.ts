// Snappy in the framing of the Java library (xerial: magic, versions, chunks with their length), which Kafka writes, and as
// one raw block without it, which other clients write; Kafka reads both.
import { BLOCK_CORRUPT, BlockKernel } from './block-kernel.ts';
import { CompressionError } from './compression-error.ts';
import { optionalModule } from './optional-module.ts';
import { OutputBuffer } from './output-buffer.ts';
import { decodeSnappyBlock } from './snappy-block.ts';

/** Magic, version 1, lowest version that can read it 1. */
const HEADER = Uint8Array.of(0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00, 0, 0, 0, 1, 0, 0, 0, 1);
const MAGIC_SIZE = 8;
/** A chunk length cannot have its high bit set, so the magic's first word announces another stream behind the first. */
const MAGIC_WORD = 0x82534e41 | 0;
const WRITTEN_CHUNK_BYTES = 32768;
/** A copy element of 3 bytes gives at most 64: no honest preamble claims more than this many times its input. */
const MOST_EXPANSION = 64 / 3;
const GUESS_FACTOR = 4;

interface SnappyScript {
  compress(bytes: Uint8Array): Uint8Array;
}

/** Throws CompressionError; nothing is given of a stream that breaks, as Java's reader fills its buffers first. */
export function decompressSnappy(bytes: Uint8Array, limit: number): Uint8Array {
  if (bytes.length === 0) throw corrupt('no data');
  const output = new OutputBuffer(limit, bytes.length * GUESS_FACTOR);
  // Of the first header the two versions are not looked at.
  if (!hasMagic(bytes, 0)) {
    decodeBlock(bytes, output);
    return output.bytes();
  }
  let at = HEADER.length;
  while (at + 4 <= bytes.length) {
    const size = readWord(bytes, at);
    if (size === MAGIC_WORD) {
      if (at + HEADER.length > bytes.length) throw corrupt('a header is cut');
      if (hasMagic(bytes, at) && readWord(bytes, at + MAGIC_SIZE) < 1) {
        throw corrupt('the version of the framing is unsupported');
      }
      // One with another magic ends a read of Java's, and the next read goes on behind it.
      at += HEADER.length;
      continue;
    }
    at += 4;
    if (size < 0 || size > bytes.length - at) throw corrupt('a chunk is cut');
    decodeBlock(bytes.subarray(at, at + size), output);
    at += size;
  }
  return output.bytes();
}

function hasMagic(bytes: Uint8Array, at: number): boolean {
  if (bytes.length - at < HEADER.length) return false;
  for (let i = 0; i < MAGIC_SIZE; i++) if (bytes[at + i] !== HEADER[i]) return false;
  return true;
}

function decodeBlock(block: Uint8Array, output: OutputBuffer): void {
  const size = readPreamble(block);
  if (size > block.length * MOST_EXPANSION) throw corrupt('the length of a block is more than it can hold');
  if (size > output.room) throw output.limitExceeded();
  const input = block.subarray(preambleSize);
  const kernel = BlockKernel.load();
  if (kernel === undefined) {
    if (decodeSnappyBlock(input, output.extend(size)) === BLOCK_CORRUPT) throw corrupt('malformed block');
    return;
  }
  if (kernel.run('snappyDecode', input, size) === BLOCK_CORRUPT) throw corrupt('malformed block');
  output.add(kernel.output());
  kernel.trim();
}

let preambleSize = 0;

/** The unpacked size, a varint of at most 32 bits; its own size is left in `preambleSize`. */
function readPreamble(block: Uint8Array): number {
  let value = 0;
  for (let i = 0; i < 5 && i < block.length; i++) {
    const byte = block[i] as number;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) {
      preambleSize = i + 1;
      return value;
    }
  }
  throw corrupt('malformed length of a block');
}

const corrupt = (message: string): CompressionError =>
  new CompressionError('corrupt', `snappy: ${message}`, new Uint8Array(0));

function script(): SnappyScript {
  const loaded = optionalModule('snappyjs') as SnappyScript | undefined;
  if (loaded === undefined) throw new CompressionError('unavailable', 'snappyjs is not installed');
  return loaded;
}

/** Big endian, signed. */
function readWord(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}

/** Snappy knows no levels. */
export function compressSnappy(bytes: Uint8Array): Uint8Array {
  const chunks = Math.ceil(bytes.length / WRITTEN_CHUNK_BYTES);
  const output = Buffer.allocUnsafe(HEADER.length + chunks * (4 + encodedBound(WRITTEN_CHUNK_BYTES)));
  output.set(HEADER);
  let at = HEADER.length;
  for (let from = 0; from < bytes.length; from += WRITTEN_CHUNK_BYTES) {
    const chunk = bytes.subarray(from, Math.min(bytes.length, from + WRITTEN_CHUNK_BYTES));
    const size = encodeBlock(chunk, output, at + 4);
    output.writeInt32BE(size, at);
    at += 4 + size;
  }
  return output.subarray(0, at);
}

const encodedBound = (size: number): number => 32 + size + Math.ceil(size / 6);

function encodeBlock(chunk: Uint8Array, output: Uint8Array, at: number): number {
  const kernel = BlockKernel.load();
  if (kernel === undefined) {
    const packed = script().compress(chunk);
    output.set(packed, at);
    return packed.length;
  }
  const size = kernel.run('snappyEncode', chunk, encodedBound(chunk.length));
  let position = at;
  let rest = chunk.length;
  for (; rest > 0x7f; rest >>>= 7) output[position++] = (rest & 0x7f) | 0x80;
  output[position++] = rest;
  output.set(kernel.output(), position);
  return position + size - at;
}
