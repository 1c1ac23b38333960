// All partition logs of a broker: opening them at start, making and deleting them, their background work, and the
// orderly end (Kafka's LogManager). The log of cluster metadata is opened apart, with `openLog`.
import type { Clock, Disk, Logger, Metrics, Random } from '../runtime/index.ts';
import { assert } from '../runtime/index.ts';
import { readTopicId } from './checkpoints.ts';
import { FileCache } from './file-cache.ts';
import type { LogConfig } from './log-config.ts';
import { LogDirectory } from './log-directory.ts';
import type { LogEnvironment } from './log-environment.ts';
import { directoryName, METADATA_TOPIC, parseDirectoryName, workingDirectoryName } from './log-names.ts';
import { LogState } from './log-state.ts';
import { LogTasks } from './log-tasks.ts';
import { PartitionLog } from './partition-log.ts';
import { emptyLog, loadLog } from './partition-loader.ts';
import { ReadPace } from './read-pace.ts';
import { SegmentFiles } from './segment.ts';
import { SlicedWork } from './sliced-work.ts';
import type { TopicLogConfig } from './topic-log-config.ts';
import { type Durability, WriteScheduler } from './write-queue.ts';

/** Directories that are no partition's, and that Kafka tolerates. */
const IGNORED_DIRECTORIES = new Set(['remote-log-index-cache', 'lost+found']);
/** Logs that are flushed at the same time when the broker stops: the thread pool has four threads. */
const CLOSE_CONCURRENCY = 8;
/**
 * Thousands of logs cannot be flushed in the seconds that a broker is given to stop. With durability `page-cache` flushing
 * ends after this time; what was not flushed lies behind its recovery point, and is read through at the next start.
 */
const LONGEST_FLUSH_MS = 800;

export interface LogRuntime {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly random?: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export interface LogManagerOptions {
  readonly runtime: LogRuntime;
  /** The first is where new partitions go. */
  readonly logDirs: readonly string[];
  readonly config: LogConfig;
  readonly durability: Durability;
  readonly topicConfig: (topic: string) => TopicLogConfig;
  /** The directories of logDirs when they are locked already (`claimLogDirs`); undefined: `open` locks them. */
  readonly claimed?: readonly LogDirectory[];
  /** Called now and then while logs are opened. */
  readonly progress?: (done: number, total: number) => void;
}

interface Managed {
  readonly log: PartitionLog;
  readonly logDirectory: LogDirectory;
}

export class LogManager {
  readonly environment: LogEnvironment;
  /** Of the broker that stopped cleanly before this one; -1 when it did not. */
  readonly previousBrokerEpoch: number;
  readonly #directories: readonly LogDirectory[];
  readonly #logs = new Map<string, Managed>();
  readonly #tasks: LogTasks;
  readonly #warnedOfCompaction = new Set<string>();
  #isClosed = false;
  #hasCloseFailed = false;

  private constructor(environment: LogEnvironment, directories: readonly LogDirectory[]) {
    this.environment = environment;
    this.#directories = directories;
    const areClean = directories.every((directory) => directory.isClean);
    this.previousBrokerEpoch = areClean ? (directories[0] as LogDirectory).previousBrokerEpoch : -1;
    this.#tasks = new LogTasks(environment, directories, () => this.#logs.values());
  }

  /**
   * Locks the directories and opens every partition in them but the metadata log's; after a crash their logs are
   * recovered. The event loop gets its turn every 20 ms. Rejects with DiskError, DirectoryLockedError, UnsupportedFormatError.
   */
  static async open(options: LogManagerOptions): Promise<LogManager> {
    assert(options.logDirs.length > 0, 'a broker has a log directory');
    const environment = makeEnvironment(options);
    const directories = options.claimed ?? claimLogDirs(environment, options.logDirs);
    try {
      const manager = new LogManager(environment, directories);
      await manager.#openAll(options);
      for (const directory of directories) directory.makeCheckpointFiles();
      // Before a segment can be left: the next crash must find that the segments read through now are unflushed again.
      if (directories.some((directory) => !directory.isClean && manager.size > 0)) manager.#tasks.writeRecoveryPoints();
      return manager;
    } catch (error) {
      environment.files.files.closeAll();
      for (const directory of directories) directory.release();
      throw error;
    }
  }

  get logDirs(): readonly string[] {
    return this.#directories.map((directory) => directory.path);
  }

  get size(): number {
    return this.#logs.size;
  }

  getLog(topic: string, partition: number): PartitionLog | undefined {
    return this.#logs.get(directoryName(topic, partition))?.log;
  }

