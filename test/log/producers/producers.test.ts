// Sequences, retries and transactions of idempotent producers (KIP-98, KIP-360), as Apache Kafka 4.3.1 was seen to judge.
import { type VerificationGuard } from '../../../src/log/index.ts';
import { expect } from 'chai';
import { Errors } from '../../../src/protocol/index.ts';
import { buildBatch, buildEndTransactionMarker } from '../../../src/protocol/records/index.ts';
import { LogFixture, NOW } from '../log-fixture.ts';

const RECORD = { key: Buffer.from('key'), value: Buffer.from('value'), timestamp: NOW };
const LAST_SEQUENCE = 0x7fff_ffff;

describe('idempotent producers', () => {
  let fixture: LogFixture;
  beforeEach(async () => {
    fixture = await new LogFixture().open();
  });
  const produce = (sequence: number, count = 1, epoch = 0, producerId = 7) =>
    fixture.append({
      producerId,
      producerEpoch: epoch,
      baseSequence: sequence,
      timestamps: Array.from({ length: count }, (_, i) => NOW + (sequence % 1000) + i),
    });

  it('may begin anywhere when they are not known', () => {
    expect(produce(5)).to.include({ errorCode: 0, firstOffset: 0 });
    expect(produce(0, 2)).to.include({
      errorCode: Errors.OUT_OF_ORDER_SEQUENCE_NUMBER,
      logStartOffset: 0,
      errorMessage: null,
    });
  });

  it('are answered again for a retry of one of their last five batches, with its largest timestamp', () => {
    produce(0, 2);
    for (let sequence = 2; sequence < 8; sequence++) produce(sequence);
    expect(produce(3)).to.include({
      errorCode: 0,
      isDuplicate: true,
      firstOffset: 3,
      lastOffset: 3,
      logAppendTimeMs: NOW + 3,
    });
    for (const [sequence, count] of [
      [2, 1],
      [0, 2],
      [6, 2],
    ] as const) {
      expect(produce(sequence, count).errorCode, `${sequence}`).to.equal(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
    }
    expect(produce(8)).to.include({ errorCode: 0, isDuplicate: false, firstOffset: 8 });
  });

  it('must begin a new epoch at 0, and an old one is fenced', () => {
    produce(0);
    expect(produce(3, 1, 1).errorCode).to.equal(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
    expect(produce(0, 1, 1).errorCode).to.equal(0);
    expect(produce(8, 1, 0).errorCode).to.equal(Errors.INVALID_PRODUCER_EPOCH);
  });

  it('wrap from 2^31 - 1 to 0', () => {
    expect(produce(LAST_SEQUENCE - 1, 2).errorCode).to.equal(0);
    expect(produce(0).errorCode).to.equal(0);
    expect(fixture.log.producers()[0]).to.include({ lastSequence: 0 });
  });

  it('must say a sequence', () => {
    expect(produce(-1).errorCode).to.equal(Errors.INVALID_RECORD);
  });

  for (const end of ['restart', 'kill'] as const) {
    it(`are known after a ${end}, with their last five batches`, async () => {
      for (let sequence = 0; sequence < 7; sequence++) {
        produce(sequence);
        produce(sequence, 1, 0, 8);
      }
      await fixture.settle();
      await fixture[end]();
      expect(produce(1).errorCode).to.equal(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
      for (let sequence = 2; sequence < 7; sequence++) {
        expect(produce(sequence)).to.include({ isDuplicate: true, firstOffset: 2 * sequence });
        expect(produce(sequence, 1, 0, 8)).to.include({ isDuplicate: true, firstOffset: 2 * sequence + 1 });
      }
      expect(produce(7)).to.include({ isDuplicate: false, firstOffset: 14 });
    });
  }

  it('are known with five batches where segments have ended between them, and after another restart', async () => {
    fixture.config = { ...fixture.config, segmentBytes: 400 };
    fixture.log.updateConfig(fixture.config);
    for (let sequence = 0; sequence < 12; sequence++) {
      produce(sequence);
      await fixture.settle();
    }
    await fixture.restart();
    await fixture.restart();
    expect(fixture.files().filter((name) => name.endsWith('.log'))).to.have.length.above(2);
    for (let sequence = 7; sequence < 12; sequence++) {
      expect(produce(sequence)).to.include({ isDuplicate: true, firstOffset: sequence });
    }
    expect(produce(6).errorCode).to.equal(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
  });

  it('are not mistaken for those of another epoch after a restart', async () => {
    produce(0);
    produce(1);
    produce(0, 1, 1);
    await fixture.settle();
    await fixture.restart();
    expect(produce(0, 1, 1)).to.include({ isDuplicate: true, firstOffset: 2 });
    expect(produce(1, 1, 0).errorCode).to.equal(Errors.INVALID_PRODUCER_EPOCH);
    expect(produce(1, 1, 1)).to.include({ isDuplicate: false, firstOffset: 3 });
  });

  it('are forgotten after producer.id.expiration.ms without a write', async () => {
    produce(0);
    await fixture.settle();
    fixture.log.removeExpiredProducers(NOW + 86_400_000 - 1);
    expect(fixture.log.producers()).to.have.length(1);
    fixture.log.removeExpiredProducers(NOW + 86_400_000);
    expect(fixture.log.producers()).to.deep.equal([]);
    expect(produce(44).errorCode).to.equal(0);
  });
});

describe('transactions in the log', () => {
  let fixture: LogFixture;
  beforeEach(async () => {
    fixture = await new LogFixture().open();
  });
  const produce = (producerId: number, sequence: number) =>
    fixture.append({ producerId, producerEpoch: 0, baseSequence: sequence, isTransactional: true });
  const end = (producerId: number, isCommit: boolean, coordinatorEpoch = 1, producerEpoch = 0) =>
    fixture.send(
      buildEndTransactionMarker({ isCommit, producerId, producerEpoch, coordinatorEpoch, timestamp: NOW }),
      'coordinator',
    );

  const produceWith = (producerId: number, sequence: number, guard: VerificationGuard | undefined) => {
    const options = { producerId, producerEpoch: 0, baseSequence: sequence, isTransactional: true };
    return fixture.send(buildBatch([RECORD], options), 'client', 0, { guard });
  };

  it('hold the last stable offset until they end', async () => {
    fixture.append();
    produce(1, 0);
    produce(2, 0);
    fixture.append();
    await fixture.settle();
    expect(fixture.log.lastStableOffset).to.equal(1);
    end(1, true);
    await fixture.settle();
    expect(fixture.log.lastStableOffset).to.equal(2);
    end(2, false);
    await fixture.settle();
    expect(fixture.log.lastStableOffset).to.equal(6);
    expect(fixture.log.abortedTransactions(0, 6)).to.deep.equal([
      { producerId: 2, firstOffset: 2, lastOffset: 5, lastStableOffset: 6 },
    ]);
    expect(fixture.log.abortedTransactions(0, 2)).to.deep.equal([]);
  });

  it('survive a clean stop and the end of the process', async () => {
    produce(1, 0);
    end(1, false);
    produce(1, 1);
    await fixture.settle();
    for (const again of ['restart', 'kill'] as const) {
      await fixture[again]();
      expect(fixture.log.lastStableOffset, again).to.equal(2);
      expect(fixture.log.producers()[0], again).to.include({ currentTxnStartOffset: 2, coordinatorEpoch: 1 });
      expect(
        fixture.log.abortedTransactions(0, 3).map((one) => one.firstOffset),
        again,
      ).to.deep.equal([0]);
    }
  });

  it('keep other writes of their producer out, and old coordinators', async () => {
    produce(1, 0);
    expect(fixture.append({ producerId: 1, producerEpoch: 0, baseSequence: 1 }).errorCode).to.equal(
      Errors.INVALID_TXN_STATE,
    );
    end(1, true, 5);
    expect(end(1, true, 4).errorCode).to.equal(Errors.TRANSACTION_COORDINATOR_FENCED);
    expect(end(1, true, 5, -1).errorCode).to.equal(Errors.INVALID_PRODUCER_EPOCH);
  });

  it('are in the snapshot of the producers while they are open, and go on behind it', async () => {
    produce(1, 0);
    produce(2, 0);
    end(2, true);
    await fixture.settle();
    await fixture.restart();
    expect(fixture.log.producers().map((one) => [one.producerId, one.currentTxnStartOffset])).to.deep.equal([
      [1, 0],
      [2, -1],
    ]);
    // No verification: the transaction is open here already.
    expect(produceWith(1, 1, undefined).errorCode).to.equal(Errors.NONE);
    end(1, false);
    await fixture.settle();
    expect(fixture.log.lastStableOffset).to.equal(fixture.log.logEndOffset);
    expect(fixture.log.abortedTransactions(0, 5).map(({ producerId }) => producerId)).to.deep.equal([1]);
  });

  it('keep their producer from being forgotten until they end', async () => {
    produce(1, 0);
    await fixture.settle();
    fixture.log.removeExpiredProducers(NOW + 10 * 86_400_000);
    expect(fixture.log.producers()).to.have.length(1);
    end(1, true);
    fixture.log.removeExpiredProducers(NOW + 10 * 86_400_000);
    expect(fixture.log.producers()).to.deep.equal([]);
  });

  it('may have lost their first records: what is left of them is held all the same', async () => {
    produce(1, 0);
    produce(1, 1);
    fixture.append();
    await fixture.settle();
    fixture.log.deleteRecordsBefore(2);
    expect(fixture.log.lastStableOffset).to.equal(2);
    end(1, false);
    await fixture.settle();
    expect(fixture.log.lastStableOffset).to.equal(4);
    expect(fixture.log.abortedTransactions(2, 4).map(({ firstOffset }) => firstOffset)).to.deep.equal([0]);
  });

  it('may lose their first segment to retention, and end all the same, before a restart or behind it', async () => {
    for (const again of [undefined, 'restart', 'kill'] as const) {
      fixture = await new LogFixture({ segmentBytes: 200, retentionBytes: 0 }).open();
      produce(1, 0);
      produce(1, 1);
      for (let count = 0; count < 4; count++) fixture.append();
      await fixture.settle();
      fixture.log.takeExpiredSegments(NOW);
      const { logStartOffset } = fixture.log;
      expect(logStartOffset).to.be.greaterThan(1);
      if (again !== undefined) await fixture[again]();
      expect(fixture.log.lastStableOffset, again).to.equal(fixture.log.logStartOffset);
      expect(fixture.log.producers()[0], again).to.include({ producerId: 1, currentTxnStartOffset: 0 });
      expect(end(1, false).errorCode, again).to.equal(Errors.NONE);
      await fixture.settle();
      const { logEndOffset } = fixture.log;
      expect(fixture.log.lastStableOffset, again).to.equal(logEndOffset);
      expect(fixture.log.abortedTransactions(logStartOffset, logEndOffset), again).to.have.length(1);
    }
  });

  it('hold the last stable offset until their marker is on all replicas', async () => {
    produce(1, 0);
    await fixture.settle();
    end(1, true);
    // Appended, and not written yet.
    expect(fixture.log.lastStableOffset).to.equal(0);
    await fixture.settle();
    expect(fixture.log.lastStableOffset).to.equal(2);
  });

  it('have the index of aborted ones in Kafka’s format', async () => {
    produce(1, 0);
    end(1, false);
    await fixture.settle();
    await fixture.clock.run(fixture.manager.close());
    const bytes = Buffer.from(fixture.disk.readFileSync('/data/orders-0/00000000000000000000.txnindex'));
    const fields = [bytes.readInt16BE(0), ...[2, 10, 18, 26].map((at) => Number(bytes.readBigInt64BE(at)))];
    expect([bytes.length, ...fields]).to.deep.equal([34, 0, 1, 0, 1, 2]);
  });
});
