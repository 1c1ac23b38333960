// The disk as a port. Calls ending in Sync block the event loop: they are for small writes, reads of what is in the page
// cache, and the opening and closing of logs, in slices. Large writes, flushes and cold reads use the promises
// (measured: spec node-io, section 8, rules 6 and 7). Paths use '/' and are absolute or relative to the process.

/** What a disk refuses; `code` is the POSIX name (ENOSPC, EIO, EACCES, ENOENT, EEXIST, ENOTEMPTY, EMFILE …). */
export class DiskError extends Error {
  readonly code: string;
  readonly path: string;
  constructor(code: string, path: string, detail: string) {
    super(`${code}: ${detail}: ${path}`);
    this.name = 'DiskError';
    this.code = code;
    this.path = path;
  }
}

/** An open file. Positions and sizes are bytes. Every call may throw or reject with DiskError. */
export interface DiskFile {
  readonly path: string;
  sizeSync(): number;
  /** Reads up to `length` bytes at `position` into target[offset…]; the number read, less only at the end of the file. */
  readSync(target: Uint8Array, offset: number, length: number, position: number): number;
  read(target: Uint8Array, offset: number, length: number, position: number): Promise<number>;
  /** Writes all of the buffers in order at `position`. The buffers must not change until the call has ended. */
  writevSync(buffers: readonly Uint8Array[], position: number): void;
  writev(buffers: readonly Uint8Array[], position: number): Promise<void>;
  truncateSync(sizeBytes: number): void;
  /** Data (and the size needed to read it back) are on stable storage when this returns. */
  syncSync(): void;
  sync(): Promise<void>;
  closeSync(): void;
}

export interface DirectoryEntry {
  readonly name: string;
  readonly isDirectory: boolean;
}

export interface FileInfo {
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  readonly isDirectory: boolean;
}

/** Held until released or the process ends. */
export interface DiskLock {
  release(): void;
}

/** What is told while a lock is taken and held. */
export interface LockWatch {
  /** The lock has to wait, so long at most, to see whether the last holder lives. */
  waiting?(longestMs: number): void;
  /** Another process has taken the lock: from now on every change in the directory throws `error`. */
  lost?(error: DiskError): void;
}

export interface Disk {
  /** 'read': must exist. 'write': read and write, created when absent. 'create': the same, emptied first. */
  openSync(path: string, mode: 'read' | 'write' | 'create'): DiskFile;
  existsSync(path: string): boolean;
  /** undefined when there is nothing at `path`. */
  infoSync(path: string): FileInfo | undefined;
  /** In no promised order. */
  listSync(directory: string): DirectoryEntry[];
  /** With the directories above it; one that exists is fine, and false is told. */
  makeDirectorySync(path: string): boolean;
  renameSync(from: string, to: string): void;
  /** A file, or a directory that is empty. */
  removeSync(path: string): void;
  /** Sets the time that `infoSync` tells of a file; whole milliseconds since the epoch. */
  setModifiedSync(path: string, modifiedMs: number): void;
  /** A file, or a directory with all that is in it; absent is fine. */
  removeTree(path: string): Promise<void>;
  /** Makes creations, renames and removals in `directory` durable. */
  syncDirectorySync(directory: string): void;
  syncDirectory(directory: string): Promise<void>;
  readFileSync(path: string): Uint8Array;
  /** Creates or replaces; no flush. For what must survive a crash use `replaceFileSync` below. */
  writeFileSync(path: string, content: Uint8Array, mode?: number): void;
  /** Free and total bytes of the file system that holds `directory`; -1 where there is no such bound (memory). */
  spaceSync(directory: string): { readonly totalBytes: number; readonly usableBytes: number };
  /** undefined when another process (or another broker of this one) holds it. Rejects with DiskError. */
  lock(path: string, watch?: LockWatch): Promise<DiskLock | undefined>;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Kafka's way with checkpoints: write `path.tmp`, flush it, rename over `path`, flush the directory. */
export function replaceFileSync(disk: Disk, path: string, content: string | Uint8Array, flush = true): void {
  const temporary = `${path}.tmp`;
  const file = disk.openSync(temporary, 'create');
  try {
    file.writevSync([typeof content === 'string' ? encoder.encode(content) : content], 0);
    if (flush) file.syncSync();
  } finally {
    file.closeSync();
  }
  disk.renameSync(temporary, path);
  if (flush) disk.syncDirectorySync(path.slice(0, path.lastIndexOf('/')) || '.');
}

/** The text of a file, or undefined when it is absent. */
export function readTextSync(disk: Disk, path: string): string | undefined {
  return disk.existsSync(path) ? decoder.decode(disk.readFileSync(path)) : undefined;
}
