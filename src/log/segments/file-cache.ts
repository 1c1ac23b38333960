// Open file handles, bounded: ten thousand partitions have far more files than a process may have descriptors.
// A log file asks for its handle before each use; the one used longest ago is closed when there are too many (a clock
// hand walks over the open ones). What is in the middle of an asynchronous call is pinned and stays open.
import type { Disk, DiskFile } from '../../runtime/index.ts';

const DEFAULT_OPEN_FILES = 512;

/** One file by its path, opened on demand. Renaming it while it is open is fine: the handle stays valid. */
export class CachedFile {
  path: string;
  /** 'write' creates it when absent; 'read' for what is on its way out, so that it is not made again. */
  mode: 'read' | 'write' = 'write';
  /** What FileCache keeps; nobody else touches these. */
  handle: DiskFile | undefined = undefined;
  isRecent = false;
  pins = 0;
  isCloseAsked = false;
  readonly #cache: FileCache;

  constructor(cache: FileCache, path: string) {
    this.#cache = cache;
    this.path = path;
  }

  /** The open handle, valid until the next call that may open another file. Throws DiskError. */
  open(): DiskFile {
    this.isRecent = true;
    return this.handle ?? this.#cache.open(this);
  }

  /** The handle, kept open until `unpin`. */
  pin(): DiskFile {
    const handle = this.open();
    this.pins++;
    return handle;
  }

  unpin(): void {
    this.pins--;
    if (this.pins === 0 && this.isCloseAsked) this.close();
  }

  close(): void {
    this.#cache.close(this);
  }
}

export class FileCache {
  readonly disk: Disk;
  readonly #limit: number;
  readonly #open: CachedFile[] = [];
  #hand = 0;

  constructor(disk: Disk, limit = DEFAULT_OPEN_FILES) {
    this.disk = disk;
    this.#limit = limit;
  }

  get openCount(): number {
    return this.#open.length;
  }

  open(file: CachedFile): DiskFile {
    if (this.#open.length >= this.#limit) this.#closeOne();
    const handle = this.disk.openSync(file.path, file.mode);
    file.handle = handle;
    this.#open.push(file);
    return handle;
  }

  /** At once, or when the call that has it pinned is over: its descriptor must not be another file's meanwhile. */
  close(file: CachedFile): void {
    file.isCloseAsked = file.pins > 0;
    if (file.isCloseAsked) return;
    const at = this.#open.indexOf(file);
    if (at < 0) return;
    this.#open[at] = this.#open[this.#open.length - 1] as CachedFile;
    this.#open.pop();
    const handle = file.handle as DiskFile;
    file.handle = undefined;
    handle.closeSync();
  }

  closeAll(): void {
    for (const file of this.#open) this.close(file);
  }

  /** Second chance: a file used since the hand came by last is passed over once. All pinned: the limit is exceeded. */
  #closeOne(): void {
    for (let steps = this.#open.length * 2; steps > 0; steps--) {
      if (this.#hand >= this.#open.length) this.#hand = 0;
      const file = this.#open[this.#hand] as CachedFile;
      if (file.pins === 0 && !file.isRecent) {
        this.#open[this.#hand] = this.#open[this.#open.length - 1] as CachedFile;
        this.#open.pop();
        const handle = file.handle as DiskFile;
        file.handle = undefined;
        handle.closeSync();
        return;
      }
      file.isRecent = false;
      this.#hand++;
    }
  }
}
