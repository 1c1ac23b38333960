import { expect } from 'chai';
import fc from 'fast-check';
import { createRequire } from 'node:module';
import { gunzipSync, gzipSync } from 'node:zlib';
import { decodeLz4Block, encodeLz4Block } from '../../../src/protocol/compression/lz4-block.ts';
import { xxhash32 } from '../../../src/protocol/compression/xxhash32.ts';
import {
  CompressionError,
  Codecs,
  codecName,
  codecOfName,
  codecReady,
  compress,
  decompress,
  loadCodec,
} from '../../../src/protocol/index.ts';

const load = createRequire(import.meta.url);
const snappyjs = load('snappyjs') as {
  compress(bytes: Uint8Array): Uint8Array;
  uncompress(bytes: Uint8Array): Uint8Array;
};
const fzstd = load('fzstd') as { decompress(bytes: Uint8Array): Uint8Array };

const packing = [Codecs.GZIP, Codecs.SNAPPY, Codecs.LZ4, Codecs.ZSTD] as const;
const MIB = 1 << 20;

/** Bytes with repetitions near and far, and stretches that do not shrink. */
const data = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc
        .tuple(fc.uint8Array({ minLength: 1, maxLength: 9 }), fc.integer({ min: 1, max: 3000 }))
        .map(([unit, times]) => Buffer.concat(Array.from({ length: times }, () => unit)).subarray(0, 20_000)),
    ),
    { maxLength: 12 },
  )
  .map((parts) => Buffer.concat([...parts, ...parts.slice(0, 2)]));

function failure(run: () => unknown): CompressionError {
  try {
    run();
  } catch (error) {
    expect(error).to.be.instanceOf(CompressionError);
    return error as CompressionError;
  }
  throw new Error('did not fail');
}

describe('codecs', () => {
  before(() => loadCodec(Codecs.ZSTD));

  for (const codec of packing) {
    const name = codecName(codec) as string;

    it(`${name} gives back what it was given`, () => {
      fc.assert(
        fc.property(data, (bytes) => {
          expect(Buffer.compare(decompress(codec, compress(codec, bytes), bytes.length), bytes)).to.equal(0);
        }),
      );
    });

    it(`${name} unpacks to the exact limit and not one byte above`, () => {
      for (const size of [1, 2, 65_535, 65_536, 65_537, 300_000]) {
        for (const bytes of [Buffer.alloc(size, 7), noise(size)]) {
          const packed = compress(codec, bytes);
          expect(decompress(codec, packed, size).length).to.equal(size);
          expect(failure(() => decompress(codec, packed, size - 1)).kind).to.equal('limit');
        }
      }
    });

    it(`${name} stops a bomb early, in memory of the order of the limit`, () => {
      const bomb = Buffer.concat([compress(codec, Buffer.alloc(64 * MIB))]);
      const before = process.memoryUsage().rss;
      const error = failure(() => decompress(codec, bomb, MIB));
      expect(error.kind).to.equal('limit');
      expect(process.memoryUsage().rss - before).to.be.lessThan(48 * MIB);
    });

    it(`${name} answers any bytes with an output within the limit or a CompressionError`, () => {
      fc.assert(
        fc.property(
          data,
          fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
          fc.nat(30),
          (bytes, changes, cut) => {
            const packed = Buffer.from(compress(codec, bytes));
            for (const [at, value] of changes) packed[at % packed.length] = value;
            try {
              const unpacked = decompress(codec, packed.subarray(0, Math.max(0, packed.length - cut)), 2 * MIB);
              expect(unpacked.length).to.be.at.most(2 * MIB);
            } catch (error) {
              expect(error).to.be.instanceOf(CompressionError);
            }
          },
        ),
        { numRuns: 300 },
      );
    });
  }

  it('refuse numbers that name no codec', async () => {
    expect(failure(() => decompress(5, Buffer.alloc(1), 10)).kind).to.equal('unavailable');
    expect(failure(() => compress(7, Buffer.alloc(1))).kind).to.equal('unavailable');
    expect(codecReady(6)).to.equal(false);
    expect(codecReady(Codecs.ZSTD)).to.equal(true);
    expect(codecOfName('snappy')).to.equal(Codecs.SNAPPY);
    expect(codecOfName('producer')).to.equal(undefined);
    let rejected: unknown;
    await loadCodec(5).catch((error: unknown) => (rejected = error));
    expect(rejected).to.be.instanceOf(CompressionError);
  });
});

