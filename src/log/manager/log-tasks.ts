// What happens to logs in the background: retention, removal of files after their delay, checkpoints, expiry of producers.
import { DiskError, type Timer } from '../../runtime/index.ts';
import type { LogDirectories } from './log-directories.ts';
import type { CheckpointFile } from './checkpoint-file.ts';
import type { LogDirectory } from './log-directory.ts';
import { removeLogDirectory } from './stray-logs.ts';
import type { LogEnvironment } from '../partition/log-environment.ts';
import type { PartitionLog } from '../partition/partition-log.ts';
import { SlicedWork } from '../sliced-work.ts';
import { removeFilesAside } from '../segments/file-suffixes.ts';
import type { Segment } from '../segments/segment.ts';

interface Managed {
  readonly log: PartitionLog;
  readonly logDirectory: LogDirectory;
}

/** A checkpoint file of each directory, and what stands in it of a log; undefined: nothing. */
interface Checkpoint {
  readonly fileOf: (directory: LogDirectory) => CheckpointFile;
  readonly offsetOf: (log: PartitionLog) => number | undefined;
}

const RECOVERY_POINTS: Checkpoint = {
  fileOf: (directory) => directory.recoveryPointFile,
  offsetOf: (log) => log.recoveryPoint,
};
/** Only logs whose start is not where their first segment begins, as Kafka writes it. */
const LOG_STARTS: Checkpoint = {
  fileOf: (directory) => directory.logStartFile,
  offsetOf: (log) => (log.logStartOffset > log.firstSegmentOffset ? log.logStartOffset : undefined),
};
const HIGH_WATERMARKS: Checkpoint = {
  fileOf: (directory) => directory.highWatermarkFile,
  offsetOf: (log) => log.highWatermark,
};

export class LogTasks {
  readonly #environment: LogEnvironment;
  readonly #directories: LogDirectories;
  readonly #logs: () => Iterable<Managed>;
  readonly #isCleaning: (log: PartitionLog) => boolean;
  readonly #timers = new Set<Timer>();
  /** What was last written to each checkpoint file, so that an idle broker writes nothing. */
  readonly #written = new Map<CheckpointFile, string>();
  /** Being written in the background. */
  readonly #underWay = new Map<CheckpointFile, Promise<void>>();
  #isStopped = false;
  /** A round of retention goes on. */
  #isChecking = false;
  /** Directories of deleted partitions whose time has come; the first is being removed. */
  readonly #toRemove: string[] = [];

  /** `isCleaning`: the cleaner is at work on the log. */
  constructor(
    environment: LogEnvironment,
    directories: LogDirectories,
    logs: () => Iterable<Managed>,
    isCleaning: (log: PartitionLog) => boolean,
  ) {
    this.#environment = environment;
    this.#isCleaning = isCleaning;
    this.#directories = directories;
    this.#logs = logs;
  }

  /** As in Kafka, none of the intervals changes while the broker runs. */
  start(): void {
    const { config } = this.#environment;
    const firstMs = config.initialTaskDelayMs;
    this.#repeat(firstMs, config.retentionCheckIntervalMs, () => this.checkRetention());
    this.#repeat(firstMs, config.flushOffsetCheckpointIntervalMs, () => this.#writeInBackground(RECOVERY_POINTS));
    this.#repeat(firstMs, config.flushStartOffsetCheckpointIntervalMs, () => this.#writeInBackground(LOG_STARTS));
    const highWatermarkMs = config.highWatermarkCheckpointIntervalMs;
    this.#repeat(highWatermarkMs, highWatermarkMs, () => this.#writeInBackground(HIGH_WATERMARKS));
    const expiryMs = config.producerIdExpirationCheckIntervalMs;
    this.#repeat(expiryMs, expiryMs, () => this.#expireProducers());
    const flushMs = config.flushSchedulerIntervalMs;
    if (flushMs < Number.MAX_SAFE_INTEGER) this.#repeat(flushMs, flushMs, () => this.#flushOld());
  }

  /** Nothing is begun any more; resolves when what was under way has ended, however it did. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    await Promise.all(this.#underWay.values());
  }

  /** Of the logs that are not compacted: for the others the cleaner asks, between its passes. In slices; a round that goes on is the last one begun. */
  checkRetention(): void {
    if (this.#isChecking) return;
    const round = new SlicedWork(this.#environment.clock).begin(this.#retentionRound());
    if (round === undefined) return;
    this.#isChecking = true;
    void round.finally(() => (this.#isChecking = false));
  }

  *#retentionRound(): Generator<void, void, void> {
    for (const { log } of this.#logs()) {
      if (this.#isStopped) return;
      if (!log.config.cleanupPolicy.includes('compact') && !this.#isCleaning(log)) this.checkRetentionOf(log);
      yield;
    }
  }

  checkRetentionOf(log: PartitionLog): void {
    this.#guard('retention', () => {
      const taken = log.takeExpiredSegments(this.#environment.clock.nowMs());
      if (taken.length === 0) return;
      this.#environment.logger.log('info', 'retention removes segments', {
        partition: `${log.topic}-${log.partition}`,
        segments: taken.length,
        logStartOffset: log.logStartOffset,
      });
      this.removeSegmentsLater(log, taken);
    });
  }

  /** `before`: what has to be let go before the files are removed. */
  removeDirectoryLater(path: string, delayMs: number, before: () => void = () => undefined): void {
    this.#once(delayMs, () => {
      before();
      this.#toRemove.push(path);
      if (this.#toRemove.length === 1) void this.#removeDirectories();
    });
  }

  /** One after the other: a topic may have had ten thousand partitions. */
  async #removeDirectories(): Promise<void> {
    const { disk, logger } = this.#environment;
    for (let path = this.#toRemove[0]; path !== undefined && !this.#isStopped; path = this.#toRemove[0]) {
      await removeLogDirectory(disk, path, logger).catch((error: unknown) => {
        logger.log('warn', 'a deleted partition could not be removed', { path, error: String(error) });
      });
      this.#toRemove.shift();
    }
  }

