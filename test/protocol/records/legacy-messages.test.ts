// Sets of messages of formats 0 and 1: what is read of them, and what Kafka's DeepRecordsIterator does not take.
import { expect } from 'chai';
import { xxhash32 } from '../../../src/protocol/compression/xxhash32.ts';
import { compress } from '../../../src/protocol/compression/index.ts';
import {
  baseOffset,
  HEADER_SIZE,
  InvalidRecordError,
  isBatchValid,
  isUnopenedSet,
  lastOffset,
  lastOffsetOf,
  legacyHeader,
  maxTimestamp,
  partitionLeaderEpoch,
  producerId,
  putLegacyHeader,
  recordsOf,
} from '../../../src/protocol/records/index.ts';
import { type OldMagic, oldMessage, oldWrapper } from '../../log/old-messages.ts';

const message = (offset: number) => ({ offset, timestamp: 1000 + offset, key: null, value: Buffer.from(`v${offset}`) });
const packed = (value: Uint8Array | null, attributes: number, magic: OldMagic = 1, offset = 7): Buffer =>
  oldMessage({ magic, offset, timestamp: 5, key: null, value, attributes });
const read = (bytes: Buffer): unknown[] =>
  [...recordsOf(bytes)].map(({ offset, timestamp, value }) => [
    offset,
    timestamp,
    value === null ? null : Buffer.from(value).toString(),
  ]);
const failure = (bytes: Buffer): unknown => {
  try {
    read(bytes);
  } catch (error) {
    expect(error).to.be.instanceOf(InvalidRecordError);
    return (error as Error).message;
  }
  return 'read';
};

describe('messages of formats 0 and 1', () => {
  for (const [name, codec] of [
    ['gzip', 1],
    ['snappy', 2],
    ['lz4', 3],
  ] as const) {
    it(`are read out of a set packed with ${name}, with the offsets and times of their format`, () => {
      const messages = [5, 6, 9].map(message);
      const old = oldWrapper({ magic: 0, codec, messages });
      expect(read(old)).to.deep.equal([
        [5, -1, 'v5'],
        [6, -1, 'v6'],
        [9, -1, 'v9'],
      ]);
      expect(read(oldWrapper({ magic: 1, codec, messages }))).to.deep.equal([
        [5, 1005, 'v5'],
        [6, 1006, 'v6'],
        [9, 1009, 'v9'],
      ]);
      const appended = oldWrapper({ magic: 1, codec, messages, logAppendTimeMs: 77 });
      expect(read(appended).map((one) => (one as unknown[])[1])).to.deep.equal([77, 77, 77]);
    });
  }

  it('tell what a header of format 2 would', () => {
    const header = legacyHeader(oldWrapper({ magic: 1, codec: 1, messages: [5, 6, 9].map(message) }));
    expect([baseOffset(header), lastOffset(header), maxTimestamp(header)]).to.deep.equal([5, 9, 1009]);
    expect([partitionLeaderEpoch(header), producerId(header)]).to.deep.equal([-1, -1]);
    expect(maxTimestamp(legacyHeader(oldMessage({ magic: 0, offset: 3, timestamp: 9 })))).to.equal(-1);
    expect(lastOffsetOf(oldMessage({ magic: 0, offset: 3 }))).to.equal(3);
  });

  it('are judged by their CRC-32, and a set by its last offset, which no checksum covers', () => {
    const set = oldWrapper({ magic: 0, codec: 3, messages: [5, 6].map(message) });
    expect(isBatchValid(set)).to.equal(true);
    for (let at = 0; at < set.length; at++) {
      const wrong = Buffer.from(set);
      wrong[at] = (wrong[at] as number) ^ 1;
      if (at >= 8) expect(isBatchValid(wrong), `byte ${at}`).to.equal(false);
      expect(putLegacyHeader(wrong, 0, Buffer.alloc(HEADER_SIZE)), `byte ${at}`).to.equal(false);
    }
  });

  it('of format 0 have a wrong checksum in the header of lz4, those of format 1 must have the right one', () => {
    const set = (magic: OldMagic): Buffer => {
      const frame = Buffer.from(compress(3, oldMessage({ magic, ...message(0) })));
      frame[6] = (xxhash32(frame.subarray(0, 6)) >>> 8) & 0xff;
      return oldMessage({ magic, offset: 0, key: null, value: frame, attributes: 3 });
    };
    expect(read(set(0))).to.deep.equal([[0, -1, 'v0']]);
    expect(failure(set(1))).to.match(/header checksum/);
  });

  it('may be older than the set that holds them, and a last one that is cut is passed over', () => {
    const inner = Buffer.concat([oldMessage({ magic: 0, ...message(0) }), oldMessage({ magic: 1, ...message(1) })]);
    expect(read(packed(compress(1, inner), 1))).to.deep.equal([
      [6, -1, 'v0'],
      [7, 1001, 'v1'],
    ]);
    const cut = Buffer.concat([inner, inner.subarray(0, 20)]);
    expect(read(packed(compress(1, cut), 1))).to.have.length(2);
  });

  for (const [what, bytes, reason] of [
    ['no value', packed(null, 1), /no value/],
    ['no messages', packed(compress(1, Buffer.alloc(0)), 1), /holds no others/],
    ['bytes that do not unpack', packed(Buffer.from('gzip?'), 1), /gzip/],
    ['zstd, which is younger', packed(Buffer.from('zstd'), 4), /codec 4/],
    ['a set in a set', packed(compress(1, packed(Buffer.from('x'), 1, 1, 0)), 1), /in another/],
    ['a message of no size', packed(compress(1, Buffer.alloc(40)), 1), /too short/],
    [
      'more messages than its offset counts',
      packed(compress(1, oldMessage({ magic: 1, offset: 8 })), 1),
      /smaller offset/,
    ],
  ] as const) {
    it(`are not read from a set that holds ${what}`, () => {
      expect(failure(bytes)).to.match(reason);
    });
  }

  it('tell of their last record alone when they cannot be opened', () => {
    const header = legacyHeader(packed(Buffer.from('gzip?'), 1));
    expect(isUnopenedSet(header)).to.equal(true);
    expect([baseOffset(header), lastOffset(header)]).to.deep.equal([7, 7]);
  });
});
