// Where a request stands: bytes[start, end). One Frame serves a connection for all that it receives: what it says holds until
// the call that it was given to has returned.
import type { CountedBuffer } from './receive-buffers.ts';

const NO_BYTES = Buffer.alloc(0);

export class Frame {
  bytes: Buffer = NO_BYTES;
  start = 0;
  end = 0;
  /** Behind the last byte that has come with it. */
  limit = 0;
  /** The counted buffer around the bytes; undefined where they stand in the shared one, which the next bytes overwrite. */
  holder: CountedBuffer | undefined;

  get size(): number {
    return this.end - this.start;
  }

  /** One of its own that stands where another does. */
  static at({ bytes, start, end, limit, holder }: Frame): Frame {
    const frame = new Frame();
    frame.bytes = bytes;
    frame.start = start;
    frame.end = end;
    frame.limit = limit;
    frame.holder = holder;
    return frame;
  }

  /** No buffer lives on because of it. */
  clear(): void {
    this.bytes = NO_BYTES;
    this.holder = undefined;
  }
}
