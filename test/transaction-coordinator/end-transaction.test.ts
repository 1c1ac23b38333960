// How transactions end, state by state (KIP-98, KIP-890).
import { expect } from 'chai';
import { errorName, Errors } from '../../src/protocol/index.ts';
import type { Decision } from '../../src/transaction-coordinator/decision.ts';
import { endTransaction } from '../../src/transaction-coordinator/end-transaction.ts';
import {
  stateName,
  type TransactionMetadata,
  TransactionState,
} from '../../src/transaction-coordinator/transaction-metadata.ts';
import { complete, fenceAndAbort, prepareEnd } from '../../src/transaction-coordinator/transitions.ts';
import { circumstances, current, FOO, NOW, PRODUCER_ID, transaction } from './transactions.ts';

const { EMPTY, ONGOING, PREPARE_COMMIT, PREPARE_ABORT, COMPLETE_COMMIT, COMPLETE_ABORT } = TransactionState;
const LAST_EPOCH = 32_766;

const end = (isCommit: boolean, clientTransactionVersion: number, producerEpoch = 5, producerId = PRODUCER_ID) => ({
  transactionalId: 'tx',
  producerId,
  producerEpoch,
  isCommit,
  clientTransactionVersion,
});

function told({ errorCode, next }: Decision): string {
  return next === undefined ? errorName(errorCode) : `${stateName(next.state)} ${next.producerEpoch}`;
}

/** What abort and commit come to, with the epoch before the current one and with the current one. */
function row(parts: Partial<TransactionMetadata>, version: number): string[] {
  return [false, true].flatMap((isCommit) =>
    [4, 5].map((epoch) => told(endTransaction(current(parts), end(isCommit, version, epoch), circumstances()))),
  );
}

