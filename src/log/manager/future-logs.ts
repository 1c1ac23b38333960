// Logs on their way to another directory: each is filled from the current log of its partition, then takes its place (KIP-113;
// the future half of Kafka's LogManager).
import { assert, DiskError } from '../../runtime/index.ts';
import type { LogDirectories } from './log-directories.ts';
import type { LogDirectory } from './log-directory.ts';
import type { LogEnvironment } from '../partition/log-environment.ts';
import { directoryName } from '../segments/log-names.ts';
import type { LogTasks } from './log-tasks.ts';
import { makeLog, type ManagedLog, type NewLog, renameTo, uniqueName } from './managed-log.ts';
import type { PartitionLog } from '../partition/partition-log.ts';
import { tellWayBack } from './stray-logs.ts';

/** The logs that future logs take the place of; the log manager's. */
export interface CurrentLogs {
  /** By `<topic>-<partition>`. */
  get(name: string): ManagedLog | undefined;
  /** `managed`, a future log until now, is the current log of `name`. */
  succeed(name: string, managed: ManagedLog): void;
}

export class FutureLogs {
  readonly #environment: LogEnvironment;
  readonly #directories: LogDirectories;
  readonly #tasks: LogTasks;
  readonly #currentLogs: CurrentLogs;
  readonly #logs = new Map<string, ManagedLog>();
  #isCheckpointed = true;

  constructor(environment: LogEnvironment, directories: LogDirectories, tasks: LogTasks, currentLogs: CurrentLogs) {
    this.#environment = environment;
    this.#directories = directories;
    this.#tasks = tasks;
    this.#currentLogs = currentLogs;
  }

  get(topic: string, partition: number): PartitionLog | undefined {
    return this.#logs.get(directoryName(topic, partition))?.log;
  }

