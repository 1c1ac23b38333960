import { expect } from 'chai';
import fc from 'fast-check';
import {
  type ControlRecord,
  CorruptBatchError,
  controlBatch,
  dataBatch,
  readBatches,
} from '../../../src/kraft/raft/index.ts';
import { buildBatch, isBatchValid, recordsOf } from '../../../src/protocol/records/index.ts';

const timestamp = 1_700_000_000_000;
const voter = {
  voterId: 1,
  voterDirectoryId: 'oaKjpKWmp6ixsrO0tba3uA',
  endpoints: [{ name: 'CONTROLLER', host: 'localhost', port: 9093 }],
  kRaftVersionFeature: { minSupportedVersion: 0, maxSupportedVersion: 1 },
};
const plain = (voterId: number) => ({ voterId, voterDirectoryId: 'AAAAAAAAAAAAAAAAAAAAAA' });

/** Bytes that Apache Kafka's own classes wrote. */
const golden: readonly [ControlRecord, number, number, string][] = [
  [
    {
      type: 'LeaderChange',
      value: { version: 0, leaderId: 1, voters: [plain(1), plain(2)], grantingVoters: [plain(1), plain(2)] },
    },
    0,
    1,
    '0000000000000000000000590000000102766a3a350020000000000000018bcfe568000000018bcfe56800ffffffffffffffffffffffffffff000000014e00000008000000023a000000000001030000000100000000020003000000010000000002000000',
  ],
  [
    { type: 'SnapshotHeader', value: { version: 0, lastContainedLogTimestamp: timestamp } },
    0,
    7,
    '0000000000000000000000470000000702c7ac78040020000000000000018bcfe568000000018bcfe56800ffffffffffffffffffffffffffff000000012a00000008000000031600000000018bcfe568000000',
  ],
  [
    { type: 'SnapshotFooter', value: { version: 0 } },
    9,
    7,
    '00000000000000090000003f00000007028f6608e60020000000000000018bcfe568000000018bcfe56800ffffffffffffffffffffffffffff000000011a00000008000000040600000000',
  ],
  [
    { type: 'KRaftVersion', value: { version: 0, kRaftVersion: 1 } },
    1,
    7,
    '0000000000000001000000410000000702a89c55860020000000000000018bcfe568000000018bcfe56800ffffffffffffffffffffffffffff000000011e00000008000000050a000000010000',
  ],
  [
    { type: 'KRaftVoters', value: { version: 0, voters: [voter] } },
    2,
    7,
    '0000000000000002000000740000000702b4352cc20020000000000000018bcfe568000000018bcfe56800ffffffffffffffffffffffffffff00000001820100000008000000066e00000200000001a1a2a3a4a5a6a7a8b1b2b3b4b5b6b7b8020b434f4e54524f4c4c45520a6c6f63616c686f73742385000000000100000000',
  ],
];

describe('batches of the metadata log', () => {
  for (const [record, baseOffset, epoch, hex] of golden) {
    it(`writes and reads ${record.type} as Kafka does`, () => {
      const bytes = controlBatch({ baseOffset, epoch, timestamp }, [record]);
      expect(bytes.toString('hex')).to.equal(hex);
      const [read] = [...readBatches(bytes)];
      expect(read).to.deep.include({ baseOffset, lastOffset: baseOffset, epoch, timestamp, controlRecords: [record] });
    });
  }

  it('writes what the batch builder writes, and reads it back', () => {
    const values = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(values, fc.nat(), fc.nat(1000), (list, baseOffset, epoch) => {
        const ours = dataBatch({ baseOffset, epoch, timestamp }, list);
        expect(isBatchValid(ours)).to.equal(true);
        const theirs = buildBatch(
          list.map((value, offsetDelta) => ({ key: null, value, timestamp, offsetDelta })),
          { baseOffset, leaderEpoch: epoch },
        );
        expect(ours.equals(theirs)).to.equal(true);
        const [read] = [...readBatches(ours)];
        expect(read?.values.map((value) => [...value])).to.deep.equal(list.map((value) => [...value]));
        expect([...recordsOf(ours)]).to.have.length(list.length);
      }),
      { numRuns: 50 },
    );
  });

  it('refuses a batch that is cut off or changed', () => {
    const bytes = dataBatch({ baseOffset: 0, epoch: 1, timestamp }, [Buffer.from('one'), Buffer.from('two')]);
    for (let end = 1; end < bytes.length; end += 7) {
      expect(() => [...readBatches(bytes.subarray(0, end))]).to.throw(CorruptBatchError);
    }
    const changed = Buffer.from(bytes);
    changed.writeUInt8(changed.readUInt8(70) ^ 1, 70);
    expect(() => [...readBatches(changed)]).to.throw(CorruptBatchError, /checksum/);
  });
});
