// A network inside the process: connections whose bytes take virtual time and arrive in pieces of any size, both from
// the seed. The broker listens on it as on the real one; a test (or a simulated client) dials with `connect`.
import type { Clock } from '../clock.ts';
import type { Connection, ConnectionEvents, ListenAddress, Listener, Network } from '../network.ts';
import { type Random, randomInt } from '../random.ts';

type Accept = (connection: Connection) => ConnectionEvents;

const FIRST_FREE_PORT = 32768;

export interface SimNetworkOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** The longest that a piece of data travels, in virtual milliseconds; 2 when left out. */
  readonly slowestMs?: number;
}

export class SimNetwork implements Network {
  readonly #options: SimNetworkOptions;
  readonly #listening = new Map<number, Accept>();
  readonly #ends = new Set<SimConnection>();
  #nextPort = FIRST_FREE_PORT;

  constructor(options: SimNetworkOptions) {
    this.#options = options;
  }

  async listen(address: ListenAddress, accept: Accept): Promise<Listener> {
    const port = address.port === 0 ? this.#nextPort++ : address.port;
    if (this.#listening.has(port)) {
      throw Object.assign(new Error(`listen EADDRINUSE: address already in use :${port}`), { code: 'EADDRINUSE' });
    }
    this.#listening.set(port, accept);
    const close = async (): Promise<void> => void this.#listening.delete(port);
    return { host: address.host, port, close };
  }

  /** Dials a listener of this network. Throws an Error with code ECONNREFUSED when nobody listens. */
  connect(port: number, accept: Accept): Connection {
    const listener = this.#listening.get(port);
    if (listener === undefined) {
      throw Object.assign(new Error(`connect ECONNREFUSED :${port}`), { code: 'ECONNREFUSED' });
    }
    const ownPort = this.#nextPort++;
    const dialled = new SimConnection(this.#options, ownPort, port);
    const accepted = new SimConnection(this.#options, port, ownPort);
    for (const end of [dialled, accepted]) this.#ends.add(end);
    dialled.join(accepted, accept(dialled));
    accepted.join(dialled, listener(accepted));
    return dialled;
  }

  /** The machine of the listeners goes down: nobody listens, every connection is reset. */
  crash(): void {
    this.#listening.clear();
    for (const end of this.#ends) end.destroy();
    this.#ends.clear();
  }
}

/** One end. What is sent is queued at the other end as events in order: pieces of data, the end, the close. */
class SimConnection implements Connection {
  readonly remoteAddress = '127.0.0.1';
  readonly localAddress = '127.0.0.1';
  readonly remotePort: number;
  readonly localPort: number;
  readonly #options: SimNetworkOptions;
  #peer: SimConnection | undefined;
  #events: ConnectionEvents | undefined;
  #unsentBytes = 0;
  #isPaused = false;
  #isEnded = false;
  #isClosed = false;
  /** When the last thing that travels to this end arrives; nothing overtakes. */
  #arrivesAtMs = 0;
  #held: (() => void)[] = [];

  constructor(options: SimNetworkOptions, localPort: number, remotePort: number) {
    this.#options = options;
    this.localPort = localPort;
    this.remotePort = remotePort;
  }

  join(peer: SimConnection, events: ConnectionEvents): void {
    this.#peer = peer;
    this.#events = events;
  }

  get unsentBytes(): number {
    return this.#unsentBytes;
  }

  send(buffers: readonly Uint8Array[], sent?: () => void): void {
    if (this.#isClosed || this.#isEnded) {
      if (sent !== undefined) queueMicrotask(sent);
      return;
    }
    const bytes = Buffer.concat(buffers);
    this.#unsentBytes += bytes.length;
    for (let at = 0; at < bytes.length; ) {
      const end = Math.min(bytes.length, at + randomInt(this.#options.random, 1, Math.max(2, 2 * bytes.length)));
      const piece = bytes.subarray(at, end);
      this.#peer?.travel(() => this.#peer?.receive(piece));
      at = end;
    }
    this.#peer?.travel(() => this.#taken(bytes.length, sent), true);
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#options.clock.schedule(0, () => this.#releaseHeld());
  }

  end(): void {
    if (this.#isEnded || this.#isClosed) return;
    this.#isEnded = true;
    this.#peer?.travel(() => this.#peer?.peerEnded());
  }

  destroy(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#options.clock.schedule(0, () => this.#events?.onClosed());
    this.#peer?.travel(() => this.#peer?.peerClosed(), true);
  }

  /** Lets something arrive here after all that was sent before; what is `always` done does not wait for `resume`. */
  travel(arrive: () => void, always = false): void {
    const { clock, random, slowestMs = 2 } = this.#options;
    this.#arrivesAtMs = Math.max(this.#arrivesAtMs, clock.monotonicMs() + random.next() * slowestMs);
    clock.schedule(this.#arrivesAtMs - clock.monotonicMs(), () => {
      if (!always && (this.#isPaused || this.#held.length > 0)) this.#held.push(arrive);
      else arrive();
    });
  }

  receive(piece: Uint8Array): void {
    for (let done = 0; done < piece.length && !this.#isClosed; ) {
      const target = this.#events?.receiveBuffer() ?? new Uint8Array(piece.length);
      const count = Math.min(target.length, piece.length - done);
      target.set(piece.subarray(done, done + count));
      done += count;
      this.#events?.onReceived(count);
    }
  }

  peerEnded(): void {
    if (this.#isClosed) return;
    this.#events?.onEnded();
    if (this.#isEnded) this.destroy();
  }

  peerClosed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#events?.onClosed();
  }

  #taken(sizeBytes: number, sent: (() => void) | undefined): void {
    this.#unsentBytes -= sizeBytes;
    sent?.();
    if (this.#unsentBytes === 0 && !this.#isClosed) this.#events?.onDrained();
  }

  #releaseHeld(): void {
    while (!this.#isPaused) {
      const arrive = this.#held.shift();
      if (arrive === undefined) return;
      arrive();
    }
  }
}
