// Reads a segment through after a crash: up to the first byte that is not part of a valid batch it is kept, the rest is cut
// off; indexes, epochs and producer state are built anew from what is kept (Kafka's LogSegment.recover).
import * as batch from '../../protocol/records/index.ts';
import type { LeaderEpochs } from '../segments/leader-epochs.ts';
import type { ProducerState } from '../producers/producer-state.ts';
import { LARGEST_RELATIVE_OFFSET, type Segment } from '../segments/segment.ts';

const CHUNK_BYTES = 1024 * 1024;

export interface RecoveredSegment {
  /** Behind the last batch; the base offset when there is none. */
  readonly nextOffset: number;
  /** Bytes cut off. */
  readonly truncatedBytes: number;
}

export interface RecoveryOptions {
  readonly state: ProducerState;
  readonly epochs: LeaderEpochs;
  readonly indexIntervalBytes: number;
  /** Where compaction may have taken offsets: elsewhere a batch that leaves some out is damaged. */
  readonly holesBelow: number;
  /** Asked before the segment is cut at `position`; what it throws keeps the file as it is. */
  readonly beforeCut?: ((segment: Segment, position: number) => void) | undefined;
}

/** Throws DiskError, and what `beforeCut` throws. Yields about once per MiB. */
export function* recoverSegment(segment: Segment, options: RecoveryOptions): Generator<void, RecoveredSegment, void> {
  const fileBytes = segment.hasFile ? segment.log.open().sizeSync() : 0;
  const reader = new ChunkReader(segment, fileBytes);
  segment.resetIndexes();
  let nextOffset = segment.baseOffset;
  let position = 0;
  for (;;) {
    const sizeBytes = reader.batchAt(position);
    if (sizeBytes === 0 || !isAcceptable(reader, segment, nextOffset, options.holesBelow)) break;
    nextOffset = takeBatch(segment, reader, sizeBytes, options);
    position += sizeBytes;
    if (reader.hasReadMore()) yield;
  }
  segment.noteLargestTimestamp();
  if (position < fileBytes) options.beforeCut?.(segment, position);
  if (position < fileBytes) {
    const file = segment.log.open();
    file.truncateSync(position);
    // Else a power failure may bring the bytes back when the log has gone on in a next segment, which would be dropped for them.
    file.syncSync();
  }
  segment.writtenBytes = position;
  segment.isUnsynced = segment.hasFile;
  return { nextOffset, truncatedBytes: fileBytes - position };
}

function takeBatch(segment: Segment, reader: ChunkReader, sizeBytes: number, options: RecoveryOptions): number {
  const { header: bytes, headerAt: at } = reader;
  const lastOffset = batch.lastOffset(bytes, at);
  segment.noteBatch(sizeBytes, lastOffset, batch.maxTimestamp(bytes, at), options.indexIntervalBytes);
  const epoch = batch.partitionLeaderEpoch(bytes, at);
  if (epoch >= 0 && epoch > options.epochs.latestEpoch) options.epochs.assign(epoch, batch.baseOffset(bytes, at));
  const completed = options.state.apply(bytes, at, at + sizeBytes);
  if (completed !== undefined) {
    if (completed.isAborted) {
      segment.transactionIndex.append({
        producerId: completed.producerId,
        firstOffset: completed.firstOffset,
        lastOffset: completed.lastOffset,
        lastStableOffset: options.state.lastStableOffset(completed),
      });
    }
    options.state.complete(completed);
  }
  return lastOffset + 1;
}

/** Offsets go up, within the segment, and can be told relative to its base; the checksum is right. */
function isAcceptable(
  { header, headerAt, bytes, at }: ChunkReader,
  { baseOffset, nextBaseOffset }: Segment,
  nextOffset: number,
  holesBelow: number,
): boolean {
  const last = batch.lastOffset(header, headerAt);
  const first = firstOffset(header, headerAt, nextOffset);
  if (first < nextOffset || (first > nextOffset && nextOffset >= holesBelow)) return false;
  if (last < first || last >= nextBaseOffset || last - baseOffset > LARGEST_RELATIVE_OFFSET) return false;
  return batch.isBatchValid(bytes, at);
}

/** A compressed message of format 0 or 1 that cannot be opened, though its checksum is right, tells of its last record alone. */
function firstOffset(header: Uint8Array, at: number, nextOffset: number): number {
  const first = batch.baseOffset(header, at);
  return first > nextOffset && batch.isUnopenedSet(header, at) ? nextOffset : first;
}

/** The file through a window that moves on; a batch is always whole in it. */
class ChunkReader {
  bytes: Buffer;
  /** Where the batch that `batchAt` found begins in `bytes`. */
  at = 0;
  /** Its header, in the layout of format 2 whatever its own. */
  header: Buffer;
  headerAt = 0;
  readonly #legacyHeader = Buffer.alloc(batch.HEADER_SIZE);
  readonly #segment: Segment;
  readonly #fileBytes: number;
  #windowAt = 0;
  #windowBytes = 0;
  #hasReadMore = false;

  constructor(segment: Segment, fileBytes: number) {
    this.#segment = segment;
    this.#fileBytes = fileBytes;
    // No larger than the file: ten thousand empty logs are recovered one after the other.
    this.bytes = Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, fileBytes));
    this.header = this.bytes;
  }

  /** The size of the batch at `position`, 0 when there is none with a length and magic that can be. */
  batchAt(position: number): number {
    if (!this.#hold(position, batch.SMALLEST_BATCH)) return 0;
    const isLegacy = batch.magic(this.bytes, position - this.#windowAt) < batch.MAGIC_V2;
    const least = isLegacy ? batch.SMALLEST_BATCH : batch.HEADER_SIZE;
    const sizeBytes = batch.sizeInBytes(this.bytes, position - this.#windowAt);
    if (sizeBytes < least || !this.#hold(position, sizeBytes)) return 0;
    this.at = position - this.#windowAt;
    this.header = isLegacy ? this.#legacyHeader : this.bytes;
    this.headerAt = isLegacy ? 0 : this.at;
    if (isLegacy) return batch.putLegacyHeader(this.bytes, this.at, this.header) ? sizeBytes : 0;
    return batch.magic(this.bytes, this.at) === batch.MAGIC_V2 ? sizeBytes : 0;
  }

  /** True once after each read of the file. */
  hasReadMore(): boolean {
    const result = this.#hasReadMore;
    this.#hasReadMore = false;
    return result;
  }

  /** Whether bytes [position, position + length) exist; they are in the window then. */
  #hold(position: number, length: number): boolean {
    if (position + length > this.#fileBytes) return false;
    if (position >= this.#windowAt && position + length <= this.#windowAt + this.#windowBytes) return true;
    if (length > this.bytes.length) this.bytes = Buffer.allocUnsafeSlow(length);
    const wanted = Math.min(this.bytes.length, this.#fileBytes - position);
    this.#windowBytes = this.#segment.log.open().readSync(this.bytes, 0, wanted, position);
    this.#windowAt = position;
    this.#hasReadMore = true;
    return this.#windowBytes >= length;
  }
}
