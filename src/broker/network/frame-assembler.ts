// Bytes of one connection to whole frames (a 4-byte size, then that many bytes). Frames are offered one at a time and in
// order; a consumer that says 'later' stops the flow, and what has arrived meanwhile waits in a counted buffer.
// KIP-8: sizes outside [1, socket.request.max.bytes] end the connection before anything is buffered for them.
import { FRAME_SIZE_BYTES, frameSizeAt } from '../../protocol/index.ts';
import { Frame } from './frame.ts';
import { type CountedBuffer, LARGEST_CLASS_SIZE, type ReceiveBuffers, SHARED_BUFFER_SIZE } from './receive-buffers.ts';

/** A partial frame, larger than any before from this peer, gets so many times the memory of its bytes that have arrived. */
const ADVANCE = 4;

/** What became of an offered frame. 'later': nothing was taken, offer it again on `drain()`. */
export type FrameVerdict = 'taken' | 'later';

export interface FrameConsumer {
  /** `frame` holds until this returns. It may be moved out of the shared buffer, with what has come behind it. */
  onFrame(frame: Frame): FrameVerdict;
  /** No frame can have this size, so nothing behind it can be told apart. 'later': ask again on `drain()`. */
  onBadSize(size: number): FrameVerdict;
}

export class FrameAssembler {
  readonly #buffers: ReceiveBuffers;
  readonly #consumer: FrameConsumer;
  #maxFrameSize: number;
  readonly #frame = new Frame();
  /** Holds #bytes[#start, #end) that no one has taken; undefined when everything was. */
  #own: CountedBuffer | undefined;
  #start = 0;
  #end = 0;
  /** Of the frame that was offered last, its size field included. */
  #offeredBytes = FRAME_SIZE_BYTES;
  /** The size of the largest frame that came whole: a peer that has sent one gets a buffer of that size at once. */
  #provenSize = 0;
  #isClosed = false;
  #isOffering = false;
  /** The next bytes will land in #own at #end: until they have, it neither moves nor goes. */
  #isAwaited = false;

  constructor(buffers: ReceiveBuffers, maxFrameSize: number, consumer: FrameConsumer) {
    this.#buffers = buffers;
    this.#maxFrameSize = maxFrameSize;
    this.#consumer = consumer;
  }

  /** Frames may be so large from now on: small until their sender has logged in. */
  allowFrames(maxFrameSize: number): void {
    this.#maxFrameSize = maxFrameSize;
  }

