// Memory that records are read into on their way to a client: recycled when the network has taken them, since a fresh
// buffer for each read costs more in page faults and garbage collection than the read itself.
import { assert } from '../../runtime/index.ts';

/** What slices of a log are read in: hot ones in the middle size, cold ones in the largest. */
const SIZES = [16 * 1024, 256 * 1024, 1024 * 1024] as const;
const LARGEST_BYTES = SIZES[2];
/** Idle memory that is kept. */
const MAX_FREE_BYTES = 16 * 1024 * 1024;

export class ReadBuffers {
  readonly #free: Buffer[][] = SIZES.map(() => []);
  readonly #isPoisoned: boolean;
  #freeBytes = 0;
  #usedBytes = 0;

  /** `poison`: overwrite what is given back, so that tests find whoever still sends it. */
  constructor(poison = false) {
    this.#isPoisoned = poison;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** A buffer of at least `sizeBytes`, or of the largest size if that is less. */
  take(sizeBytes: number): Buffer {
    let place = 0;
    while (place < SIZES.length - 1 && (SIZES[place] as number) < sizeBytes) place += 1;
    const size = SIZES[place] as number;
    this.#usedBytes += size;
    const free = this.#free[place]?.pop();
    if (free === undefined) return Buffer.allocUnsafeSlow(size);
    this.#freeBytes -= size;
    assert(free.length === size, 'a buffer lies among those of its size');
    assert(this.#freeBytes >= 0, 'no more is taken out than lies there');
    return free;
  }

  give(buffer: Buffer): void {
    const size = buffer.length;
    const place = SIZES.indexOf(size as (typeof SIZES)[number]);
    assert(place >= 0, 'only what was taken here is given back');
    this.#usedBytes -= size;
    assert(this.#usedBytes >= 0, 'a buffer is given back once');
    if (this.#isPoisoned) buffer.fill(0xdb);
    if (this.#freeBytes + size > MAX_FREE_BYTES) return;
    this.#freeBytes += size;
    this.#free[place]?.push(buffer);
  }
}

/** The buffers of one response, given back together. */
export class ReadLease {
  readonly #buffers: ReadBuffers;
  #taken: Buffer[] = [];

  constructor(buffers: ReadBuffers) {
    this.#buffers = buffers;
  }

  take(sizeBytes: number): Buffer {
    const buffer = this.#buffers.take(sizeBytes);
    this.#taken.push(buffer);
    return buffer;
  }

  /** One that holds all of it: beyond the largest size it is not recycled. */
  takeWhole(sizeBytes: number): Buffer {
    return sizeBytes <= LARGEST_BYTES ? this.take(sizeBytes) : Buffer.allocUnsafeSlow(sizeBytes);
  }

  /** The response has left, or never will. Calls after the first do nothing. */
  sent(): void {
    const taken = this.#taken;
    this.#taken = [];
    for (const buffer of taken) this.#buffers.give(buffer);
  }
}
