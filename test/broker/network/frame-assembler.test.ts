import { expect } from 'chai';
import fc from 'fast-check';
import { FrameAssembler, type FrameConsumer } from '../../../src/broker/network/frame-assembler.ts';
import { Frame } from '../../../src/broker/network/frame.ts';
import { type CountedBuffer, ReceiveBuffers, SHARED_BUFFER_SIZE } from '../../../src/broker/network/receive-buffers.ts';

/** Small frames that are moved out share a buffer, which stays for the next ones. */
const PACK_BYTES = 512 * 1024;
const MAX_FRAME = 100 * 1024 * 1024;

function framed(bodies: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    bodies.flatMap((body) => {
      const size = Buffer.alloc(4);
      size.writeInt32BE(body.length);
      return [size, body];
    }),
  );
}

/**
 * Feeds `stream` in the sizes given, as a socket would: never more than the receive buffer holds. `between` runs after the
 * buffer was asked for and before the bytes come, as whatever else happens in a broker does.
 */
function feed(assembler: FrameAssembler, stream: Uint8Array, sizes: readonly number[], between?: () => void): void {
  let at = 0;
  for (let turn = 0; at < stream.length; turn += 1) {
    const target = assembler.receiveBuffer();
    between?.();
    const size = Math.min(sizes[turn % sizes.length] ?? 1, target.length, stream.length - at);
    // An assertion of chai's for each byte would take most of the time.
    if (size <= 0) throw new Error('there is no room to receive into');
    target.set(stream.subarray(at, at + size));
    assembler.received(size);
    at += size;
  }
}

class Collector implements FrameConsumer {
  readonly frames: Buffer[] = [];
  readonly badSizes: number[] = [];
  readonly kept: { bytes: Buffer; holder: CountedBuffer; copy: Buffer }[] = [];
  readonly isLater: () => boolean;
  readonly keepsFrames: boolean;
  /** Has those that stand in the shared buffer moved out of it, every third one. */
  readonly moveOut: ((frame: Frame) => void) | undefined;
  constructor(isLater: () => boolean = () => false, keepsFrames = false, moveOut?: (frame: Frame) => void) {
    this.isLater = isLater;
    this.keepsFrames = keepsFrames;
    this.moveOut = moveOut;
  }
  onFrame(frame: Frame): 'taken' | 'later' {
    if (this.isLater()) return 'later';
    if (frame.holder === undefined && this.frames.length % 3 === 0) this.moveOut?.(frame);
    const { bytes, start, end, holder } = frame;
    const copy = Buffer.from(bytes.subarray(start, end));
    this.frames.push(copy);
    if (this.keepsFrames && holder !== undefined) {
      holder.retain();
      this.kept.push({ bytes: bytes.subarray(start, end), holder, copy });
    }
    return 'taken';
  }
  onBadSize(size: number): 'taken' {
    this.badSizes.push(size);
    return 'taken';
  }
}

