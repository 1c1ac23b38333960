// One data directory: its lock, its marker of a clean shutdown, its checkpoint files (Kafka's LogManager and
// CheckpointFile). Partition directories belong to the logs.
import { type Disk, DiskError, type DiskLock, type Logger } from '../../runtime/index.ts';
import {
  CLEAN_SHUTDOWN_FILE,
  HIGH_WATERMARK_FILE,
  LOG_START_FILE,
  METADATA_WRITTEN_FILE,
  type OffsetsByPartition,
  readCleanShutdown,
  readOffsets,
  RECOVERY_POINT_FILE,
  writeCleanShutdown,
} from '../segments/checkpoints.ts';
import { CheckpointFile } from './checkpoint-file.ts';

const LOCK_FILE = '.lock';
const CLEANER_FILE = 'cleaner-offset-checkpoint';

/** Another broker, or a Kafka, works on the directory. */
export class DirectoryLockedError extends Error {
  override readonly name = 'DirectoryLockedError';
}

export class LogDirectory {
  readonly path: string;
  readonly #disk: Disk;
  readonly #lock: DiskLock;
  #hasMarker: boolean;
  /** METADATA_WRITTEN_FILE is there. */
  #isMetadataWritten: boolean;
  /** The last broker stopped in an orderly way, and its partitions have not been opened since. */
  readonly isClean: boolean;
  /** So it did, and nothing has been written to a log of metadata since either. */
  readonly isMetadataClean: boolean;
  /** The epoch of the broker that stopped cleanly, -1 when not known. */
  readonly previousBrokerEpoch: number;
  /** undefined: the file is damaged, and nothing is known. */
  readonly recoveryPoints: OffsetsByPartition | undefined;
  readonly logStartOffsets: OffsetsByPartition | undefined;
  readonly highWatermarks: OffsetsByPartition | undefined;
  /** Offsets up to which a cleaner has compacted. */
  readonly compactedOffsets: OffsetsByPartition | undefined;
  readonly recoveryPointFile: CheckpointFile;
  readonly logStartFile: CheckpointFile;
  readonly highWatermarkFile: CheckpointFile;
  readonly cleanerFile: CheckpointFile;

  private constructor(disk: Disk, path: string, logger: Logger, lock: DiskLock) {
    this.path = path;
    this.#disk = disk;
    this.#lock = lock;
    const epoch = readCleanShutdown(disk, path);
    this.isClean = epoch !== undefined;
    this.#hasMarker = this.isClean;
    this.#isMetadataWritten = disk.existsSync(`${path}/${METADATA_WRITTEN_FILE}`);
    this.isMetadataClean = this.isClean && !this.#isMetadataWritten;
    this.previousBrokerEpoch = epoch ?? -1;
    this.recoveryPoints = readOffsets(disk, `${path}/${RECOVERY_POINT_FILE}`, logger);
    this.logStartOffsets = readOffsets(disk, `${path}/${LOG_START_FILE}`, logger);
    this.highWatermarks = readOffsets(disk, `${path}/${HIGH_WATERMARK_FILE}`, logger);
    this.compactedOffsets = readOffsets(disk, `${path}/${CLEANER_FILE}`, logger);
    this.recoveryPointFile = new CheckpointFile(disk, path, RECOVERY_POINT_FILE);
    this.logStartFile = new CheckpointFile(disk, path, LOG_START_FILE);
    this.highWatermarkFile = new CheckpointFile(disk, path, HIGH_WATERMARK_FILE);
    this.cleanerFile = new CheckpointFile(disk, path, CLEANER_FILE);
  }

  /** Makes the directory when it is absent, locks it and reads what it says of its logs. Rejects as `lockDirectory` does. */
  static async claim(parts: LockParts, path: string): Promise<LogDirectory> {
    const lock = await lockDirectory(parts, path);
    try {
      return new LogDirectory(parts.disk, path, parts.logger, lock);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** Makes the checkpoint files that are not there. Throws DiskError. */
  makeCheckpointFiles(): void {
    for (const file of this.#checkpointFiles) file.make();
  }

  /** Writes the marker of a clean shutdown, the last write before the end. Throws DiskError. */
  markClean(brokerEpoch: number): void {
    writeCleanShutdown(this.#disk, this.path, brokerEpoch);
  }

  release(): void {
    for (const file of this.#checkpointFiles) file.leave();
    this.#lock.release();
  }

  get #checkpointFiles(): readonly CheckpointFile[] {
    return [this.recoveryPointFile, this.logStartFile, this.highWatermarkFile, this.cleanerFile];
  }

  /** The log of metadata is written to from now on, while partitions are not even opened. Throws DiskError. */
  metadataChanges(): void {
    if (!this.#hasMarker || this.#isMetadataWritten) return;
    this.#isMetadataWritten = true;
    this.#disk.writeFileSync(`${this.path}/${METADATA_WRITTEN_FILE}`, new Uint8Array(0));
    this.#disk.syncDirectorySync(this.path);
  }

  /** Removes the marker of a clean shutdown, before anything changes that it promises. Throws DiskError. */
  takeMarkerAway(): void {
    if (this.#hasMarker) {
      this.#hasMarker = false;
      this.#disk.removeSync(`${this.path}/${CLEAN_SHUTDOWN_FILE}`);
      this.#disk.syncDirectorySync(this.path);
    }
    // Only now: beside the marker it must not be missing.
    if (!this.#isMetadataWritten) return;
    this.#isMetadataWritten = false;
    this.#disk.removeSync(`${this.path}/${METADATA_WRITTEN_FILE}`);
  }
}

export interface LockParts {
  readonly disk: Disk;
  readonly logger: Logger;
  /** Another process has taken the lock of a directory: the broker must end. */
  readonly lockLost?: ((error: DiskError) => void) | undefined;
}

/** Makes the directory when it is absent, and locks it. Rejects with DiskError, DirectoryLockedError. */
export async function lockDirectory({ disk, logger, lockLost }: LockParts, path: string): Promise<DiskLock> {
  makeDurableDirectory(disk, path);
  const lock = await disk.lock(`${path}/${LOCK_FILE}`, {
    waiting(longestMs) {
      const message =
        'another broker has left its lease on the directory, and whether it lives cannot be seen from here: waiting for a sign of life';
      logger.log('warn', message, { path, longestSeconds: longestMs / 1000 });
    },
    ...(lockLost !== undefined && { lost: lockLost }),
  });
  if (lock === undefined) throw new DirectoryLockedError(`${path} is in use by another broker (its .lock is held)`);
  return lock;
}

/** Makes a directory that outlives a power failure, as the logs in it will. */
function makeDurableDirectory(disk: Disk, path: string): void {
  const found = disk.infoSync(path);
  if (found?.isDirectory === false) throw new DiskError('ENOTDIR', path, 'not a directory');
  if (found !== undefined) return;
  disk.makeDirectorySync(path);
  const slash = path.lastIndexOf('/');
  disk.syncDirectorySync(slash < 0 ? '.' : path.slice(0, slash) || '/');
}
