// What a Reader does with bytes that nobody should send, and with numbers that do not fit.
import { expect } from 'chai';
import fc from 'fast-check';
import {
  codecOf,
  DecodeError,
  decodeRequestHeader,
  Reader,
  type ReaderOptions,
  unknownTagsOf,
  Writer,
} from '../../src/protocol/index.ts';
import {
  MAX_ELEMENTS_PER_MESSAGE,
  MAX_UNKNOWN_TAG_BYTES_PER_MESSAGE,
  MAX_UNKNOWN_TAGS_PER_MESSAGE,
} from '../../src/protocol/limits.ts';
import { Metadata } from '../../src/protocol/messages/03-metadata.ts';
import { array, bytes, int32, int64, type MessageSchema, message, records, string } from '../../src/protocol/schema.ts';

function read(schema: MessageSchema, version: number, hex: string, options?: ReaderOptions): Record<string, unknown> {
  const raw = Buffer.from(hex, 'hex');
  return codecOf(schema, version).decode(new Reader(raw, 0, raw.length, options));
}
/** Version 0 plain, version 1 flexible. */
const one = (field: Parameters<typeof message>[3][string]) => message('One', [0, 1], 1, { value: field });

describe('a reader', () => {
  it('refuses a count that the bytes cannot hold before it makes the array', () => {
    const list = one(array(array(int32)));
    expect(() => read(list, 0, '7fffffff00000000')).to.throw(DecodeError, 'One.value has 2147483647 elements');
    // Two elements of at least four bytes do not fit seven.
    expect(() => read(list, 0, '0000000200000000000000')).to.throw(DecodeError, 'One.value has 2 elements');
    expect(() => read(list, 1, 'ffffffff0700')).to.throw(DecodeError, 'elements');
  });
  it('limits the elements of all arrays together', () => {
    const list = one(array(array(int32)));
    expect(read(list, 0, '00000002' + '00000001aaaaaaaa'.repeat(2), { maxElements: 4 }).value).to.have.length(2);
    expect(() => read(list, 0, '00000002' + '00000001aaaaaaaa'.repeat(2), { maxElements: 3 })).to.throw(DecodeError);
    const many = new Writer();
    many.int32(MAX_ELEMENTS_PER_MESSAGE + 1);
    many.raw(Buffer.alloc(4 * (MAX_ELEMENTS_PER_MESSAGE + 1)));
    const codec = codecOf(one(array(int32)), 0);
    expect(() => codec.decode(new Reader(many.finishToBytes()))).to.throw(DecodeError, 'elements');
  });
  it('takes every negative length for null, as Kafka does', () => {
    expect(read(one(array(int32).nullable()), 0, 'fffffffe').value).to.equal(null);
    expect(read(one(string.nullable()), 0, 'fffe').value).to.equal(null);
    expect(read(one(bytes.nullable()), 0, '80000000').value).to.equal(null);
    expect(read(one(string.nullable()), 1, 'ffffffff0f00').value).to.equal(null);
    expect(() => read(one(string), 0, 'fffe')).to.throw(DecodeError, 'One.value must not be null');
    // Recorded from Kafka: frames.array-length-minus-2.
    expect(read(Metadata.request, 1, 'fffffffe').topics).to.equal(null);
  });
  it('refuses lengths beyond the end', () => {
    expect(() => read(one(string), 0, '000361')).to.throw(DecodeError, 'wants 3 bytes, 1 are left');
    expect(() => read(one(bytes), 0, '7fffffff00')).to.throw(DecodeError);
    expect(() => read(one(records), 1, 'ffffffff0761')).to.throw(DecodeError);
    expect(() => read(one(int32), 0, '000000')).to.throw(DecodeError, 'One at 0 wants 4 bytes, 3 are left');
  });
  it('does not read behind its end, although the buffer goes on', () => {
    const raw = Buffer.from('0003616263', 'hex');
    expect(() => codecOf(one(string), 0).decode(new Reader(raw, 0, 4))).to.throw(DecodeError);
    expect(codecOf(one(string), 0).decode(new Reader(raw, 0, 5)).value).to.equal('abc');
  });
  it('refuses compact strings longer than Kafka has any', () => {
    const long = `${Buffer.from([0x81, 0x80, 0x02]).toString('hex')}${'61'.repeat(32768)}00`;
    expect(() => read(one(string), 1, long)).to.throw(DecodeError, 'invalid length 32768');
  });
  it('reads at most five bytes of a varint and ten of a varlong', () => {
    const varint = (hex: string) => new Reader(Buffer.from(hex, 'hex')).uvarint();
    expect(varint('8080808000')).to.equal(0);
    expect(varint('ffffffff0f')).to.equal(-1);
    expect(() => varint('808080808000')).to.throw(DecodeError, 'more than 5 bytes');
    expect(() => varint('8080')).to.throw(DecodeError);
    expect(() => new Reader(Buffer.alloc(11, 0x80)).varlong()).to.throw(DecodeError, 'more than 10 bytes');
  });

  it('clamps int64 beyond 2^53 for a broker and keeps it for tools', () => {
    const whole = one(int64);
    expect(read(whole, 0, '7fffffffffffffff').value).to.equal(Number.MAX_SAFE_INTEGER);
    expect(read(whole, 0, '8000000000000000').value).to.equal(Number.MIN_SAFE_INTEGER);
    expect(read(whole, 0, 'ffe0000000000000').value).to.equal(Number.MIN_SAFE_INTEGER);
    expect(read(whole, 0, '8000000000000000', { exact: true }).value).to.equal(-(2n ** 63n));
    const property = fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
      const raw = Buffer.alloc(8);
      raw.writeBigInt64BE(value);
      expect(BigInt(read(whole, 0, raw.toString('hex'), { exact: true }).value as bigint)).to.equal(value);
      const clamped = Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number(value), Number.MAX_SAFE_INTEGER));
      expect(read(whole, 0, raw.toString('hex')).value).to.equal(clamped);
    });
    fc.assert(property);
  });

  it('gives records as a view on the frame and bytes as a copy', () => {
    const schema = message('Both', [0, 0], undefined, { records, bytes });
    const raw = Buffer.from('0000000161' + '0000000162', 'hex');
    const value = codecOf(schema, 0).decode(new Reader(raw));
    raw.fill(0);
    expect([...value.records, ...value.bytes]).to.deep.equal([0, 0x62]);
  });
  it('reads broken UTF-8 as Java does, surrogates in three bytes as one replacement', () => {
    const text = (hex: string) => read(one(string), 0, (hex.length / 2).toString(16).padStart(4, '0') + hex).value;
    expect(text('eda0a8')).to.equal('\ufffd');
    expect(text('61eda0')).to.equal('a\ufffd');
    expect(text('eda062')).to.equal('\ufffdb');
    expect(text('ff61')).to.equal('\ufffda');
    expect(text('efbfbd')).to.equal('\ufffd');
    expect(text('f09f91bf')).to.equal('\u{1f47f}');
  });
});

