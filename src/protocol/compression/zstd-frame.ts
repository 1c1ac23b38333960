// The outside of zstd frames (RFC 8878): how far each reaches and the most it can unpack to, before a decoder sees it. Kafka's
// own frames do not say their content size, so the bound comes from their block headers.

const MAGIC = 0xfd2fb528 | 0;
const SKIPPABLE_MAGIC = 0x184d2a50;
const LARGEST_BLOCK = 131_072;
/** zstd's own default limit: what needs more memory is refused by Kafka's decoder too. */
const LARGEST_WINDOW = 2 ** 27;
const RAW = 0;
const RUN = 1;
const COMPRESSED = 2;

/** What `readZstdFrame` says when the data ends within a header. */
export const CUT_HEADER = 'truncated source';

export interface ZstdFrame {
  readonly start: number;
  /** Behind the last whole block, and behind the checksum when the frame is whole. */
  readonly end: number;
  readonly blocksAt: number;
  readonly blocksEnd: number;
  /** Where the header of the last whole block stands; -1 when there is none. */
  readonly lastBlockAt: number;
  /** The end of what is there of a raw block that is cut, which begins at `blocksEnd`: a streaming decoder gives that much. */
  readonly cutRawEnd: number;
  readonly windowSize: number;
  /** -1 when the frame does not say. */
  readonly contentSize: number;
  /** What its blocks unpack to at most. */
  readonly bound: number;
  readonly isSkippable: boolean;
  /** The data ends before the frame does. */
  readonly isCut: boolean;
  readonly hasChecksum: boolean;
}

/** The frame at `start`, or the reason why there is none. */
export function readZstdFrame(bytes: Uint8Array, start: number): ZstdFrame | string {
  if (start + 4 > bytes.length) return isMagicPrefix(bytes, start) ? CUT_HEADER : 'unknown frame descriptor';
  const magic = little(bytes, start, 4) | 0;
  if ((magic & ~0xf) === SKIPPABLE_MAGIC) return readSkippable(bytes, start);
  if (magic !== MAGIC) return 'unknown frame descriptor';
  if (start + 5 > bytes.length) return CUT_HEADER;
  const descriptor = bytes[start + 4] as number;
  const isSingleSegment = (descriptor & 0x20) !== 0;
  if ((descriptor & 0x08) !== 0) return 'unsupported frame parameter';
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] as number;
  const sizeCode = descriptor >>> 6;
  const sizeBytes = sizeCode === 0 ? (isSingleSegment ? 1 : 0) : 1 << sizeCode;
  const dictionaryAt = start + (isSingleSegment ? 5 : 6);
  const sizeAt = dictionaryAt + dictionaryBytes;
  if (sizeAt + sizeBytes > bytes.length) return CUT_HEADER;
  // Id 0 is no dictionary, however many bytes say so.
  if (little(bytes, dictionaryAt, dictionaryBytes) !== 0) return 'a dictionary is needed';
  const contentSize = contentSizeOf(bytes, sizeAt, sizeBytes);
  const windowSize = isSingleSegment ? contentSize : windowOf(bytes[start + 5] as number);
  if (windowSize > LARGEST_WINDOW) return 'frame requires too much memory';
  const hasChecksum = (descriptor & 0x04) !== 0;
  return readBlocks(bytes, { start, blocksAt: sizeAt + sizeBytes, windowSize, contentSize, hasChecksum });
}

/** -1 when the frame does not say: by having no field for it, or by one with all bits set. */
function contentSizeOf(bytes: Uint8Array, at: number, sizeBytes: number): number {
  if (sizeBytes === 0) return -1;
  if (sizeBytes === 8 && bytes.subarray(at, at + 8).every((byte) => byte === 0xff)) return -1;
  return little(bytes, at, sizeBytes) + (sizeBytes === 2 ? 256 : 0);
}

/** True when the fewer than four bytes that are left may begin a frame. */
function isMagicPrefix(bytes: Uint8Array, start: number): boolean {
  const isFrame = bytes[start] === 0x28;
  const expected = isFrame ? [0x28, 0xb5, 0x2f] : [bytes[start], 0x2a, 0x4d];
  if (!isFrame && ((bytes[start] as number) & 0xf0) !== 0x50) return false;
  return bytes.subarray(start).every((byte, i) => byte === expected[i]);
}

