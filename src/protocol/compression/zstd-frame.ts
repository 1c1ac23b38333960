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
  if (dictionaryBytes !== 0) return 'a dictionary is needed';
  const sizeCode = descriptor >>> 6;
  const sizeBytes = sizeCode === 0 ? (isSingleSegment ? 1 : 0) : 1 << sizeCode;
  const sizeAt = start + (isSingleSegment ? 5 : 6);
  if (sizeAt + sizeBytes > bytes.length) return CUT_HEADER;
  const contentSize = sizeBytes === 0 ? -1 : little(bytes, sizeAt, sizeBytes) + (sizeCode === 1 ? 256 : 0);
  const windowSize = isSingleSegment ? contentSize : windowOf(bytes[start + 5] as number);
  if (windowSize > LARGEST_WINDOW) return 'frame requires too much memory';
  const hasChecksum = (descriptor & 0x04) !== 0;
  return readBlocks(bytes, { start, blocksAt: sizeAt + sizeBytes, windowSize, contentSize, hasChecksum });
}

/** Fewer than four bytes. */
function isMagicPrefix(bytes: Uint8Array, start: number): boolean {
  const isFrame = bytes[start] === 0x28;
  const expected = isFrame ? [0x28, 0xb5, 0x2f] : [bytes[start], 0x2a, 0x4d];
  if (!isFrame && ((bytes[start] as number) & 0xf0) !== 0x50) return false;
  return bytes.subarray(start).every((byte, i) => byte === expected[i]);
}

function readSkippable(bytes: Uint8Array, start: number): ZstdFrame | string {
  if (start + 8 > bytes.length) return CUT_HEADER;
  const end = start + 8 + little(bytes, start + 4, 4);
  if (end > bytes.length) return CUT_HEADER;
  const facts = { start, end, blocksAt: end, blocksEnd: end, lastBlockAt: -1, windowSize: 0, contentSize: 0, bound: 0 };
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
  return { ...opening, end: Math.min(end, bytes.length), blocksEnd: at, lastBlockAt, bound, isSkippable: false, isCut };
}

/**
 * The whole blocks of a frame under a new header, without content size and checksum: to get what a cut frame holds, and for a
 * decoder that would allocate the window that the header asks for.
 */
export function rebuildZstdFrame(bytes: Uint8Array, frame: ZstdFrame): Uint8Array {
  const blocks = bytes.subarray(frame.blocksAt, frame.blocksEnd);
  const rebuilt = new Uint8Array(6 + blocks.length);
  rebuilt.set([0x28, 0xb5, 0x2f, 0xfd, 0x00, windowDescriptor(Math.min(frame.windowSize, frame.bound))]);
  rebuilt.set(blocks, 6);
  const last = 6 + frame.lastBlockAt - frame.blocksAt;
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
