// A transaction as a record, and the record as bytes (Kafka: TransactionLog). What is not in the log is the epoch before the
// last initialisation: a producer that repeats InitProducerId over a change of the coordinator is fenced.
import type { RecordSerde } from '../coordinator-common/index.ts';
import {
  decodeRecordKey,
  decodeVersioned,
  encodeRecordKey,
  encodeVersioned,
  Errors,
  KafkaError,
  NO_PRODUCER_EPOCH,
  prefixOf,
} from '../protocol/index.ts';
import {
  transactionLogKey,
  type TransactionLogValue,
  transactionLogValue,
} from '../protocol/messages/transaction-records.ts';
import { isTransactionState, type TransactionMetadata, TransactionState } from './transaction-metadata.ts';
import { TransactionPartitions } from './transaction-partitions.ts';

export interface TransactionRecord {
  readonly transactionalId: string;
  /** null: the id has expired. */
  readonly metadata: TransactionMetadata | null;
  readonly valueVersion: number;
  /** Of a record on its way into the log: the step that it is. Records that are read have none. */
  readonly step?: Step;
}

/** A change of a transaction; there is one on its way at most. */
export interface Step {
  readonly transactionalId: string;
  /** undefined: the id has expired. */
  readonly next: TransactionMetadata | undefined;
}

const TRANSACTION_LOG = 0;

/** Tagged fields are written from this level of transaction.version on. */
const FLEXIBLE_SINCE = 1;
const PLAIN_VALUE = 0;
const FLEXIBLE_VALUE = 1;

export function valueVersionFor(transactionVersion: number): number {
  return transactionVersion >= FLEXIBLE_SINCE ? FLEXIBLE_VALUE : PLAIN_VALUE;
}

export const transactionRecordSerde: RecordSerde<TransactionRecord> = {
  encode({ transactionalId, metadata, valueVersion }) {
    const key = encodeRecordKey(TRANSACTION_LOG, transactionLogKey, { transactionalId });
    const value = metadata && encodeVersioned(transactionLogValue, valueVersion, valueOf(metadata, valueVersion));
    return { key, value };
  },
  /** Throws DecodeError; KafkaError UNSUPPORTED_VERSION, INVALID_TXN_STATE for a state that does not exist. */
  decode(key, value) {
    if (prefixOf(key) !== TRANSACTION_LOG) return undefined;
    const { transactionalId } = decodeRecordKey(transactionLogKey, key);
    if (value === null) return { transactionalId, metadata: null, valueVersion: PLAIN_VALUE };
    const metadata = metadataOf(transactionalId, decodeVersioned(transactionLogValue, value));
    return { transactionalId, metadata, valueVersion: prefixOf(value) };
  },
};

/** Plain values have no place for how the producer changes its id, nor for the client's version; Kafka fails on the latter. */
function valueOf(metadata: TransactionMetadata, valueVersion: number) {
  const partitions = metadata.partitions.byTopic();
  return {
    producerId: metadata.producerId,
    producerEpoch: metadata.producerEpoch,
    transactionTimeoutMs: metadata.timeoutMs,
    transactionStatus: metadata.state,
    transactionPartitions:
      metadata.state === TransactionState.EMPTY
        ? null
        : partitions.map(({ topic, partitions: partitionIds }) => ({ topic, partitionIds })),
    transactionLastUpdateTimestampMs: metadata.lastUpdateTimestampMs,
    transactionStartTimestampMs: metadata.startTimestampMs,
    ...(valueVersion >= FLEXIBLE_VALUE && {
      previousProducerId: metadata.previousProducerId,
      nextProducerId: metadata.nextProducerId,
      clientTransactionVersion: metadata.clientTransactionVersion,
    }),
  };
}

function metadataOf(transactionalId: string, value: TransactionLogValue): TransactionMetadata {
  const { transactionStatus: state, transactionPartitions } = value;
  if (!isTransactionState(state)) {
    throw new KafkaError(Errors.INVALID_TXN_STATE, `there is no state ${state} of a transaction`);
  }
  const topics = state === TransactionState.EMPTY ? [] : (transactionPartitions ?? []);
  return {
    transactionalId,
    producerId: value.producerId,
    previousProducerId: value.previousProducerId,
    nextProducerId: value.nextProducerId,
    producerEpoch: value.producerEpoch,
    lastProducerEpoch: NO_PRODUCER_EPOCH,
    timeoutMs: value.transactionTimeoutMs,
    state,
    partitions: TransactionPartitions.of(
      topics.map(({ topic, partitionIds }) => ({ topic, partitions: partitionIds })),
    ),
    startTimestampMs: value.transactionStartTimestampMs,
    lastUpdateTimestampMs: value.transactionLastUpdateTimestampMs,
    clientTransactionVersion: value.clientTransactionVersion,
  };
}
