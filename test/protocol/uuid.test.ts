import { expect } from 'chai';
import fc from 'fast-check';
import { uuidFromBytes, uuidToBytes, ZERO_UUID } from '../../src/protocol/index.ts';

describe('uuids', () => {
  it('are 22 characters of URL-safe base64', () => {
    expect(uuidFromBytes(Buffer.alloc(16))).to.equal(ZERO_UUID);
    const property = fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (raw) => {
      const text = uuidFromBytes(Buffer.from(raw));
      expect(text).to.equal(Buffer.from(raw).toString('base64url'));
      expect(uuidToBytes(text)).to.deep.equal(raw);
    });
    fc.assert(property, { numRuns: 500 });
  });
  it('of which one comes again are the same, also when others share its place in the cache', () => {
    const words = (a: number, b: number) => Buffer.from(Int32Array.of(a, b, 0, 0).buffer);
    // The cache looks at the words combined: these collide.
    const [one, other] = [uuidFromBytes(words(5, 9)), uuidFromBytes(words(9, 5))];
    expect(one).to.not.equal(other);
    expect(uuidFromBytes(words(5, 9))).to.equal(one);
    expect(uuidFromBytes(words(9, 5))).to.equal(other);
  });
  it('refuse text that is none', () => {
    for (const text of [
      '',
      'AAAAAAAAAAAAAAAAAAAAA',
      'AAAAAAAAAAAAAAAAAAAAA+',
      'AAAAAAAAAAAAAAAAAAAAAé',
      '00000000-0000-0000-0000-000000000000',
    ]) {
      expect(() => uuidToBytes(text), text).to.throw(RangeError);
    }
  });
});
