// How a Writer cuts what it is given into chunks.
import { expect } from 'chai';
import fc from 'fast-check';
import { codecOf, EncodeError, Reader, Writer } from '../../src/protocol/index.ts';
import { array, message, records, string } from '../../src/protocol/schema.ts';

describe('a writer', () => {
  const schema = message('Sample', [0, 0], undefined, { name: string, records: records.nullable(), tail: string });

  it('lists records as they are, between what it wrote itself', () => {
    const writer = new Writer();
    const batch = Buffer.alloc(2000, 1);
    codecOf(schema, 0).encode(writer, { name: 'a', records: batch, tail: 'z' });
    const chunks = writer.finish();
    expect(chunks).to.have.length(3);
    expect(chunks[1]).to.equal(batch);
  });
  it('takes records in pieces', () => {
    const writer = new Writer();
    const pieces = [Buffer.alloc(1500, 1), Buffer.alloc(10, 2), Buffer.alloc(0)];
    codecOf(schema, 0).encode(writer, { name: 'a', records: pieces, tail: 'z' });
    const whole = Buffer.concat(writer.finish());
    expect(codecOf(schema, 0).decode(new Reader(whole)).records?.equals(Buffer.concat(pieces))).to.equal(true);
  });
  it('copies what is small', () => {
    const writer = new Writer();
    codecOf(schema, 0).encode(writer, { name: 'a', records: Buffer.alloc(100), tail: 'z' });
    expect(writer.finish()).to.have.length(1);
  });
  it('leaves the chunks of a finished message alone when it goes on', () => {
    const writer = new Writer();
    writer.string('first');
    const first = writer.finish();
    writer.string('other');
    writer.finish();
    expect(Buffer.concat(first).toString('latin1')).to.equal('\0\x05first');
  });
  it('forgets what was not finished on reset', () => {
    const writer = new Writer();
    writer.int32(1);
    writer.reference(Buffer.alloc(5));
    writer.int32(2);
    writer.reset();
    expect(writer.sizeBytes).to.equal(0);
    writer.int8(7);
    expect(writer.finishToBytes().toString('hex')).to.equal('07');
  });
  it('puts the size of a frame in front of it', () => {
    const writer = new Writer();
    writer.beginFrame();
    writer.int32(5);
    writer.reference(Buffer.alloc(3000));
    const whole = Buffer.concat(writer.finishFrame());
    expect(whole.readInt32BE(0)).to.equal(3004);
    expect(whole.length).to.equal(3008);
  });
  it('refuses strings that Kafka could not read back', () => {
    expect(() => new Writer().string('x'.repeat(32768))).to.throw(EncodeError, 'too long');
    expect(() => new Writer().compactString('é'.repeat(16384))).to.throw(EncodeError, 'too long');
    new Writer().string('x'.repeat(32767));
  });
  it('refuses a message that is too large, and goes on with the next', () => {
    const bounded = new Writer({ maxBytes: 100_000 });
    const write = (count: number): number => {
      for (let value = 0; value < count; value++) bounded.int32(value);
      return Buffer.concat(bounded.finish()).length;
    };
    expect(() => write(100_000)).to.throw(EncodeError, 'too large');
    bounded.reset();
    for (let round = 0; round < 4; round++) expect(write(10_000)).to.equal(40_000);
  });

  it('writes the same whatever the sizes are and however often it is used', () => {
    const list = message('List', [0, 1], 1, { list: array({ text: string, batch: records }) });
    const writer = new Writer();
    const text = fc.oneof(
      fc.string({ maxLength: 80 }),
      fc.string({ minLength: 500, maxLength: 3000, unit: 'grapheme' }),
    );
    const entries = fc.array(fc.record({ text, batch: fc.uint8Array({ maxLength: 3000 }) }), { maxLength: 20 });
    const property = fc.property(entries, fc.nat(1), (value, version) => {
      codecOf(list, version).encode(writer, { list: value });
      const size = writer.sizeBytes;
      const whole = Buffer.concat(writer.finish());
      expect(whole.length).to.equal(size);
      const read = codecOf(list, version).decode(new Reader(whole)).list;
      expect(read.map((entry) => entry.text)).to.deep.equal(value.map((entry) => entry.text));
      expect(read.every((entry, i) => entry.batch.equals(value[i]?.batch as Uint8Array))).to.equal(true);
    });
    fc.assert(property, { numRuns: 100 });
  });
});