  /** Bytes received and not taken. */
  get waitingBytes(): number {
    return this.#end - this.#start;
  }
  /** Frames received and not taken, about: the others may be smaller or larger than the one that was offered last. */
  get waitingFrames(): number {
    return this.waitingBytes / this.#offeredBytes;
  }
  /**
   * Where the next bytes go: the rest of the frame that is partial, or the shared buffer. The network asks as soon as it
   * has delivered the bytes before, so that any number of drains may lie between the answer and the bytes.
   */
  receiveBuffer(): Uint8Array {
    this.#isAwaited = this.#own !== undefined;
    if (this.#own === undefined) return this.#buffers.shared;
    if (this.#end === this.#own.bytes.length) this.#grow();
    const size = frameSizeAt(this.#own.bytes, this.#start, this.#end);
    const frameEnd = size === undefined ? this.#own.bytes.length : this.#start + FRAME_SIZE_BYTES + size;
    // The buffer ends with a large frame: bytes of the next one would have to be copied out from behind it.
    const isLarge =
      size !== undefined && size > SHARED_BUFFER_SIZE && size <= this.#maxFrameSize && frameEnd > this.#end;
    return this.#own.bytes.subarray(this.#end, isLarge ? Math.min(frameEnd, this.#own.bytes.length) : undefined);
  }

  received(sizeBytes: number): void {
    if (this.#isClosed) return this.dispose();
    if (this.#own !== undefined) {
      this.#isAwaited = false;
      this.#end += sizeBytes;
      this.drain();
      return;
    }
    const shared = this.#buffers.shared;
    const taken = this.#offer(shared, 0, sizeBytes, undefined);
    if (!this.#isClosed && taken < sizeBytes) this.#adopt(shared, taken, sizeBytes);
  }

  /** Offers what waits. Called again by the consumer once it can take more. */
  drain(): void {
    const own = this.#own;
    if (own === undefined || this.#isClosed || this.#isOffering) return;
    this.#start = this.#offer(own.bytes, this.#start, this.#end, own);
    if (this.#isClosed || this.#own !== own || this.#isAwaited) return;
    if (this.#start === this.#end) this.#letGo();
    else this.#makeRoom(own);
  }

  /** Takes nothing more. The buffer of the next bytes stays until they have come or the connection has closed. */
  close(): void {
    this.#isClosed = true;
    if (!this.#isOffering && !this.#isAwaited) this.#letGo();
  }

  /** The connection has closed: no more bytes come. */
  dispose(): void {
    this.#isAwaited = false;
    this.close();
  }

  #letGo(): void {
    this.#own?.release();
    this.#own = undefined;
    this.#start = 0;
    this.#end = 0;
  }

  /** Offers whole frames from `start` on; where the first that was not taken begins. */
  #offer(bytes: Buffer, start: number, end: number, holder: CountedBuffer | undefined): number {
    this.#isOffering = true;
    const frame = this.#frame;
    frame.bytes = bytes;
    frame.holder = holder;
    frame.limit = end;
    let at = start;
    for (;;) {
      const size = frameSizeAt(frame.bytes, at, frame.limit);
      if (size === undefined) break;
      if (size <= 0 || size > this.#maxFrameSize) {
        if (this.#consumer.onBadSize(size) === 'taken') this.#isClosed = true;
        break;
      }
      const frameEnd = at + FRAME_SIZE_BYTES + size;
      if (frameEnd > frame.limit) break;
      frame.start = at + FRAME_SIZE_BYTES;
      frame.end = frameEnd;
      this.#offeredBytes = frameEnd - at;
      if (this.#consumer.onFrame(frame) === 'later') break;
      at = frame.end;
      if (size > this.#provenSize) this.#provenSize = size;
      if (this.#isClosed) break;
    }
    this.#isOffering = false;
    const takenBytes = end - start - (frame.limit - at);
    if (frame.holder !== holder) frame.holder?.release();
    frame.clear();
    if (this.#isClosed && !this.#isAwaited) this.#letGo();
    return start + takenBytes;
  }

  /** Bytes of the frame that begins at `start`, its size included; 0 when that is not known or no size at all. */
  #wantedSize(bytes: Buffer, start: number, end: number): number {
    const size = frameSizeAt(bytes, start, end) ?? 0;
    return size > 0 && size <= this.#maxFrameSize ? size + FRAME_SIZE_BYTES : 0;
  }

  /** Moves what the shared buffer holds untaken into a buffer that lasts, fit for the frame it begins if that is sure to come. */
  #adopt(source: Buffer, start: number, end: number): void {
    const arrived = end - start;
    const wanted = this.#wantedSize(source, start, end);
    if (arrived > LARGEST_CLASS_SIZE) {
      this.#own = this.#buffers.takeLarge(Math.max(Math.min(wanted, arrived * 2), arrived));
    } else {
      const granted = Math.max(this.#provenSize + FRAME_SIZE_BYTES, arrived * ADVANCE);
      this.#own = this.#buffers.take(Math.max(Math.min(wanted, granted), arrived));
    }
    this.#own.bytes.set(source.subarray(start, end));
    this.#start = 0;
    this.#end = end - start;
  }

  /** The partial frame at the end may not fit behind frames that were taken: then it moves to a buffer of its own. */
  #makeRoom(own: CountedBuffer): void {
    const needed = Math.max(this.#wantedSize(own.bytes, this.#start, this.#end), this.#end - this.#start);
    if (this.#start === 0 || this.#start + needed <= own.bytes.length) return;
    this.#adopt(own.bytes, this.#start, this.#end);
    own.release();
  }

  /** A frame whose buffer is full: it grows as bytes arrive, never by what was declared. */
  #grow(): void {
    const own = this.#own as CountedBuffer;
    const waiting = this.#end - this.#start;
    const first = this.#wantedSize(own.bytes, this.#start, this.#end);
    // Behind a frame that is whole and could not be begun yet, what else has come needs room as well.
    const most = first > waiting ? first : waiting + SHARED_BUFFER_SIZE;
    const factor = waiting < LARGEST_CLASS_SIZE ? ADVANCE : 2;
    const wanted = Math.min(Math.max(waiting * factor, SHARED_BUFFER_SIZE), most);
    const isLarge = waiting >= LARGEST_CLASS_SIZE;
    const larger = isLarge ? this.#buffers.takeLarge(wanted) : this.#buffers.take(wanted);
    larger.bytes.set(own.bytes.subarray(this.#start, this.#end));
    own.release();
    this.#own = larger;
    this.#start = 0;
    this.#end = waiting;
  }
}
