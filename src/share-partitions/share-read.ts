// The reading for one share partition. A fetch may be answered with far more bytes than its records take; Kafka leaves what it does not
// send in the file, and here no more is read than holds the offsets that can be acquired, batches whole.
import { batchSizeAt, lastOffsetOf } from '../protocol/index.ts';
import type { FetchAnswer, ReadLease, ReplicaManager } from '../replication/index.ts';
import type { SharePartition } from './share-partition.ts';

const FIRST_READ_BYTES = 128 * 1024;
const GROWTH = 4;

export interface ShareReadOptions {
  readonly share: SharePartition;
  /** Where it begins, and how far it may go: it has a slice. */
  readonly found: FetchAnswer;
  /** Finds the slice of `found` again, of at most so many bytes, or of one batch. */
  readonly locate: (maxBytes: number) => void;
  readonly maxRecords: number;
  readonly lease: ReadLease;
}

export class ShareRead {
  readonly found: FetchAnswer;
  readonly #options: ShareReadOptions;
  /** What there is. */
  readonly #wholeBytes: number;
  /** The last offset that is of use. */
  readonly #lastOffset: number;

  constructor(options: ShareReadOptions) {
    const { share, found, maxRecords } = options;
    this.found = found;
    this.#options = options;
    this.#wholeBytes = found.sizeBytes;
    this.#lastOffset = share.lastAcquirableOffset(maxRecords);
  }

  /** False: it may have to be waited for. */
  get isHot(): boolean {
    return this.found.slice?.isHot === true;
  }

  /** Blocks. The records of `found`, in one buffer of the lease. */
  now(): void {
    let bytes = FIRST_READ_BYTES;
    for (let slice = this.#within(bytes); slice !== undefined; slice = this.#within(bytes)) {
      this.found.readNow(slice, this.#inOneBuffer);
      if (bytes >= this.#wholeBytes || this.#isEnough()) return;
      bytes *= GROWTH;
    }
  }

  /** As `now`, through the thread pool; what is being read counts in `memory`. */
  async later(memory: ReplicaManager['memory']): Promise<void> {
    let bytes = FIRST_READ_BYTES;
    for (let slice = this.#within(bytes); slice !== undefined; slice = this.#within(bytes)) {
      memory.take(slice.sizeBytes);
      try {
        await this.found.readLater(slice, this.#inOneBuffer);
      } finally {
        memory.give(slice.sizeBytes);
      }
      if (bytes >= this.#wholeBytes || this.#isEnough()) return;
      bytes *= GROWTH;
    }
  }

  /** Batches must not be torn between two buffers. */
  readonly #inOneBuffer = { take: (): Buffer => this.#options.lease.takeWhole(this.found.sizeBytes) };

  #within(bytes: number): FetchAnswer['slice'] {
    if (bytes < this.#wholeBytes) this.#options.locate(bytes);
    else if (this.found.sizeBytes < this.#wholeBytes) this.#options.locate(this.#wholeBytes);
    return this.found.slice;
  }

  #isEnough(): boolean {
    const { sizeBytes, records } = this.found;
    const bytes = records[0];
    if (bytes === undefined || bytes.length < sizeBytes) return true;
    return lastOffsetIn(bytes) >= this.#lastOffset;
  }
}

/** Of the last whole batch; -1 when there is none. */
function lastOffsetIn(bytes: Uint8Array): number {
  let last = -1;
  let end = 0;
  for (let size = batchSizeAt(bytes, 0); size > 0; size = batchSizeAt(bytes, end)) {
    last = end;
    end += size;
  }
  return last < 0 ? -1 : lastOffsetOf(bytes, last);
}
