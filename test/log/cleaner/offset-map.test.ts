// The map of keys and its hash.
import { expect } from 'chai';
import fc from 'fast-check';
import { KeyHash } from '../../../src/log/cleaner/key-hash.ts';
import { OffsetMap, type OffsetMapOptions } from '../../../src/log/cleaner/offset-map.ts';

const SECRET = Buffer.from('33343d839f389f004fe6982339cf7a41', 'hex');

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
const words = (hash: KeyHash): string => [...hash.words].map((word) => (word >>> 0).toString(16)).join(' ');

describe('KeyHash', () => {
  it('is Chaskey: vectors of its authors for 8 rounds, for messages 0, 1, 2 … of some lengths', () => {
    const hash = new KeyHash(SECRET, 8);
    const message = Uint8Array.from({ length: 64 }, (_, i) => i);
    const vectors = new Map([
      [0, '792e8fe5 75ce87aa 2d1450b5 1191970b'],
      [1, '13a9307b 50e62c89 4577bd88 c0bbdc18'],
      [4, '30b2d171 e38532fb 16707c16 73ed45f0'],
      [15, '51b94da4 efcc4de8 192412ea bbc170dd'],
      [16, '79271ca9 d66a1c71 81ca474e 49831cad'],
      [17, '48da968 4e25d096 2d6cf897 bc3959ca'],
      [31, 'bbdd0c2d fab6fcd9 dccc080e 9f04b41f'],
      [32, '60b3f7af 37eee7c8 836cfd98 782ca060'],
      [63, '9047fad7 88136d8c a488286b 7fe9352c'],
    ]);
    for (const [length, expected] of vectors) {
      hash.hash(viewOf(message), 0, length);
      expect(words(hash), String(length)).to.equal(expected);
    }
  });

  it('takes 12 rounds', () => {
    const hash = new KeyHash(SECRET);
    hash.hash(viewOf(new Uint8Array(0)), 0, 0);
    expect(words(hash)).to.equal('43cb1f41 51eba0c2 ff0a8ac3 7ee3f642');
  });

  it('is another one with another secret', () => {
    const hashes = [1, 2].map((byte) => {
      const hash = new KeyHash(Buffer.alloc(16, byte));
      hash.hash(viewOf(Buffer.from('key')), 0, 3);
      return words(hash);
    });
    expect(hashes[0]).to.not.equal(hashes[1]);
  });
});

describe('OffsetMap', () => {
  const map = (options: Partial<OffsetMapOptions> & { readonly slots: number }): OffsetMap =>
    new OffsetMap({
      loadFactor: 0.9,
      mostKeys: 1_000_000,
      firstOffset: 0,
      endOffset: 1_000_000,
      secret: SECRET,
      ...options,
    });

  it('has the last offset of each key, as a Map has, however full it is', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 200 }), fc.boolean(), (keys, isTight) => {
        const distinct = new Set(keys.map((key) => Buffer.from(key).toString('hex'))).size;
        const ours = map({ slots: Math.ceil((distinct + 1) / 0.9), mostKeys: isTight ? distinct : keys.length });
        const model = new Map<string, number>();
        keys.forEach((key, offset) => {
          ours.put(viewOf(key), 0, key.length, offset);
          model.set(Buffer.from(key).toString('hex'), offset);
        });
        expect(ours.size).to.equal(distinct);
        for (const key of keys) {
          expect(ours.get(viewOf(key), 0, key.length)).to.equal(model.get(Buffer.from(key).toString('hex')));
        }
        expect(ours.get(viewOf(Buffer.alloc(50)), 0, 50)).to.equal(-1);
      }),
      { numRuns: 50 },
    );
  });

  it('takes as many keys as its memory and its load factor say', () => {
    const ours = map({ slots: 100, loadFactor: 0.5 });
    for (let i = 0; !ours.isFull; i++) ours.put(viewOf(Buffer.from(`key ${i}`)), 0, 5 + String(i).length - 1, i);
    expect([ours.size, ours.capacity, ours.utilization(100)]).to.deep.equal([50, 50, 0.5]);
  });

  it('takes memory for the records that can come, and no more than it may', () => {
    const before = process.memoryUsage().arrayBuffers;
    const small = map({ slots: 5_000_000, mostKeys: 100, endOffset: 100 });
    expect(process.memoryUsage().arrayBuffers - before).to.be.lessThan(100_000);
    expect(small.capacity).to.equal(4_500_000);
  });

  it('keeps offsets beyond 2^32', () => {
    const ours = map({ slots: 10, firstOffset: 2 ** 52, endOffset: 2 ** 52 + 8 });
    ours.put(viewOf(Buffer.from('k')), 0, 1, 2 ** 52);
    expect(ours.get(viewOf(Buffer.from('k')), 0, 1)).to.equal(2 ** 52);
    expect(ours.latest?.has(2 ** 52)).to.equal(true);
  });

  it('knows which offsets are the last of their keys, where they are not too many for its memory', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { minLength: 1, maxLength: 300 }), fc.nat(2 ** 40), (keys, firstOffset) => {
        const ours = map({ slots: 50, firstOffset, endOffset: firstOffset + keys.length });
        keys.forEach((key, i) => ours.put(viewOf(Uint8Array.of(key)), 0, 1, firstOffset + i));
        keys.forEach((key, i) => expect(ours.latest?.has(firstOffset + i)).to.equal(i === keys.lastIndexOf(key)));
      }),
      { numRuns: 50 },
    );
    expect(map({ slots: 50, endOffset: 2 ** 40 }).latest).to.equal(undefined);
  });
});
