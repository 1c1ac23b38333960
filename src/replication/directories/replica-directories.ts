// In which log directories the replicas of this node lie: what the metadata says, what is so, and the moves from one to another
// (KIP-113, KIP-858).
import { type LogManager, parentDirectory, type PartitionLog } from '../../log/index.ts';
import {
  hasDirectoryAssignment,
  isReservedDirectory,
  type MetadataImage,
  type PartitionImage,
} from '../../kraft/metadata/index.ts';
import type { Clock, Logger } from '../../runtime/index.ts';
import { LogDirMover } from './log-dir-mover.ts';
import type { Partition } from '../partition.ts';

/** Tells the controller where replicas lie (Kafka: DirectoryEventHandler). */
export interface DirectoryEvents {
  /** Resolves when the metadata says so; rejects when another directory has been told of, or the replica is gone. */
  assign(topicId: string, partition: number, directoryId: string): Promise<void>;
}

/** What a broker with one log directory, which is never asked to move anything, can do without. */
export interface DirectoryOptions {
  /** Ids (meta.properties) by path. */
  readonly ids: ReadonlyMap<string, string>;
  readonly events: DirectoryEvents;
  /** replica.alter.log.dirs.io.max.bytes.per.second, as it is now. */
  readonly maxMoveBytesPerSecond: () => number;
}

export interface ReplicaDirectoriesOptions {
  readonly nodeId: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly logManager: LogManager;
  readonly directories: DirectoryOptions | undefined;
  /** How long a move rests after a failure. */
  readonly backoffMs: number;
  /** The id of a topic that has partitions here. */
  readonly topicIdOf: (topic: string) => string | undefined;
}

export class ReplicaDirectories {
  readonly #options: ReplicaDirectoriesOptions;
  readonly #mover: LogDirMover;

  constructor(options: ReplicaDirectoriesOptions) {
    const { clock, logger, logManager, backoffMs, directories } = options;
    this.#options = options;
    this.#mover = new LogDirMover({
      clock,
      logger,
      logManager,
      backoffMs,
      maxBytesPerSecond: directories?.maxMoveBytesPerSecond ?? (() => Number.MAX_SAFE_INTEGER),
      assign: (partition, log) => this.#assign(partition, log),
    });
  }

  /** The path of the directory that the metadata names for this node's replica; undefined for none, or one not known. */
  assignedPath(image: PartitionImage): string | undefined {
    const assigned = this.#assignedId(image);
    for (const [path, id] of this.#options.directories?.ids ?? []) if (id === assigned) return path;
    return undefined;
  }

  /**
   * The replica, of which nothing was found, lies in a directory that is not in use: one that has failed, is not mounted, or is
   * not in log.dirs any more. Nothing may be made in its place. `isNew`: it has come with the metadata since the start.
   */
  isElsewhere(image: PartitionImage, isNew: boolean): boolean {
    const { directories, logManager } = this.#options;
    const { failed } = logManager.directories;
    const assigned = this.#assignedId(image);
    // Where it lies the metadata does not know: Kafka, too, makes nothing then while a directory is offline.
    if (assigned === undefined || isReservedDirectory(assigned)) return !isNew && failed.size > 0;
    if (directories === undefined) return false;
    const path = this.assignedPath(image);
    return path === undefined || !logManager.directories.isOnline(path);
  }

  /** Logs one line for each directory whose replicas are `elsewhere`. */
  tellOfMissing(elsewhere: Iterable<{ readonly name: string; readonly image: PartitionImage }>): void {
    const byDirectory = new Map<string, string[]>();
    for (const { name, image } of elsewhere) {
      const directory = this.assignedPath(image) ?? this.#assignedId(image) ?? 'unknown';
      const partitions = byDirectory.get(directory) ?? [];
      byDirectory.set(directory, partitions);
      partitions.push(`${name}-${image.partition}`);
    }
    for (const [directory, partitions] of byDirectory) {
      const message =
        'partitions are offline, as their log directory is not in use. Mount its disk or name it in log.dirs, and start again; ' +
        'if it is lost for good, delete their topics';
      this.#options.logger.log('error', message, { directory, partitions: partitions.length, first: partitions[0] });
    }
  }

  /** The controller learns where a replica lies when it does not know, or knows otherwise. */
  tell(partition: Partition, image: PartitionImage, { features }: MetadataImage): void {
    const { directories, logManager } = this.#options;
    const actual = directories?.ids.get(parentDirectory(partition.log.directory));
    if (actual === undefined || actual === this.#assignedId(image)) return;
    if (!hasDirectoryAssignment(features.metadataVersion)) return;
    // While it moves the mover tells.
    if (logManager.futureLogs.get(partition.topic, partition.index) === undefined) this.#assignUnawaited(partition);
  }

  /** Has the replica copied to the log directory `path`, then served from there. Throws DiskError. */
  beginMove(partition: Partition, path: string): void {
    const { logManager, topicIdOf } = this.#options;
    const { topic, index, log } = partition;
    const topicId = log.topicId ?? topicIdOf(topic) ?? '';
    const future = logManager.futureLogs.create({ topic, topicId, partition: index, config: log.config }, path);
    this.#mover.begin(partition, future, false);
  }

  /** Goes on with a move that was under way when the last run of the broker ended. */
  resumeMove(partition: Partition, future: PartitionLog, image: PartitionImage): void {
    this.#mover.begin(partition, future, this.assignedPath(image) === parentDirectory(future.directory));
  }

  /** The replica stays where it is. Its future log is the caller's. */
  cancelMove(partition: Partition): void {
    if (this.#mover.cancel(partition)) this.#assignUnawaited(partition);
  }

  /** The replica is not served any more. */
  forget(partition: Partition): void {
    this.#mover.cancel(partition);
  }

  close(): void {
    this.#mover.close();
  }

  #assignedId({ replicas, directories }: PartitionImage): string | undefined {
    return directories[replicas.indexOf(this.#options.nodeId)];
  }

  #assignUnawaited(partition: Partition): void {
    this.#assign(partition, partition.log).catch((error: unknown) => {
      const fields = { partition: `${partition.topic}-${partition.index}`, reason: String(error) };
      this.#options.logger.log('debug', 'the directory of a replica is not told any more', fields);
    });
  }

  async #assign({ topic, index }: Partition, log: PartitionLog): Promise<void> {
    const { directories, topicIdOf } = this.#options;
    const topicId = topicIdOf(topic);
    const directoryId = directories?.ids.get(parentDirectory(log.directory));
    if (directories === undefined || topicId === undefined || directoryId === undefined) return;
    await directories.events.assign(topicId, index, directoryId);
  }
}