  /** All of them, now. Throws DiskError. */
  writeCheckpoints(): void {
    for (const checkpoint of [RECOVERY_POINTS, LOG_STARTS, HIGH_WATERMARKS]) this.#writeNow(checkpoint);
  }

  /** Now: what comes next relies on them. Throws DiskError. */
  writeRecoveryPoints(): void {
    this.#writeNow(RECOVERY_POINTS);
  }

  /** After `file.delete.delay.ms`. */
  removeSegmentsLater(log: PartitionLog, segments: readonly Segment[]): void {
    this.#once(log.config.fileDeleteDelayMs, () => {
      void this.#removeSegments(segments);
    });
  }

  async #removeSegments(segments: readonly Segment[]): Promise<void> {
    const { disk } = this.#environment;
    for (const { files } of segments) {
      await removeFilesAside(disk, files).catch((error: unknown) => this.#failed('removal of a segment', error));
    }
  }

  #writeNow(checkpoint: Checkpoint): void {
    for (const { directory, file, entries, text } of this.#changed(checkpoint)) {
      try {
        file.replaceSync(entries);
        this.#written.set(file, text);
      } catch (error) {
        if (error instanceof DiskError) this.#environment.diskFailed(directory.path, error);
        throw error;
      }
    }
  }

  /** A file that still is being written waits for the next round. */
  #writeInBackground(checkpoint: Checkpoint): void {
    for (const { directory, file, entries, text } of this.#changed(checkpoint)) {
      if (this.#underWay.has(file)) continue;
      const writing = file.replace(entries).then(
        (isWritten) => void (isWritten && this.#written.set(file, text)),
        (error: unknown) => this.#failed(`a checkpoint in ${directory.path}`, error),
      );
      this.#underWay.set(
        file,
        writing.finally(() => this.#underWay.delete(file)),
      );
    }
  }

  /** The files that do not say what is true now. */
  *#changed({ fileOf, offsetOf }: Checkpoint): Generator<{
    readonly directory: LogDirectory;
    readonly file: CheckpointFile;
    readonly entries: readonly string[];
    readonly text: string;
  }> {
    for (const directory of this.#directories.online) {
      const entries: string[] = [];
      for (const { log, logDirectory } of this.#logs()) {
        const offset = logDirectory === directory ? offsetOf(log) : undefined;
        if (offset !== undefined) entries.push(`${log.topic} ${log.partition} ${offset}`);
      }
      const file = fileOf(directory);
      const text = entries.join('\n');
      if (this.#written.get(file) !== text) yield { directory, file, entries, text };
    }
  }

  #expireProducers(): void {
    const now = this.#environment.clock.nowMs();
    for (const { log } of this.#logs()) log.removeExpiredProducers(now);
  }

  /** flush.ms: logs whose unflushed records are that old. */
  #flushOld(): void {
    const now = this.#environment.clock.nowMs();
    for (const { log } of this.#logs()) {
      if (log.writtenEndOffset === log.recoveryPoint || now - log.lastFlushMs < log.config.flushMs) continue;
      log.flush().catch((error: unknown) => {
        this.#environment.logger.log('warn', 'a log could not be flushed', {
          path: log.directory,
          error: String(error),
        });
      });
    }
  }

  #once(delayMs: number, action: () => void): void {
    if (this.#isStopped) return;
    const timer = this.#environment.clock.schedule(delayMs, () => {
      this.#timers.delete(timer);
      action();
    });
    this.#timers.add(timer);
  }

  #repeat(firstMs: number, everyMs: number, action: () => void): void {
    this.#once(firstMs, () => {
      this.#guard('background work', action);
      this.#repeat(Math.max(1, everyMs), everyMs, action);
    });
  }

  /** A disk that refuses must not end the rounds: the next one tries again. */
  #guard(what: string, action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#failed(what, error);
    }
  }

  #failed(what: string, error: unknown): void {
    if (error instanceof DiskError) this.#environment.diskFailed(error.path, error);
    this.#environment.logger.log('warn', `${what} failed`, { error: String(error) });
  }
}
