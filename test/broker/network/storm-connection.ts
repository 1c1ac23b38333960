// One connection of a storm: sends a burst, and tells how many of its frames the broker has looked at for sure. Made for numbers: what
// comes is skipped, not gathered, and one timer looks after all that wait.
import { connect, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext } from 'node:tls';

const HOST = '127.0.0.1';
const TICK_MS = 50;
/** A connection that has been silent for so many ticks is left: a frame may have asked for a wait. */
const SILENT_TICKS = 4;
const SIZE_BYTES = 4;
const ID_BYTES = 4;
const SHARED_BYTES = 64 * 1024;

/** Who answers is of no interest here, and to find out costs more than all else. */
const SECURED = { secureContext: createSecureContext(), rejectUnauthorized: false };

const shared = Buffer.allocUnsafe(SHARED_BYTES);
const waiting = new Set<StormConnection>();
let ticking: NodeJS.Timeout | undefined;

/** Ticks of this process: they do not go on while it is kept from running. */
function tick(): void {
  for (const connection of waiting) connection.tick();
  if (waiting.size > 0) return;
  clearInterval(ticking);
  ticking = undefined;
}

export class StormConnection {
  readonly #socket: Socket;
  readonly #probeId: number;
  /** What is left of the answer that is coming, to be skipped. */
  #left = 0;
  /** What has come of the four bytes that are read next: a size, or the id behind it. */
  #word = 0;
  #wordBytes = 0;
  #size = -1;
  #answers = 0;
  #isProbed = false;
  #isClosed = false;
  #silentTicks = 0;
  #mostSilentTicks = SILENT_TICKS;
  #over: (() => void) | undefined;

  private constructor(socket: Socket, probeId: number) {
    this.#socket = socket;
    this.#probeId = probeId;
    for (const event of ['end', 'error', 'close']) {
      socket.on(event, () => {
        this.#isClosed = true;
        this.#over?.();
      });
    }
  }

  /** `probeId`: the correlation id of the last request of every burst. */
  static open(port: number, probeId: number): Promise<StormConnection> {
    return new Promise((resolve, reject) => {
      let opened: StormConnection | undefined;
      const onread = {
        buffer: shared,
        callback: (sizeBytes: number) => {
          opened?.received(shared, sizeBytes);
          return true;
        },
      };
      const socket = connect({ port, host: HOST, noDelay: true, onread });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve((opened = new StormConnection(socket, probeId)));
      });
    });
  }

  static openTls(port: number, probeId: number): Promise<StormConnection> {
    return new Promise((resolve, reject) => {
      const socket = connectTls({ port, host: HOST, ...SECURED });
      socket.once('error', reject);
      socket.once('secureConnect', () => {
        socket.off('error', reject);
        const opened = new StormConnection(socket, probeId);
        socket.on('data', (chunk: Buffer) => opened.received(chunk, chunk.length));
        resolve(opened);
      });
    });
  }

  /** The number of frames of the burst, so many as it has, that have been looked at for sure; undefined: all of them, and it goes on. */
  async burst(bytes: Buffer, isLast: boolean, silentTicks = SILENT_TICKS): Promise<number | undefined> {
    this.#mostSilentTicks = silentTicks;
    this.#answers = 0;
    this.#isProbed = false;
    if (!this.#isClosed) this.#socket.write(bytes);
    if (isLast) this.#socket.end();
    await this.#answered();
    return this.#isProbed ? undefined : this.#answers + 1;
  }

  /** Not by a reset: Node.js 20 keeps a socket open that is reset by both sides. */
  close(): void {
    this.#socket.destroy();
  }

  /** To be called by the timer of all connections. */
  tick(): void {
    this.#silentTicks += 1;
    if (this.#silentTicks >= this.#mostSilentTicks) this.#over?.();
  }

  received(bytes: Buffer, end: number): void {
    this.#silentTicks = 0;
    let at = 0;
    while (at < end) {
      if (this.#left > 0) {
        const skipped = Math.min(this.#left, end - at);
        this.#left -= skipped;
        at += skipped;
        continue;
      }
      this.#word = (this.#word << 8) | (bytes[at++] as number);
      this.#wordBytes += 1;
      if (this.#wordBytes === SIZE_BYTES) this.#onWord(this.#word);
    }
    if (this.#isProbed) this.#over?.();
  }

  #onWord(word: number): void {
    this.#wordBytes = 0;
    this.#word = 0;
    if (this.#size < 0) {
      this.#answers += 1;
      if (word >= ID_BYTES) this.#size = word;
      // A token of a login without headers may be shorter than an id.
      else this.#left = word;
      return;
    }
    if (word === this.#probeId) this.#isProbed = true;
    this.#left = this.#size - ID_BYTES;
    this.#size = -1;
  }

  #answered(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    this.#silentTicks = 0;
    waiting.add(this);
    ticking ??= setInterval(tick, TICK_MS);
    return new Promise((resolve) => {
      this.#over = () => {
        this.#over = undefined;
        waiting.delete(this);
        resolve();
      };
    });
  }
}
