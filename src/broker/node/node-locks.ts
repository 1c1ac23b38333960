// The locks of this node's directories: those of log.dirs, and that of metadata.log.dir where it is none of them (Kafka:
// LogManager and KafkaRaftManager).
import { resolve } from 'node:path';
import {
  claimExistingLogDirs,
  claimRemainingLogDirs,
  lockDirectory,
  type LockParts,
  type LogDirectories,
} from '../../log/index.ts';
import type { DiskLock } from '../../runtime/index.ts';

export class NodeLocks {
  readonly logDirs: LogDirectories;
  /** Path of the one with the metadata log. */
  readonly metadataLogDir: string;
  readonly #parts: LockParts;
  #metadataLock: DiskLock | undefined;

  private constructor(parts: LockParts, logDirs: LogDirectories, metadataLogDir: string) {
    this.#parts = parts;
    this.logDirs = logDirs;
    this.metadataLogDir = metadataLogDir;
  }

  /**
   * Locks the directories that are there: before the node opens its ports, so that it never listens where another broker
   * works. `metadataLogDir`: null for the first of log.dirs. Rejects with DiskError, DirectoryLockedError.
   */
  static async ofExisting(
    parts: LockParts,
    { logDirs, metadataLogDir }: { readonly logDirs: readonly string[]; readonly metadataLogDir: string | null },
  ): Promise<NodeLocks> {
    const path = metadataLogDir === null ? (logDirs[0] as string) : resolve(metadataLogDir);
    const locks = new NodeLocks(parts, await claimExistingLogDirs(parts, logDirs), path);
    try {
      if (parts.disk.existsSync(path)) await locks.#lockMetadata();
      return locks;
    } catch (error) {
      locks.release();
      throw error;
    }
  }

  /** Makes the other directories and locks them. Rejects with DiskError, DirectoryLockedError; then none is locked. */
  async lockRemaining(): Promise<void> {
    try {
      await claimRemainingLogDirs(this.#parts, this.logDirs);
      const failure = this.logDirs.failed.get(this.metadataLogDir);
      if (failure !== undefined) throw failure;
      await this.#lockMetadata();
    } catch (error) {
      this.release();
      throw error;
    }
  }

  release(): void {
    this.logDirs.release();
    this.#metadataLock?.release();
  }

  async #lockMetadata(): Promise<void> {
    if (this.#metadataLock !== undefined || this.logDirs.isConfigured(this.metadataLogDir)) return;
    this.#metadataLock = await lockDirectory(this.#parts, this.metadataLogDir);
  }
}
