// The compiled codecs against the interpreter, for every message and version, with random values.
import { expect } from 'chai';
import fc from 'fast-check';
import { schemasByName } from '../../conformance/all-schemas.ts';
import { codecOf, EncodeError, Errors, KafkaError, Reader, setUnknownTags, Writer } from '../../src/protocol/index.ts';
import { Fetch } from '../../src/protocol/messages/01-fetch.ts';
import { Metadata } from '../../src/protocol/messages/03-metadata.ts';
import { array, bytes, int32, int64, type MessageSchema, message, string, struct } from '../../src/protocol/schema.ts';
import { arbitraryMessage } from './arbitrary-message.ts';
import { filled, interpretedEncode } from './interpreter.ts';

const RUNS = 4;

function encoded(schema: MessageSchema, version: number, value: unknown, options?: { exact: boolean }): Buffer {
  const writer = new Writer(options);
  codecOf(schema, version).encode(writer, value as never);
  return Buffer.concat(writer.finish());
}
function decoded(schema: MessageSchema, version: number, raw: Uint8Array, options?: { exact: boolean }): unknown {
  const reader = new Reader(raw, 0, raw.length, options);
  const value = codecOf(schema, version).decode(reader);
  expect(reader.remaining).to.equal(0);
  return value;
}

describe('compiled codecs', () => {
  it('agree with the interpreter on random values, for every message and version', () => {
    for (const schema of schemasByName.values()) {
      for (let version = schema.versions[0]; version <= schema.versions[1]; version++) {
        const property = fc.property(arbitraryMessage(schema, version), (value) => {
          const raw = encoded(schema, version, value);
          const name = `${schema.name} v${version}`;
          expect(raw.toString('hex'), name).to.equal(
            Buffer.from(interpretedEncode(schema, version, value)).toString('hex'),
          );
          const read = decoded(schema, version, raw);
          const again = decoded(schema, version, encoded(schema, version, read));
          // JSON: chai takes its time with deep structures, and -0 is 0 for a default.
          expect(JSON.stringify(read), name).to.equal(JSON.stringify(filled(schema.fields, version, value)));
          expect(JSON.stringify(again), name).to.equal(JSON.stringify(read));
          const exact = decoded(schema, version, raw, { exact: true });
          expect(JSON.stringify(exact, clamped), name).to.equal(JSON.stringify(read));
          expect(encoded(schema, version, exact, { exact: true }).equals(raw), name).to.equal(true);
        });
        fc.assert(property, { numRuns: RUNS });
      }
    }
  });

  it('refuse cut messages with a DecodeError, wherever they are cut', () => {
    for (const schema of schemasByName.values()) {
      const version = schema.versions[1];
      const [value] = fc.sample(arbitraryMessage(schema, version), { numRuns: 1, seed: 7 });
      const raw = encoded(schema, version, value);
      for (let size = 0; size < raw.length; size += Math.max(1, raw.length >> 5)) {
        expect(() => decoded(schema, version, raw.subarray(0, size)), `${schema.name}, ${size} bytes`).to.throw();
      }
    }
  });

  it('never throw anything but a DecodeError on random bytes', () => {
    const schemas = [...schemasByName.values()];
    const property = fc.property(fc.constantFrom(...schemas), fc.uint8Array({ maxLength: 200 }), (schema, raw) => {
      try {
        codecOf(schema, schema.versions[1]).decode(new Reader(raw));
      } catch (error) {
        expect((error as Error).name).to.equal('DecodeError');
      }
    });
    fc.assert(property, { numRuns: 1500 });
  });

  it('give the same hidden shape in every version', () => {
    const keys = [4, 7, 12, 18].map((version) => {
      const raw = encoded(Fetch.request, version, { maxWaitMs: 1, minBytes: 1, topics: [], forgottenTopicsData: [] });
      return Object.keys(decoded(Fetch.request, version, raw) as object).join();
    });
    expect(new Set(keys).size).to.equal(1);
    expect(keys[0]).to.equal(Object.keys(Fetch.request.fields).join());
  });

  it('are named after message and version in stack traces', () => {
    const value = { brokers: [{ nodeId: 1, host: null, port: 9092 }], topics: [] };
    let stack = '';
    try {
      encoded(Metadata.response, 1, value);
    } catch (error) {
      stack = (error as Error).stack ?? '';
    }
    expect(stack)
      .to.contain('MetadataResponse.brokers.host must not be null')
      .and.to.contain('MetadataResponse.v1.encode');
  });

  it('refuse versions that do not exist', () => {
    expect(() => codecOf(Fetch.request, 19))
      .to.throw(KafkaError, 'FetchRequest has no version 19')
      .with.property('code', Errors.UNSUPPORTED_VERSION);
  });
});