describe('EndTxn', () => {
  it('keeps id and epoch for clients of before transaction.version 2', () => {
    const [fenced, wrong] = ['PRODUCER_FENCED', 'INVALID_TXN_STATE'];
    const table = (state: TransactionState) => row({ state, clientTransactionVersion: 0 }, 0);
    expect(table(EMPTY)).to.deep.equal([fenced, wrong, fenced, wrong]);
    expect(table(ONGOING)).to.deep.equal([fenced, 'PrepareAbort 5', fenced, 'PrepareCommit 5']);
    expect(table(PREPARE_ABORT)).to.deep.equal([fenced, 'CONCURRENT_TRANSACTIONS', fenced, wrong]);
    expect(table(PREPARE_COMMIT)).to.deep.equal([fenced, wrong, fenced, 'CONCURRENT_TRANSACTIONS']);
    expect(table(COMPLETE_ABORT)).to.deep.equal([fenced, 'NONE', fenced, wrong]);
    expect(table(COMPLETE_COMMIT)).to.deep.equal([fenced, wrong, fenced, 'NONE']);
  });

  it('raises the epoch with each end since, and knows a retry by it', () => {
    const [fenced, wrong] = ['PRODUCER_FENCED', 'INVALID_TXN_STATE'];
    const table = (state: TransactionState) => row({ state }, 2);
    expect(table(EMPTY)).to.deep.equal([fenced, 'PrepareAbort 6', fenced, wrong]);
    expect(table(ONGOING)).to.deep.equal([fenced, 'PrepareAbort 6', fenced, 'PrepareCommit 6']);
    expect(table(PREPARE_ABORT)).to.deep.equal(['CONCURRENT_TRANSACTIONS', fenced, wrong, fenced]);
    expect(table(PREPARE_COMMIT)).to.deep.equal([wrong, fenced, 'CONCURRENT_TRANSACTIONS', fenced]);
    expect(table(COMPLETE_ABORT)).to.deep.equal(['NONE', 'PrepareAbort 6', wrong, wrong]);
    expect(table(COMPLETE_COMMIT)).to.deep.equal([wrong, 'PrepareAbort 6', 'NONE', wrong]);
  });

  it('is told of other producers and of steps on their way', () => {
    for (const version of [0, 2]) {
      const ask = (known: Parameters<typeof endTransaction>[0], producerId = PRODUCER_ID) =>
        told(endTransaction(known, end(true, version, 5, producerId), circumstances()));
      expect(ask(undefined)).to.equal('INVALID_PRODUCER_ID_MAPPING');
      expect(ask(current({ state: ONGOING }), 1)).to.equal('INVALID_PRODUCER_ID_MAPPING');
      expect(ask(current({ state: ONGOING }, true))).to.equal('CONCURRENT_TRANSACTIONS');
    }
    const pending = current({ state: ONGOING }, true);
    // Since transaction.version 2 who waits is told so first.
    expect(told(endTransaction(pending, end(true, 2, 4, 1), circumstances()))).to.equal('CONCURRENT_TRANSACTIONS');
    expect(told(endTransaction(pending, end(true, 0, 4, 1), circumstances()))).to.equal('INVALID_PRODUCER_ID_MAPPING');
    expect(told(endTransaction(pending, end(true, 0, 4), circumstances()))).to.equal('PRODUCER_FENCED');
  });

  it('changes to a new id behind the last epoch, and knows a retry by the id before', () => {
    const open = current({ state: ONGOING, producerEpoch: LAST_EPOCH });
    const prepared = endTransaction(open, end(true, 2, LAST_EPOCH), circumstances(2, [7000]))
      .next as TransactionMetadata;
    expect(prepared).to.deep.include({ producerId: PRODUCER_ID, producerEpoch: 32_767, nextProducerId: 7000 });
    const done = complete(prepared, NOW);
    expect(done).to.deep.include({
      state: COMPLETE_COMMIT,
      producerId: 7000,
      previousProducerId: PRODUCER_ID,
      nextProducerId: -1,
      producerEpoch: 0,
      lastProducerEpoch: LAST_EPOCH,
    });
    const again = (isCommit: boolean) =>
      told(endTransaction({ metadata: done, isPending: false }, end(isCommit, 2, LAST_EPOCH), circumstances()));
    expect(again(true)).to.equal('NONE');
    expect(again(false)).to.equal('INVALID_TXN_STATE');
  });

  it('has a start, even where nothing was begun', () => {
    const aborted = endTransaction(current(), end(false, 2), circumstances()).next;
    expect(aborted).to.deep.include({ startTimestampMs: NOW, lastUpdateTimestampMs: NOW });
    const committed = endTransaction(current({ state: ONGOING }), end(true, 2), circumstances()).next;
    expect(committed).to.deep.include({ startTimestampMs: NOW - 10, lastUpdateTimestampMs: NOW });
  });

  it('forgets the partitions when it is complete, and keeps the epoch of its markers', () => {
    const ending = { state: PREPARE_ABORT, clientTransactionVersion: 0, nextProducerId: -1 } as const;
    const prepared = prepareEnd(transaction({ state: ONGOING }), ending, NOW);
    expect(prepared.partitions.byTopic()).to.deep.equal(FOO);
    const done = complete(prepared, NOW + 1);
    expect(done.partitions.size).to.equal(0);
    expect(done).to.deep.include({ state: COMPLETE_ABORT, producerEpoch: 5, lastUpdateTimestampMs: NOW + 1 });
  });

  it('can be aborted at the largest epoch of all', () => {
    const stuck = transaction({ state: ONGOING, producerEpoch: 32_767 });
    for (const clientTransactionVersion of [0, 2]) {
      const aborted = fenceAndAbort(stuck, { clientTransactionVersion, nextProducerId: -1 }, NOW);
      expect(aborted).to.deep.include({ state: PREPARE_ABORT, producerEpoch: 32_767 });
    }
  });

  it('refuses steps that no state has', () => {
    const ending = { state: PREPARE_COMMIT, clientTransactionVersion: 2, nextProducerId: -1 } as const;
    expect(() => prepareEnd(transaction(), ending, NOW)).to.throw('a transaction goes from a state to one');
    expect(() => complete(transaction({ state: ONGOING }), NOW)).to.throw('what is complete has been prepared');
    expect(Errors.NONE).to.equal(0);
  });
});
