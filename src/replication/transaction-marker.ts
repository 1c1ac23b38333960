// Ends a transaction on one partition: the marker is appended by the leader, and waited for until every in-sync replica has
// it (Kafka: KafkaApis.handleWriteTxnMarkersRequest).
import { buildEndTransactionMarker, Errors, type Int64 } from '../protocol/index.ts';
import type { Clock, Timer } from '../runtime/index.ts';
import type { Partition } from './partition.ts';
import type { AckWaiter } from './pending-acks.ts';

export interface TransactionEnd {
  /** Neither it nor the epoch is -1. */
  readonly producerId: Int64;
  readonly producerEpoch: number;
  readonly coordinatorEpoch: number;
  readonly isCommit: boolean;
  /** The level of transaction.version that the transaction was run by; 0 where it is not known. */
  readonly transactionVersion?: number;
}

const ALL_REPLICAS = -1;
/** How long the marker waits for other replicas: what Kafka's request.timeout.ms is set to by default. */
const MARKER_TIMEOUT_MS = 30_000;

/**
 * NONE once the marker is committed, or why it is not: NOT_LEADER_OR_FOLLOWER, INVALID_PRODUCER_EPOCH,
 * TRANSACTION_COORDINATOR_FENCED, NOT_ENOUGH_REPLICAS, KAFKA_STORAGE_ERROR, REQUEST_TIMED_OUT.
 */
export function endTransactionOn(partition: Partition, end: TransactionEnd, clock: Clock): number | Promise<number> {
  const refusal = partition.checkAppend(ALL_REPLICAS);
  if (refusal !== Errors.NONE) return refusal;
  const now = clock.nowMs();
  const info = partition.append(buildEndTransactionMarker({ ...end, timestamp: now }), {
    origin: 'coordinator',
    leaderEpoch: partition.leaderEpoch,
    now,
    validation: 'header',
    transactionVersion: end.transactionVersion ?? 0,
  });
  if (info.errorCode !== Errors.NONE) return info.errorCode;
  return new Promise((resolve) => new MarkerAck(partition, clock, resolve).await(info.lastOffset + 1));
}

class MarkerAck implements AckWaiter {
  readonly #partition: Partition;
  readonly #resolve: (code: number) => void;
  readonly #timer: Timer | undefined;

  constructor(partition: Partition, clock: Clock, resolve: (code: number) => void) {
    this.#partition = partition;
    this.#resolve = resolve;
    if (!partition.waitsForOthers) return;
    this.#timer = clock.schedule(MARKER_TIMEOUT_MS, () => partition.abandon(this, Errors.REQUEST_TIMED_OUT));
  }

  await(endOffset: number): void {
    this.#partition.awaitAck(endOffset, ALL_REPLICAS, this, 0);
  }

  acknowledged(_slot: number, errorCode: number): void {
    this.#timer?.cancel();
    this.#resolve(errorCode);
  }
}
