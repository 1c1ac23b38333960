// The directories of log.dirs: those in use, and those that have failed, at the start or since (Kafka: LogManager's live log
// directories and LogDirFailureChannel). A broker goes on while one is left; what lay in a failed one is offline.
import { DiskError } from '../../runtime/index.ts';
import { LogDirectory } from './log-directory.ts';
import type { LogRuntime } from '../partition/log-environment.ts';

/**
 * What a disk refuses and takes a moment later: no room, too many open files. Kafka gives up the directory for these too;
 * here the write alone is refused.
 */
const PASSING = new Set(['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN', 'EBUSY']);

export const isPassing = (error: DiskError): boolean => PASSING.has(error.code);

export class LogDirectories {
  /** log.dirs, in order. */
  readonly paths: readonly string[];
  readonly #online = new Map<string, LogDirectory>();
  readonly #failed = new Map<string, DiskError>();

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

  isConfigured(path: string): boolean {
    return this.paths.includes(path);
  }
  isOnline(path: string): boolean {
    return this.#online.has(path);
  }
  /** The one in use that `path` is, or lies in. */
  holding(path: string): LogDirectory | undefined {
    return this.online.find((directory) => path === directory.path || path.startsWith(`${directory.path}/`));
  }
  at(path: string): LogDirectory | undefined {
    return this.#online.get(path);
  }

  add(directory: LogDirectory): void {
    this.#online.set(directory.path, directory);
  }

  /** From now on nothing of it is used. False when it had failed already. */
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
 * whoever holds the lock. One that cannot be made or read counts as failed while there are others. Throws DiskError when
 * none can be used, DirectoryLockedError when one is in use; then none is locked.
 */
export function claimLogDirs(
  { disk, logger }: Pick<LogRuntime, 'disk' | 'logger'>,
  paths: readonly string[],
): LogDirectories {
  const directories = new LogDirectories(paths);
  for (const path of paths) {
    try {
      directories.add(new LogDirectory(disk, path, logger));
    } catch (error) {
      if (!(error instanceof DiskError) || isPassing(error)) {
        directories.release();
        throw error;
      }
      directories.fail(path, error);
      logger.log('error', 'a log directory cannot be used', { path, error: error.message });
    }
  }
  const [first] = directories.failed.values();
  if (directories.online.length === 0 && first !== undefined) throw first;
  return directories;
}
