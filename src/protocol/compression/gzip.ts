// gzip (RFC 1952) by node:zlib. Header and trailer are read here, so that what Java's GZIPInputStream lets pass (several
// members, bytes behind the last one) passes, and what was unpacked before a stream broke is not lost.
import type * as zlib from 'node:zlib';
import { CompressionError } from './compression-error.ts';
import { optionalModule } from './optional-module.ts';

const HEADER_SIZE = 10;
const TRAILER_SIZE = 8;
const FLAG_HEADER_CRC = 0x02;
const FLAG_EXTRA = 0x04;
const FLAG_NAME = 0x08;
const FLAG_COMMENT = 0x10;
const DEFAULT_LEVEL = 6;
/** Starting the engine costs some 15 µs a member: a request full of empty ones must not stall the loop. */
const MOST_MEMBERS = 1000;

interface InflateResult {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

let loaded: typeof zlib | undefined;
function zlibModule(): typeof zlib {
  loaded ??= optionalModule('node:zlib') as typeof zlib;
  return loaded;
}

/** Java's inflater takes its input in pieces of this size. */
const INPUT_BYTES = 8192;
/**
 * In the last piece, GZIPInputStream looks for another member only when more than so many bytes stand behind this one: a
 * trailer, a header and another trailer.
 */
const LEAST_REST = 26;

/** Unpacks all members that Java would. Throws CompressionError. */
export function decompressGzip(bytes: Uint8Array, limit: number): Uint8Array {
  const members: Buffer[] = [];
  let total = 0;
  let at = headerEnd(bytes, 0);
  if (at < 0) throw new CompressionError('corrupt', 'not in gzip format', new Uint8Array(0));
  let pieceEnd = at;
  while (at >= 0) {
    const body = inflate(bytes.subarray(at), limit - total, members);
    total += body.buffer.length;
    members.push(body.buffer);
    if (members.length > MOST_MEMBERS) throw broken(`more than ${MOST_MEMBERS} gzip members`, members);
    at += body.engine.bytesWritten;
    if (at > pieceEnd) pieceEnd += Math.ceil((at - pieceEnd) / INPUT_BYTES) * INPUT_BYTES;
    const mayGoOn = Math.max(pieceEnd, at + TRAILER_SIZE) < bytes.length || bytes.length - at > LEAST_REST;
    const isWhole = at + TRAILER_SIZE <= bytes.length;
    if (
      !isWhole ||
      readLittle(bytes, at) !== crc32(body.buffer) ||
      readLittle(bytes, at + 4) !== body.buffer.length >>> 0
    ) {
      throw broken(isWhole ? 'corrupt gzip trailer' : 'unexpected end of gzip data', members);
    }
    // What follows and is no member is left unread.
    at = mayGoOn ? headerEnd(bytes, at + TRAILER_SIZE) : -1;
    if (at > pieceEnd) pieceEnd = at;
  }
  return members.length === 1 ? (members[0] as Buffer) : Buffer.concat(members);
}

function inflate(bytes: Uint8Array, room: number, before: readonly Buffer[]): InflateResult {
  const { inflateRawSync, constants } = zlibModule();
  // With a sync flush at the end a stream that was cut gives what it has; the trailer tells.
  const options = { maxOutputLength: Math.max(1, room), finishFlush: constants.Z_SYNC_FLUSH, info: true };
  try {
    const result = inflateRawSync(bytes, options) as unknown as InflateResult;
    if (result.buffer.length > room) throw new CompressionError('limit', 'gzip data unpacks to more than allowed');
    return result;
  } catch (error) {
    if (error instanceof CompressionError) throw error;
    if ((error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new CompressionError('limit', 'gzip data unpacks to more than allowed', Buffer.concat(before));
    }
    throw broken(`corrupt gzip data: ${(error as Error).message}`, before);
  }
}

const broken = (message: string, members: readonly Buffer[]): CompressionError =>
  new CompressionError('corrupt', message, Buffer.concat(members));

/** The position behind the member header at `at`, or -1 when there is none. */
function headerEnd(bytes: Uint8Array, at: number): number {
  if (bytes.length - at < HEADER_SIZE || bytes[at] !== 0x1f || bytes[at + 1] !== 0x8b || bytes[at + 2] !== 8) return -1;
  const flags = bytes[at + 3] as number;
  let end = at + HEADER_SIZE;
  if ((flags & FLAG_EXTRA) !== 0) end += 2 + ((bytes[end] ?? 0) | ((bytes[end + 1] ?? 0) << 8));
  if ((flags & FLAG_NAME) !== 0) end = bytes.indexOf(0, end) + 1 || Infinity;
  if ((flags & FLAG_COMMENT) !== 0) end = bytes.indexOf(0, end) + 1 || Infinity;
  if ((flags & FLAG_HEADER_CRC) !== 0) {
    if (end + 2 > bytes.length) return -1;
    if (((bytes[end] as number) | ((bytes[end + 1] as number) << 8)) !== (crc32(bytes.subarray(at, end)) & 0xffff))
      return -1;
    end += 2;
  }
  return end <= bytes.length ? end : -1;
}

function readLittle(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)) >>>
    0
  );
}

let crc32: (bytes: Uint8Array) => number = (bytes) => {
  // Node has it from 20.15 and 22.2 on.
  const native = (zlibModule() as { crc32?: (bytes: Uint8Array) => number }).crc32;
  const script = native === undefined ? (optionalModule('crc-32') as { buf(bytes: Uint8Array): number }) : undefined;
  crc32 = native ?? ((data) => script!.buf(data) >>> 0);
  return crc32(bytes);
};

/** Level 1 to 9, -1 for the default. */
export function compressGzip(bytes: Uint8Array, level = DEFAULT_LEVEL): Uint8Array {
  const packed = zlibModule().gzipSync(bytes, { level });
  // zlib writes the system it was built on; Java writes 255, unknown (since 16).
  packed[9] = 0xff;
  return packed;
}
