// What a follower does with the answer for one of its partitions: append, cut, begin anew, or rest. Every step looks first
// whether the partition is still what it was when its leader was asked (Kafka: ReplicaFetcherThread.processPartitionData).
import { type Channel, type DecodedResponseOf, errorName, Errors, KafkaError } from '../../protocol/index.ts';
import type { Fetch } from '../../protocol/messages/01-fetch.ts';
import { ListOffsets } from '../../protocol/messages/02-list-offsets.ts';
import { baseOffset, CorruptRecordError, legacyHeader, magic, MAGIC_V2 } from '../../protocol/records/index.ts';
import { type Clock, DiskError, type Logger } from '../../runtime/index.ts';
import { EARLIEST_LOCAL_TIMESTAMP, LATEST_TIMESTAMP } from '../partition-queries.ts';
import { cutFor } from './divergence.ts';
import type { FollowedPartition } from './followed-partition.ts';

export type PartitionAnswer = DecodedResponseOf<typeof Fetch>['responses'][number]['partitions'][number];

/** rest: it failed, and is tried again later. fenced: nothing is asked for it before the metadata says something new. */
export type Outcome = 'goes on' | 'rest' | 'fenced';

/** The leader is not there yet, or no more: nothing to tell of, the metadata will say. */
const PASSING: ReadonlySet<number> = new Set([
  Errors.UNKNOWN_LEADER_EPOCH,
  Errors.NOT_LEADER_OR_FOLLOWER,
  Errors.UNKNOWN_TOPIC_OR_PARTITION,
  Errors.UNKNOWN_TOPIC_ID,
  Errors.INCONSISTENT_TOPIC_ID,
]);

interface Told {
  readonly highWatermark: number;
  readonly logStartOffset: number;
}

const NOT_TOLD: Told = { highWatermark: -1, logStartOffset: -1 };
const NONE: readonly FollowedPartition[] = [];

export class PartitionKeeper {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #nodeId: number;
  /** Appended to, and what their leader has told of itself. */
  #appended = new Map<FollowedPartition, Told>();
  #outOfRange: FollowedPartition[] = [];

  constructor(clock: Clock, logger: Logger, nodeId: number) {
    this.#clock = clock;
    this.#logger = logger;
    this.#nodeId = nodeId;
  }

  /** Whether its leader epochs can be read, which they are once. */
  isReadable(followed: FollowedPartition): boolean {
    try {
      return followed.partition.log.latestEpoch >= -1;
    } catch (error) {
      this.#failed(followed, error);
      return false;
    }
  }

  take(followed: FollowedPartition, answer: PartitionAnswer): Outcome {
    try {
      return this.#take(followed, answer);
    } catch (error) {
      return this.#failed(followed, error);
    }
  }

