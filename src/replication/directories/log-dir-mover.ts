// Moves replicas between the log directories of this node while they are produced to and fetched (KIP-113; Kafka:
// ReplicaAlterLogDirsManager and its threads). One copies at a time, so that moves cost a bounded share of memory and disk.
import type { LogManager, PartitionLog } from '../../log/index.ts';
import { Errors, errorName } from '../../protocol/index.ts';
import * as batch from '../../protocol/records/index.ts';
import { type Clock, delay, type Logger } from '../../runtime/index.ts';
import { commonEndOffset, type MoveState, nextStep } from './log-dir-move.ts';
import { MoveThrottle } from './move-throttle.ts';
import type { Partition } from '../partition.ts';

/** Bytes of one copy; a larger batch is copied whole. */
const COPY_BYTES = 1024 * 1024;

export interface LogDirMoverOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly logManager: LogManager;
  /** replica.alter.log.dirs.io.max.bytes.per.second, as it is now. */
  readonly maxBytesPerSecond: () => number;
  /** replica.fetch.backoff.ms: how long a move rests after a failure. */
  readonly backoffMs: number;
  /** Resolves when the metadata says that the replica is in the directory of `log`; rejects when it never will. */
  readonly assign: (partition: Partition, log: PartitionLog) => Promise<void>;
}

class Move {
  readonly partition: Partition;
  readonly future: PartitionLog;
  /** The future log is whole up to here; behind it a crash may have made holes. */
  readonly trustedEndOffset: number;
  comparedEpoch = -1;
  comparedCuts = 0;
  isNearEnd = false;
  isFlushed = false;
  isAssigned: boolean;
  /** The controller has been asked to name the new directory, and may have done so. */
  isAssignAsked: boolean;
  isCancelled = false;

  constructor(partition: Partition, future: PartitionLog, isAssigned: boolean) {
    this.partition = partition;
    this.future = future;
    this.trustedEndOffset = future.recoveryPoint;
    this.isAssigned = isAssigned;
    this.isAssignAsked = isAssigned;
  }

  /** The future log was cut: it is no longer near the end of the current one, and not flushed. */
  beginAgain(): void {
    this.isNearEnd = false;
    this.isFlushed = false;
  }

  get state(): MoveState {
    const { partition, future, comparedEpoch, isNearEnd, isFlushed, isAssigned } = this;
    return {
      comparedEpoch,
      isNearEnd,
      isFlushed,
      isAssigned,
      leaderEpoch: partition.leaderEpoch,
      isCutSince: partition.cuts !== this.comparedCuts,
      currentStartOffset: partition.log.logStartOffset,
      futureEndOffset: future.logEndOffset,
    };
  }
}

export class LogDirMover {
  readonly #options: LogDirMoverOptions;
  readonly #throttle: MoveThrottle;
  readonly #moves = new Map<Partition, Move>();
  #copying: Promise<unknown> = Promise.resolve();

  constructor(options: LogDirMoverOptions) {
    this.#options = options;
    this.#throttle = new MoveThrottle(options.clock, options.maxBytesPerSecond);
  }

  get size(): number {
    return this.#moves.size;
  }

  /** `isAssigned`: the metadata names the directory of `future` already, as an earlier run of the broker had it done. */
  begin(partition: Partition, future: PartitionLog, isAssigned: boolean): void {
    const move = new Move(partition, future, isAssigned);
    this.#moves.set(partition, move);
    void this.#drive(move);
  }

  /** The move ends where it is; its future log stays. True when the metadata may name the new directory already. */
  cancel(partition: Partition): boolean {
    const move = this.#moves.get(partition);
    if (move === undefined) return false;
    move.isCancelled = true;
    this.#moves.delete(partition);
    return move.isAssignAsked;
  }

  /** The broker stops; the next one goes on. */
  close(): void {
    for (const move of this.#moves.values()) move.isCancelled = true;
    this.#moves.clear();
  }

  async #drive(move: Move): Promise<void> {
    const { clock, logger, backoffMs } = this.#options;
    // Moves that one request begins share what has to be written before the first copy.
    await Promise.resolve();
    while (!move.isCancelled) {
      try {
        await this.#step(move);
      } catch (error) {
        if (move.isCancelled) return;
        const fields = { partition: nameOf(move), to: move.future.directory, error: String(error) };
        logger.log('warn', 'a move between log directories met an error and will be tried again', fields);
        await delay(clock, backoffMs);
      }
    }
  }

