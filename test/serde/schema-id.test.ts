// Ids in front of data and in headers: bytes that Confluent's documentation shows, and both ways for any.
import { expect } from 'chai';
import fc from 'fast-check';
import type { SerdeContext } from '../../src/client/index.ts';
import { encodeIndexes, readIdentity, setHeader, withPrefix } from '../../src/serde/framing/schema-id.ts';

const context = (): SerdeContext => ({ topic: 't', isKey: true, headers: [] });
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('the id of a schema in a record', () => {
  it('has the bytes of Confluent', () => {
    expect(hex(withPrefix({ id: 258 }, Uint8Array.of(7)))).equal('000000010207');
    expect(hex(encodeIndexes([0]))).equal('00');
    expect(hex(encodeIndexes([1, 0]))).equal('040200');
    expect(hex(encodeIndexes([64]))).equal('028001');
  });

  it('comes back from the front and from the header, with indexes', () => {
    const path = fc.array(fc.nat(1000), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(
        fc.nat(2 ** 31 - 1),
        fc.uuid(),
        path,
        fc.uint8Array(),
        fc.boolean(),
        (id, guid, indexes, payload, hasIndexes) => {
          const given = hasIndexes ? { indexes } : {};
          const before = readIdentity(withPrefix({ id, ...given }, payload), context(), hasIndexes);
          expect({ ...before, payload: hex(before.payload) }).eql({ id, ...given, payload: hex(payload) });
          const at = context();
          setHeader({ guid, ...given }, at);
          setHeader({ guid, ...given }, at);
          expect(at.headers.length).equal(1);
          const found = readIdentity(payload, at, hasIndexes);
          expect({ ...found, payload: hex(found.payload) }).eql({ guid, ...given, payload: hex(payload) });
        },
      ),
    );
  });

  it('that is none is an error, not an end', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.boolean(), (data, hasIndexes) => {
        try {
          expect(readIdentity(data, context(), hasIndexes).payload.length).at.most(data.length);
        } catch (error) {
          expect((error as Error).message).match(/Unknown magic byte|message indexes/);
        }
      }),
    );
  });
});
