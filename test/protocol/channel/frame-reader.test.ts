import { expect } from 'chai';
import fc from 'fast-check';
import { FrameReader } from '../../../src/protocol/channel/frame-reader.ts';

const BOUNDS = { min: 4, max: 200_000 };

function framed(size: number, fill: number): Buffer {
  const frame = Buffer.alloc(4 + size, fill);
  frame.writeInt32BE(size);
  return frame;
}

/** Hands bytes over as a network does, at most `piece` at a time. */
function feed(reader: FrameReader, bytes: Buffer, piece: number): void {
  for (let at = 0; at < bytes.length; ) {
    const target = reader.receiveBuffer();
    const count = Math.min(target.length, piece, bytes.length - at);
    target.set(bytes.subarray(at, at + count));
    at += count;
    reader.received(count);
  }
}

describe('Frames of a peer', () => {
  it('come whole and in order however the bytes are cut, and stay as they are', () => {
    const sizes = fc.array(fc.oneof(fc.integer({ min: 4, max: 40 }), fc.integer({ min: 4, max: 60_000 })), {
      maxLength: 9,
    });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 40_000 }), (all, piece) => {
        const frames: Buffer[] = [];
        const reader = new FrameReader(BOUNDS, (frame) => frames.push(frame));
        feed(reader, Buffer.concat(all.map((size, index) => framed(size, index + 1))), piece);
        expect(frames.map(({ length }) => length)).to.deep.equal(all);
        frames.forEach((frame, index) => expect(frame.equals(Buffer.alloc(frame.length, index + 1))).to.equal(true));
      }),
      { numRuns: 100 },
    );
  });

  it('of a size out of bounds are refused before memory is given to them', () => {
    for (const size of [-1, 0, 3, BOUNDS.max + 1, 0x7fffffff]) {
      const bytes = Buffer.alloc(4);
      bytes.writeInt32BE(size);
      const reader = new FrameReader(BOUNDS, () => undefined);
      expect(() => feed(reader, bytes, 4)).to.throw(`a frame of ${size} bytes, where 4 to ${BOUNDS.max} can be`);
    }
  });

  it('get memory as they arrive, not as they promise', () => {
    const reader = new FrameReader({ min: 4, max: 100_000_000 }, () => undefined);
    feed(reader, framed(99_999_999, 0).subarray(0, 10), 10);
    let arrived = 10;
    while (arrived < 1_000_000) {
      const { length } = reader.receiveBuffer();
      expect(length).to.be.at.most(Math.max(16 * 1024, arrived));
      reader.received(length);
      arrived += length;
    }
  });

  it('of a size that has come before get their memory at once', () => {
    const reader = new FrameReader({ min: 4, max: 100_000_000 }, () => undefined);
    const frame = framed(1_000_000, 1);
    feed(reader, frame, 50_000);
    feed(reader, frame.subarray(0, 100_000), 100_000);
    expect(reader.receiveBuffer().length).to.be.within(frame.length - 100_000, frame.length);
  });

  it('share one buffer where they are short-lived', () => {
    const places = new Set<ArrayBufferLike>();
    const seen: number[] = [];
    const reader = new FrameReader({ min: 4, max: 1_000_000, areShortLived: true }, (frame) => {
      places.add(frame.buffer);
      seen.push(frame[0] as number);
      expect(frame.every((byte) => byte === frame[0])).to.equal(true);
    });
    feed(reader, framed(100_000, 1), 7000);
    places.clear();
    for (let value = 2; value < 20; value++) feed(reader, framed(100_000 - value, value), 7000);
    expect(seen).to.deep.equal(Array.from({ length: 19 }, (_, index) => index + 1));
    expect(places.size).to.equal(1);
  });
});
