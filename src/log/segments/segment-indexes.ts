// The three index files of one segment, each made when it is first needed.
import { CachedFile } from './file-cache.ts';
import { INDEX_SUFFIX, offsetName, TIME_INDEX_SUFFIX, TRANSACTION_INDEX_SUFFIX } from './log-names.ts';
import { OffsetIndex } from './offset-index.ts';
import { HAS_INDEX, HAS_TIME_INDEX, HAS_TRANSACTION_INDEX, type SegmentFiles } from './segment-files.ts';
import { TimeIndex } from './time-index.ts';
import { TransactionIndex } from './transaction-index.ts';

export class SegmentIndexes {
  readonly #shared: SegmentFiles;
  readonly #baseOffset: number;
  /** Which files stood in the directory when the segment was opened (HAS_… bits). */
  readonly #existing: number;
  readonly #suffix: string;
  #directory: string;
  #offsets: OffsetIndex | undefined;
  #times: TimeIndex | undefined;
  #transactions: TransactionIndex | undefined;

  constructor(
    shared: SegmentFiles,
    options: { directory: string; baseOffset: number; existing: number; suffix?: string },
  ) {
    this.#shared = shared;
    this.#baseOffset = options.baseOffset;
    this.#existing = options.existing;
    this.#suffix = options.suffix ?? '';
    this.#directory = options.directory;
  }

  has(bits: number): boolean {
    return (this.#existing & bits) === bits;
  }

  get offsets(): OffsetIndex {
    return (this.#offsets ??= new OffsetIndex({
      baseOffset: this.#baseOffset,
      ...this.#parts(INDEX_SUFFIX, HAS_INDEX),
    }));
  }

  get times(): TimeIndex {
    return (this.#times ??= new TimeIndex({
      baseOffset: this.#baseOffset,
      ...this.#parts(TIME_INDEX_SUFFIX, HAS_TIME_INDEX),
    }));
  }

  get transactions(): TransactionIndex {
    return (this.#transactions ??= new TransactionIndex(this.#parts(TRANSACTION_INDEX_SUFFIX, HAS_TRANSACTION_INDEX)));
  }

  /** False: no aborted transaction ended here, and there is no file to look into. */
  get mayHaveAborted(): boolean {
    return this.#transactions !== undefined || this.has(HAS_TRANSACTION_INDEX);
  }

  /** Whether the entries in memory are worth a write. */
  get areLarge(): boolean {
    return this.#offsets?.isTailLarge === true || this.#times?.isTailLarge === true;
  }

  /** Drops entries of batches at or behind `position`, of those that have been used. Throws DiskError. */
  restore(position: number, endOffset: number): void {
    this.#offsets?.truncateToPosition(position);
    this.#times?.truncateToOffset(endOffset);
    this.#transactions?.truncateToOffset(endOffset);
  }

  /** Index entries in memory are appended to their files. Throws DiskError. */
  save(): void {
    this.#offsets?.save();
    this.#times?.save();
    // Kafka's DumpLogSegments reads a time index only beside an offset index, were it empty.
    if (this.#times?.hasFile === true) this.offsets.ensureFile();
    this.#transactions?.save();
  }

  /** True when an index file has been made: the directory must be flushed. Rejects with DiskError. */
  async sync(): Promise<boolean> {
    let isAnyNew = false;
    for (const index of [this.#offsets, this.#times, this.#transactions]) {
      if (index === undefined) continue;
      await index.sync();
      isAnyNew ||= index.isNewFile;
      index.isNewFile = false;
    }
    return isAnyNew;
  }

  /** Empties them. Throws DiskError. */
  reset(): void {
    if (this.has(HAS_INDEX) || this.#offsets !== undefined) this.offsets.reset();
    if (this.has(HAS_TIME_INDEX) || this.#times !== undefined) this.times.reset();
    if (this.mayHaveAborted) this.transactions.reset();
  }

  /** All three, whether they are there or not. */
  get files(): CachedFile[] {
    return [this.offsets.file, this.times.file, this.transactions.file];
  }

  /** The files of those indexes that have been used. */
  get usedFiles(): CachedFile[] {
    return [this.#offsets, this.#times, this.#transactions].flatMap((index) => index?.file ?? []);
  }

  /** The partition's directory has another name now. */
  moveTo(directory: string): void {
    this.#directory = directory;
  }

  #parts(suffix: string, bit: number) {
    const name = `${offsetName(this.#baseOffset)}${suffix}${this.#suffix}`;
    const file = new CachedFile(this.#shared.files, `${this.#directory}/${name}`);
    return { file, pages: this.#shared.pages, exists: this.has(bit) };
  }
}
