// InitProducerId with a transactional id: a producer takes the id over, and whoever had it before is fenced (Kafka:
// TransactionCoordinator.prepareInitProducerIdTransit; KIP-98, KIP-360).
import { Errors, type Int64, NO_PRODUCER_EPOCH, NO_PRODUCER_ID } from '../protocol/index.ts';
import {
  type Circumstances,
  type CurrentTransaction,
  type Decision,
  decided,
  IMPOSSIBLE,
  refused,
} from './decision.ts';
import {
  isEpochExhausted,
  supportsEpochBump,
  type TransactionMetadata,
  TransactionState,
} from './transaction-metadata.ts';
import { fenceAndAbort, incrementProducerEpoch, newTransaction, rotateProducerId } from './transitions.ts';

export interface ProducerIdAndEpoch {
  readonly producerId: Int64;
  readonly producerEpoch: number;
}

export interface InitProducerIdArguments {
  readonly transactionalId: string;
  readonly timeoutMs: number;
  /** Of a producer that goes on after an error. */
  readonly expected: ProducerIdAndEpoch | undefined;
}

/**
 * NONE: the answer is the id and epoch of what the transaction becomes. CONCURRENT_TRANSACTIONS with a change: an open
 * transaction is aborted first.
 */
export function initProducerId(
  known: CurrentTransaction | undefined,
  request: InitProducerIdArguments,
  circumstances: Circumstances,
): Decision {
  const { transactionalId, timeoutMs, expected } = request;
  const { nowMs } = circumstances;
  const metadata = known?.metadata ?? newTransaction(transactionalId, circumstances.takeProducerId(), timeoutMs, nowMs);
  if (known?.isPending === true) return refused(Errors.CONCURRENT_TRANSACTIONS);
  if (expected !== undefined && !mayContinue(metadata, expected)) return refused(Errors.PRODUCER_FENCED);
  switch (metadata.state) {
    case TransactionState.PREPARE_COMMIT:
    case TransactionState.PREPARE_ABORT:
      return refused(Errors.CONCURRENT_TRANSACTIONS);
    case TransactionState.ONGOING:
      return { errorCode: Errors.CONCURRENT_TRANSACTIONS, next: abortOpen(metadata, circumstances) };
    case TransactionState.EMPTY:
    case TransactionState.COMPLETE_COMMIT:
    case TransactionState.COMPLETE_ABORT:
      return initialise(metadata, request, circumstances);
    default:
      return IMPOSSIBLE;
  }
}

/** The transaction is aborted for somebody who is not its client: a newer producer, or the clock. */
export function abortOpen(metadata: TransactionMetadata, circumstances: Circumstances): TransactionMetadata {
  const { nowMs, transactionVersion } = circumstances;
  const nextProducerId = nextIdFor(metadata, transactionVersion, circumstances);
  return fenceAndAbort(metadata, { clientTransactionVersion: transactionVersion, nextProducerId }, nowMs);
}

/** The id with which the producer goes on, when ending the transaction uses up its last epoch; else -1. */
export function nextIdFor(
  { producerEpoch }: TransactionMetadata,
  clientTransactionVersion: number,
  circumstances: Circumstances,
): Int64 {
  const runsOut = supportsEpochBump(clientTransactionVersion) && isEpochExhausted(producerEpoch);
  return runsOut ? circumstances.takeProducerId() : NO_PRODUCER_ID;
}

function initialise(
  metadata: TransactionMetadata,
  { timeoutMs, expected }: InitProducerIdArguments,
  circumstances: Circumstances,
): Decision {
  const { nowMs } = circumstances;
  const { producerEpoch } = metadata;
  const isCurrent = expected === undefined || expected.producerEpoch === producerEpoch;
  if (isEpochExhausted(producerEpoch) && isCurrent) {
    const producerId = circumstances.takeProducerId();
    const keepsEpoch = expected !== undefined;
    return decided(rotateProducerId(metadata, { producerId, timeoutMs, keepsEpoch }, nowMs));
  }
  const next = incrementProducerEpoch(metadata, { timeoutMs, expectedEpoch: expected?.producerEpoch }, nowMs);
  return next === undefined ? refused(Errors.PRODUCER_FENCED) : decided(next);
}

/** Whether the producer may still be the newest one; its epoch is looked at later. */
function mayContinue(metadata: TransactionMetadata, { producerId, producerEpoch }: ProducerIdAndEpoch): boolean {
  if (metadata.producerEpoch === NO_PRODUCER_EPOCH || producerId === metadata.producerId) return true;
  // It repeats a request on which the id was changed, as its epochs had run out.
  return producerId === metadata.previousProducerId && isEpochExhausted(producerEpoch);
}
