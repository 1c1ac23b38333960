// What is known of one transactional id (Kafka: TransactionMetadata, TransactionState). A value that is never changed: each
// step of the machine makes the next one.
import type { Int64 } from '../protocol/index.ts';
import type { TransactionPartitions } from './transaction-partitions.ts';

/** By the number that stands in the log. */
export const TransactionState = {
  EMPTY: 0,
  ONGOING: 1,
  PREPARE_COMMIT: 2,
  PREPARE_ABORT: 3,
  COMPLETE_COMMIT: 4,
  COMPLETE_ABORT: 5,
  DEAD: 6,
  PREPARE_EPOCH_FENCE: 7,
} as const;
export type TransactionState = (typeof TransactionState)[keyof typeof TransactionState];

const NAMES = [
  'Empty',
  'Ongoing',
  'PrepareCommit',
  'PrepareAbort',
  'CompleteCommit',
  'CompleteAbort',
  'Dead',
  'PrepareEpochFence',
] as const;

/** As DescribeTransactions and ListTransactions name it. */
export const stateName = (state: TransactionState): string => NAMES[state];

/** undefined: no state has that name. */
export function stateOfName(name: string): TransactionState | undefined {
  const index = (NAMES as readonly string[]).indexOf(name);
  return index < 0 ? undefined : (index as TransactionState);
}

export function isTransactionState(value: number): value is TransactionState {
  return Number.isInteger(value) && value >= 0 && value < NAMES.length;
}

/** The time-out of a transaction that waits for an outside coordinator (KIP-939): it never runs out. */
export const NO_TIMEOUT_MS = 0x7fff_ffff;
const LARGEST_EPOCH = 0x7fff;
/** No client gets a higher one: the largest of all is kept for fencing. */
const LAST_CLIENT_EPOCH = LARGEST_EPOCH - 1;

/** transaction.version as a client or the cluster works by it: from 2 on each transaction has an epoch of its own (KIP-890). */
const EPOCH_BUMP_SINCE = 2;
export const supportsEpochBump = (transactionVersion: number): boolean => transactionVersion >= EPOCH_BUMP_SINCE;

export interface TransactionMetadata {
  readonly transactionalId: string;
  readonly producerId: Int64;
  /** The id before `producerId`, or the same: who repeats a request of before the change is known by it. -1: none. */
  readonly previousProducerId: Int64;
  /** The id that the producer goes on with when the transaction is complete, because epochs have run out; -1: the same. */
  readonly nextProducerId: Int64;
  /** -1 until a producer has been initialised. */
  readonly producerEpoch: number;
  /** The epoch that a producer had before it asked for `producerEpoch` (KIP-360); -1: none. Not in the log. */
  readonly lastProducerEpoch: number;
  readonly timeoutMs: number;
  readonly state: TransactionState;
  readonly partitions: TransactionPartitions;
  /** -1 while no transaction has been begun. */
  readonly startTimestampMs: Int64;
  readonly lastUpdateTimestampMs: Int64;
  /** The transaction.version that the client worked by when the state was entered. */
  readonly clientTransactionVersion: number;
}

/** Whether the epochs of the producer id have run out: the next producer, or transaction, gets another id. */
export function isEpochExhausted(epoch: number): boolean {
  return epoch >= LAST_CLIENT_EPOCH;
}
export const isLargestEpoch = (epoch: number): boolean => epoch >= LARGEST_EPOCH;
export const isLastClientEpoch = (epoch: number): boolean => epoch === LAST_CLIENT_EPOCH;

/** The transaction has an end, which is being carried out. */
export function isEnding({ state }: TransactionMetadata): boolean {
  return state === TransactionState.PREPARE_COMMIT || state === TransactionState.PREPARE_ABORT;
}

/** Nothing is open: the id may expire. */
export function isIdle({ state }: TransactionMetadata): boolean {
  return (
    state === TransactionState.EMPTY ||
    state === TransactionState.COMPLETE_COMMIT ||
    state === TransactionState.COMPLETE_ABORT
  );
}
