// The steps of the machine: what a transaction becomes, given what it is (Kafka: TransactionMetadata.prepare…). Whether a step
// is right for a request is decided elsewhere; that it leads from a state that has it is asserted here.
//
//   Empty ──────────────► Ongoing ──► PrepareCommit ──► CompleteCommit
//     ▲  ▲                 ▲    └───► PrepareAbort ───► CompleteAbort
//     │  └─ a producer is initialised anew ─┴── from both Complete states, which begin the next transaction as Empty does
//     └─ under transaction.version 2 PrepareAbort is reached from Empty and Complete too: nothing was begun, the epoch goes up
import { type Int64, NO_PRODUCER_EPOCH, NO_PRODUCER_ID, NO_TIMESTAMP } from '../protocol/index.ts';
import { assert } from '../runtime/index.ts';
import {
  isEnding,
  isEpochExhausted,
  isIdle,
  isLargestEpoch,
  supportsEpochBump,
  type TransactionMetadata,
  TransactionState,
} from './transaction-metadata.ts';
import { type TopicPartitions, TransactionPartitions } from './transaction-partitions.ts';

const { EMPTY, ONGOING, PREPARE_COMMIT, PREPARE_ABORT, COMPLETE_COMMIT, COMPLETE_ABORT, PREPARE_EPOCH_FENCE } =
  TransactionState;

/** The states from which each is reached; Dead is the tombstone of an id that has expired. */
export const PREVIOUS_STATES: Readonly<Record<TransactionState, readonly TransactionState[]>> = {
  [EMPTY]: [EMPTY, COMPLETE_COMMIT, COMPLETE_ABORT],
  [ONGOING]: [ONGOING, EMPTY, COMPLETE_COMMIT, COMPLETE_ABORT],
  [PREPARE_COMMIT]: [ONGOING],
  [PREPARE_ABORT]: [ONGOING, PREPARE_EPOCH_FENCE, EMPTY, COMPLETE_COMMIT, COMPLETE_ABORT],
  [COMPLETE_COMMIT]: [PREPARE_COMMIT],
  [COMPLETE_ABORT]: [PREPARE_ABORT],
  [TransactionState.DEAD]: [EMPTY, COMPLETE_COMMIT, COMPLETE_ABORT],
  [PREPARE_EPOCH_FENCE]: [ONGOING],
};

function transit(from: TransactionMetadata, to: Partial<TransactionMetadata> & { state: TransactionState }) {
  assert(PREVIOUS_STATES[to.state].includes(from.state), 'a transaction goes from a state to one that follows it');
  const next: TransactionMetadata = { ...from, previousProducerId: from.producerId, ...to };
  assert(next.producerEpoch >= 0, 'a transaction that is written has an epoch');
  return next;
}

/** An id that nobody has used: its first producer gets the epoch 0 by `incrementProducerEpoch`. */
export function newTransaction(
  transactionalId: string,
  producerId: Int64,
  timeoutMs: number,
  nowMs: number,
): TransactionMetadata {
  return {
    transactionalId,
    producerId,
    previousProducerId: NO_PRODUCER_ID,
    nextProducerId: NO_PRODUCER_ID,
    producerEpoch: NO_PRODUCER_EPOCH,
    lastProducerEpoch: NO_PRODUCER_EPOCH,
    timeoutMs,
    state: EMPTY,
    partitions: TransactionPartitions.none,
    startTimestampMs: NO_TIMESTAMP,
    lastUpdateTimestampMs: nowMs,
    clientTransactionVersion: 0,
  };
}

/**
 * A producer is initialised: the epoch goes up, unless it repeats a request that has been carried out. `expectedEpoch`: of a
 * producer that goes on after an error (KIP-360). undefined: that one has been replaced.
 */
export function incrementProducerEpoch(
  from: TransactionMetadata,
  request: { readonly timeoutMs: number; readonly expectedEpoch: number | undefined },
  nowMs: number,
): TransactionMetadata | undefined {
  const { producerEpoch, lastProducerEpoch } = from;
  const { timeoutMs, expectedEpoch } = request;
  const initialised = { state: EMPTY, timeoutMs, ...NOTHING_BEGUN, lastUpdateTimestampMs: nowMs };
  const isNew = expectedEpoch === undefined;
  if (isNew || producerEpoch === NO_PRODUCER_EPOCH || expectedEpoch === producerEpoch) {
    assert(!isEpochExhausted(producerEpoch), 'there is an epoch left');
    const last = isNew ? NO_PRODUCER_EPOCH : producerEpoch;
    return transit(from, { ...initialised, producerEpoch: producerEpoch + 1, lastProducerEpoch: last });
  }
  return expectedEpoch === lastProducerEpoch ? transit(from, initialised) : undefined;
}

