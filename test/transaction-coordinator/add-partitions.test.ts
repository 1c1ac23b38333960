// Which partitions are part of a transaction, state by state.
import { expect } from 'chai';
import { errorName } from '../../src/protocol/index.ts';
import { addPartitionsToTransaction, verifyFault } from '../../src/transaction-coordinator/add-partitions.ts';
import { stateName, TransactionState } from '../../src/transaction-coordinator/transaction-metadata.ts';
import { current, FOO, NOW, PRODUCER_ID, transaction } from './transactions.ts';

const asked = (parts: object = {}) => ({
  transactionalId: 'tx',
  producerId: PRODUCER_ID,
  producerEpoch: 5,
  topics: [{ topic: 'foo', partitions: [1, 2] }],
  ...parts,
});

describe('Adding partitions to a transaction', () => {
  it('begins one, or goes on with it', () => {
    for (const state of [TransactionState.EMPTY, TransactionState.COMPLETE_COMMIT, TransactionState.COMPLETE_ABORT]) {
      const { next } = addPartitionsToTransaction(current({ state }), asked(), 0, NOW);
      expect(next).to.deep.include({
        state: TransactionState.ONGOING,
        startTimestampMs: NOW,
        lastUpdateTimestampMs: NOW,
        clientTransactionVersion: 0,
      });
    }
    const open = current({ state: TransactionState.ONGOING });
    const { next } = addPartitionsToTransaction(open, asked(), 2, NOW);
    expect(next?.startTimestampMs).to.equal(NOW - 10);
    expect(next?.partitions.byTopic()).to.deep.equal([{ topic: 'foo', partitions: [0, 1, 2] }]);
    expect(open.metadata.partitions.size).to.equal(2);
    expect(addPartitionsToTransaction(open, asked({ topics: FOO }), 2, NOW)).to.deep.equal({ errorCode: 0 });
  });

  it('is refused', () => {
    const ask = (known: Parameters<typeof addPartitionsToTransaction>[0], parts: object = {}) =>
      errorName(addPartitionsToTransaction(known, asked(parts), 2, NOW).errorCode);
    expect(ask(undefined)).to.equal('INVALID_PRODUCER_ID_MAPPING');
    expect(ask(current(), { producerId: 1 })).to.equal('INVALID_PRODUCER_ID_MAPPING');
    expect(ask(current(), { producerEpoch: 4 })).to.equal('PRODUCER_FENCED');
    expect(ask(current(), { producerEpoch: 6 })).to.equal('PRODUCER_FENCED');
    expect(ask(current({}, true), { producerEpoch: 4 })).to.equal('CONCURRENT_TRANSACTIONS');
    for (const state of [TransactionState.PREPARE_COMMIT, TransactionState.PREPARE_ABORT]) {
      expect(ask(current({ state })), stateName(state)).to.equal('CONCURRENT_TRANSACTIONS');
      expect(ask(current({ state }), { producerEpoch: 4 }), stateName(state)).to.equal('PRODUCER_FENCED');
    }
    expect(ask(current({ state: TransactionState.DEAD }))).to.equal('UNKNOWN_SERVER_ERROR');
  });

  it('can be asked about, whatever is on its way', () => {
    const fault = (known: Parameters<typeof verifyFault>[0], parts: object = {}) =>
      errorName(verifyFault(known, asked(parts)));
    expect(fault(undefined)).to.equal('INVALID_PRODUCER_ID_MAPPING');
    expect(fault(transaction(), { producerId: 1 })).to.equal('INVALID_PRODUCER_ID_MAPPING');
    expect(fault(transaction(), { producerEpoch: 4 })).to.equal('PRODUCER_FENCED');
    expect(fault(transaction({ state: TransactionState.PREPARE_ABORT }))).to.equal('CONCURRENT_TRANSACTIONS');
    expect(fault(transaction({ state: TransactionState.ONGOING }))).to.equal('NONE');
    expect(fault(transaction())).to.equal('NONE');
  });
});
