// Transactions whose first batch waits for its verification (KIP-890), as Apache Kafka 4.3.1 was seen to judge.
import { expect } from 'chai';
import { Errors } from '../../../src/protocol/index.ts';
import { defaultLogConfig, VerificationGuard } from '../../../src/log/index.ts';
import { buildBatch, buildEndTransactionMarker } from '../../../src/protocol/records/index.ts';
import { LogFixture, NOW } from '../log-fixture.ts';

type Origin = 'client' | 'coordinator';
const RECORD = { key: Buffer.from('key'), value: Buffer.from('value'), timestamp: NOW };

describe('a transaction that is verified before its first batch', () => {
  const PRODUCER = 7;
  let fixture: LogFixture;
  beforeEach(async () => {
    fixture = await new LogFixture().open();
  });
  const start = (sequence = 0, producerEpoch = 0, supportsEpochBump = false) =>
    fixture.log.transactions.startVerification({ producerId: PRODUCER, producerEpoch, sequence, supportsEpochBump });
  const guardFor = (...asked: Parameters<typeof start>) => start(...asked) as VerificationGuard;
  const produce = (
    guard: VerificationGuard | undefined,
    sequence = 0,
    producerEpoch = 0,
    origin: Origin = 'client',
  ) => {
    const options = { producerId: PRODUCER, producerEpoch, baseSequence: sequence, isTransactional: true };
    return fixture.send(buildBatch([RECORD], options), origin, 0, { guard }).errorCode;
  };
  const end = (producerEpoch: number, transactionVersion: number, coordinatorEpoch = 0) => {
    const marker = { isCommit: true, producerId: PRODUCER, producerEpoch, coordinatorEpoch, timestamp: NOW };
    return fixture.send(buildEndTransactionMarker(marker), 'coordinator', 0, { transactionVersion }).errorCode;
  };

  for (const origin of ['client', 'coordinator'] as const) {
    it(`takes no batch of a ${origin} without a guard, nor with one that is not its own`, () => {
      expect(produce(undefined, 0, 0, origin)).to.equal(Errors.INVALID_TXN_STATE);
      const guard = guardFor();
      expect(produce(undefined, 0, 0, origin)).to.equal(Errors.INVALID_TXN_STATE);
      const other = new VerificationGuard(NOW, {
        producerId: PRODUCER,
        producerEpoch: 0,
        sequence: 0,
        supportsEpochBump: false,
      });
      expect(produce(other, 0, 0, origin)).to.equal(Errors.INVALID_TXN_STATE);
      expect(produce(guard, 0, 0, origin)).to.equal(Errors.NONE);
      expect(start(), 'open').to.equal(Errors.NONE);
      expect(produce(undefined, 1, 0, origin)).to.equal(Errors.NONE);
      expect(end(0, 0)).to.equal(Errors.NONE);
      expect(produce(guard, 2, 0, origin), 'over').to.equal(Errors.INVALID_TXN_STATE);
    });
  }

  it('is not begun when a marker has come since it was verified', () => {
    const guard = guardFor();
    expect(end(0, 0)).to.equal(Errors.NONE);
    expect(produce(guard)).to.equal(Errors.INVALID_TXN_STATE);
    const again = guardFor();
    expect(again).to.not.equal(guard);
    expect(produce(guard)).to.equal(Errors.INVALID_TXN_STATE);
    expect(produce(again)).to.equal(Errors.NONE);
  });

  it('is begun behind the late marker of the one before, which has its epoch, under transaction.version 2', () => {
    produce(guardFor());
    const guard = guardFor(0, 1, true);
    expect(end(1, 2)).to.equal(Errors.NONE);
    expect(produce(guard, 0, 1)).to.equal(Errors.NONE);
    expect(fixture.log.producers()[0]).to.include({ producerEpoch: 1, currentTxnStartOffset: 2 });
  });

  it('begins with the lowest sequence that has asked for it', () => {
    const guard = guardFor(1);
    expect(guardFor(0)).to.equal(guard);
    expect(guardFor(2)).to.equal(guard);
    expect(produce(guard, 1)).to.equal(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
    expect(produce(guard, 0)).to.equal(Errors.NONE);
    expect(produce(undefined, 1)).to.equal(Errors.NONE);
  });

  it('forgets the lowest sequence with the epoch', () => {
    const guard = guardFor(0);
    guardFor(3, 1);
    guardFor(1, 0);
    expect(guard).to.include({ epoch: 1, lowestSequence: 3 });
  });

  it('begins with sequence 0 under transaction.version 2, and before anywhere', () => {
    expect(produce(guardFor(5, 0, true), 5)).to.equal(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
    expect(end(0, 0)).to.equal(Errors.NONE);
    expect(produce(guardFor(5, 1), 5, 1)).to.equal(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
    expect(produce(guardFor(0, 1, true), 0, 1)).to.equal(Errors.NONE);
  });

  it('is refused to a producer that has been replaced before it is verified', () => {
    const early = guardFor();
    expect(end(3, 0)).to.equal(Errors.NONE);
    expect(start(0, 2)).to.equal(Errors.INVALID_PRODUCER_EPOCH);
    expect(produce(early, 0, 2)).to.equal(Errors.INVALID_PRODUCER_EPOCH);
    expect(fixture.log.transactions.check(PRODUCER, 2, undefined)).to.equal(Errors.INVALID_PRODUCER_EPOCH);
    expect(fixture.log.transactions.check(PRODUCER, 3, undefined)).to.equal(Errors.INVALID_TXN_STATE);
    expect(fixture.log.transactions.check(PRODUCER, 3, guardFor(0, 3))).to.equal(Errors.NONE);
  });

  it('is not asked for where the operator has turned it off, unless the broker adds the partition itself', () => {
    fixture.manager.updateConfig({ ...defaultLogConfig, transactionPartitionVerificationEnable: false });
    expect(start()).to.equal(Errors.NONE);
    expect(guardFor(0, 0, true)).to.be.instanceOf(VerificationGuard);
    expect(produce(undefined)).to.equal(Errors.NONE);
  });

  it('is forgotten when no batch has followed for producer.id.expiration.ms', () => {
    const guard = guardFor();
    const day = 86_400_000;
    fixture.log.removeExpiredProducers(fixture.clock.nowMs() + day - 1);
    expect(fixture.log.transactions.guardOf(PRODUCER)).to.equal(guard);
    fixture.log.removeExpiredProducers(fixture.clock.nowMs() + day);
    expect(fixture.log.transactions.guardOf(PRODUCER)).to.equal(undefined);
  });

  describe('ends with a marker', () => {
    it('of its epoch or a later one', () => {
      produce(guardFor(0, 5), 0, 5);
      expect(end(4, 0)).to.equal(Errors.INVALID_PRODUCER_EPOCH);
      expect(end(5, 0)).to.equal(Errors.NONE);
      expect(end(5, 0), 'doubled').to.equal(Errors.NONE);
      expect(end(6, 1)).to.equal(Errors.NONE);
    });

    it('of a later epoch under transaction.version 2; the same again only when nothing is open', () => {
      produce(guardFor(0, 5), 0, 5);
      expect(end(5, 2)).to.equal(Errors.INVALID_PRODUCER_EPOCH);
      expect(end(6, 2)).to.equal(Errors.NONE);
      expect(end(6, 2), 'doubled').to.equal(Errors.NONE);
      produce(guardFor(0, 6), 0, 6);
      expect(end(6, 2), 'late').to.equal(Errors.INVALID_PRODUCER_EPOCH);
      expect(fixture.log.producers()[0]).to.include({ currentTxnStartOffset: 3 });
    });

    it('of its own epoch under transaction.version 2 when that is the last of its producer id', () => {
      produce(guardFor(0, 0x7fff), 0, 0x7fff);
      expect(end(0x7fff, 2)).to.equal(Errors.NONE);
    });

    it('for a producer that is not known, too', () => {
      expect(end(0, 0)).to.equal(Errors.NONE);
      expect(fixture.log.producers()[0]).to.include({ producerEpoch: 0, lastSequence: -1, coordinatorEpoch: 0 });
      expect(fixture.log.abortedTransactions(0, 9)).to.deep.equal([]);
    });

    it('of a coordinator that is not older than the last', () => {
      expect(end(0, 0, 4)).to.equal(Errors.NONE);
      expect(end(1, 2, 3)).to.equal(Errors.TRANSACTION_COORDINATOR_FENCED);
      expect(end(1, 2, 4)).to.equal(Errors.NONE);
    });
  });
});