  *[Symbol.iterator](): Iterator<PartitionLog> {
    for (const { log } of this.#logs.values()) yield log;
  }

  managed(): Iterable<ManagedLog> {
    return this.#logs.values();
  }

  /** Takes up a log that the start has found. Of two, neither is a whole copy: the earlier is set aside. Throws DiskError. */
  add(opened: ManagedLog): void {
    const { topic, partition } = opened.log;
    this.setAside(topic, partition);
    this.#logs.set(directoryName(topic, partition), opened);
  }

  /** An empty log in the directory `path`, to be filled from the current one after `checkpoint`. Throws DiskError. */
  create(options: NewLog, path: string): PartitionLog {
    const { topic, partition } = options;
    const name = directoryName(topic, partition);
    assert(!this.#logs.has(name), `the future log of ${name} does not exist yet`);
    const logDirectory = this.#directories.at(path);
    assert(logDirectory !== undefined, 'a future log is made in a directory that is in use');
    const ownName = uniqueName(this.#environment, topic, partition, 'future');
    const managed = makeLog(this.#environment, options, logDirectory, ownName);
    this.#logs.set(name, managed);
    try {
      // A move that was granted goes on after a power failure too.
      managed.log.makeDurable();
    } catch (error) {
      this.delete(topic, partition);
      throw error;
    }
    this.#isCheckpointed = false;
    return managed.log;
  }

  /**
   * Before anything is written to new future logs: what the checkpoint says about earlier logs of their partitions in the
   * same directories is not true of them. Throws DiskError.
   */
  checkpoint(): void {
    if (this.#isCheckpointed) return;
    this.#tasks.writeRecoveryPoints();
    this.#isCheckpointed = true;
  }

  /** Gives a move up: the future log goes as a deleted one does. Throws DiskError when it cannot be renamed. */
  delete(topic: string, partition: number): void {
    const name = directoryName(topic, partition);
    const managed = this.#logs.get(name);
    if (managed === undefined) return;
    const { log, logDirectory } = managed;
    const renamed = renameTo(this.#environment, managed, 'delete');
    this.#logs.delete(name);
    log.abandon();
    this.#tasks.removeDirectoryLater(renamed, log.config.fileDeleteDelayMs);
    // It must not come back with a power failure and be taken for the copy that is wanted.
    this.#reported(renamed, () => this.#environment.disk.syncDirectorySync(logDirectory.path));
  }

  /** Takes out a future log that nobody needs; its files stay, if it holds a record. Throws DiskError when it cannot be renamed. */
  setAside(topic: string, partition: number): void {
    const isEmpty = this.get(topic, partition)?.logEndOffset === 0;
    if (isEmpty) this.delete(topic, partition);
    else setLogAside(this.#environment, this.#logs, directoryName(topic, partition));
  }

  /** The log directory has failed: its future logs, which are given up. */
  drop(directory: LogDirectory): PartitionLog[] {
    return dropLogs(this.#logs, directory);
  }

  /**
   * The future log, which holds all that the current one has in its file, takes its place; the current log, whose writes are
   * paused, goes as a deleted one does. `gathered`: what was appended and not written. Between the two renames no log has the
   * plain name: a start after a crash finds the future log alone, which is complete (`promote`). Throws DiskError, then
   * both are what they were.
   */
  replaceCurrent(topic: string, partition: number): { readonly log: PartitionLog; readonly gathered: Buffer[] } {
    const name = directoryName(topic, partition);
    const current = this.#currentLogs.get(name) as ManagedLog;
    const { log } = this.#logs.get(name) as ManagedLog;
    const plain = current.log.directory;
    const renamed = renameTo(this.#environment, current, 'delete');
    try {
      this.#environment.disk.syncDirectorySync(current.logDirectory.path);
      this.#renameToPlain(name);
    } catch (error) {
      if (error instanceof DiskError) this.#environment.diskFailed(error.path, error);
      this.#renameBack(renamed, plain);
      throw error;
    }
    log.updateHighWatermark(current.log.highWatermark);
    const gathered = current.log.handOver(renamed);
    this.#tasks.removeDirectoryLater(renamed, log.config.fileDeleteDelayMs, () => current.log.abandon());
    this.#writeCheckpoints();
    return { log, gathered };
  }

  /** The future log of a partition whose current log is gone takes its place. Throws DiskError. */
  promote(topic: string, partition: number): PartitionLog {
    const name = directoryName(topic, partition);
    assert(this.#currentLogs.get(name) === undefined, 'there is no current log');
    const { log } = this.#logs.get(name) as ManagedLog;
    this.#renameToPlain(name);
    this.#writeCheckpoints();
    return log;
  }

  #renameToPlain(name: string): void {
    const managed = this.#logs.get(name) as ManagedLog;
    const { disk } = this.#environment;
    const { path } = managed.logDirectory;
    const plain = `${path}/${name}`;
    disk.renameSync(managed.log.directory, plain);
    managed.log.moveTo(plain);
    this.#logs.delete(name);
    this.#currentLogs.succeed(name, managed);
    this.#reported(plain, () => disk.syncDirectorySync(path));
  }

  #renameBack(renamed: string, plain: string): void {
    this.#reported(plain, () => {
      this.#environment.disk.renameSync(renamed, plain);
      this.#environment.disk.syncDirectorySync(plain.slice(0, plain.lastIndexOf('/')));
    });
  }

  /** Runs what cannot be taken back any more: a refusal is the directory's failure, not the caller's. */
  #reported(path: string, action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      const { logger } = this.#environment;
      logger.log('error', 'a move between log directories met an error', { path, error: error.message });
      this.#environment.diskFailed(path, error);
    }
  }

  /** A log is no longer where the checkpoints say. Should this fail, the next round does it. */
  #writeCheckpoints(): void {
    try {
      this.#tasks.writeCheckpoints();
    } catch (error) {
      this.#environment.logger.log('warn', 'the checkpoints could not be written', { error: String(error) });
    }
  }
}

/** Takes a log that belongs to no topic out of `logs`; its files stay, under another name. Throws DiskError. */
export function setLogAside(environment: LogEnvironment, logs: Map<string, ManagedLog>, name: string): void {
  const managed = logs.get(name);
  if (managed === undefined) return;
  const { directory } = managed.log;
  const renamedTo = renameTo(environment, managed, 'stray');
  logs.delete(name);
  managed.log.abandon();
  tellWayBack(environment.logger, directory, renamedTo);
}

/** Takes the logs of a directory that has failed out of `logs`; their files are let go. */
export function dropLogs(logs: Map<string, ManagedLog>, directory: LogDirectory): PartitionLog[] {
  const dropped: PartitionLog[] = [];
  for (const [name, { log, logDirectory }] of logs) {
    if (logDirectory !== directory) continue;
    logs.delete(name);
    log.abandon();
    dropped.push(log);
  }
  return dropped;
}