describe('unknown tagged fields', () => {
  const empty = message('Empty', [0, 0], 0, {});
  const known = message('Known', [0, 2], 0, { late: int32.since(2).tag(0).default(0), early: int32.tag(1).default(0) });

  it('are skipped by a broker and kept for tools', () => {
    expect(unknownTagsOf(read(empty, 0, '0107020102'))).to.equal(undefined);
    const kept = unknownTagsOf(read(empty, 0, '0107020102', { exact: true }));
    expect(kept).to.deep.equal([{ tag: 7, bytes: Uint8Array.of(1, 2) }]);
  });
  it('are refused when they reach beyond the end or have a negative size', () => {
    expect(() => read(empty, 0, '01070301')).to.throw(DecodeError);
    expect(() => read(empty, 0, '0107ffffffff0f')).to.throw(DecodeError);
  });
  it('are limited in number and bytes', () => {
    const count = MAX_UNKNOWN_TAGS_PER_MESSAGE + 1;
    const writer = new Writer();
    writer.uvarint(count);
    for (let i = 0; i < count; i++) writer.int16(0x0700);
    expect(() => codecOf(empty, 0).decode(new Reader(writer.finishToBytes()))).to.throw(DecodeError, 'too many');
    writer.uvarint(1);
    writer.uvarint(7);
    writer.uvarint(MAX_UNKNOWN_TAG_BYTES_PER_MESSAGE + 1);
    writer.raw(Buffer.alloc(MAX_UNKNOWN_TAG_BYTES_PER_MESSAGE + 1));
    expect(() => codecOf(empty, 0).decode(new Reader(writer.finishToBytes()))).to.throw(DecodeError, 'too many');
  });
  it('include no field that another version has', () => {
    expect(() => read(known, 1, '01000400000001')).to.throw(
      DecodeError,
      'tag 0 of Known is not valid for this version',
    );
    expect(read(known, 2, '01000400000001').late).to.equal(1);
  });
  it('may come in any order; of a known one that comes twice the last counts, whatever its size says', () => {
    expect(read(known, 2, '0201000000000200040000000a').early).to.equal(2);
    expect(read(known, 2, '02000400000001000000000002').late).to.equal(2);
  });
});

describe('request headers', () => {
  const header = (hex: string) => {
    const raw = Buffer.from(hex, 'hex');
    return decodeRequestHeader(new Reader(raw), raw.readInt16BE(0), raw.readInt16BE(2));
  };
  it('may have a null client id, however it is written', () => {
    expect(header('0003000100000009ffff').clientId).to.equal(null);
    expect(header('0003000100000009fffe').clientId).to.equal(null);
  });
  it('may have unknown tags in version 2', () => {
    expect(header('0003000c0000000b000161016302abcd')).to.deep.equal({
      requestApiKey: 3,
      requestApiVersion: 12,
      correlationId: 11,
      clientId: 'a',
    });
  });
  it('are refused when the client id reaches beyond the frame', () => {
    expect(() => header('00030001000000097fff6162')).to.throw(DecodeError);
  });
});