function readSkippable(bytes: Uint8Array, start: number): ZstdFrame | string {
  if (start + 8 > bytes.length) return CUT_HEADER;
  const end = start + 8 + little(bytes, start + 4, 4);
  // zstd-jni keeps the number of missing bytes in an int: one that is nearly 2^32 looks like a negative error code to it.
  if (end - bytes.length > 2 ** 32 - 120) return 'a skippable frame is too long';
  if (end > bytes.length) return CUT_HEADER;
  const facts = {
    start,
    end,
    blocksAt: end,
    blocksEnd: end,
    lastBlockAt: -1,
    cutRawEnd: end,
    windowSize: 0,
    contentSize: 0,
    bound: 0,
  };
  return { ...facts, isSkippable: true, isCut: false, hasChecksum: false };
}

function windowOf(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >>> 3));
  return base + (base / 8) * (descriptor & 7);
}

type Opening = Pick<ZstdFrame, 'start' | 'blocksAt' | 'windowSize' | 'contentSize' | 'hasChecksum'>;

function readBlocks(bytes: Uint8Array, opening: Opening): ZstdFrame | string {
  const largestBlock = Math.min(LARGEST_BLOCK, opening.windowSize);
  let at = opening.blocksAt;
  let bound = 0;
  let lastBlockAt = -1;
  let isLast = false;
  let isCut = false;
  let cutRawEnd = -1;
  while (!isLast) {
    if (at + 3 > bytes.length) {
      isCut = true;
      break;
    }
    const header = little(bytes, at, 3);
    const type = (header >>> 1) & 3;
    const size = header >>> 3;
    if (type > COMPRESSED || size > largestBlock) return 'data corruption detected';
    const next = at + 3 + (type === RUN ? 1 : size);
    if (next > bytes.length) {
      isCut = true;
      if (type === RAW) cutRawEnd = bytes.length;
      bound += type === RAW ? bytes.length - at - 3 : 0;
      break;
    }
    bound += type === RAW || type === RUN ? size : largestBlock;
    lastBlockAt = at;
    isLast = (header & 1) !== 0;
    at = next;
  }
  let end = at;
  if (!isCut && opening.hasChecksum) {
    end += 4;
    isCut = end > bytes.length;
  }
  const blocks = { blocksEnd: at, lastBlockAt, cutRawEnd: Math.max(at, cutRawEnd), bound };
  return { ...opening, ...blocks, end: Math.min(end, bytes.length), isSkippable: false, isCut };
}

/**
 * The blocks of a frame under a new header, without content size and checksum: to get what a cut frame holds, and for a
 * decoder that would allocate the window that the header asks for.
 */
export function rebuildZstdFrame(bytes: Uint8Array, frame: ZstdFrame): Uint8Array {
  const { blocksAt, blocksEnd, cutRawEnd, lastBlockAt } = frame;
  const rebuilt = new Uint8Array(6 + cutRawEnd - blocksAt);
  rebuilt.set([0x28, 0xb5, 0x2f, 0xfd, 0x00, windowDescriptor(Math.min(frame.windowSize, frame.bound))]);
  rebuilt.set(bytes.subarray(blocksAt, cutRawEnd), 6);
  if (cutRawEnd > blocksEnd) {
    const header = 1 | ((cutRawEnd - blocksEnd - 3) << 3);
    rebuilt.set([header, header >>> 8, header >>> 16], 6 + blocksEnd - blocksAt);
    return rebuilt;
  }
  const last = 6 + lastBlockAt - blocksAt;
  rebuilt[last] = (rebuilt[last] as number) | 1;
  return rebuilt;
}

/** The smallest window that is no smaller than a block and covers `size`. */
function windowDescriptor(size: number): number {
  let exponent = 7;
  while (2 ** (10 + exponent) < size) exponent++;
  return exponent << 3;
}

/** Little endian, up to eight bytes; inexact above 2^53, which every limit is below. */
function little(bytes: Uint8Array, at: number, size: number): number {
  let value = 0;
  for (let i = size - 1; i >= 0; i--) value = value * 256 + (bytes[at + i] as number);
  return value;
}
