// Compaction in the background: the dirtiest log first, one pass at a time, a rest when none is dirty enough; then retention of
// the logs that are compacted (Kafka's LogCleaner, with the choice of LogCleanerManager). A log that cannot be cleaned is set aside
// until the next start.
import { DiskError, type LogFields, type Timer } from '../../runtime/index.ts';
import type { CleaningResult } from '../cleaner/cleaning.ts';
import { type Cleanable, cleanableOf, isDirtyEnough } from '../cleaner/cleanable.ts';
import { ENTRY_BYTES } from '../cleaner/offset-map.ts';
import { CleaningAbortedError } from '../cleaner/log-to-clean.ts';
import { Throttle } from '../cleaner/throttle.ts';
import type { LogCompaction } from '../partition/log-compaction.ts';
import type { LogEnvironment } from '../partition/log-environment.ts';
import type { PartitionLog } from '../partition/partition-log.ts';
import type { Segment } from '../segments/segment.ts';
import type { CleanerCheckpoints } from './cleaner-checkpoints.ts';
import { cleaning } from './lazy-cleaning.ts';
import { isPassing } from './log-directories.ts';
import type { ManagedLog } from './managed-log.ts';

/** The most memory of the map, as in Kafka. */
const LARGEST_MAP_BYTES = 0x7fff_ffff;
/** A log whose pass a full disk has ended waits so long, that others have their turn. */
const RETRY_AFTER_MS = 60_000;

export interface LogCleanerParts {
  readonly environment: LogEnvironment;
  readonly checkpoints: CleanerCheckpoints;
  /** Those that are in use; not the future ones. */
  readonly logs: () => Iterable<ManagedLog>;
  /** True while a log of the partition is on its way to another directory: the one in use stays as it is. */
  readonly isMoving: (log: PartitionLog) => boolean;
  readonly writeRecoveryPoints: () => void;
  /** Removes files after `file.delete.delay.ms`. */
  readonly removeLater: (log: PartitionLog, segments: readonly Segment[]) => void;
  /** Removes what retention no longer wants of a log. */
  readonly checkRetention: (log: PartitionLog) => void;
}

interface Chosen {
  readonly managed: ManagedLog;
  readonly compaction: LogCompaction;
  readonly cleanable: Cleanable;
}

export class LogCleaner {
  readonly #parts: LogCleanerParts;
  readonly #throttle: Throttle;
  /** Set aside: something in them cannot be read or replaced. */
  readonly #uncleanable = new Set<PartitionLog>();
  /** Not before this time, on the monotonic clock. */
  readonly #deferred = new Map<PartitionLog, number>();
  #timer: Timer | undefined;
  #current: PartitionLog | undefined;
  #round: Promise<unknown> = Promise.resolve();
  #isStopped = false;

  constructor(parts: LogCleanerParts) {
    this.#parts = parts;
    const { environment } = parts;
    this.#throttle = new Throttle(environment.clock, () => environment.config.cleanerIoMaxBytesPerSecond);
  }

  /** Runs rounds from now on, unless log.cleaner.enable is false. */
  start(): void {
    if (this.#parts.environment.config.cleanerEnable) this.#schedule(0);
  }

  /** Ends the rest: the configs of the cleaner have changed. */
  wake(): void {
    if (this.#timer === undefined) return;
    this.#timer.cancel();
    this.#schedule(0);
  }

  /** Resolves when a pass under way has ended, which it does soon. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    await this.#round;
  }

  /** A pass is under way over the log. */
  isCleaning(log: PartitionLog): boolean {
    return this.#current === log;
  }

  /** `successor` has taken the place of `before`, with the same records. */
  succeeded(before: ManagedLog, successor: ManagedLog): void {
    if (this.#uncleanable.has(before.log)) this.#uncleanable.add(successor.log);
    this.#reported(successor, () => this.#parts.checkpoints.move(before, successor));
  }

  /** The log has been deleted. */
  removed(managed: ManagedLog): void {
    this.#reported(managed, () => this.#parts.checkpoints.remove(managed));
  }

  /** One round: cleans the dirtiest log, if it is dirty enough, then looks after retention. True when a log was cleaned. */
  async cleanOnce(): Promise<boolean> {
    const round = this.#round.then(() => this.#runRound());
    this.#round = round.catch(() => undefined);
    return round;
  }

  #schedule(delayMs: number): void {
    if (this.#isStopped) return;
    const { clock } = this.#parts.environment;
    this.#timer = clock.schedule(delayMs, () => {
      this.#timer = undefined;
      void this.#runAndRest();
    });
  }

  async #runAndRest(): Promise<void> {
    let wasCleaned = false;
    try {
      wasCleaned = await this.cleanOnce();
    } catch (error) {
      this.#tell('error', 'a round of the log cleaner failed', { error: String(error) });
    }
    this.#schedule(wasCleaned ? 0 : this.#parts.environment.config.cleanerBackoffMs);
  }

