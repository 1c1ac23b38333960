// What the offset, time and transaction indexes share: a file of fixed-size entries, of which the newest stand in memory
// until `save` appends them. Nothing is preallocated (Kafka maps 10 MiB per index): an index costs what it holds. Saved
// entries are read back through a small cache of pages. Kafka's preallocated zero tails are recognised and not read.
import { assert } from '../../runtime/index.ts';
import type { CachedFile } from './file-cache.ts';

const PAGE_BYTES = 4096;
/** Saved entries kept in memory, all indexes together: 4 MiB. */
const DEFAULT_PAGES = 1024;
const FIRST_TAIL_ENTRIES = 16;
/** The tail is appended to the file when it has grown to this, so that memory per partition stays bounded. */
const TAIL_LIMIT_BYTES = 4096;
const PAGES_PER_FILE = 0x20_0000;

/** Pages of index files, least recently used first; shared by all logs of a broker. */
export class IndexPages {
  readonly #limit: number;
  readonly #pages = new Map<number, Buffer>();
  #nextFile = 0;

  constructor(limit = DEFAULT_PAGES) {
    this.#limit = limit;
  }

  fileNumber(): number {
    return this.#nextFile++;
  }

  get(key: number): Buffer | undefined {
    const page = this.#pages.get(key);
    if (page === undefined) return undefined;
    this.#pages.delete(key);
    this.#pages.set(key, page);
    return page;
  }

  put(key: number, page: Buffer): void {
    this.#pages.delete(key);
    this.#pages.set(key, page);
    if (this.#pages.size <= this.#limit) return;
    for (const oldest of this.#pages.keys()) {
      this.#pages.delete(oldest);
      return;
    }
  }
}

const NO_TAIL = Buffer.alloc(0);

export abstract class IndexFile {
  readonly file: CachedFile;
  readonly entrySize: number;
  readonly #pages: IndexPages;
  /** A new number after each truncation, so that old pages are never found again. */
  #fileNumber = -1;
  /** Entries in the file; -1 before it has been looked at. */
  #savedCount: number;
  /** Bytes in the file beyond the last entry (a zero tail, half an entry): cut off before the next save. */
  #isLongerThanEntries = false;
  #tail: Buffer = NO_TAIL;
  #tailCount = 0;
  /** Saved since the last sync. */
  #isUnsynced = false;
  #exists: boolean;
  /** The file was made since this was last set to false: its directory must be flushed too. */
  isNewFile = false;
  /** Where the entry that `locate` found stands. */
  protected entryBytes: Buffer = NO_TAIL;
  protected entryAt = 0;

  constructor(options: { file: CachedFile; pages: IndexPages; entrySize: number; exists: boolean }) {
    this.file = options.file;
    this.#pages = options.pages;
    this.entrySize = options.entrySize;
    this.#exists = options.exists;
    this.#savedCount = options.exists ? -1 : 0;
  }

  /** Whether the bytes hold an entry and not the zeros of a preallocated file. */
  protected abstract isEntry(bytes: Buffer, at: number): boolean;

  get count(): number {
    return this.savedCount + this.#tailCount;
  }

