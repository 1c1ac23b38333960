// All partition logs of a broker: opening them at start, making and deleting them, moving them between directories, their
// background work, and the orderly end (Kafka's LogManager). The log of cluster metadata is opened apart, with `openLog`.
import { assert, DiskError, type Durability } from '../../runtime/index.ts';
import type { LogConfig } from '../config/log-config.ts';
import { CleanerCheckpoints } from './cleaner-checkpoints.ts';
import { claimLogDirs, isPassing, type LogDirectories } from './log-directories.ts';
import type { LogDirectory } from './log-directory.ts';
import {
  type DiskFailed,
  type LogEnvironment,
  type LogRuntime,
  makeEnvironment,
} from '../partition/log-environment.ts';
import { dropLogs, FutureLogs, setLogAside } from './future-logs.ts';
import { directoryName } from '../segments/log-names.ts';
import { LogCleaner } from './log-cleaner.ts';
import { LogTasks } from './log-tasks.ts';
import { makeLog, type ManagedLog, type NewLog, renameTo } from './managed-log.ts';
import { type OpenedLog, openLogs, type TopicIdOfLog } from './open-logs.ts';
import type { PartitionLog } from '../partition/partition-log.ts';
import { PreferredDirectories } from './preferred-directories.ts';
import { SlicedWork } from '../sliced-work.ts';
import type { TopicLogConfig } from '../config/topic-log-config.ts';

/** Logs that are flushed at the same time when the broker stops: the thread pool has four threads. */
const CLOSE_CONCURRENCY = 8;
/**
 * Thousands of logs cannot be flushed in the seconds that a broker is given to stop. With durability `page-cache` flushing
 * ends after this time; what was not flushed lies behind its recovery point, and is read through at the next start.
 */
const LONGEST_FLUSH_MS = 800;

export interface LogManagerOptions {
  readonly runtime: LogRuntime;
  readonly logDirs: readonly string[];
  readonly config: LogConfig;
  readonly durability: Durability;
  readonly topicConfig: (topic: string) => TopicLogConfig;
  /** Tells whose a log is that the start finds; left out, every log is this broker's. */
  readonly topicIdOf?: TopicIdOfLog;
  /** The directories of logDirs when they are locked already (`claimLogDirs`); undefined: `open` locks them. */
  readonly claimed?: LogDirectories;
  /**
   * Called once for each log directory that fails while the broker runs, when its logs have been given up. Left out, the call
   * that fails is refused, and that is all: for tests of one log.
   */
  readonly directoryFailed?: (failure: DirectoryFailure) => void;
  /** Called now and then while logs are opened. */
  readonly progress?: (done: number, total: number) => void;
}

export interface DirectoryFailure {
  readonly path: string;
  readonly error: DiskError;
  /** The logs that lay in it. */
  readonly logs: readonly PartitionLog[];
  readonly futureLogs: readonly PartitionLog[];
}

/** A partition is in two directories; which one holds its records cannot be known. */
export class DuplicateLogError extends Error {
  override readonly name = 'DuplicateLogError';
}

export class LogManager {
  readonly environment: LogEnvironment;
  /** The epoch of the broker before this one; -1 when it did not stop cleanly. */
  readonly previousBrokerEpoch: number;
  readonly directories: LogDirectories;
  readonly #options: LogManagerOptions;
  readonly #logs = new Map<string, ManagedLog>();
  readonly futureLogs: FutureLogs;
  readonly #preferred = new PreferredDirectories();
  readonly #unusable = new Set<string>();
  readonly #tasks: LogTasks;
  readonly #cleaner: LogCleaner;
  #isClosed = false;
  #hasCloseFailed = false;

