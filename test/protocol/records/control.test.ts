import { expect } from 'chai';
import {
  buildBatch,
  buildControlBatch,
  buildEndTransactionMarker,
  ControlRecordType,
  controlRecordKey,
  controlRecordType,
  InvalidRecordError,
  readEndTransactionMarker,
  recordsOf,
} from '../../../src/protocol/index.ts';

const timestamp = 1_700_000_000_000;

// Bytes of Kafka 4.3.1.
const golden = {
  plain:
    '0000000000000000000000420000000302aea06dc70000000000010000018bcfe568000000018bcfe56801ffffffffffffffffffffffffffff0000000210000000026b0276000e00020201027700',
  transactional:
    '000000000000002a0000003a00000003020dcb74470010000000000000018bcfe568000000018bcfe568000000000000000fa00005000000070000000110000000026b027600',
  snapshotHeader:
    '0000000000000000000000470000000702c7ac78040020000000000000018bcfe568000000018bcfe56800ffffffffffffffffffffffffffff000000012a00000008000000031600000000018bcfe568000000',
  commit:
    '0000000000000064000000420000000302d77078260030000000000000018bcfe568000000018bcfe568000000000000000fa00005ffffffff000000012000000008000000010c00000000000900',
  abort:
    '0000000000000064000000420000000302234eae6e0030000000000000018bcfe568000000018bcfe568000000000000000fa00005ffffffff000000012000000008000000000c00000000000900',
};

describe('batches that the broker builds', () => {
  it('are plain ones as Kafka writes them', () => {
    const records = [
      { key: Buffer.from('k'), value: Buffer.from('v'), timestamp },
      { value: Buffer.from('w'), timestamp: timestamp + 1 },
    ];
    expect(buildBatch(records, { leaderEpoch: 3 }).toString('hex')).to.equal(golden.plain);
    const options = {
      baseOffset: 42,
      leaderEpoch: 3,
      producerId: 4000,
      producerEpoch: 5,
      baseSequence: 7,
      isTransactional: true,
    };
    expect(buildBatch(records.slice(0, 1), options).toString('hex')).to.equal(golden.transactional);
  });

  it('are transaction markers as Kafka writes them', () => {
    const marker = {
      producerId: 4000,
      producerEpoch: 5,
      coordinatorEpoch: 9,
      timestamp,
      baseOffset: 100,
      leaderEpoch: 3,
    };
    expect(buildEndTransactionMarker({ ...marker, isCommit: true }).toString('hex')).to.equal(golden.commit);
    expect(buildEndTransactionMarker({ ...marker, isCommit: false }).toString('hex')).to.equal(golden.abort);
  });

  it('are control batches of the raft layer as Kafka writes them', () => {
    const value = Buffer.from('00000000018bcfe568000000', 'hex').subarray(0, 11);
    const batch = buildControlBatch([{ type: ControlRecordType.SNAPSHOT_HEADER, value }], {
      timestamp,
      baseOffset: 0,
      leaderEpoch: 7,
    });
    expect(batch.toString('hex')).to.equal(golden.snapshotHeader);
  });

  it('are read back, types of later releases as unknown', () => {
    const [record] = [...recordsOf(Buffer.from(golden.commit, 'hex'))];
    expect(controlRecordType(record!.key)).to.equal(ControlRecordType.COMMIT);
    expect(readEndTransactionMarker(record!.value)).to.deep.equal({ version: 0, coordinatorEpoch: 9 });
    expect(controlRecordType(Buffer.from('0001000100ff', 'hex'))).to.equal(ControlRecordType.COMMIT);
    expect(controlRecordType(Buffer.from('00000063', 'hex'))).to.equal(ControlRecordType.UNKNOWN);
    expect(readEndTransactionMarker(Buffer.from('000200000009ffff', 'hex'))).to.deep.equal({
      version: 2,
      coordinatorEpoch: 9,
    });
    for (const type of Object.values(ControlRecordType))
      expect(controlRecordType(controlRecordKey(type))).to.equal(type);
  });

  it('are refused where key or value are too short or of a negative version', () => {
    expect(() => controlRecordType(null)).to.throw(InvalidRecordError);
    expect(() => controlRecordType(Buffer.from('000000', 'hex'))).to.throw(InvalidRecordError);
    expect(() => controlRecordType(Buffer.from('ffff0001', 'hex'))).to.throw(InvalidRecordError);
    expect(() => readEndTransactionMarker(Buffer.from('0000000000', 'hex'))).to.throw(InvalidRecordError);
    expect(() => readEndTransactionMarker(Buffer.from('ffff00000009', 'hex'))).to.throw(InvalidRecordError);
  });
});