describe('gzip', () => {
  it('is written with the header of the Java client and read by others', () => {
    const packed = compress(Codecs.GZIP, Buffer.from('hello'));
    expect(Buffer.from(packed.subarray(0, 10)).toString('hex')).to.equal('1f8b08000000000000ff');
    expect(gunzipSync(packed).toString()).to.equal('hello');
  });

  it('is read with several members and whatever follows the last', () => {
    const two = Buffer.concat([gzipSync('ab'), gzipSync('cd'), Buffer.from('junk')]);
    expect(Buffer.from(decompress(Codecs.GZIP, two, 4)).toString()).to.equal('abcd');
    expect(failure(() => decompress(Codecs.GZIP, two, 3)).kind).to.equal('limit');
  });

  it('gives what came before the break', () => {
    const packed = gzipSync(noise(50_000));
    const error = failure(() => decompress(Codecs.GZIP, packed.subarray(0, 30_000), MIB));
    expect(error.kind).to.equal('corrupt');
    expect(error.partial!.length).to.be.within(20_000, 30_000);
  });

  it('is refused when it is full of empty members, which would take too long', () => {
    const empty = gzipSync('');
    const error = failure(() => decompress(Codecs.GZIP, Buffer.concat(Array.from({ length: 5000 }, () => empty)), MIB));
    expect(error.message).to.include('members');
  });
});

describe('snappy', () => {
  it('is written in the framing of the Java library, blocks that snappyjs reads', () => {
    const bytes = Buffer.concat([noise(40_000), Buffer.alloc(40_000, 'abc')]);
    const packed = Buffer.from(compress(Codecs.SNAPPY, bytes));
    expect(packed.subarray(0, 16).toString('hex')).to.equal('82534e41505059000000000100000001');
    const blocks: Uint8Array[] = [];
    for (let at = 16; at < packed.length; at += 4 + packed.readInt32BE(at)) {
      blocks.push(snappyjs.uncompress(packed.subarray(at + 4, at + 4 + packed.readInt32BE(at))));
    }
    expect(Buffer.concat(blocks).equals(bytes)).to.equal(true);
  });

  it('is read without framing as others write it', () => {
    fc.assert(
      fc.property(data, (bytes) => {
        expect(Buffer.compare(decompress(Codecs.SNAPPY, snappyjs.compress(bytes), bytes.length), bytes)).to.equal(0);
      }),
    );
  });

  it('is refused before anything is allocated when its length is a lie', () => {
    expect(failure(() => decompress(Codecs.SNAPPY, Buffer.from('ffffffff0f00', 'hex'), 2 ** 40)).kind).to.equal(
      'corrupt',
    );
    expect(failure(() => decompress(Codecs.SNAPPY, Buffer.alloc(0), 10)).kind).to.equal('corrupt');
  });

  it('of one block larger than the kernel keeps does not keep its memory', () => {
    const bytes = Buffer.alloc(20 * MIB, 'some text ');
    const packed = snappyjs.compress(bytes);
    expect(decompress(Codecs.SNAPPY, packed, bytes.length).length).to.equal(bytes.length);
    expect(Buffer.from(decompress(Codecs.SNAPPY, snappyjs.compress(Buffer.from('x')), 1)).toString()).to.equal('x');
  });
});

describe('lz4', () => {
  it('is written as the Java client does: version 1, independent blocks of 64 KiB, no checksums', () => {
    const packed = Buffer.from(compress(Codecs.LZ4, Buffer.alloc(70_000)));
    expect(packed.subarray(0, 7).toString('hex')).to.equal('04224d18604082');
    expect(packed.subarray(-4).toString('hex')).to.equal('00000000');
    const stored = Buffer.from(compress(Codecs.LZ4, noise(1000)));
    expect(stored.readUInt32LE(7)).to.equal(0x8000_0000 + 1000);
  });

  it('has blocks that the decoders in JavaScript and WebAssembly read alike', () => {
    fc.assert(
      fc.property(data, (all) => {
        const bytes = all.subarray(0, 65_536);
        const packed = new Uint8Array(bytes.length + 300 + bytes.length / 255);
        const block = packed.subarray(0, encodeLz4Block(bytes, packed));
        const output = new Uint8Array(bytes.length);
        expect(decodeLz4Block(block, output)).to.equal(bytes.length);
        expect(Buffer.compare(output, bytes)).to.equal(0);
        if (bytes.length === 0) return;
        expect(Buffer.compare(decompress(Codecs.LZ4, frame(block), bytes.length), bytes)).to.equal(0);
        // And the other way round, wherever the block was worth packing.
        const theirs = Buffer.from(compress(Codecs.LZ4, bytes));
        const size = theirs.readUInt32LE(7);
        if (size >= 0x8000_0000) return;
        expect(decodeLz4Block(theirs.subarray(11, 11 + size), output)).to.equal(bytes.length);
        expect(Buffer.compare(output, bytes)).to.equal(0);
      }),
    );
  });

  it('breaks alike in JavaScript and WebAssembly', () => {
    const bytes = Buffer.from('abcabcabcabc some more text abcabcabc some more text'.repeat(20));
    const packed = new Uint8Array(2000);
    const block = packed.slice(0, encodeLz4Block(bytes, packed));
    fc.assert(
      fc.property(fc.nat(block.length - 1), fc.nat(255), (at, value) => {
        const changed = Uint8Array.from(block);
        changed[at] = value;
        const output = new Uint8Array(65_536);
        const size = decodeLz4Block(changed, output);
        if (size < 0) expect(failure(() => decompress(Codecs.LZ4, frame(changed), MIB)).kind).to.equal('corrupt');
        else expect(Buffer.compare(decompress(Codecs.LZ4, frame(changed), MIB), output.subarray(0, size))).to.equal(0);
      }),
      { numRuns: 500 },
    );
  });

  it('is refused with dependent blocks, a wrong header checksum, an oversized block', () => {
    const good = Buffer.from(compress(Codecs.LZ4, Buffer.alloc(100)));
    const change = (edit: (bytes: Buffer) => void): Buffer => {
      const copy = Buffer.from(good);
      edit(copy);
      return copy;
    };
    for (const bad of [
      change((bytes) => bytes.writeUInt8(0x40, 4)),
      change((bytes) => bytes.writeUInt8(0x83, 6)),
      change((bytes) => bytes.writeUInt32LE(65_537, 7)),
      change((bytes) => bytes.writeUInt8(0, 0)),
      good.subarray(0, 5),
      good.subarray(0, -1),
    ]) {
      expect(failure(() => decompress(Codecs.LZ4, bad, MIB)).kind).to.equal('corrupt');
    }
  });

  it('checks block checksums where there are some', () => {
    const descriptor = Buffer.of(0x70, 0x40);
    const content = Buffer.from('stored as it is');
    const word = (value: number): Buffer => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32LE(value >>> 0);
      return bytes;
    };
    const head = [
      word(0x184d2204),
      descriptor,
      Buffer.of((xxhash32(descriptor) >>> 8) & 0xff),
      word(0x8000_0000 + content.length),
    ];
    const whole = Buffer.concat([...head, content, word(xxhash32(content)), word(0)]);
    expect(Buffer.from(decompress(Codecs.LZ4, whole, 100)).toString()).to.equal('stored as it is');
    whole[whole.length - 5]! ^= 1;
    expect(failure(() => decompress(Codecs.LZ4, whole, 100)).message).to.include('checksum');
  });

  it('has the check values of xxHash32', () => {
    expect(xxhash32(Buffer.from(''))).to.equal(0x02cc5d05);
    expect(xxhash32(Buffer.from('abc'))).to.equal(0x32d153ff);
    expect(xxhash32(Buffer.from('Nobody inspects the spammish repetition'))).to.equal(0xe2293b2f);
  });
});