/** As `incrementProducerEpoch`, when epochs have run out. `keepsEpoch`: the producer that asks may ask again. */
export function rotateProducerId(
  from: TransactionMetadata,
  request: { readonly producerId: Int64; readonly timeoutMs: number; readonly keepsEpoch: boolean },
  nowMs: number,
): TransactionMetadata {
  return transit(from, {
    state: EMPTY,
    producerId: request.producerId,
    producerEpoch: 0,
    lastProducerEpoch: request.keepsEpoch ? from.producerEpoch : NO_PRODUCER_EPOCH,
    timeoutMs: request.timeoutMs,
    ...NOTHING_BEGUN,
    lastUpdateTimestampMs: nowMs,
  });
}

const NOTHING_BEGUN = { partitions: TransactionPartitions.none, startTimestampMs: NO_TIMESTAMP } as const;

/** The first partitions begin a transaction. */
export function addPartitions(
  from: TransactionMetadata,
  added: readonly TopicPartitions[],
  clientTransactionVersion: number,
  nowMs: number,
): TransactionMetadata {
  return transit(from, {
    state: ONGOING,
    partitions: from.partitions.with(added),
    startTimestampMs: isIdle(from) ? nowMs : from.startTimestampMs,
    lastUpdateTimestampMs: nowMs,
    clientTransactionVersion,
  });
}

export interface Ending {
  readonly state: typeof PREPARE_COMMIT | typeof PREPARE_ABORT;
  readonly clientTransactionVersion: number;
  /** -1, or the id to go on with when the transaction is complete. */
  readonly nextProducerId: Int64;
}

/** The end is decided: once that is in the log, the markers may be written. */
export function prepareEnd(from: TransactionMetadata, ending: Ending, nowMs: number): TransactionMetadata {
  const { producerEpoch, lastProducerEpoch } = from;
  const raises = supportsEpochBump(ending.clientTransactionVersion);
  // Beyond the largest epoch nothing is left to fence with: an abort then goes without.
  const isStuck = isLargestEpoch(producerEpoch);
  assert(!raises || !isStuck || ending.state === PREPARE_ABORT, 'a commit has an epoch left for its markers');
  return transit(from, {
    ...ending,
    producerEpoch: raises && !isStuck ? producerEpoch + 1 : producerEpoch,
    lastProducerEpoch: raises ? producerEpoch : lastProducerEpoch,
    // Of a transaction that was never begun, aborted for the sake of its epoch, this is the start.
    startTimestampMs: isIdle(from) ? nowMs : from.startTimestampMs,
    lastUpdateTimestampMs: nowMs,
  });
}

/**
 * The open transaction is aborted because its producer has been replaced, or is late: an epoch is used up for it, which no
 * producer gets. `ending.clientTransactionVersion`: by that of the cluster.
 */
export function fenceAndAbort(
  from: TransactionMetadata,
  ending: Omit<Ending, 'state'>,
  nowMs: number,
): TransactionMetadata {
  const asked = { ...ending, state: PREPARE_ABORT };
  if (supportsEpochBump(ending.clientTransactionVersion)) return prepareEnd(from, asked, nowMs);
  const { producerEpoch } = from;
  const fenced = transit(from, {
    state: PREPARE_EPOCH_FENCE,
    producerEpoch: isLargestEpoch(producerEpoch) ? producerEpoch : producerEpoch + 1,
    lastProducerEpoch: NO_PRODUCER_EPOCH,
  });
  // Older clients know of no version: the transaction ends as theirs do.
  return prepareEnd(fenced, { ...asked, clientTransactionVersion: 0 }, nowMs);
}

/** All markers are written. */
export function complete(from: TransactionMetadata, nowMs: number): TransactionMetadata {
  assert(isEnding(from), 'what is complete has been prepared');
  const { nextProducerId, clientTransactionVersion, producerId, producerEpoch } = from;
  const changesId = supportsEpochBump(clientTransactionVersion) && nextProducerId !== NO_PRODUCER_ID;
  return transit(from, {
    state: from.state === PREPARE_COMMIT ? COMPLETE_COMMIT : COMPLETE_ABORT,
    producerId: changesId ? nextProducerId : producerId,
    producerEpoch: changesId ? 0 : producerEpoch,
    nextProducerId: NO_PRODUCER_ID,
    partitions: TransactionPartitions.none,
    lastUpdateTimestampMs: nowMs,
  });
}
