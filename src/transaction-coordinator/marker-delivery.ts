// The markers of one transaction that has been prepared, on their way to its partitions (Kafka: TransactionMarkerChannelManager,
// TransactionMarkerRequestCompletionHandler). It lives in the memory of the shard: a shard that is loaded begins anew.
import { type ErrorCode, Errors } from '../protocol/index.ts';
import type { MarkerToWrite } from './marker-writer.ts';
import { type TransactionMetadata, TransactionState } from './transaction-metadata.ts';
import type { TopicPartitions } from './transaction-partitions.ts';

const FIRST_PAUSE_MS = 50;
/** A partition without a leader is tried at once when it has one again; this is for whatever else may be wrong with it. */
const LONGEST_PAUSE_MS = 1_000;

export interface MarkerTarget {
  readonly topic: string;
  readonly partition: number;
}

/** What the answer of a partition means for the transaction. */
export type MarkerOutcome = 'written' | 'over' | 'again';

/**
 * `over`: nothing is left there that a marker would end. A partition that knows a newer epoch of the producer is one of those:
 * Kafka gives up the whole transaction instead, which then is never complete.
 */
export function markerOutcome(errorCode: ErrorCode, exists: boolean): MarkerOutcome {
  switch (errorCode) {
    case Errors.NONE:
      return 'written';
    case Errors.INVALID_PRODUCER_EPOCH:
    case Errors.UNSUPPORTED_FOR_MESSAGE_FORMAT:
    case Errors.UNSUPPORTED_VERSION:
      return 'over';
    case Errors.UNKNOWN_TOPIC_OR_PARTITION:
      return exists ? 'again' : 'over';
    default:
      return 'again';
  }
}

interface Remaining {
  readonly target: MarkerTarget;
  /** Begun so far. */
  attempts: number;
  /** One after the other. */
  failures: number;
}

export class MarkerDelivery {
  /** The prepared transaction: the delivery ends with it. */
  readonly metadata: TransactionMetadata;
  readonly #remaining = new Map<string, Remaining>();

  constructor(metadata: TransactionMetadata) {
    this.metadata = metadata;
    for (const { topic, partitions } of metadata.partitions.byTopic()) {
      for (const partition of partitions) {
        this.#remaining.set(keyOf(topic, partition), { target: { topic, partition }, attempts: 0, failures: 0 });
      }
    }
  }

  get isDone(): boolean {
    return this.#remaining.size === 0;
  }

  get targets(): MarkerTarget[] {
    return Array.from(this.#remaining.values(), ({ target }) => target);
  }

  /** The partitions that have not been reached, by topic. */
  get remaining(): TopicPartitions[] {
    const topics = new Map<string, number[]>();
    for (const { topic, partition } of this.targets) {
      const partitions = topics.get(topic);
      if (partitions === undefined) topics.set(topic, [partition]);
      else partitions.push(partition);
    }
    return Array.from(topics, ([topic, partitions]) => ({ topic, partitions }));
  }

  marker(coordinatorEpoch: number): MarkerToWrite {
    const { producerId, producerEpoch, state, clientTransactionVersion } = this.metadata;
    return {
      producerId,
      producerEpoch,
      coordinatorEpoch,
      isCommit: state === TransactionState.PREPARE_COMMIT,
      transactionVersion: clientTransactionVersion,
    };
  }

  /** The number of the attempt that begins now; undefined when the partition has been reached. */
  attempt({ topic, partition }: MarkerTarget): number | undefined {
    const remaining = this.#remaining.get(keyOf(topic, partition));
    return remaining && ++remaining.attempts;
  }

  /** False when it had been reached before. */
  reached({ topic, partition }: MarkerTarget): boolean {
    return this.#remaining.delete(keyOf(topic, partition));
  }

  /** How long to wait before the next attempt; undefined when there is none: the partition was reached, or by a later attempt may be. */
  pauseAfterFailure({ topic, partition }: MarkerTarget, attempt: number): number | undefined {
    const remaining = this.#remaining.get(keyOf(topic, partition));
    if (remaining === undefined || remaining.attempts !== attempt) return undefined;
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** remaining.failures);
    remaining.failures = Math.min(remaining.failures + 1, 20);
    return pause;
  }
}

/** Names of topics have no such sign. */
export const keyOf = (topic: string, partition: number): string => `${topic}/${partition}`;
