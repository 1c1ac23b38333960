// The records of __transaction_state: the bytes of Apache Kafka, and what is lost in them.
import { expect } from 'chai';
import * as fc from 'fast-check';
import { type TransactionMetadata, TransactionState } from '../../src/transaction-coordinator/transaction-metadata.ts';
import { TransactionPartitions } from '../../src/transaction-coordinator/transaction-partitions.ts';
import { transactionRecordSerde, valueVersionFor } from '../../src/transaction-coordinator/transaction-record.ts';
import { transaction } from './transactions.ts';

/** As Apache Kafka wrote it. */
const ONGOING = transaction({
  state: TransactionState.ONGOING,
  startTimestampMs: 1_700_000_000_000,
  lastUpdateTimestampMs: 1_700_000_000_000,
  previousProducerId: -1,
});

function bytesOf(metadata: TransactionMetadata | null, valueVersion: number) {
  const { key, value } = transactionRecordSerde.encode({ transactionalId: 'tx', metadata, valueVersion });
  return { key: Buffer.from(key).toString('hex'), value: value && Buffer.from(value).toString('hex') };
}

function readBack(metadata: TransactionMetadata, valueVersion: number): TransactionMetadata | null | undefined {
  const { key, value } = transactionRecordSerde.encode({ transactionalId: 'tx', metadata, valueVersion });
  return transactionRecordSerde.decode(key, value)?.metadata;
}

const plain = (metadata: TransactionMetadata | null | undefined) =>
  metadata && { ...metadata, partitions: metadata.partitions.byTopic() };

describe('Records of transactions', () => {
  it('are written as Apache Kafka writes them, by the level of transaction.version', () => {
    expect([0, 1, 2].map(valueVersionFor)).to.deep.equal([0, 1, 1]);
    expect(bytesOf(ONGOING, 0)).to.deep.equal({
      key: '000000027478',
      value:
        '00000000000000000fa000050000ea6001000000010003666f6f0000000200000000000000010000018bcfe568000000018bcfe56800',
    });
    expect(bytesOf(ONGOING, 1).value).to.equal(
      '00010000000000000fa000050000ea60010204666f6f030000000000000001000000018bcfe568000000018bcfe568000102020002',
    );
    expect(bytesOf(null, 1)).to.deep.equal({ key: '000000027478', value: null });
  });

  it('say of an empty transaction that it has no partitions, and of a complete one that it has none any more', () => {
    expect(bytesOf(transaction(), 0).value).to.match(/ffffffff0000018bcfe567f6ffffffffffffffff$/);
    const complete = bytesOf(transaction({ state: TransactionState.COMPLETE_ABORT }), 0);
    expect(complete.value).to.match(/000000000000018bcfe567f6ffffffffffffffff$/);
  });

  it('are read back whole, but for the epoch before', () => {
    const states = fc.constantFrom(...Object.values(TransactionState));
    const int64 = fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map((value) => {
      const near = Number(value);
      return Number.isSafeInteger(near) ? near : value;
    });
    const metadata = fc.record({
      state: states,
      producerId: int64,
      previousProducerId: int64,
      nextProducerId: int64,
      producerEpoch: fc.integer({ min: -1, max: 32_767 }),
      timeoutMs: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
      startTimestampMs: int64,
      lastUpdateTimestampMs: int64,
      clientTransactionVersion: fc.nat(2),
      topics: fc.array(
        fc.record({ topic: fc.string({ minLength: 1 }), partitions: fc.array(fc.nat(), { minLength: 1 }) }),
      ),
    });
    fc.assert(
      fc.property(metadata, ({ topics, ...parts }) => {
        const isEmpty = parts.state === TransactionState.EMPTY;
        const partitions = isEmpty ? TransactionPartitions.none : TransactionPartitions.of(topics);
        const written = { ...transaction(parts), partitions, lastProducerEpoch: 9 };
        const expected = plain({ ...written, lastProducerEpoch: -1 });
        expect(plain(readBack(written, 1))).to.deep.equal(expected);
        const older = { previousProducerId: -1, nextProducerId: -1, clientTransactionVersion: 0 };
        expect(plain(readBack(written, 0))).to.deep.equal({ ...expected, ...older });
      }),
      { numRuns: 100 },
    );
  });

  it('of another type are not known, and a state that does not exist is refused', () => {
    expect(transactionRecordSerde.decode(Buffer.from('0001', 'hex'), null)).to.equal(undefined);
    const { key, value } = transactionRecordSerde.encode({ transactionalId: 'tx', metadata: ONGOING, valueVersion: 0 });
    const changed = Buffer.from(value as Uint8Array);
    changed[16] = 9;
    expect(() => transactionRecordSerde.decode(key, changed)).to.throw('there is no state 9');
  });
});