  #take(followed: FollowedPartition, answer: PartitionAnswer): Outcome {
    const { errorCode, divergingEpoch } = answer;
    if (errorCode === Errors.OFFSET_OUT_OF_RANGE || errorCode === Errors.OFFSET_MOVED_TO_TIERED_STORAGE) {
      this.#outOfRange.push(followed);
      return 'goes on';
    }
    if (errorCode === Errors.FENCED_LEADER_EPOCH) return 'fenced';
    if (errorCode !== Errors.NONE) return this.#refused(followed, errorCode);
    followed.succeeded();
    if (divergingEpoch.endOffset >= 0) return this.#diverged(followed, answer);
    this.#append(followed, answer);
    return 'goes on';
  }

  #refused(followed: FollowedPartition, errorCode: number): Outcome {
    const level = PASSING.has(errorCode) ? 'debug' : 'error';
    const fields = { partition: followed.name, leader: followed.partition.leader, error: errorName(errorCode) };
    this.#logger.log(level, 'a partition cannot be fetched from its leader', fields);
    return 'rest';
  }

  #diverged(followed: FollowedPartition, { divergingEpoch, logStartOffset }: PartitionAnswer): Outcome {
    const { partition } = followed;
    const offset = cutFor(partition.log, divergingEpoch);
    // What the leader has deleted cannot be compared, and need not be kept.
    if (offset <= logStartOffset && logStartOffset > partition.log.logStartOffset) partition.restartAt(logStartOffset);
    else this.#cut(followed, offset);
    this.#appended.set(followed, NOT_TOLD);
    return 'goes on';
  }

  #cut(followed: FollowedPartition, offset: number): void {
    const { log } = followed.partition;
    const fields = {
      partition: followed.name,
      offset,
      logEndOffset: log.logEndOffset,
      highWatermark: log.highWatermark,
    };
    if (offset < log.highWatermark) {
      this.#logger.log(
        'warn',
        'a follower is cut below its high watermark: its leader has lost what was committed',
        fields,
      );
    } else if (offset < log.logEndOffset) {
      this.#logger.log('info', 'a follower is cut to where its leader has the same records', fields);
    }
    followed.partition.cutTo(offset);
  }

  #append(followed: FollowedPartition, { records, highWatermark, logStartOffset }: PartitionAnswer): void {
    const { partition } = followed;
    if (records !== null && records.length > 0) {
      this.#beginWithin(followed, records, logStartOffset);
      const { errorCode } = partition.appendAsFollower(records, followed.leaderEpoch, this.#clock.nowMs());
      if (errorCode !== Errors.NONE) throw new KafkaError(errorCode);
      this.#appended.set(followed, { highWatermark, logStartOffset });
    }
    followed.lag = Math.max(0, highWatermark - partition.log.logEndOffset);
    partition.followBounds(highWatermark, logStartOffset);
  }

  /**
   * The leader's log begins within a batch, of which all comes. A log that is empty, or has nothing that the leader still has,
   * begins with it.
   */
  #beginWithin({ partition }: FollowedPartition, records: Buffer, leaderStart: number): void {
    const { log } = partition;
    const isBehind = log.logStartOffset === log.logEndOffset || leaderStart >= log.logEndOffset;
    if (!isBehind || records.length <= MAGIC_AT) return;
    const firstOffset = baseOffset(magic(records) < MAGIC_V2 ? legacyHeader(records) : records);
    if (firstOffset < log.logEndOffset) partition.restartAt(firstOffset);
  }

  #failed(followed: FollowedPartition, error: unknown): Outcome {
    const isExpected = error instanceof DiskError || error instanceof CorruptRecordError || error instanceof KafkaError;
    if (!isExpected) throw error;
    if (error instanceof DiskError) followed.partition.log.diskFailed(error);
    const fields = { partition: followed.name, leader: followed.partition.leader, error: error.message };
    this.#logger.log('error', 'what a leader has sent cannot be taken', fields);
    return 'rest';
  }

  /**
   * Resolves when all that was appended is written; `done` is told of each, and of those that were cut. Those that the disk has
   * refused are returned.
   */
  async settled(done: (followed: FollowedPartition) => void): Promise<readonly FollowedPartition[]> {
    const appended = this.#appended;
    if (appended.size === 0) return NONE;
    this.#appended = new Map();
    const failed: FollowedPartition[] = [];
    for (const [followed, told] of appended) {
      const errorCode = await written(followed);
      if (followed.isCurrent) followed.partition.followBounds(told.highWatermark, told.logStartOffset);
      if (errorCode === Errors.NONE) done(followed);
      else failed.push(followed);
    }
    return failed;
  }

  /**
   * The partitions that asked for what the leader does not have begin where it has something. Those that could not be told are
   * returned. Rejects with KafkaError when the leader does not answer.
   */
  async mend(channel: Channel, done: (followed: FollowedPartition) => void): Promise<readonly FollowedPartition[]> {
    const outOfRange = this.#outOfRange;
    if (outOfRange.length === 0) return outOfRange;
    this.#outOfRange = [];
    const failed: FollowedPartition[] = [];
    for (const followed of outOfRange) {
      if (await this.#mended(channel, followed)) done(followed);
      else failed.push(followed);
    }
    return failed;
  }

  async #mended(channel: Channel, followed: FollowedPartition): Promise<boolean> {
    const { partition, askedOffset } = followed;
    const leaderEnd = await this.#leaderOffset(channel, followed, LATEST_TIMESTAMP);
    if (leaderEnd === undefined) return false;
    const leaderStart =
      leaderEnd < askedOffset ? undefined : await this.#leaderOffset(channel, followed, EARLIEST_LOCAL_TIMESTAMP);
    if (!followed.isCurrent || !followed.isWhereAsked) return true;
    try {
      if (leaderEnd < askedOffset) this.#cut(followed, leaderEnd);
      else if (leaderStart === undefined) return false;
      else if (leaderStart > askedOffset) partition.restartAt(leaderStart);
      return true;
    } catch (error) {
      this.#failed(followed, error);
      return false;
    }
  }

  async #leaderOffset(channel: Channel, followed: FollowedPartition, timestamp: number): Promise<number | undefined> {
    const { topic, index: partitionIndex } = followed.partition;
    const asked = { partitionIndex, currentLeaderEpoch: followed.leaderEpoch, timestamp };
    const request = { replicaId: this.#nodeId, isolationLevel: 0, topics: [{ name: topic, partitions: [asked] }] };
    const answer = await channel.ask(ListOffsets, request);
    const told = answer.topics[0]?.partitions[0];
    return told?.errorCode === Errors.NONE ? told.offset : undefined;
  }
}

/** The byte that tells the format of a batch. */
const MAGIC_AT = 16;

/**
 * Resolves with the code of the write when the log has let go of all bytes; another log, in its place since, too: it is given
 * what the first one had gathered.
 */
async function written({ partition }: FollowedPartition): Promise<number> {
  let errorCode: number = Errors.NONE;
  while (!partition.log.isIdle) {
    const { log } = partition;
    errorCode = await new Promise((resolve) => log.onWritten(log.logEndOffset, { written: resolve }));
  }
  return errorCode;
}