describe('FrameAssembler', () => {
  const body = fc.oneof(
    { weight: 6, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 300 }) },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 200_000 }).map((size) => Buffer.alloc(size, size)) },
    { weight: 1, arbitrary: fc.integer({ min: 4_000_000, max: 6_000_000 }).map((size) => Buffer.alloc(size, size)) },
  );

  it('gives the same frames however the bytes arrive and however often the consumer says later', () => {
    fc.assert(
      fc.property(
        fc.array(body, { minLength: 1, maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 9 }),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 9 }),
        fc.boolean(),
        fc.boolean(),
        (bodies, sizes, later, keeps, moves) => {
          let asked = 0;
          const isLater = (): boolean => later[asked++ % later.length] === true && asked < 200;
          const buffers = new ReceiveBuffers({ maxBytes: 1 << 30, poison: true });
          const moveOut = moves ? (frame: Frame): void => buffers.moveOut(frame) : undefined;
          const collector = new Collector(isLater, keeps, moveOut);
          const assembler = new FrameAssembler(buffers, MAX_FRAME, collector);
          // Draining recycles buffers: a poisoned one that the socket still fills would show.
          const bytes = framed(bodies);
          // Byte by byte only what is short: megabytes would take minutes.
          const pieces = bytes.length < 500_000 ? sizes : sizes.map((size) => size + 1000);
          feed(assembler, bytes, pieces, () => assembler.drain());
          for (let i = 0; i < 400 && collector.frames.length < bodies.length; i += 1) assembler.drain();
          expect(collector.frames.length).to.equal(bodies.length);
          collector.frames.forEach((frame, i) => expect(frame.equals(bodies[i] as Uint8Array)).to.equal(true));
          for (const { bytes, copy, holder } of collector.kept) {
            expect(bytes.equals(copy), 'a kept frame was overwritten').to.equal(true);
            holder.release();
          }
          assembler.dispose();
          expect(buffers.usedBytes, 'all buffers were given back').to.be.at.most(moves ? PACK_BYTES : 0);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('leaves bytes where they land when frames that waited are taken between asking for them and their coming', () => {
    const buffers = new ReceiveBuffers({ maxBytes: MAX_FRAME, poison: true });
    let isBusy = true;
    const consumer = new Collector(() => isBusy);
    const assembler = new FrameAssembler(buffers, MAX_FRAME, consumer);
    const [first, second] = [Buffer.from('first'), Buffer.from('second')];
    feed(assembler, framed([first]), [1000]);
    const target = assembler.receiveBuffer();
    isBusy = false;
    assembler.drain();
    expect(consumer.frames).to.deep.equal([first]);
    target.set(framed([second]));
    assembler.received(4 + second.length);
    expect(consumer.frames).to.deep.equal([first, second]);
    expect(buffers.usedBytes).to.equal(0);
  });

  it('moves what has come behind a frame out of the shared buffer with it, once', () => {
    const buffers = new ReceiveBuffers({ maxBytes: 1 << 24, poison: true });
    const collector = new Collector(undefined, true, (frame) => buffers.moveOut(frame));
    const assembler = new FrameAssembler(buffers, MAX_FRAME, collector);
    const bodies = [...'abcdefg'].map((letter) => Buffer.from(letter.repeat(200)));
    feed(assembler, framed(bodies), [SHARED_BUFFER_SIZE]);
    buffers.shared.fill(0);
    expect(collector.kept.map(({ bytes }) => bytes)).to.deep.equal(bodies);
    expect(new Set(collector.kept.map(({ holder }) => holder)).size).to.equal(1);
    for (const { holder } of collector.kept) holder.release();
    expect(buffers.usedBytes).to.be.at.most(PACK_BYTES);
  });

  it('moves megabytes of a partial frame that came behind others', () => {
    const buffers = new ReceiveBuffers({ maxBytes: 1 << 30, poison: true });
    let isBusy = true;
    const consumer = new Collector(() => isBusy);
    const assembler = new FrameAssembler(buffers, MAX_FRAME, consumer);
    const bodies = [Buffer.alloc(6_000_000, 1), Buffer.alloc(9_000_000, 2)];
    const bytes = framed(bodies);
    feed(assembler, bytes.subarray(0, 13_000_000), [700_000]);
    isBusy = false;
    assembler.drain();
    feed(assembler, bytes.subarray(13_000_000), [700_000]);
    expect(consumer.frames.map((frame, index) => frame.equals(bodies[index] as Buffer))).to.deep.equal([true, true]);
    assembler.dispose();
    expect(buffers.usedBytes).to.equal(0);
  });

  for (const size of [0, -1, -2147483648, MAX_FRAME + 1]) {
    it(`ends at a frame size of ${size} and buffers nothing for it`, () => {
      const buffers = new ReceiveBuffers({ maxBytes: 1 << 20 });
      const collector = new Collector();
      const assembler = new FrameAssembler(buffers, MAX_FRAME, collector);
      const bytes = Buffer.alloc(4);
      bytes.writeInt32BE(size);
      feed(assembler, bytes, [4]);
      expect(collector.badSizes).to.deep.equal([size]);
      expect(buffers.usedBytes).to.equal(0);
    });
  }

  it('does not allocate by the size that a frame declares', () => {
    const buffers = new ReceiveBuffers({ maxBytes: 1 << 30 });
    const assembler = new FrameAssembler(buffers, MAX_FRAME, new Collector());
    const bytes = Buffer.alloc(6);
    bytes.writeInt32BE(MAX_FRAME);
    feed(assembler, bytes, [6]);
    expect(buffers.usedBytes).to.be.at.most(SHARED_BUFFER_SIZE);
    assembler.dispose();
    expect(buffers.usedBytes).to.equal(0);
  });

  it('reads small requests in the shared buffer, without one of their own', () => {
    const buffers = new ReceiveBuffers({ maxBytes: 1 << 20 });
    const assembler = new FrameAssembler(buffers, MAX_FRAME, new Collector());
    feed(assembler, framed([Buffer.alloc(100), Buffer.alloc(2000)]), [SHARED_BUFFER_SIZE]);
    expect(assembler.receiveBuffer()).to.equal(buffers.shared);
    expect(buffers.usedBytes).to.equal(0);
  });
});

describe('ReceiveBuffers', () => {
  it('keeps small frames apart from what is received next, and takes them back', () => {
    const buffers = new ReceiveBuffers({ maxBytes: 1 << 24, poison: true });
    const source = Buffer.from('a small frame');
    const frame = new Frame();
    frame.bytes = source;
    frame.end = source.length;
    const kept = Array.from({ length: 100 }, () => buffers.keep(frame));
    source.fill(0);
    for (const { bytes, start, end } of kept) expect(bytes.toString('utf8', start, end)).to.equal('a small frame');
    for (const { holder } of kept) holder?.release();
    expect(buffers.usedBytes).to.be.at.most(512 * 1024);
  });

  it('refuses to release a buffer twice', () => {
    const buffer = new ReceiveBuffers({ maxBytes: 1 << 20 }).take(10);
    buffer.release();
    expect(() => buffer.release()).to.throw('released twice');
  });
});
