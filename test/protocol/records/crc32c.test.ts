import { expect } from 'chai';
import fc from 'fast-check';
import { createRequire } from 'node:module';
import { crc32c, crc32cEngines } from '../../../src/protocol/records/crc32c.ts';

const oracle = createRequire(import.meta.url)('crc-32/crc32c') as { buf(bytes: Uint8Array, seed?: number): number };
const check = Buffer.from('123456789');

describe('CRC-32C', () => {
  it('has the check value of the polynomial', () => {
    expect(crc32c(check)).to.equal(0xe3069283);
    expect(crc32c(new Uint8Array(0))).to.equal(0);
  });

  it('agrees with crc-32 on any part of any bytes, whatever stands before', () => {
    const lengths = fc.oneof(
      fc.integer({ min: 0, max: 80 }),
      fc.constantFrom(1023, 1024, 1025, 65535, 65536, 65537, 200_000),
    );
    fc.assert(
      fc.property(lengths, fc.nat(40), fc.integer(), (length, before, salt) => {
        const bytes = new Uint8Array(before + length + 7);
        for (let i = 0; i < bytes.length; i++) bytes[i] = Math.imul(i + salt, 2654435761) >>> 24;
        const part = bytes.subarray(before, before + length);
        expect(crc32c(bytes, 0, before, before + length)).to.equal(oracle.buf(part) >>> 0);
      }),
    );
  });

  it('goes on from the checksum of what stands before', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), fc.uint8Array({ maxLength: 3000 }), (a, b) => {
        expect(crc32c(b, crc32c(a))).to.equal(crc32c(Buffer.concat([a, b])));
      }),
    );
  });

  for (const name of ['wasm', 'native', 'script'] as const) {
    it(`is the same by the ${name} engine`, function () {
      const engine = crc32cEngines[name]();
      // The native one is an optional dependency.
      if (engine === undefined) return this.skip();
      expect(engine(check, 0, 0, 9)).to.equal(0xe3069283);
      expect(engine(check, engine(check, 0, 0, 4), 4, 9)).to.equal(0xe3069283);
    });
  }
});