  async #runRound(): Promise<boolean> {
    if (this.#isStopped) return false;
    this.#forgetGone();
    const chosen = this.#chooseDirtiest();
    const wasCleaned = chosen !== undefined && (await this.#clean(chosen));
    if (this.#isStopped) return wasCleaned;
    for (const { log } of this.#parts.logs()) {
      if (this.#isMine(log) && !this.#uncleanable.has(log)) this.#parts.checkRetention(log);
    }
    return wasCleaned;
  }

  #isMine(log: PartitionLog): boolean {
    return log.config.cleanupPolicy.includes('compact') && !this.#parts.isMoving(log);
  }

  #chooseDirtiest(): Chosen | undefined {
    const { environment, logs } = this.#parts;
    const now = environment.clock.nowMs();
    let dirtiest: Chosen | undefined;
    let mostDirty = 0;
    for (const managed of logs()) {
      const { log } = managed;
      // The active segment alone is never cleaned: most logs are not looked at any further.
      if (log.segmentCount < 2 || !this.#isMine(log) || this.#uncleanable.has(log) || this.#isDeferred(log)) continue;
      const found = this.#look(managed, now);
      if (found === undefined) continue;
      const { cleanableRatio } = found.cleanable;
      if (cleanableRatio > mostDirty) mostDirty = cleanableRatio;
      if (!isDirtyEnough(found.compaction, found.cleanable)) continue;
      if (dirtiest === undefined || cleanableRatio > dirtiest.cleanable.cleanableRatio) dirtiest = found;
    }
    environment.metrics.gauge('max-dirty-percent').value = Math.floor(mostDirty * 100);
    return dirtiest;
  }

  #look(managed: ManagedLog, now: number): Chosen | undefined {
    const { checkpoints } = this.#parts;
    try {
      const checkpoint = checkpoints.get(managed);
      const cutAt = managed.log.takeLowestCut();
      if (checkpoint !== undefined && checkpoint > cutAt) checkpoints.set(managed, cutAt);
      const compaction = managed.log.compaction(this.#parts.writeRecoveryPoints);
      const cleanable = cleanableOf(compaction, checkpoints.get(managed), now);
      if (cleanable.checkpointFault !== undefined) this.#resetCheckpoint(managed, checkpoint, cleanable);
      return { managed, compaction, cleanable };
    } catch (error) {
      this.#failed(managed.log, error);
      return undefined;
    }
  }

  #resetCheckpoint(managed: ManagedLog, checkpoint: number | undefined, cleanable: Cleanable): void {
    const { checkpointFault, firstDirtyOffset } = cleanable;
    const { log } = managed;
    // Retention moves the start of a log that is deleted from, too.
    if (!log.config.cleanupPolicy.includes('delete') || (checkpoint ?? 0) > log.logEndOffset) {
      const fields = { ...nameOf(log), checkpoint, firstDirtyOffset, reason: checkpointFault };
      this.#tell('warn', 'where the cleaner has been in a log cannot be true: it begins anew', fields);
    }
    this.#parts.checkpoints.set(managed, firstDirtyOffset);
  }

  async #clean({ managed, compaction, cleanable }: Chosen): Promise<boolean> {
    const { checkpoints, removeLater } = this.#parts;
    const { log } = managed;
    this.#current = log;
    try {
      const result = await this.#pass(log, compaction, cleanable);
      if (compaction.isInterrupted) return false;
      checkpoints.set(managed, result.endOffset);
      this.#tellDone(log, cleanable, result);
      return true;
    } catch (error) {
      if (!(error instanceof CleaningAbortedError) && !compaction.isInterrupted) this.#failed(log, error);
      return false;
    } finally {
      this.#current = undefined;
      if (compaction.replaced.length > 0) removeLater(log, compaction.replaced);
    }
  }

