// One connection of a storm: sends a burst, and tells how many of its frames the broker has looked at for sure. Made for numbers: what
// comes is skipped, not gathered, and one watch looks after all that wait. It counts in answers of the broker to somebody else: on a
// machine that is busy with others it may not run for a while, and a connection that it has not let in is not silent.
import { connect, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext, type TLSSocket } from 'node:tls';

const HOST = '127.0.0.1';
/** A connection that has been silent for so many ticks is left: a frame may have asked for a wait. */
const SILENT_TICKS = 4;
const SIZE_BYTES = 4;
const ID_BYTES = 4;
const SHARED_BYTES = 64 * 1024;

/** Who answers is of no interest here, and to find out costs more than all else. */
export const SECURED = { secureContext: createSecureContext(), rejectUnauthorized: false };

/** The session of the last handshake, by port. */
const sessions = new Map<number, Buffer>();
const shared = Buffer.allocUnsafe(SHARED_BYTES);
const waiting = new Set<StormConnection>();

/** To be called when the broker has answered somebody who asked a while after the call before. */
export function tick(): void {
  for (const connection of waiting) connection.tick();
}

/** Correlation ids: of the last request of every burst, and of the first on a connection, which is none of the frames. */
export interface Ids {
  readonly probeId: number;
  readonly helloId: number;
}

export class StormConnection {
  readonly #socket: Socket;
  readonly #probeId: number;
  readonly #helloId: number;
  /** The broker has read something of it. */
  #isLetIn = false;
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

  private constructor(socket: Socket, { probeId, helloId }: Ids) {
    this.#socket = socket;
    this.#probeId = probeId;
    this.#helloId = helloId;
    for (const event of ['end', 'error', 'close']) {
      socket.on(event, () => {
        this.#isClosed = true;
        this.#over?.();
      });
    }
  }

  static open(port: number, ids: Ids): Promise<StormConnection> {
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
        resolve((opened = new StormConnection(socket, ids)));
      });
    });
  }

  /** `takesUp`: a session that has been agreed on before, if there is one; no key has to be proved then. */
  static openTls(port: number, ids: Ids, takesUp: boolean): Promise<StormConnection> {
    const session = takesUp ? sessions.get(port) : undefined;
    return new Promise((resolve, reject) => {
      const socket: TLSSocket = connectTls({ port, host: HOST, ...SECURED, ...(session !== undefined && { session }) });
      socket.on('session', (given) => sessions.set(port, given));
      socket.once('error', reject);
      socket.once('secureConnect', () => {
        socket.off('error', reject);
        const opened = new StormConnection(socket, ids);
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
    if (this.#isProbed) return undefined;
    return this.#isLetIn ? this.#answers + 1 : 0;
  }

  /** Not by a reset: Node.js 20 keeps a socket open that is reset by both sides. */
  close(): void {
    this.#socket.destroy();
  }

  tick(): void {
    if (this.#isLetIn) this.#silentTicks += 1;
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
    this.#isLetIn = true;
    if (word === this.#helloId) this.#answers -= 1;
    if (word === this.#probeId) this.#isProbed = true;
    this.#left = this.#size - ID_BYTES;
    this.#size = -1;
  }

  #answered(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    this.#silentTicks = 0;
    waiting.add(this);
    return new Promise((resolve) => {
      this.#over = () => {
        this.#over = undefined;
        waiting.delete(this);
        resolve();
      };
    });
  }
}
