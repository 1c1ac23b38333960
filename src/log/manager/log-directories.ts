// The directories of log.dirs: those in use, and those that have failed, at the start or since (Kafka: LogManager's live log
// directories and LogDirFailureChannel). A broker goes on while one is left; what lay in a failed one is offline.
import { DiskError } from '../../runtime/index.ts';
import { type LockParts, LogDirectory } from './log-directory.ts';

/**
 * True for a refusal that may pass: no room, too many open files. Kafka gives up the directory for these too; here the write
 * alone is refused.
 */
const PASSING = new Set(['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN', 'EBUSY']);

/** In cordoned.log.dirs. */
const EVERY = '*';

export const isPassing = (error: DiskError): boolean => PASSING.has(error.code);

export class LogDirectories {
  /** log.dirs, in order. */
  readonly paths: readonly string[];
  readonly #online = new Map<string, LogDirectory>();
  readonly #failed = new Map<string, DiskError>();
  #cordoned: ReadonlySet<string> = new Set();
  /** Another process has taken the lock of one of them: nothing may be written any more. */
  isLockLost = false;

  constructor(paths: readonly string[]) {
    this.paths = paths;
  }

  get online(): readonly LogDirectory[] {
    return [...this.#online.values()];
  }
  /** By path, with what failed. */
  get failed(): ReadonlyMap<string, DiskError> {
    return this.#failed;
  }

  /** No new replicas come into these from now on; a star is all of them (KIP-1066). */
  cordon(paths: readonly string[]): void {
    this.#cordoned = new Set(paths.includes(EVERY) ? this.paths : paths);
  }
  /**
   * Those in use into which new replicas may come. The controller gives a broker nothing new whose directories are all cordoned;
   * what it knew of before has to lie somewhere.
   */
  get open(): readonly LogDirectory[] {
    const open = this.online.filter(({ path }) => !this.isCordoned(path));
    return open.length === 0 ? this.online : open;
  }
  isCordoned(path: string): boolean {
    return this.#cordoned.has(path);
  }

  isConfigured(path: string): boolean {
    return this.paths.includes(path);
  }
  isOnline(path: string): boolean {
    return this.#online.has(path);
  }
  /** The directory in use that is `path`, or holds it. */
  holding(path: string): LogDirectory | undefined {
    return this.online.find((directory) => path === directory.path || path.startsWith(`${directory.path}/`));
  }
  at(path: string): LogDirectory | undefined {
    return this.#online.get(path);
  }

  add(directory: LogDirectory): void {
    this.#online.set(directory.path, directory);
  }

  /** Takes a directory out of use. False when it had failed already. */
  fail(path: string, error: DiskError): boolean {
    if (this.#failed.has(path)) return false;
    this.#failed.set(path, error);
    const directory = this.#online.get(path);
    this.#online.delete(path);
    try {
      directory?.release();
    } catch {
      // Its lock cannot be given back on a disk that has failed; it ends with the process.
    }
    return true;
  }

  release(): void {
    for (const directory of this.#online.values()) directory.release();
  }
}

/**
 * Locks the directories (made when absent) before anything in them is read or written: the metadata log, too, belongs to
 * whoever holds the lock. One that cannot be made or read counts as failed while there are others. Rejects with DiskError
 * when none can be used, DirectoryLockedError when one is in use; then none is locked.
 */
export async function claimLogDirs(parts: LockParts, paths: readonly string[]): Promise<LogDirectories> {
  const directories = new LogDirectories(paths);
  await claimRemainingLogDirs(parts, directories);
  return directories;
}

/** Locks those directories that exist, and makes none: a broker opens its ports next, and leaves nothing behind if it cannot. */
export async function claimExistingLogDirs(parts: LockParts, paths: readonly string[]): Promise<LogDirectories> {
  const directories = new LogDirectories(paths);
  await claimSome(parts, directories, (path) => parts.disk.existsSync(path));
  return directories;
}

/** Locks the directories that are not locked yet, and makes those that are absent. Rejects as `claimLogDirs` does. */
export async function claimRemainingLogDirs(parts: LockParts, directories: LogDirectories): Promise<void> {
  await claimSome(parts, directories, () => true);
  const [first] = directories.failed.values();
  if (directories.online.length === 0 && first !== undefined) throw first;
}

async function claimSome(
  parts: LockParts,
  directories: LogDirectories,
  isWanted: (path: string) => boolean,
): Promise<void> {
  const lockLost = (error: DiskError): void => {
    directories.isLockLost = true;
    parts.lockLost?.(error);
  };
  for (const path of directories.paths) {
    if (directories.isOnline(path) || directories.failed.has(path)) continue;
    try {
      if (isWanted(path)) directories.add(await LogDirectory.claim({ ...parts, lockLost }, path));
    } catch (error) {
      if (!(error instanceof DiskError) || isPassing(error)) {
        directories.release();
        throw error;
      }
      directories.fail(path, error);
      parts.logger.log('error', 'a log directory cannot be used', { path, error: error.message });
    }
  }
}