  async #pass(log: PartitionLog, compaction: LogCompaction, cleanable: Cleanable): Promise<CleaningResult> {
    const code = cleaning();
    const { cleanLog } = code instanceof Promise ? await code : code;
    const { environment, isMoving } = this.#parts;
    const { clock, config, disk, random, scheduler, readPace: pace } = environment;
    return cleanLog({
      disk,
      log: compaction,
      firstDirtyOffset: cleanable.firstDirtyOffset,
      firstUncleanableOffset: cleanable.firstUncleanableOffset,
      mapSlots: Math.max(2, Math.floor(Math.min(config.cleanerDedupeBufferSize, LARGEST_MAP_BYTES) / ENTRY_BYTES)),
      mapLoadFactor: config.cleanerIoBufferLoadFactor,
      secret: random.bytes(16),
      means: {
        clock,
        pace,
        bufferBytes: Math.floor(config.cleanerIoBufferSize / 2),
        throttle: this.#throttle,
        writtenBytes: () => scheduler.totalWrittenBytes,
        isStopped: () => this.#isStopped || isMoving(log),
      },
    });
  }

  #tellDone(log: PartitionLog, { firstDirtyOffset }: Cleanable, { endOffset, stats }: CleaningResult): void {
    const { metrics } = this.#parts.environment;
    metrics.gauge('max-buffer-utilization-percent').value = Math.floor(stats.bufferUtilization * 100);
    metrics.gauge('cleaner-recopy-percent').value = Math.floor(
      (100 * stats.bytesWritten) / Math.max(1, stats.bytesRead),
    );
    metrics.gauge('max-clean-time-secs').value = Math.floor(stats.totalMs / 1000);
    const { messagesRead, messagesWritten, bytesRead, bytesWritten, invalidMessagesRead } = stats;
    const counts = { messagesRead, messagesWritten, bytesRead, bytesWritten, ms: Math.round(stats.totalMs) };
    this.#tell('info', 'a log was compacted', { ...nameOf(log), firstDirtyOffset, endOffset, ...counts });
    if (invalidMessagesRead > 0) {
      const fields = { ...nameOf(log), records: invalidMessagesRead };
      this.#tell('warn', 'records without a key were dropped from a compacted log', fields);
    }
  }

  #failed(log: PartitionLog, error: unknown): void {
    const { clock, diskFailed } = this.#parts.environment;
    const fields = { ...nameOf(log), path: log.directory, error: String(error) };
    if (error instanceof DiskError) {
      diskFailed(log.directory, error);
      this.#deferred.set(log, clock.monotonicMs() + RETRY_AFTER_MS);
      if (isPassing(error))
        return this.#tell('warn', 'the disk refused a pass of the log cleaner; it is tried again', fields);
    }
    this.#uncleanable.add(log);
    this.#countUncleanable();
    const remedy = 'put the file back and restart the broker; until then the log grows';
    this.#tell('error', 'a log cannot be compacted and is set aside', { ...fields, remedy });
  }

  /** Runs what may fail without harm: the next write of the checkpoint makes up for it. */
  #reported({ logDirectory }: ManagedLog, action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      const { path } = logDirectory;
      this.#parts.environment.diskFailed(path, error);
      this.#tell('warn', 'the checkpoint of the cleaner could not be written', { path, error: error.message });
    }
  }

  #isDeferred(log: PartitionLog): boolean {
    const from = this.#deferred.get(log);
    return from !== undefined && this.#parts.environment.clock.monotonicMs() < from;
  }

  #forgetGone(): void {
    if (this.#uncleanable.size + this.#deferred.size === 0) return;
    const living = new Set<PartitionLog>();
    for (const { log } of this.#parts.logs()) living.add(log);
    for (const log of this.#uncleanable) if (!living.has(log)) this.#uncleanable.delete(log);
    for (const log of this.#deferred.keys()) if (!living.has(log)) this.#deferred.delete(log);
    this.#countUncleanable();
  }

  #countUncleanable(): void {
    this.#parts.environment.metrics.gauge('uncleanable-partitions-count').value = this.#uncleanable.size;
  }

  #tell(level: 'info' | 'warn' | 'error', message: string, fields: LogFields): void {
    this.#parts.environment.logger.log(level, message, fields);
  }
}

const nameOf = ({ topic, partition }: PartitionLog): { readonly partition: string } => ({
  partition: `${topic}-${partition}`,
});
