// Batches as the producer writes them, record by record, are those of the builder that golden data of Kafka's judge.
import { expect } from 'chai';
import fc from 'fast-check';
import { BatchWriter } from '../../../src/client/producer/batch-writer.ts';
import { buildBatch, type CodecId, HEADER_SIZE, recordsOf } from '../../../src/protocol/index.ts';
import { ProducerBatch } from '../../../src/client/producer/producer-batch.ts';

const content = fc.option(fc.uint8Array({ maxLength: 200 }), { nil: null });
const record = fc.record({
  key: content,
  value: content,
  timestamp: fc.oneof(
    fc.maxSafeInteger(),
    fc.bigInt(-(2n ** 62n), 2n ** 62n).filter((one) => one < -(2n ** 53n) || one > 2n ** 53n),
  ),
  headers: fc.array(fc.record({ key: fc.string(), value: content }), { maxLength: 3 }),
});
const HEADER = { producerId: 4711, producerEpoch: 3, baseSequence: 17, isTransactional: true };
const NO_PRODUCER = { producerId: -1, producerEpoch: -1, baseSequence: -1, isTransactional: false };

describe('A batch that is written record by record', () => {
  it('is that of Kafka’s builder, byte for byte, under any codec', () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 20 }), fc.constantFrom(0, 1, 2, 3), (records, codec) => {
        const writer = new BatchWriter(Buffer.alloc(80), Number.POSITIVE_INFINITY);
        for (const { key, value, headers, timestamp } of records) writer.append(key, value, headers, timestamp);
        const bytes = writer.finish(HEADER, codec as CodecId, undefined);
        expect(bytes.equals(buildBatch(records, { ...HEADER, codec: codec as CodecId }))).to.equal(true);
      }),
    );
  });

  it('takes texts as their UTF-8 bytes, and gets another header without being written again', () => {
    const writer = new BatchWriter(Buffer.alloc(100), 1000);
    writer.append('schlüssel', 'Wert ✓', [{ key: 'ü', value: null }], 5);
    const bytes = {
      key: Buffer.from('schlüssel'),
      value: Buffer.from('Wert ✓'),
      headers: [{ key: 'ü', value: null }],
      timestamp: 5,
    };
    expect(writer.finish(NO_PRODUCER, 0, undefined).equals(buildBatch([bytes]))).to.equal(true);
    expect(writer.finish(HEADER, 0, undefined).equals(buildBatch([bytes], HEADER))).to.equal(true);
  });

  it('takes its first record whatever its size, and more as long as they fit', () => {
    const writer = new BatchWriter(Buffer.alloc(100), 150);
    expect(writer.append(null, Buffer.alloc(60), [], 0)).to.equal(true);
    expect(writer.isFull).to.equal(false);
    expect(writer.append(null, Buffer.alloc(60), [], 0)).to.equal(false);
    expect(writer.append(null, Buffer.alloc(5), [], 0)).to.equal(true);
    const large = new BatchWriter(Buffer.alloc(100), 150);
    expect([large.append(null, Buffer.alloc(500), [], 0), large.isFull]).to.deep.equal([true, true]);
    // Expected to be packed to a tenth: ten times as much goes in, less five in a hundred to be on the safe side.
    const packed = new BatchWriter(Buffer.alloc(100), HEADER_SIZE + 100, 0.1);
    let count = 0;
    while (packed.append(null, Buffer.alloc(40), [], 0)) count += 1;
    expect(count).to.equal(11);
  });

  it('is split into batches that fit, in order, whose records are told for themselves', async () => {
    const place = { topic: 't', partition: 0, createdMs: 0, deadlineMs: 0 };
    const batch = new ProducerBatch(place, new BatchWriter(Buffer.alloc(100), Number.POSITIVE_INFINITY));
    const sent = Array.from({ length: 30 }, (_, index) => {
      return new Promise<{ offset: number }>((resolve, reject) => {
        const value = Buffer.from(`${index}`.padEnd(40, '.'));
        batch.appendAlone({ key: null, value, headers: [], timestamp: index }, resolve, reject);
      });
    });
    const parts = batch.split(300);
    expect(parts.length).to.be.within(5, 10);
    let offset = 0;
    for (const part of parts) {
      const bytes = part.bytes(0, undefined, false);
      expect(bytes.length).to.be.at.most(300);
      for (const { value } of recordsOf(bytes)) {
        expect(Buffer.from(value ?? []).toString()).to.equal(`${offset}`.padEnd(40, '.'));
        offset += 1;
      }
      part.placed(1000 + offset - part.writer.recordCount, -1);
    }
    expect((await Promise.all(sent)).map((one) => one.offset)).to.deep.equal(sent.map((_, index) => 1000 + index));
  });
});
