import { expect } from 'chai';
import fc from 'fast-check';
import {
  type BatchOptions,
  batchesOf,
  baseOffset,
  buildBatch,
  Codecs,
  CorruptRecordError,
  codecReady,
  ensureBatchValid,
  forEachRecord,
  InvalidRecordError,
  isBatchValid,
  lastOffset,
  loadCodec,
  partitionLeaderEpoch,
  RecordWalk,
  type RecordInput,
  recordsOf,
  setBaseOffset,
  setLastOffset,
  setLeaderEpoch,
  setMaxTimestamp,
  updateChecksum,
  validBytes,
  WALK_OK,
  WALK_PLAIN,
  WALK_SKIM,
  WALK_STREAM,
  type WalkMode,
  walkRecords,
} from '../../../src/protocol/index.ts';

const bytes = fc.option(fc.uint8Array({ maxLength: 300 }), { nil: null });
const header = fc.record({ key: fc.string({ unit: 'grapheme', maxLength: 8 }), value: bytes });
const input: fc.Arbitrary<RecordInput> = fc.record({
  key: bytes,
  value: bytes,
  timestamp: fc.oneof(fc.integer({ min: -1, max: 2 ** 31 }), fc.integer({ min: 0, max: 2 ** 47 })),
  headers: fc.array(header, { maxLength: 3 }),
});
const inputs = fc.array(input, { minLength: 1, maxLength: 20 });

const hex = (value: Uint8Array | null | undefined): string | null =>
  value == null ? null : Buffer.from(value).toString('hex');