describe('zstd', () => {
  before(() => loadCodec(Codecs.ZSTD));

  it('is read by others, and read from several frames, skippable ones among them', () => {
    const bytes = Buffer.concat([noise(1000), Buffer.alloc(200_000, 'text ')]);
    const packed = compress(Codecs.ZSTD, bytes);
    expect(Buffer.compare(fzstd.decompress(packed), bytes)).to.equal(0);
    const skippable = Buffer.from('502a4d1803000000616263', 'hex');
    const frames = Buffer.concat([skippable, packed, skippable, packed]);
    expect(decompress(Codecs.ZSTD, frames, 2 * bytes.length).length).to.equal(2 * bytes.length);
    expect(failure(() => decompress(Codecs.ZSTD, frames, 2 * bytes.length - 1)).kind).to.equal('limit');
  });

  it('unpacks to nothing from nothing', () => {
    expect(decompress(Codecs.ZSTD, Buffer.alloc(0), 10).length).to.equal(0);
  });

  it('is refused when it is full of empty frames', () => {
    const empty = compress(Codecs.ZSTD, Buffer.alloc(0));
    const error = failure(() => decompress(Codecs.ZSTD, Buffer.concat(Array.from({ length: 5000 }, () => empty)), MIB));
    expect(error.message).to.include('frames');
  });

  it('is bounded without content size too: run-length blocks of a cut window', () => {
    // Frame header without content size, then blocks of 128 KiB each in four bytes.
    const block = Buffer.from('02001000', 'hex');
    const last = Buffer.from('03001000', 'hex');
    const bomb = Buffer.concat([
      Buffer.from('28b52ffd0058', 'hex'),
      ...Array.from({ length: 1600 }, () => block),
      last,
    ]);
    expect(failure(() => decompress(Codecs.ZSTD, bomb, MIB)).kind).to.equal('limit');
    expect(decompress(Codecs.ZSTD, bomb, 1601 * 131_072).length).to.equal(1601 * 131_072);
  });

  it('that asks for a huge window is refused', () => {
    const frame = Buffer.from('28b52ffd00f8' + '010000', 'hex');
    expect(failure(() => decompress(Codecs.ZSTD, frame, MIB)).message).to.include('memory');
  });
});

/** Bytes that no codec shrinks, the same at every run. */
function noise(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  let state = 0x9e3779b9;
  for (let i = 0; i < size; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state;
  }
  return bytes;
}

/** One packed block as a frame. */
function frame(block: Uint8Array): Buffer {
  const bytes = Buffer.alloc(7 + 4 + block.length + 4);
  Buffer.from('04224d18604082', 'hex').copy(bytes);
  bytes.writeUInt32LE(block.length, 7);
  bytes.set(block, 11);
  return bytes;
}