  *logs(): Iterable<PartitionLog> {
    for (const { log } of this.#logs.values()) yield log;
  }

  /** The log of a partition that is new here; its files are made by the first write. Throws DiskError. */
  createLog(options: { topic: string; topicId: string; partition: number; config: TopicLogConfig }): PartitionLog {
    const { topic, topicId, partition, config } = options;
    const name = directoryName(topic, partition);
    assert(!this.#logs.has(name), `the log ${name} does not exist yet`);
    const logDirectory = this.#directoryForNew();
    const directory = `${logDirectory.path}/${name}`;
    this.environment.disk.makeDirectorySync(directory);
    const state = new LogState(
      this.environment,
      { topic, partition, topicId, directory, config },
      emptyLog(this.environment, directory),
    );
    state.writeMetadata(false);
    this.#warnOfCompaction(topic, config);
    const log = new PartitionLog(state);
    this.#logs.set(name, { log, logDirectory });
    return log;
  }

  /** Takes a log out at once; its files go after `file.delete.delay.ms`. Throws DiskError when it cannot be renamed. */
  deleteLog(topic: string, partition: number): void {
    const name = directoryName(topic, partition);
    const managed = this.#logs.get(name);
    if (managed === undefined) return;
    const { log, logDirectory } = managed;
    const hex = Buffer.from(this.environment.random.bytes(16)).toString('hex');
    const renamed = `${logDirectory.path}/${workingDirectoryName(topic, partition, hex, 'delete')}`;
    this.environment.disk.renameSync(log.directory, renamed);
    this.#logs.delete(name);
    log.abandon();
    this.#tasks.removeDirectoryLater(renamed, log.config.fileDeleteDelayMs);
  }

  updateTopicConfig(topic: string, config: TopicLogConfig): void {
    this.#warnOfCompaction(topic, config);
    for (const { log } of this.#logs.values()) if (log.topic === topic) log.updateConfig(config);
  }

  /** The broker's own configs have changed; those of topics come through `updateTopicConfig`. */
  updateConfig(config: LogConfig): void {
    this.environment.config = config;
  }

  /** Retention, checkpoints and the expiry of producers, from now on. */
  startTasks(): void {
    this.#tasks.start();
  }

  /** One round of retention at once, for tests and tools. */
  checkRetention(): void {
    this.#tasks.checkRetention();
  }

  /** Writes the checkpoint files now. Throws DiskError. */
  writeCheckpoints(): void {
    this.#tasks.writeCheckpoints();
  }

  /** Flushes and closes all logs, writes the checkpoints, and last the marker of a clean shutdown. Rejects with DiskError. */
  async close(brokerEpoch = -1): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#tasks.stop();
    try {
      await this.#closeLogs();
      this.#tasks.writeCheckpoints();
      this.environment.files.files.closeAll();
      this.#markClean(brokerEpoch);
    } finally {
      for (const directory of this.#directories) directory.release();
    }
  }

  /** Lets go of files and locks without the marks of a clean shutdown: the disk has failed, or a test plays a crash. */
  abandon(): void {
    this.#isClosed = true;
    this.#tasks.stop();
    for (const { log } of this.#logs.values()) log.abandon();
    this.environment.files.files.closeAll();
    for (const directory of this.#directories) directory.release();
  }

  /** A log that cannot be closed in an orderly way must not keep the others from it. */
  async #closeLog(log: PartitionLog, isOver: () => boolean): Promise<void> {
    try {
      await log.close(isOver);
    } catch (error) {
      this.#hasCloseFailed = true;
      this.environment.logger.log('error', 'a log could not be closed', { path: log.directory, error: String(error) });
    }
  }

  /** Not where a flush has failed: the next start must look at the files as after a crash. */
  #markClean(brokerEpoch: number): void {
    for (const directory of this.#directories) {
      let isTrusted = !this.#hasCloseFailed;
      for (const { log, logDirectory } of this.#logs.values()) {
        if (logDirectory === directory && log.hasFlushFailed) isTrusted = false;
      }
      if (isTrusted) directory.markClean(brokerEpoch);
    }
  }

  async #closeLogs(): Promise<void> {
    const logs = [...this.#logs.values()];
    let next = 0;
    const { clock, durability } = this.environment;
    const work = new SlicedWork(clock);
    const flushUntilMs = clock.monotonicMs() + LONGEST_FLUSH_MS;
    const isOver = (): boolean => durability !== 'fsync' && clock.monotonicMs() >= flushUntilMs;
    const closeSome = async (): Promise<void> => {
      for (let managed = logs[next++]; managed !== undefined; managed = logs[next++]) {
        await this.#closeLog(managed.log, isOver);
        if (work.isDue) await work.pause();
      }
    };
    await Promise.all(Array.from({ length: CLOSE_CONCURRENCY }, closeSome));
  }

  async #openAll(options: LogManagerOptions): Promise<void> {
    const found: { directory: LogDirectory; name: string }[] = [];
    for (const directory of this.#directories) {
      for (const entry of this.environment.disk.listSync(directory.path)) {
        if (entry.isDirectory) found.push({ directory, name: entry.name });
      }
    }
    const work = new SlicedWork(this.environment.clock);
    let done = 0;
    for (const { directory, name } of found) {
      await this.#openOne(directory, name, options, work);
      done++;
      if (work.isDue) {
        options.progress?.(done, found.length);
        await work.pause();
      }
    }
    options.progress?.(done, found.length);
  }

  async #openOne(
    logDirectory: LogDirectory,
    name: string,
    options: LogManagerOptions,
    work: SlicedWork,
  ): Promise<void> {
    const { environment } = this;
    const parsed = parseDirectoryName(name);
    const directory = `${logDirectory.path}/${name}`;
    if (parsed === undefined) {
      if (!IGNORED_DIRECTORIES.has(name))
        environment.logger.log('warn', 'a directory that is no partition is left alone', { directory });
      return;
    }
    const { topic, partition, state } = parsed;
    if (topic === METADATA_TOPIC) return;
    if (state === 'delete') this.#tasks.removeDirectoryLater(directory, environment.config.segmentDeleteDelayMs);
    if (state !== 'live') return;
    const config = options.topicConfig(topic);
    const loaded = await work.run(
      loadLog(environment, {
        directory,
        config,
        isClean: logDirectory.isClean,
        recoveryPoint: logDirectory.recoveryPoints.get(name) ?? 0,
        logStartOffset: logDirectory.logStartOffsets.get(name) ?? 0,
      }),
    );
    const topicId = loaded.hasMetadata ? readTopicId(environment.disk, directory) : undefined;
    const log = new PartitionLog(new LogState(environment, { topic, partition, topicId, directory, config }, loaded));
    log.updateHighWatermark(logDirectory.highWatermarks.get(name) ?? 0);
    this.#warnOfCompaction(topic, config);
    this.#logs.set(name, { log, logDirectory });
  }

  /** The directory with the fewest partitions, as Kafka chooses. */
  #directoryForNew(): LogDirectory {
    if (this.#directories.length === 1) return this.#directories[0] as LogDirectory;
    const counts = new Map<LogDirectory, number>(this.#directories.map((directory) => [directory, 0]));
    for (const { logDirectory } of this.#logs.values()) counts.set(logDirectory, (counts.get(logDirectory) ?? 0) + 1);
    return [...counts].reduce((least, entry) => (entry[1] < least[1] ? entry : least))[0];
  }

  #warnOfCompaction(topic: string, config: TopicLogConfig): void {
    if (!config.cleanupPolicy.includes('compact') || this.#warnedOfCompaction.has(topic)) return;
    this.#warnedOfCompaction.add(topic);
    this.environment.logger.log('warn', 'cleanup.policy=compact is accepted, but nothing is compacted yet', { topic });
  }
}

/**
 * Locks the directories (made when absent) before anything in them is read or written: the metadata log, too, belongs to
 * whoever holds the lock. Throws DiskError, DirectoryLockedError; then none is locked.
 */
export function claimLogDirs(
  { disk, logger }: Pick<LogRuntime, 'disk' | 'logger'>,
  paths: readonly string[],
): LogDirectory[] {
  const directories: LogDirectory[] = [];
  try {
    for (const path of paths) directories.push(new LogDirectory(disk, path, logger));
  } catch (error) {
    for (const directory of directories) directory.release();
    throw error;
  }
  return directories;
}

export function makeEnvironment(options: Pick<LogManagerOptions, 'runtime' | 'config' | 'durability'>): LogEnvironment {
  const { disk, clock, logger, metrics } = options.runtime;
  return {
    disk,
    clock,
    random: options.runtime.random ?? clockRandom(clock),
    logger: logger.child('log'),
    metrics,
    durability: options.durability,
    files: new SegmentFiles(disk, new FileCache(disk)),
    scheduler: new WriteScheduler(clock, options.durability),
    readPace: new ReadPace(clock),
    config: options.config,
  };
}

/** For tools without a source of randomness: good enough to tell the names of directories apart. */
function clockRandom(clock: Clock): Random {
  let state = Math.floor(clock.nowMs()) % 0x7fff_ffff;
  const next = (): number => {
    state = (state * 48271 + 11) % 0x7fff_ffff;
    return state / 0x7fff_ffff;
  };
  return { next, bytes: (sizeBytes) => Uint8Array.from({ length: sizeBytes }, () => Math.floor(next() * 256)) };
}