  private constructor(directories: LogDirectories, options: LogManagerOptions) {
    const { runtime, config, durability, directoryFailed } = options;
    const diskFailed: DiskFailed | undefined =
      directoryFailed === undefined ? undefined : (path, error) => this.#diskFailed(path, error);
    const environment = makeEnvironment({ runtime, config, durability, diskFailed });
    this.environment = environment;
    this.directories = directories;
    this.#options = options;
    const { online } = directories;
    const areClean = online.every((directory) => directory.isClean);
    this.previousBrokerEpoch = areClean ? (online[0] as LogDirectory).previousBrokerEpoch : -1;
    const isCleaning = (log: PartitionLog): boolean => this.#cleaner.isCleaning(log);
    this.#tasks = new LogTasks(environment, directories, () => this.#all(), isCleaning);
    this.futureLogs = new FutureLogs(environment, directories, this.#tasks, {
      get: (name) => this.#logs.get(name),
      succeed: (name, managed) => this.#succeed(name, managed),
    });
    const logs = (): Iterable<ManagedLog> => this.#logs.values();
    this.#cleaner = new LogCleaner({
      environment,
      checkpoints: new CleanerCheckpoints(directories, logs),
      logs,
      isMoving: ({ topic, partition }) => this.futureLogs.get(topic, partition) !== undefined,
      writeRecoveryPoints: () => this.#tasks.writeRecoveryPoints(),
      removeLater: (log, segments) => this.#tasks.removeSegmentsLater(log, segments),
      checkRetention: (log) => this.#tasks.checkRetentionOf(log),
    });
  }

  /**
   * Locks the directories and opens every partition in them but the metadata log's; after a crash their logs are
   * recovered. The event loop gets its turn every 20 ms. Rejects with DiskError, DirectoryLockedError,
   * DuplicateLogError.
   */
  static async open(options: LogManagerOptions): Promise<LogManager> {
    assert(options.logDirs.length > 0, 'a broker has a log directory');
    const { disk, logger } = options.runtime;
    const directories = options.claimed ?? (await claimLogDirs({ disk, logger: logger.child('log') }, options.logDirs));
    directories.cordon(options.config.cordonedLogDirs);
    const manager = new LogManager(directories, options);
    try {
      manager.#withoutFailed(() => {
        for (const directory of directories.online) directory.takeMarkerAway();
      });
      await manager.#openAll();
      manager.#withoutFailed(() => {
        for (const directory of directories.online) directory.makeCheckpointFiles();
      });
      // What was read through is not flushed. The checkpoint must say so before a crash can come.
      const isUnclean = directories.online.some((directory) => !directory.isClean);
      if (isUnclean && manager.size > 0) manager.#withoutFailed(() => manager.#tasks.writeRecoveryPoints());
      return manager;
    } catch (error) {
      manager.environment.files.files.closeAll();
      directories.release();
      throw error;
    }
  }

  get size(): number {
    return this.#logs.size;
  }

  getLog(topic: string, partition: number): PartitionLog | undefined {
    return this.#logs.get(directoryName(topic, partition))?.log;
  }

  /** It is here, but the start could not open it: there is no log, and none may be made in its place. */
  isUnusable(topic: string, partition: number): boolean {
    return this.#unusable.has(directoryName(topic, partition));
  }

  *logs(): Iterable<PartitionLog> {
    for (const { log } of this.#logs.values()) yield log;
  }

  /**
   * The log of a partition that is new here; its files are made by the first write. It comes into the directory that was
   * preferred for it, else into `assigned` (a path) if that is in use, else where the fewest are. Throws DiskError.
   */
  createLog(options: NewLog & { readonly assigned?: string | undefined }): PartitionLog {
    const name = directoryName(options.topic, options.partition);
    assert(!this.#logs.has(name), `the log ${name} does not exist yet`);
    const wished = this.directories.at(this.#preferred.get(name) ?? options.assigned ?? '');
    const managed = this.#makeInFirst(wished === undefined ? this.#directoriesForNew() : [wished], options, name);
    this.#preferred.delete(name);
    this.#logs.set(name, managed);
    return managed.log;
  }

  /** Where `createLog` is to put a partition that is not here yet. */
  preferDirectory(topic: string, partition: number, path: string): void {
    this.#preferred.set(directoryName(topic, partition), path);
  }

  /** Takes a log out at once; its files go after `file.delete.delay.ms`. Throws DiskError when it cannot be renamed. */
  deleteLog(topic: string, partition: number): void {
    const name = directoryName(topic, partition);
    const managed = this.#logs.get(name);
    if (managed === undefined) return;
    const renamed = renameTo(this.environment, managed, 'delete');
    this.#logs.delete(name);
    managed.log.abandon();
    this.#cleaner.removed(managed);
    this.#tasks.removeDirectoryLater(renamed, managed.log.config.fileDeleteDelayMs);
  }

  /** Takes out a log that belongs to no topic; its files stay. Throws DiskError when it cannot be renamed. */
  setAside(topic: string, partition: number): void {
    setLogAside(this.environment, this.#logs, directoryName(topic, partition));
  }

  /** Of the topic's partitions below `endPartition`, those that are here. */
  updateTopicConfig(topic: string, endPartition: number, config: TopicLogConfig): void {
    for (let partition = 0; partition < endPartition; partition++) {
      this.getLog(topic, partition)?.updateConfig(config);
      this.futureLogs.get(topic, partition)?.updateConfig(config);
    }
  }

  /** The broker's own configs have changed; those of topics come through `updateTopicConfig`. */
  updateConfig(config: LogConfig): void {
    const hasNewPace = config.cleanerBackoffMs !== this.environment.config.cleanerBackoffMs;
    this.environment.config = config;
    this.directories.cordon(config.cordonedLogDirs);
    if (hasNewPace) this.#cleaner.wake();
  }

  /** Retention, compaction, checkpoints and the expiry of producers, from now on. */
  startTasks(): void {
    this.#tasks.start();
    this.#cleaner.start();
  }

  /** One round of the cleaner at once, for tests and tools. True when a log was cleaned. */
  cleanOnce(): Promise<boolean> {
    return this.#cleaner.cleanOnce();
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
    // Another broker has the lock by now, and with it the files.
    if (this.directories.isLockLost) return this.abandon();
    this.#isClosed = true;
    await this.#tasks.stop();
    await this.#cleaner.stop();
    try {
      await this.#closeLogs();
      this.#withoutFailed(() => this.#tasks.writeCheckpoints());
      this.environment.files.files.closeAll();
      this.#markClean(brokerEpoch);
    } finally {
      this.directories.release();
    }
  }

  /**
   * Runs `action`, which does something to each directory in use. Where one fails at it, that directory is left out and `action`
   * runs again: the others must not suffer. Throws DiskError when the last one fails.
   */
  #withoutFailed(action: () => void): void {
    for (;;) {
      try {
        return action();
      } catch (error) {
        const failed = error instanceof DiskError ? this.directories.holding(error.path) : undefined;
        if (failed === undefined) throw error;
        this.#leaveOut(failed, error as DiskError);
      }
    }
  }

  #leaveOut(directory: LogDirectory, error: DiskError): void {
    if (isPassing(error) || this.directories.online.length === 1) throw error;
    const { path } = directory;
    this.environment.logger.log('error', 'a log directory has failed', { path, error: error.message });
    this.directories.fail(path, error);
    dropLogs(this.#logs, directory);
    this.futureLogs.drop(directory);
  }

  /** Lets go of files and locks without the marks of a clean shutdown: the disk has failed, or a test plays a crash. */
  abandon(): void {
    this.#isClosed = true;
    void this.#tasks.stop();
    void this.#cleaner.stop();
    for (const { log } of this.#all()) log.abandon();
    this.environment.files.files.closeAll();
    this.directories.release();
  }

  /** Closes one log. Its failure is told and remembered, and does not keep the others from being closed. */
  async #closeLog(log: PartitionLog, isOver: () => boolean): Promise<void> {
    try {
      await log.close(isOver);
    } catch (error) {
      this.#hasCloseFailed = true;
      this.environment.logger.log('error', 'a log could not be closed', { path: log.directory, error: String(error) });
    }
  }

  /** Marks each directory clean, save those with a failed flush: the next start must look at their files as after a crash. */
  #markClean(brokerEpoch: number): void {
    for (const directory of this.directories.online) {
      let isTrusted = !this.#hasCloseFailed;
      for (const { log, logDirectory } of this.#all()) {
        if (logDirectory === directory && log.hasFlushFailed) isTrusted = false;
      }
      if (isTrusted) directory.markClean(brokerEpoch);
    }
  }

  async #closeLogs(): Promise<void> {
    const logs = [...this.#all()];
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

  *#all(): Generator<ManagedLog> {
    yield* this.#logs.values();
    yield* this.futureLogs.managed();
  }

  /** May be called from within any work of a log: what follows from it is done at the end of the turn. */
  #diskFailed(path: string, error: DiskError): void {
    const directory = this.directories.holding(path);
    if (directory === undefined || isPassing(error) || this.#isClosed) return;
    this.environment.clock.endOfTurn(() => this.#giveUp(directory, error));
  }

  #giveUp(directory: LogDirectory, error: DiskError): void {
    const { path } = directory;
    if (this.#isClosed || !this.directories.fail(path, error)) return;
    this.environment.logger.log('error', 'a log directory has failed; its partitions are offline', {
      path,
      error: error.message,
    });
    const logs = dropLogs(this.#logs, directory);
    const futureLogs = this.futureLogs.drop(directory);
    this.#options.directoryFailed?.({ path, error, logs, futureLogs });
  }

  async #openAll(): Promise<void> {
    const { environment, directories } = this;
    for await (const opened of openLogs(environment, directories, this.#options)) {
      if ('failed' in opened) {
        dropLogs(this.#logs, opened.failed);
        this.futureLogs.drop(opened.failed);
      } else if ('unusable' in opened) {
        const { topic, partition, state } = opened.unusable;
        if (state === 'live') this.#unusable.add(directoryName(topic, partition));
      } else if (opened.state === 'delete') {
        this.#tasks.removeDirectoryLater(opened.directory, environment.config.segmentDeleteDelayMs);
      } else if (opened.state === 'future') this.futureLogs.add(opened);
      else this.#addCurrent(opened);
    }
  }

  /** `managed`, a future log until now, takes the place of the one in use. */
  #succeed(name: string, managed: ManagedLog): void {
    const before = this.#logs.get(name);
    this.#logs.set(name, managed);
    if (before !== undefined) this.#cleaner.succeeded(before, managed);
  }

  #addCurrent(opened: OpenedLog): void {
    const { log } = opened;
    const name = directoryName(log.topic, log.partition);
    const other = this.#logs.get(name)?.log.directory;
    if (other !== undefined) {
      throw new DuplicateLogError(
        `${name} is in ${other} and in ${log.directory}, as a failure during a move between log directories may leave it: ` +
          'remove the one in the directory that has failed',
      );
    }
    this.#logs.set(name, opened);
    // Apache Kafka takes a log that does not name its topic for a stray.
    if (opened.isAdopted) this.#withoutFailed(() => log.makeDurable());
  }

  /** Makes the log in the first directory that takes it. Throws the DiskError of the last one. */
  #makeInFirst([first, ...others]: readonly LogDirectory[], options: NewLog, name: string): ManagedLog {
    try {
      return makeLog(this.environment, options, first as LogDirectory, name);
    } catch (error) {
      if (!(error instanceof DiskError) || others.length === 0) throw error;
      return this.#makeInFirst(others, options, name);
    }
  }

  /** The directory with the fewest partitions first, as Kafka chooses. */
  #directoriesForNew(): readonly LogDirectory[] {
    const { open } = this.directories;
    if (open.length === 1) return open;
    const counts = new Map<LogDirectory, number>(open.map((directory) => [directory, 0]));
    for (const { logDirectory } of this.#all()) counts.set(logDirectory, (counts.get(logDirectory) ?? 0) + 1);
    for (const other of counts.keys()) if (!open.includes(other)) counts.delete(other);
    return [...counts].sort(([, one], [, other]) => one - other).map(([directory]) => directory);
  }
}