  /** Looks at the file, if that has not been done, so that appending cannot fail. Throws DiskError. */
  prepare(): void {
    if (this.#savedCount < 0) this.#load();
  }

  get savedCount(): number {
    if (this.#savedCount < 0) this.#load();
    return this.#savedCount;
  }

  /** The file ends with its last entry. */
  protected get isExact(): boolean {
    return this.savedCount >= 0 && !this.#isLongerThanEntries;
  }

  get hasFile(): boolean {
    return this.#savedCount !== 0 || this.#isLongerThanEntries;
  }

  /** Makes entry `index` readable at entryBytes[entryAt…]. */
  protected locate(index: number): void {
    const saved = this.savedCount;
    if (index >= saved) {
      assert(index - saved < this.#tailCount, 'an index entry that exists');
      this.entryBytes = this.#tail;
      this.entryAt = (index - saved) * this.entrySize;
      return;
    }
    const perPage = Math.floor(PAGE_BYTES / this.entrySize);
    const pageNumber = Math.floor(index / perPage);
    const at = (index % perPage) * this.entrySize;
    if (this.#fileNumber < 0) this.#fileNumber = this.#pages.fileNumber();
    const key = this.#fileNumber * PAGES_PER_FILE + pageNumber;
    let page = this.#pages.get(key);
    if (page === undefined || page.length < at + this.entrySize) {
      page = this.#readPage(pageNumber * perPage, perPage);
      this.#pages.put(key, page);
    }
    this.entryBytes = page;
    this.entryAt = at;
  }

  /** Room for one more entry at the end: the bytes are entryBytes[entryAt…] and are zero. */
  protected extend(): void {
    if (this.#savedCount < 0) this.#load();
    const used = this.#tailCount * this.entrySize;
    if (used === this.#tail.length) {
      const grown = Buffer.alloc(used === 0 ? FIRST_TAIL_ENTRIES * this.entrySize : used * 2);
      this.#tail.copy(grown, 0, 0, used);
      this.#tail = grown;
    }
    this.#tailCount++;
    this.entryBytes = this.#tail;
    this.entryAt = used;
  }

  /** True when the entries in memory are worth a write. */
  get isTailLarge(): boolean {
    return this.#tailCount * this.entrySize >= TAIL_LIMIT_BYTES;
  }

  /** Appends the entries in memory to the file (page cache). Throws DiskError; nothing is lost then. */
  save(): void {
    if (this.#tailCount === 0 && !this.#isLongerThanEntries) return;
    const saved = this.savedCount;
    const handle = this.file.open();
    if (!this.#exists) this.isNewFile = true;
    this.#exists = true;
    if (this.#isLongerThanEntries) {
      handle.truncateSync(saved * this.entrySize);
      this.#isLongerThanEntries = false;
      this.#isUnsynced = true;
    }
    if (this.#tailCount === 0) return;
    const used = this.#tailCount * this.entrySize;
    handle.writevSync([this.#tail.subarray(0, used)], saved * this.entrySize);
    this.#savedCount = saved + this.#tailCount;
    this.#isUnsynced = true;
    this.#tailCount = 0;
    this.#tail = NO_TAIL;
  }

  /** Makes the file, empty, if there is none. Throws DiskError. */
  ensureFile(): void {
    if (this.#exists) return;
    this.file.open();
    this.isNewFile = true;
    this.#exists = true;
  }

  /** Flushes what was saved. */
  async sync(): Promise<void> {
    if (!this.#isUnsynced) return;
    this.#isUnsynced = false;
    const handle = this.file.pin();
    try {
      await handle.sync();
    } catch (error) {
      this.#isUnsynced = true;
      throw error;
    } finally {
      this.file.unpin();
    }
  }

  /** Keeps the first `count` entries. Throws DiskError. */
  truncateTo(count: number): void {
    const saved = this.savedCount;
    if (count >= saved) {
      this.#tailCount = Math.min(this.#tailCount, count - saved);
      this.#tail.fill(0, this.#tailCount * this.entrySize);
      return;
    }
    this.#tailCount = 0;
    this.#tail = NO_TAIL;
    this.#fileNumber = -1;
    this.#savedCount = count;
    this.#isLongerThanEntries = true;
    this.save();
  }

  /** Empties the index without reading what is in it. Throws DiskError. */
  reset(): void {
    const hadFile = this.hasFile;
    this.#tailCount = 0;
    this.#tail = NO_TAIL;
    this.#fileNumber = -1;
    this.#savedCount = 0;
    this.#isLongerThanEntries = hadFile;
    this.save();
  }

  #load(): void {
    const sizeBytes = this.file.open().sizeSync();
    const whole = Math.floor(sizeBytes / this.entrySize);
    this.#savedCount = whole;
    const one = Buffer.alloc(this.entrySize);
    const isUsed = (index: number): boolean => {
      this.file.open().readSync(one, 0, this.entrySize, index * this.entrySize);
      return this.isEntry(one, 0);
    };
    if (whole > 0 && !isUsed(whole - 1)) this.#savedCount = firstUnused(whole, isUsed);
    this.#isLongerThanEntries = this.#savedCount * this.entrySize < sizeBytes;
  }

  #readPage(firstEntry: number, perPage: number): Buffer {
    const entries = Math.min(perPage, this.#savedCount - firstEntry);
    const page = Buffer.alloc(entries * this.entrySize);
    this.file.open().readSync(page, 0, page.length, firstEntry * this.entrySize);
    return page;
  }
}

/** Entries stand before zeros: the number of entries, by halving. */
function firstUnused(count: number, isUsed: (index: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isUsed(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
