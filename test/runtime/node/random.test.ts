// Bytes for identifiers, nonces and salts: as many as were asked for, and nobody gets those of another.
import { expect } from 'chai';
import { nodeRandom } from '../../../src/runtime/node/random.ts';

describe('The random bytes of Node.js', () => {
  it('are as many as were asked for, of any size', () => {
    for (const size of [0, 1, 16, 64, 65, 4096, 100_000]) {
      const bytes = nodeRandom.bytes(size);
      expect(bytes).to.be.instanceOf(Uint8Array).and.to.have.length(size);
      expect(bytes.buffer.byteLength).to.equal(size);
    }
  });

  it('are never those of before, nor zeros, however many are asked for', () => {
    const seen = new Set<string>();
    for (let i = 0; i < 5_000; i++) seen.add(Buffer.from(nodeRandom.bytes(16)).toString('hex'));
    expect(seen.size).to.equal(5_000);
    expect(seen.has('00'.repeat(16))).to.equal(false);
  });

  it('belong to whoever asked: another answer does not change them', () => {
    const first = nodeRandom.bytes(32);
    const before = Buffer.from(first);
    for (let i = 0; i < 1_000; i++) nodeRandom.bytes(32).fill(7);
    expect(Buffer.from(first).equals(before)).to.equal(true);
  });
});
