// Records of __transaction_state: one per transactional id (KIP-98). A key has its type in front, a value its version, two
// bytes each.
import { array, exactInt64, int16, int32, int8, message, string, type ValueOf } from '../schema.ts';

export const transactionLogKey = message('TransactionLogKey', [0, 0], undefined, { transactionalId: string });
export interface TransactionLogKey extends ValueOf<typeof transactionLogKey.fields> {}

export const transactionLogValue = message('TransactionLogValue', [0, 1], 1, {
  producerId: exactInt64,
  previousProducerId: exactInt64.since(1).tag(0).default(-1).doc('After the epoch of an id ran out: the id before.'),
  nextProducerId: exactInt64.since(1).tag(1).default(-1).doc('After the epoch of an id ran out: the id to come.'),
  producerEpoch: int16,
  nextProducerEpoch: int16.since(1).tag(3).default(-1),
  transactionTimeoutMs: int32,
  transactionStatus: int8.doc(
    '0 empty, 1 ongoing, 2 prepare commit, 3 prepare abort, 4 complete commit, 5 complete abort, 6 dead, 7 prepare epoch fence.',
  ),
  transactionPartitions: array({ topic: string, partitionIds: array(int32) })
    .nullable()
    .doc('null while the transaction is empty.'),
  transactionLastUpdateTimestampMs: exactInt64,
  transactionStartTimestampMs: exactInt64,
  clientTransactionVersion: int16.since(1).tag(2).default(0).doc('The transaction.version that the client works by.'),
});
export interface TransactionLogValue extends ValueOf<typeof transactionLogValue.fields> {}
