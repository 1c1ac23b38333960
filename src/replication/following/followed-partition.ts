// One partition that is fetched from its leader: where it stands, and how long it rests after a failure (Kafka:
// PartitionFetchState).
import type { Partition } from '../partition.ts';

/** The first rest after a failure; the next ones are twice as long each, up to replica.fetch.backoff.ms. */
const FIRST_REST_MS = 25;

export class FollowedPartition {
  readonly partition: Partition;
  readonly topicId: string;
  readonly key: string;
  /** The epoch in which its leader is asked. */
  readonly leaderEpoch: number;
  /** The offset that it was last asked for. */
  askedOffset = -1;
  /** Where its log began when it was last asked for: what the leader knows of it. */
  toldLogStart = -1;
  /** What the leader has and this replica has not, as of its last answer; Infinity: not known. */
  lag = Number.POSITIVE_INFINITY;
  #failures = 0;

  constructor(partition: Partition, topicId: string) {
    this.partition = partition;
    this.topicId = topicId;
    this.key = keyOf(topicId, partition.index);
    this.leaderEpoch = partition.leaderEpoch;
  }

  get name(): string {
    return `${this.partition.topic}-${this.partition.index}`;
  }

  /** The metadata has not moved on: the partition still follows in the epoch for which this was made. */
  get isCurrent(): boolean {
    return this.partition.isFollower && this.partition.leaderEpoch === this.leaderEpoch;
  }

  /** It is where it was when its leader was asked. */
  get isWhereAsked(): boolean {
    const { log } = this.partition;
    return log.isIdle && log.logEndOffset === this.askedOffset;
  }

  /** Its leader is being asked, from where it stands. */
  asked(): void {
    this.askedOffset = this.partition.log.logEndOffset;
    this.toldLogStart = this.partition.log.logStartOffset;
  }

  /** How long it rests after one more failure. */
  failed(longestMs: number): number {
    return Math.min(longestMs, FIRST_REST_MS * 2 ** this.#failures++);
  }
  succeeded(): void {
    this.#failures = 0;
  }
}

export const keyOf = (topicId: string, index: number): string => `${topicId}:${index}`;
