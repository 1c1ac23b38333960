// Memory that requests are received into. Complete small frames stand in one shared buffer and are gone when the next
// read comes; a frame that is partial, queued or kept (Produce, until its records are written) lives in a counted
// buffer that is recycled when the last holder lets go. Measured in spec node-io, section 8, rules 1 to 3.
import { assert } from '../../runtime/index.ts';
import { Frame } from './frame.ts';

/** One read of the socket at most; also the largest frame that is handled without a buffer of its own. */
export const SHARED_BUFFER_SIZE = 64 * 1024;
/** Smallest and largest recycled buffer. A larger frame grows a buffer of its own, as its bytes arrive. */
const SMALLEST_CLASS_SIZE = 64 * 1024;
export const LARGEST_CLASS_SIZE = 4 * 1024 * 1024;
/** Idle recycled memory that is kept; more is left to the garbage collector. */
const MAX_FREE_BYTES = 16 * 1024 * 1024;
/** Kept small frames are packed into buffers of this size. */
const PACK_SIZE = 512 * 1024;

/** A buffer with a count of holders. */
export class CountedBuffer {
  readonly bytes: Buffer;
  readonly #pool: ReceiveBuffers;
  #holders = 1;

  constructor(pool: ReceiveBuffers, bytes: Buffer) {
    this.#pool = pool;
    this.bytes = bytes;
  }

  retain(): void {
    assert(this.#holders > 0, 'a released receive buffer was used again');
    this.#holders += 1;
  }

  release(): void {
    assert(this.#holders > 0, 'a receive buffer was released twice');
    this.#holders -= 1;
    if (this.#holders === 0) this.#pool.recycle(this);
  }

  /** Back in use, with one holder. */
  revive(): this {
    this.#holders = 1;
    return this;
  }
}

export class ReceiveBuffers {
  /** The buffer that every connection without a partial frame reads into. */
  readonly shared = Buffer.allocUnsafeSlow(SHARED_BUFFER_SIZE);
  readonly #free = new Map<number, CountedBuffer[]>();
  readonly #maxBytes: number;
  readonly #isPoisoned: boolean;
  #freeBytes = 0;
  #usedBytes = 0;
  #pack: CountedBuffer | undefined;
  #packPosition = 0;
  readonly #releases: (() => void)[] = [];

  /** `maxBytes` bounds what partial, queued and kept frames hold together; beyond it connections stop reading. */
  constructor(options: { readonly maxBytes: number; readonly poison?: boolean }) {
    this.#maxBytes = options.maxBytes;
    this.#isPoisoned = options.poison ?? false;
  }

  /** Has `release` called whenever a connection cannot go on for want of memory: it may drop what holds some for nothing. */
  whenShort(release: () => void): void {
    this.#releases.push(release);
  }

  /** A connection waits for memory. */
  reportShortage(): void {
    for (const release of this.#releases) release();
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }
  get isExhausted(): boolean {
    return this.#usedBytes >= this.#maxBytes;
  }

  /** Partial frames alone hold twice what is allowed: one of them has to go. */
  get isOverrun(): boolean {
    return this.#usedBytes >= 2 * this.#maxBytes;
  }

  /** A buffer of at least `sizeBytes`, or of the largest class if that is less. */
  take(sizeBytes: number): CountedBuffer {
    let size = SMALLEST_CLASS_SIZE;
    while (size < sizeBytes && size < LARGEST_CLASS_SIZE) size *= 2;
    const free = this.#free.get(size)?.pop();
    this.#usedBytes += size;
    if (free === undefined) return new CountedBuffer(this, Buffer.allocUnsafeSlow(size));
    this.#freeBytes -= size;
    return free.revive();
  }

  /** A buffer of exactly `sizeBytes`, beyond the classes. */
  takeLarge(sizeBytes: number): CountedBuffer {
    this.#usedBytes += sizeBytes;
    return new CountedBuffer(this, Buffer.allocUnsafeSlow(sizeBytes));
  }

  /** Copies a small frame to where it can stay, until the copy's holder is released. */
  keep(frame: Frame): Frame {
    const kept = Frame.at(frame);
    kept.limit = frame.end;
    this.moveOut(kept);
    return kept;
  }

  /**
   * Moves a small frame, and what has come behind it, to where they can stay until its holder is released: what comes together is
   * often of one kind, and to copy it once costs less than to copy each.
   */
  moveOut(frame: Frame): void {
    const { bytes, start, end, limit } = frame;
    const size = limit - start;
    const holder = this.#roomFor(size);
    const position = holder === this.#pack ? this.#packPosition : 0;
    holder.bytes.set(bytes.subarray(start, limit), position);
    if (holder === this.#pack) this.#packPosition += size;
    frame.holder = holder;
    frame.bytes = holder.bytes;
    frame.start = position;
    frame.end = position + end - start;
    frame.limit = position + size;
  }

  /** Retained for whoever asks. */
  #roomFor(size: number): CountedBuffer {
    if (size > PACK_SIZE / 4) return size <= LARGEST_CLASS_SIZE ? this.take(size) : this.takeLarge(size);
    if (this.#pack === undefined || this.#packPosition + size > PACK_SIZE) {
      this.#pack?.release();
      this.#pack = this.take(PACK_SIZE);
      this.#packPosition = 0;
    }
    this.#pack.retain();
    return this.#pack;
  }

  /** Called by the last holder. */
  recycle(buffer: CountedBuffer): void {
    const size = buffer.bytes.length;
    this.#usedBytes -= size;
    if (this.#isPoisoned) buffer.bytes.fill(0xdb);
    if (size > LARGEST_CLASS_SIZE || this.#freeBytes + size > MAX_FREE_BYTES) return;
    this.#freeBytes += size;
    const list = this.#free.get(size);
    if (list === undefined) this.#free.set(size, [buffer]);
    else list.push(buffer);
  }
}
