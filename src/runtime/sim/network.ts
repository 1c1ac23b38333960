// The network of one simulated machine: connections whose bytes take virtual time and arrive in pieces of any size, both
// from the seed. A broker listens on it and dials others as on the real one; a test may also dial its listeners at once.
import type { Clock } from '../clock.ts';
import type { Connection, ConnectTarget, ListenAddress, Listener, Network } from '../network.ts';
import type { Random } from '../random.ts';
import { failure, SimConnection } from './connection.ts';
import { type Accept, LOOPBACK, type Mortal, type Pace, type SimHost, SimLinks } from './links.ts';

const FIRST_FREE_PORT = 32768;
/** Linux asks again for a connection after 1, 2, 4 … seconds (tcp_syn_retries 6), and gives up when the last is over. */
const FIRST_DIAL_RETRY_MS = 1000;
const DIAL_TRIES = 7;

export interface SimNetworkOptions {
  readonly clock: Clock;
  readonly pace?: Pace;
  /** The machine has lost its power: until somebody listens, nothing that is sent to it is even refused. */
  readonly isOff?: boolean;
  readonly random: Random;
  /** The longest that a piece of data travels, in virtual milliseconds; 2 when left out. */
  readonly slowestMs?: number;
  /** The wires to other machines; none when left out. */
  readonly links?: SimLinks;
  /** The name by which other machines know this one. */
  readonly name?: string;
}

export class SimNetwork implements Network, SimHost {
  readonly address: string;
  readonly #options: SimNetworkOptions;
  readonly #links: SimLinks;
  readonly #listening = new Map<number, Accept>();
  readonly #ends = new Set<Mortal>();
  #nextPort = FIRST_FREE_PORT;
  #isDown = false;
  #hasListened = false;

  constructor(options: SimNetworkOptions) {
    this.#options = options;
    this.#links = options.links ?? new SimLinks();
    this.address = this.#links.addressOf(options.name ?? 'machine');
    this.#links.attach(this);
  }

  get pace(): Pace | undefined {
    return this.#options.pace;
  }

  /** The machine has no power. */
  get isOff(): boolean {
    return this.#options.isOff === true && !this.#hasListened;
  }

  listenerOn(port: number): Accept | undefined {
    return this.#listening.get(port);
  }

  keep(end: Mortal): void {
    this.#ends.add(end);
  }

  /** Breaks the connections with the machine of this address, or all of them, as a router does that forgets them. */
  reset(address?: string): void {
    for (const end of this.#ends) if (address === undefined || end.remoteAddress === address) end.reset();
  }

  async listen(address: ListenAddress, accept: Accept): Promise<Listener> {
    const port = address.port === 0 ? this.#nextPort++ : address.port;
    if (this.#listening.has(port)) throw failure('EADDRINUSE', `listen: address already in use :${port}`);
    this.#listening.set(port, accept);
    this.#hasListened = true;
    const close = async (): Promise<void> => void this.#listening.delete(port);
    return { host: address.host, port, close };
  }

  connect(target: ConnectTarget, accept: Accept): Promise<Connection>;
  /** Dials a listener of this machine, which has the connection at once. Throws an Error with code ECONNREFUSED. */
  connect(port: number, accept: Accept): Connection;
  connect(target: number | ConnectTarget, accept: Accept): Connection | Promise<Connection> {
    if (typeof target === 'number') return this.#establish(this, target, accept);
    return new Promise((resolve, reject) => this.#dial(target, accept, { resolve, reject }));
  }

  /**
   * The process of the machine ends, and nobody listens any more. Peers hear of it at once (`kill`: the system resets what
   * the process had) or when they next send something and it is on again (`power`: it has forgotten its connections).
   */
  crash(mode: 'kill' | 'power' = 'kill'): void {
    this.#isDown = true;
    this.#listening.clear();
    for (const end of this.#ends) end.die(mode === 'kill');
    this.#ends.clear();
  }

  #dial(target: ConnectTarget, accept: Accept, ended: Ended): void {
    const { host, port, signal } = target;
    const { clock } = this.#options;
    const to = this.#links.find(this, host);
    if (signal?.aborted === true) return ended.reject(signal.reason as Error);
    if (to === undefined) return void clock.schedule(0, () => ended.reject(failure('ENOTFOUND', `connect: ${host}`)));
    let isOver = false;
    const over = (): void => {
      isOver = true;
      signal?.removeEventListener('abort', abort);
    };
    const abort = (): void => {
      over();
      ended.reject(signal?.reason as Error);
    };
    signal?.addEventListener('abort', abort, { once: true });
    const establish = (): void => {
      if (isOver || this.#isDown) return;
      // The machine may have started again meanwhile: who answers is looked up only now.
      const now = this.#links.find(this, host) ?? to;
      const heldMs = Math.max(this.pace?.heldMs() ?? 0, now.pace?.heldMs() ?? 0);
      if (heldMs > 0) return void clock.schedule(heldMs, establish);
      over();
      try {
        ended.resolve(this.#establish(now, port, accept));
      } catch (error) {
        ended.reject(error);
      }
    };
    const tryOnce = (tries: number): void => {
      if (isOver || this.#isDown) return;
      if (tries === DIAL_TRIES) {
        over();
        return ended.reject(failure('ETIMEDOUT', `connect: ${host}:${port}`));
      }
      this.#roundTrip(to, () => establish());
      clock.schedule(FIRST_DIAL_RETRY_MS * 2 ** tries, () => tryOnce(tries + 1));
    };
    tryOnce(0);
  }

  /** Calls `back` when a packet has gone to `to` and its answer has come: never when one of the ways is cut. */
  #roundTrip(to: SimHost, back: () => void): void {
    const { clock, random, slowestMs = 2 } = this.#options;
    const there = this.#links.wayBetween(this.address, to.address);
    const home = this.#links.wayBetween(to.address, this.address);
    clock.schedule(there.latencyMs + random.next() * slowestMs, () => {
      if (there.isCut || this.#links.isOff(to.address)) return;
      clock.schedule(home.latencyMs + random.next() * slowestMs, () => {
        if (!home.isCut) back();
      });
    });
  }

  #establish(to: SimHost, port: number, accept: Accept): Connection {
    const listener = to.listenerOn(port);
    if (listener === undefined) throw failure('ECONNREFUSED', `connect: ${to.address}:${port}`);
    const ownPort = this.#nextPort++;
    const dialled = this.#end(this.pace, to.address, this.address, ownPort, port);
    const accepted = this.#end(to.pace, this.address, to.address, port, ownPort);
    this.keep(dialled);
    to.keep(accepted);
    SimConnection.establish(dialled, accept, accepted, listener);
    return dialled;
  }

  /** An end at `own`, where a process of this pace has it, of a connection with `other`. */
  #end(pace: Pace | undefined, other: string, own: string, localPort: number, remotePort: number): SimConnection {
    const { clock, random, slowestMs = 2 } = this.#options;
    const isLocal = own === other;
    return new SimConnection({
      clock,
      random,
      slowestMs,
      pace,
      inbound: this.#links.wayBetween(other, own),
      isOff: () => this.#links.isOff(own),
      localAddress: isLocal ? LOOPBACK : own,
      localPort,
      remoteAddress: isLocal ? LOOPBACK : other,
      remotePort,
    });
  }
}

interface Ended {
  resolve(connection: Connection): void;
  reject(error: unknown): void;
}