describe('records of a batch', () => {
  before(() => loadCodec(Codecs.ZSTD));

  it('come out as they went in, whatever the codec', () => {
    fc.assert(
      fc.property(
        inputs,
        fc.constantFrom(0, 1, 2, 3, 4),
        fc.integer({ min: 0, max: 2 ** 45 }),
        (records, codec, offset) => {
          const batch = buildBatch(records, {
            codec: codec as 0,
            baseOffset: offset,
            producerId: 7,
            producerEpoch: 0,
            baseSequence: 0x7fffffff,
          });
          expect(isBatchValid(batch)).to.equal(true);
          const read = [...recordsOf(batch)];
          expect(
            read.map(({ key, value, headers, timestamp }) => ({
              key: hex(key),
              value: hex(value),
              timestamp,
              headers: headers.map((h) => [h.key, hex(h.value)]),
            })),
          ).to.deep.equal(
            records.map(({ key, value, headers, timestamp }) => ({
              key: hex(key),
              value: hex(value),
              timestamp,
              headers: (headers ?? []).map((h) => [h.key, hex(h.value)]),
            })),
          );
          expect(read.map((record) => record.offset)).to.deep.equal(records.map((_, i) => offset + i));
          // Sequences wrap from 2^31 - 1 to 0.
          expect(read.map((record) => record.sequence)).to.deep.equal(
            records.map((_, i) => (i === 0 ? 0x7fffffff : i - 1)),
          );
        },
      ),
    );
  });

  it('are never read outside their area, and only InvalidRecordError is thrown, whatever the bytes', () => {
    fc.assert(
      fc.property(
        inputs,
        fc.constantFrom(0, 1, 2, 3, 4, 5),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }),
        fc.nat(40),
        (records, codec, changes, cut) => {
          const batch = buildBatch(records, { codec: Math.min(codec, 4) as 0 });
          if (codec === 5) batch[22] = 5;
          for (const [at, value] of changes) batch[57 + (at % (batch.length - 57))] = value;
          const shorter = batch.subarray(0, Math.max(61, batch.length - cut));
          shorter.writeInt32BE(shorter.length - 12, 8);
          try {
            forEachRecord(shorter, () => undefined, { maxDecompressedBytes: 1 << 20 });
          } catch (error) {
            expect(error).to.be.instanceOf(InvalidRecordError);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('are found well formed by each of the three walks when they are', () => {
    fc.assert(
      fc.property(inputs, (records) => {
        const batch = buildBatch(records);
        const walk = new RecordWalk();
        for (const mode of [WALK_PLAIN, WALK_STREAM, WALK_SKIM] as WalkMode[]) {
          expect(walkRecords(batch, 61, batch.length, records.length, mode, walk)).to.equal(WALK_OK);
          expect(walk.recordsRead).to.equal(records.length);
          expect(walk.isDense).to.equal(true);
          expect(walk.keylessRecords).to.equal(records.filter((record) => record.key === null).length);
          const base = records[0]!.timestamp as number;
          const deltas = records.map((record) => (record.timestamp as number) - base);
          expect([walk.minTimestampDelta, walk.maxTimestampDelta]).to.deep.equal([
            Math.min(...deltas),
            Math.max(...deltas),
          ]);
        }
      }),
    );
  });

  it('get the same verdict whether they are walked the short way or the long one, whole and broken', () => {
    const shortInput = fc.record({ key: bytes, value: bytes, timestamp: fc.integer({ min: 0, max: 1e6 }) });
    const change = fc.option(fc.tuple(fc.nat(), fc.nat(255)), { nil: undefined });
    fc.assert(
      fc.property(fc.array(shortInput, { minLength: 1, maxLength: 20 }), change, fc.nat(3), (records, changed, cut) => {
        const count = records.length;
        // A record with headers in front: it, and those behind it, go the long way.
        const first = { value: null, timestamp: records[0]!.timestamp, headers: [{ key: 'h', value: null }] };
        const batch = buildBatch([first, ...records]);
        const start = buildBatch([first]).length;
        if (changed !== undefined) batch[start + (changed[0] % (batch.length - start))] = changed[1];
        for (const mode of [WALK_PLAIN, WALK_STREAM, WALK_SKIM] as WalkMode[]) {
          const [one, other] = [new RecordWalk(), new RecordWalk()];
          walkRecords(batch, start, batch.length - cut, count, mode, one);
          walkRecords(batch, 61, batch.length - cut, count + 1, mode, other);
          expect(one.code).to.equal(other.code);
          expect(one.recordsRead).to.equal(other.recordsRead - 1);
          if (one.code !== WALK_OK) continue;
          expect(one.keylessRecords).to.equal(other.keylessRecords - 1);
          expect(Math.min(0, one.minTimestampDelta)).to.equal(other.minTimestampDelta);
          expect(Math.max(0, one.maxTimestampDelta)).to.equal(other.maxTimestampDelta);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('are refused when one byte is missing or too many, by the plain walk and the stream walk', () => {
    const walk = new RecordWalk();
    const batch = buildBatch([{ key: Buffer.from('k'), value: Buffer.from('v') }, { value: Buffer.from('w') }]);
    const longer = Buffer.concat([batch, Buffer.of(0)]);
    for (const mode of [WALK_PLAIN, WALK_STREAM] as WalkMode[]) {
      for (let end = 61; end < batch.length; end++)
        expect(walkRecords(batch, 61, end, 2, mode, walk)).not.to.equal(WALK_OK);
      expect(walkRecords(longer, 61, longer.length, 2, mode, walk)).not.to.equal(WALK_OK);
    }
  });

  it('give a bound to what a compressed batch may unpack to', () => {
    for (const codec of [1, 2, 3, 4] as const) {
      const batch = buildBatch([{ value: Buffer.alloc(100_000) }], { codec });
      expect(() => forEachRecord(batch, () => undefined, { maxDecompressedBytes: 50_000 }), String(codec)).to.throw(
        InvalidRecordError,
      );
      let seen = 0;
      forEachRecord(batch, () => seen++, { maxDecompressedBytes: 101_000 });
      expect(seen).to.equal(1);
    }
  });
});

describe('a batch in place', () => {
  const options: BatchOptions = {
    baseOffset: 5,
    isTransactional: true,
    producerId: 1,
    producerEpoch: 0,
    baseSequence: 0,
  };
  const make = (): Buffer =>
    buildBatch(
      [
        { value: Buffer.from('a'), timestamp: 10 },
        { value: Buffer.from('b'), timestamp: 20 },
      ],
      options,
    );

  it('takes offset and leader epoch without a new checksum', () => {
    const batch = make();
    setBaseOffset(batch, 2 ** 40 + 3);
    setLeaderEpoch(batch, 9);
    expect(baseOffset(batch)).to.equal(2 ** 40 + 3);
    expect(lastOffset(batch)).to.equal(2 ** 40 + 4);
    expect(partitionLeaderEpoch(batch)).to.equal(9);
    expect(isBatchValid(batch)).to.equal(true);
    setLastOffset(batch, 100);
    expect(baseOffset(batch)).to.equal(99);
  });

  it('takes timestamps with a new checksum, and leaves it alone when nothing changes', () => {
    const batch = make();
    const before = Buffer.from(batch);
    expect(setMaxTimestamp(batch, 20, false)).to.equal(false);
    expect(batch.equals(before)).to.equal(true);
    expect(setMaxTimestamp(batch, 77, true)).to.equal(true);
    expect([...recordsOf(batch)].map((record) => record.timestamp)).to.deep.equal([77, 77]);
    expect(setMaxTimestamp(batch, 2n ** 60n + 1n, false)).to.equal(true);
    expect(batch.readBigInt64BE(35)).to.equal(2n ** 60n + 1n);
    expect(isBatchValid(batch)).to.equal(true);
  });

  it('is told apart from its neighbours and from what is cut off', () => {
    const two = Buffer.concat([make(), make()]);
    const size = two.length / 2;
    expect([...batchesOf(two)]).to.deep.equal([0, size]);
    for (let end = size; end < two.length; end++) expect(validBytes(two, 0, end)).to.equal(size);
    two[size + 16] = 7;
    expect(() => validBytes(two)).to.throw(CorruptRecordError, 'Invalid magic found in record: 7');
  });

  it('is refused when a bit under the checksum changes', () => {
    const batch = make();
    for (let bit = 21 * 8; bit < batch.length * 8; bit++) {
      batch[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => ensureBatchValid(batch)).to.throw(CorruptRecordError);
      batch[bit >> 3]! ^= 1 << (bit & 7);
    }
    updateChecksum(batch);
    ensureBatchValid(batch);
    expect(codecReady(5)).to.equal(false);
  });
});