/** As a broker clamps it. */
const clamped = (_: string, value: unknown) =>
  typeof value === 'bigint' ? Math.min(Number(value), Number.MAX_SAFE_INTEGER) : value;

describe('encoding', () => {
  const schema = message('Sample', [0, 9], 5, {
    name: string.since(2),
    epoch: int32.since(3).default(-1).ignorable(),
    parts: array({ size: int32, label: string.since(4).default('x') }),
  });

  it('refuses a value that the version cannot carry', () => {
    expect(() => encoded(schema, 1, { name: 'a', parts: [] })).to.throw(EncodeError, 'Sample.name at version 1');
    expect(() => encoded(schema, 3, { parts: [{ size: 1, label: 'y' }] })).to.throw(EncodeError, 'Sample.parts.label');
  });
  it('takes a value that is the default, or undefined, in any version', () => {
    expect(encoded(schema, 1, { name: '', parts: [] }).toString('hex')).to.equal('00000000');
    expect(encoded(schema, 3, { parts: [{ size: 1, label: 'x' }] }).length).to.equal(2 + 4 + 4 + 4);
  });
  it('drops an ignorable value that the version lacks', () => {
    expect(encoded(schema, 2, { name: '', epoch: 7, parts: [] }).toString('hex')).to.equal('000000000000');
  });
  it('refuses null where the version does not allow it', () => {
    expect(() => encoded(schema, 9, { name: null, parts: [] })).to.throw(EncodeError, 'Sample.name must not be null');
    expect(() => encoded(schema, 9, { parts: null })).to.throw(EncodeError, 'Sample.parts must not be null');
  });
  it('refuses numbers that are no int64', () => {
    const one = message('One', [0, 0], undefined, { value: int64 });
    for (const value of [2 ** 53, NaN, Infinity, 1.5]) {
      expect(() => encoded(one, 0, { value }), `${value}`).to.throw(EncodeError, 'is no int64');
    }
    expect(encoded(one, 0, { value: -(2n ** 63n) }).toString('hex')).to.equal('8000000000000000');
  });

  it('writes tagged fields by number, whatever the order of the definition', () => {
    const tagged = message('Tagged', [0, 0], 0, { b: int32.tag(5).default(0), a: string.tag(2).default('') });
    expect(encoded(tagged, 0, { b: 1, a: 'x' }).toString('hex')).to.equal('020202027805040' + '0000001');
  });
  it('writes unknown tagged fields between the known ones, in exact mode only', () => {
    const tagged = message('Tagged', [0, 0], 0, { b: int32.tag(5).default(0), a: string.tag(2).default('') });
    const value = { b: 1, a: 'x' };
    setUnknownTags(value, [
      { tag: 3, bytes: Buffer.from('aa', 'hex') },
      { tag: 9, bytes: Buffer.alloc(0) },
    ]);
    const raw = encoded(tagged, 0, value, { exact: true });
    expect(raw.toString('hex')).to.equal('04020202780301aa0504000000010900');
    expect(encoded(tagged, 0, value).toString('hex')).to.equal('0202020278050400000001');
    expect(encoded(tagged, 0, decoded(tagged, 0, raw, { exact: true }), { exact: true }).equals(raw)).to.equal(true);
  });
  it('keeps a tagged field whole when it outgrows its chunk', () => {
    const tagged = message('Tagged', [0, 0], 0, {
      list: array({ label: string, inner: struct({ blob: bytes.tag(0) }).tag(1) }).tag(0),
    });
    const property = fc.property(fc.integer({ min: 1, max: 120 }), fc.integer({ min: 0, max: 3000 }), (count, size) => {
      const one = { label: 'x'.repeat(size % 97), inner: { blob: new Uint8Array(size).fill(7) } };
      const value = { list: Array.from({ length: count }, () => one) };
      const raw = encoded(tagged, 0, value);
      expect(raw.equals(Buffer.from(interpretedEncode(tagged, 0, value)))).to.equal(true);
    });
    fc.assert(property, { numRuns: 25 });
  });
});
