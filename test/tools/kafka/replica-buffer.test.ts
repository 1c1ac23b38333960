// Replicas held against each other, batch by batch, as kafka-replica-verification does it.
import { expect } from 'chai';
import { buildBatch } from '../../../src/protocol/index.ts';
import { type CheckedPartition, type ReplicaAnswer, verified } from '../../../src/tools/kafka/replica-buffer.ts';

function batch(baseOffset: number, ...values: string[]): Buffer {
  return Buffer.from(
    buildBatch(
      values.map((value) => ({ key: null, value: Buffer.from(value), timestamp: 1 })),
      { baseOffset },
    ),
  );
}

const answer = (brokerId: number, highWatermark: number, ...batches: Buffer[]): ReplicaAnswer => ({
  brokerId,
  highWatermark,
  records: Buffer.concat(batches),
});

const partition = (offset: number, ...answers: ReplicaAnswer[]): CheckedPartition => ({
  topic: 't',
  partition: 0,
  replicas: [1, 2],
  offset,
  answers,
});

describe('A round of replicas', () => {
  it('that hold the same moves behind what all of them have below their high watermarks', () => {
    const one = partition(0, answer(1, 5, batch(0, 'a', 'b'), batch(2, 'c')), answer(2, 3, batch(0, 'a', 'b')));
    expect(verified([one])).to.deep.equal({ lines: [], isBroken: false, maxLag: 3, place: one, offset: 2 });
    expect(one).to.include({ offset: 2 }).and.to.have.property('answers').that.deep.equals([]);
  });

  it('passes over what is not below the high watermark of each', () => {
    const one = partition(0, answer(1, 2, batch(0, 'a', 'b')), answer(2, 1, batch(0, 'x', 'y')));
    expect(verified([one])).to.include({ isBroken: false, maxLag: 2, offset: 0 });
  });

  it('tells of batches that are not the same', () => {
    const one = partition(0, answer(1, 9, batch(0, 'a')), answer(2, 9, batch(0, 'b')));
    const { lines, isBroken, offset } = verified([one]);
    expect([isBroken, offset, lines.length]).to.deep.equal([false, 1, 1]);
    expect(lines[0]).to.match(
      /^partition t-0 has unmatched checksum at offset 0; replica 1's checksum \d+; replica 2's checksum \d+$/,
    );
  });

  it('ends where batches do not even end alike', () => {
    const one = partition(0, answer(1, 9, batch(0, 'a')), answer(2, 9, batch(0, 'a', 'b')));
    expect(verified([one])).to.deep.include({
      isBroken: true,
      lines: ["partition t-0: replica 1's offset 0 doesn't match replica 2's offset 1"],
    });
  });

  it('compares nothing while a replica is silent, and tells of the partition that lags most', () => {
    const silent = partition(0, answer(1, 9, batch(0, 'a')));
    const behind = { ...partition(4, answer(1, 50), answer(2, 40)), partition: 1 };
    expect(verified([silent, behind])).to.deep.equal({
      lines: [],
      isBroken: false,
      maxLag: 46,
      place: behind,
      offset: 4,
    });
  });
});
