// Who becomes the producer of a transactional id (KIP-98, KIP-360).
import { expect } from 'chai';
import { Errors } from '../../src/protocol/index.ts';
import type { Decision } from '../../src/transaction-coordinator/decision.ts';
import { initProducerId } from '../../src/transaction-coordinator/init-producer-id.ts';
import { TransactionState } from '../../src/transaction-coordinator/transaction-metadata.ts';
import { circumstances, current, NOW, PRODUCER_ID } from './transactions.ts';

const { EMPTY, ONGOING, PREPARE_COMMIT, PREPARE_ABORT, COMPLETE_COMMIT, COMPLETE_ABORT, DEAD } = TransactionState;
const LAST_EPOCH = 32_766;

const asking = (producerId?: number, producerEpoch = 0) => ({
  transactionalId: 'tx',
  timeoutMs: 1234,
  expected: producerId === undefined ? undefined : { producerId, producerEpoch },
});
const summary = ({ errorCode, next }: Decision) => next && [errorCode, next.state, next.producerId, next.producerEpoch];

describe('InitProducerId with a transactional id', () => {
  it('begins a new one at epoch 0, whatever the producer had before', () => {
    for (const request of [asking(), asking(99, 3)]) {
      const { next } = initProducerId(undefined, request, circumstances());
      expect(next).to.deep.include({
        producerId: 7000,
        previousProducerId: 7000,
        producerEpoch: 0,
        lastProducerEpoch: -1,
        state: EMPTY,
        timeoutMs: 1234,
        startTimestampMs: -1,
        lastUpdateTimestampMs: NOW,
        clientTransactionVersion: 0,
      });
    }
  });

  it('raises the epoch where nothing is open', () => {
    for (const state of [EMPTY, COMPLETE_COMMIT, COMPLETE_ABORT]) {
      const decision = initProducerId(current({ state, lastProducerEpoch: 4 }), asking(), circumstances());
      expect(summary(decision)).to.deep.equal([0, EMPTY, PRODUCER_ID, 6]);
      expect(decision.next).to.deep.include({ lastProducerEpoch: -1, timeoutMs: 1234, startTimestampMs: -1 });
    }
  });

  it('lets a producer go on after an error, and repeat that', () => {
    const next = initProducerId(current(), asking(PRODUCER_ID, 5), circumstances()).next;
    expect(next).to.deep.include({ producerEpoch: 6, lastProducerEpoch: 5 });
    const again = initProducerId(
      { metadata: next as never, isPending: false },
      asking(PRODUCER_ID, 5),
      circumstances(),
    );
    expect(again.next).to.deep.include({ producerEpoch: 6, lastProducerEpoch: 5 });
  });

  it('fences who has been replaced', () => {
    const fenced = { errorCode: Errors.PRODUCER_FENCED };
    expect(initProducerId(current(), asking(99, 5), circumstances())).to.deep.equal(fenced);
    expect(initProducerId(current(), asking(PRODUCER_ID, 4), circumstances())).to.deep.equal(fenced);
    expect(initProducerId(current(), asking(PRODUCER_ID, 6), circumstances())).to.deep.equal(fenced);
    const exhausted = current({ producerEpoch: LAST_EPOCH, lastProducerEpoch: LAST_EPOCH - 1 });
    expect(initProducerId(exhausted, asking(PRODUCER_ID, 3), circumstances())).to.deep.equal(fenced);
  });

  it('aborts an open transaction first, under an epoch that nobody gets', () => {
    const raised = initProducerId(current({ state: ONGOING }), asking(), circumstances(2));
    expect(summary(raised)).to.deep.equal([Errors.CONCURRENT_TRANSACTIONS, PREPARE_ABORT, PRODUCER_ID, 6]);
    expect(raised.next).to.deep.include({ lastProducerEpoch: 5, clientTransactionVersion: 2, nextProducerId: -1 });
    const kept = initProducerId(current({ state: ONGOING, lastProducerEpoch: 4 }), asking(), circumstances(1));
    expect(summary(kept)).to.deep.equal([Errors.CONCURRENT_TRANSACTIONS, PREPARE_ABORT, PRODUCER_ID, 6]);
    expect(kept.next).to.deep.include({ lastProducerEpoch: -1, clientTransactionVersion: 0 });
  });

  it('goes on with a new id when the epochs have run out', () => {
    const exhausted = { producerEpoch: LAST_EPOCH };
    const fresh = initProducerId(current(exhausted), asking(), circumstances());
    expect(summary(fresh)).to.deep.equal([0, EMPTY, 7000, 0]);
    expect(fresh.next).to.deep.include({ previousProducerId: PRODUCER_ID, lastProducerEpoch: -1 });
    const continued = initProducerId(current(exhausted), asking(PRODUCER_ID, LAST_EPOCH), circumstances());
    expect(continued.next).to.deep.include({ producerId: 7000, producerEpoch: 0, lastProducerEpoch: LAST_EPOCH });
    // It repeats that, and is told the same.
    const known = { metadata: continued.next as never, isPending: false };
    const again = initProducerId(known, asking(PRODUCER_ID, LAST_EPOCH), circumstances());
    expect(again.next).to.deep.include({ producerId: 7000, producerEpoch: 0, lastProducerEpoch: LAST_EPOCH });
    // An abort that uses up the last epoch already names the id to come.
    const aborted = initProducerId(current({ state: ONGOING, ...exhausted }), asking(), circumstances(2));
    expect(aborted.next).to.deep.include({ producerId: PRODUCER_ID, producerEpoch: 32_767, nextProducerId: 7000 });
  });

  it('waits for a step that is on its way, and for an end that is carried out', () => {
    const wait = { errorCode: Errors.CONCURRENT_TRANSACTIONS };
    for (const state of [EMPTY, ONGOING, COMPLETE_ABORT]) {
      expect(initProducerId(current({ state }, true), asking(), circumstances())).to.deep.equal(wait);
    }
    for (const state of [PREPARE_COMMIT, PREPARE_ABORT]) {
      expect(initProducerId(current({ state }), asking(), circumstances())).to.deep.equal(wait);
    }
    expect(initProducerId(current({ state: DEAD }), asking(), circumstances()).errorCode).to.equal(
      Errors.UNKNOWN_SERVER_ERROR,
    );
  });
});