  async #step(move: Move): Promise<void> {
    switch (nextStep(move.state)) {
      case 'compare':
        return this.#compare(move);
      case 'start over':
        await move.future.truncateFullyAndStartAt(move.partition.log.logStartOffset);
        return move.beginAgain();
      case 'copy':
        return this.#inTurn(move, () => this.#copyThrottled(move));
      case 'flush':
        await move.future.flush();
        move.isFlushed = true;
        move.isNearEnd = false;
        return;
      case 'assign':
        move.isAssignAsked = true;
        await this.#options.assign(move.partition, move.future);
        move.isAssigned = true;
        move.isNearEnd = false;
        return;
      default:
        return this.#replace(move);
    }
  }

  async #compare(move: Move): Promise<void> {
    const { partition, future } = move;
    const { leaderEpoch, log, cuts } = partition;
    this.#options.logManager.futureLogs.checkpoint();
    const isResumed = move.comparedEpoch < 0;
    const common = commonEndOffset(log, future);
    const end = common === undefined || !isResumed ? common : Math.min(common, move.trustedEndOffset);
    if (end === undefined) await future.truncateFullyAndStartAt(log.logStartOffset);
    else if (end < future.logEndOffset) await future.truncateTo(end);
    move.comparedEpoch = leaderEpoch;
    move.comparedCuts = cuts;
    move.beginAgain();
  }

  async #inTurn(move: Move, action: () => Promise<void>): Promise<void> {
    const turn = this.#copying.then(() => (move.isCancelled ? undefined : action()));
    this.#copying = turn.catch(() => undefined);
    await turn;
  }

  async #copyThrottled(move: Move): Promise<void> {
    await this.#throttle.admitted(() => move.isCancelled);
    if (move.isCancelled) return;
    this.#throttle.note(await this.#copy(move));
  }

  /** Copies the next batches, whole ones; returns how many bytes. */
  async #copy(move: Move): Promise<number> {
    const { partition, future } = move;
    const current = partition.log;
    const upTo = current.writtenEndOffset;
    const slice = current.read(future.logEndOffset, COPY_BYTES, { upTo, minOneBatch: true });
    const bytes = wholeBatches(joined(await slice.read()));
    if (move.isCancelled || partition.log !== current || nextStep(move.state) === 'compare') return 0;
    if (bytes.length > 0) await this.#append(future, bytes);
    this.#followBounds(current, future);
    move.isNearEnd = future.logEndOffset >= upTo;
    return bytes.length;
  }

  async #append(future: PartitionLog, bytes: Buffer): Promise<void> {
    const firstOffset = batch.baseOffset(batch.magic(bytes) < batch.MAGIC_V2 ? batch.legacyHeader(bytes) : bytes);
    // The log start may lie within a batch, of which all is copied.
    if (firstOffset < future.logEndOffset && future.logStartOffset === future.logEndOffset) {
      await future.truncateFullyAndStartAt(firstOffset);
    }
    const info = future.appendAsFollower(bytes, { now: this.#options.clock.nowMs() });
    if (info.errorCode !== Errors.NONE) throw new Error(`the future log refused a copy: ${errorName(info.errorCode)}`);
    await written(future);
  }

  #followBounds(current: PartitionLog, future: PartitionLog): void {
    future.updateHighWatermark(current.highWatermark);
    const { logStartOffset } = current;
    if (logStartOffset > future.logStartOffset && logStartOffset <= future.highWatermark) {
      future.deleteRecordsBefore(logStartOffset);
    }
  }

  /** Ends the move while writes are paused. Producers see a moment's delay, and nothing else. */
  async #replace(move: Move): Promise<void> {
    const { partition, future } = move;
    const { logManager, logger, clock } = this.#options;
    const current = partition.log;
    await current.pauseWrites();
    try {
      while (
        !move.isCancelled &&
        nextStep(move.state) === 'replace' &&
        future.logEndOffset < current.writtenEndOffset
      ) {
        await this.#copy(move);
      }
      // The future log must be as durable as the current one before it takes its place.
      if (future.recoveryPoint < current.recoveryPoint) await future.flush();
      // From here to the end there is no await: nothing comes in between.
      if (move.isCancelled || nextStep(move.state) !== 'replace' || partition.log !== current) return;
      if (future.logEndOffset !== current.writtenEndOffset) return;
      this.#followBounds(current, future);
      const { log, gathered } = logManager.futureLogs.replaceCurrent(partition.topic, partition.index);
      partition.replaceLog(log, gathered, clock.nowMs());
      this.cancel(partition);
      logger.log('info', 'a replica has moved to another log directory', {
        partition: nameOf(move),
        to: log.directory,
      });
    } finally {
      current.resumeWrites();
    }
  }
}

const nameOf = ({ partition }: Move): string => `${partition.topic}-${partition.index}`;

function joined(buffers: Buffer[]): Buffer {
  return buffers.length === 1 ? (buffers[0] as Buffer) : Buffer.concat(buffers);
}

function wholeBatches(bytes: Buffer): Buffer {
  let end = 0;
  for (let size = batch.batchSizeAt(bytes, end); size > 0; size = batch.batchSizeAt(bytes, end)) end += size;
  return bytes.subarray(0, end);
}

/** Rejects when the log's disk refuses. */
function written(log: PartitionLog): Promise<void> {
  return new Promise((resolve, reject) => {
    log.onWritten(log.logEndOffset, {
      written(errorCode) {
        if (errorCode === Errors.NONE) resolve();
        else reject(new Error(`a copy could not be written: ${errorName(errorCode)}`));
      },
    });
  });
}
