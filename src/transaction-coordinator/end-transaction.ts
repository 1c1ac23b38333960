// EndTxn: a client commits or aborts its transaction, or repeats that it did (Kafka: TransactionCoordinator.endTransaction,
// endTransactionWithTV1; KIP-98, KIP-890).
//
// What clients of transaction.version 2 are told when no transaction is open; a retry comes with the epoch before this one:
//
//                   abort, again   abort            commit, again   commit
//   Empty           fenced         epoch goes up    fenced          INVALID_TXN_STATE
//   CompleteAbort   NONE           epoch goes up    INVALID_TXN_STATE both times
//   CompleteCommit  INVALID_TXN_…  epoch goes up    NONE            INVALID_TXN_STATE
import { Errors, type Int64, NO_PRODUCER_ID } from '../protocol/index.ts';
import {
  type Circumstances,
  type CurrentTransaction,
  type Decision,
  decided,
  IMPOSSIBLE,
  NOTHING_TO_DO,
  refused,
} from './decision.ts';
import { nextIdFor } from './init-producer-id.ts';
import {
  isEnding,
  isLastClientEpoch,
  supportsEpochBump,
  type TransactionMetadata,
  TransactionState,
} from './transaction-metadata.ts';
import { prepareEnd } from './transitions.ts';

export interface EndOfProducer {
  readonly transactionalId: string;
  readonly producerId: Int64;
  readonly producerEpoch: number;
  readonly isCommit: boolean;
  /** By which the client works: 2 or more when its epoch goes up with the end. */
  readonly clientTransactionVersion: number;
}

const { EMPTY, ONGOING, PREPARE_COMMIT, PREPARE_ABORT, COMPLETE_COMMIT, COMPLETE_ABORT } = TransactionState;

export function endTransaction(
  known: CurrentTransaction | undefined,
  end: EndOfProducer,
  circumstances: Circumstances,
): Decision {
  if (known === undefined) return refused(Errors.INVALID_PRODUCER_ID_MAPPING);
  return supportsEpochBump(end.clientTransactionVersion)
    ? endRaisingEpoch(known, end, circumstances)
    : endKeepingEpoch(known, end, circumstances);
}

/** Up to transaction.version 1: id and epoch are those of the producer throughout. */
function endKeepingEpoch(
  { metadata, isPending }: CurrentTransaction,
  end: EndOfProducer,
  { nowMs }: Circumstances,
): Decision {
  if (metadata.producerId !== end.producerId) return refused(Errors.INVALID_PRODUCER_ID_MAPPING);
  if (metadata.producerEpoch !== end.producerEpoch) return refused(Errors.PRODUCER_FENCED);
  if (isPending) return refused(Errors.CONCURRENT_TRANSACTIONS);
  switch (metadata.state) {
    case ONGOING: {
      const ending = { state: endStateOf(end), clientTransactionVersion: 0, nextProducerId: NO_PRODUCER_ID };
      return decided(prepareEnd(metadata, ending, nowMs));
    }
    case COMPLETE_COMMIT:
    case COMPLETE_ABORT:
      return end.isCommit === (metadata.state === COMPLETE_COMMIT) ? NOTHING_TO_DO : refused(Errors.INVALID_TXN_STATE);
    case PREPARE_COMMIT:
    case PREPARE_ABORT:
      return refused(concurrentOrWrong(metadata, end));
    case EMPTY:
      return refused(Errors.INVALID_TXN_STATE);
    default:
      return IMPOSSIBLE;
  }
}

/** From transaction.version 2 on: the epoch tells a retry from the end of the next transaction. */
function endRaisingEpoch(
  { metadata, isPending }: CurrentTransaction,
  end: EndOfProducer,
  circumstances: Circumstances,
): Decision {
  const retry = retryOf(metadata, end);
  if (isPending) return refused(Errors.CONCURRENT_TRANSACTIONS);
  if (metadata.producerId !== end.producerId && retry !== 'with the id before') {
    return refused(Errors.INVALID_PRODUCER_ID_MAPPING);
  }
  const isCurrent = metadata.producerEpoch === end.producerEpoch;
  const prepare = (): Decision => {
    const { clientTransactionVersion } = end;
    const nextProducerId = nextIdFor(metadata, clientTransactionVersion, circumstances);
    const ending = { state: endStateOf(end), clientTransactionVersion, nextProducerId };
    return decided(prepareEnd(metadata, ending, circumstances.nowMs));
  };
  switch (metadata.state) {
    case ONGOING:
      return isCurrent ? prepare() : refused(Errors.PRODUCER_FENCED);
    case EMPTY:
      if (!isCurrent) return refused(Errors.PRODUCER_FENCED);
      return end.isCommit ? refused(Errors.INVALID_TXN_STATE) : prepare();
    case PREPARE_COMMIT:
    case PREPARE_ABORT:
      return refused(retry === 'with the epoch before' ? concurrentOrWrong(metadata, end) : Errors.PRODUCER_FENCED);
    case COMPLETE_COMMIT:
    case COMPLETE_ABORT: {
      if (retry === undefined && !isCurrent) return refused(Errors.PRODUCER_FENCED);
      const isSame = end.isCommit === (metadata.state === COMPLETE_COMMIT);
      if (retry !== undefined) return isSame ? NOTHING_TO_DO : refused(Errors.INVALID_TXN_STATE);
      return end.isCommit ? refused(Errors.INVALID_TXN_STATE) : prepare();
    }
    default:
      return IMPOSSIBLE;
  }
}

/** Whether the client repeats what has been carried out. */
function retryOf(
  { producerId, producerEpoch, previousProducerId }: TransactionMetadata,
  end: EndOfProducer,
): 'with the id before' | 'with the epoch before' | undefined {
  const hasChangedId = previousProducerId === end.producerId && isLastClientEpoch(end.producerEpoch);
  if (hasChangedId && producerEpoch === 0) return 'with the id before';
  return producerId === end.producerId && producerEpoch === end.producerEpoch + 1 ? 'with the epoch before' : undefined;
}

function endStateOf({ isCommit }: EndOfProducer): typeof PREPARE_COMMIT | typeof PREPARE_ABORT {
  return isCommit ? PREPARE_COMMIT : PREPARE_ABORT;
}

/** The end that is being carried out, asked for again, is waited for; the other one is not possible any more. */
function concurrentOrWrong(metadata: TransactionMetadata, { isCommit }: EndOfProducer): number {
  const isSame = isEnding(metadata) && isCommit === (metadata.state === PREPARE_COMMIT);
  return isSame ? Errors.CONCURRENT_TRANSACTIONS : Errors.INVALID_TXN_STATE;
}
