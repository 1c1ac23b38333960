// The wires between the machines of a simulation: who is reached by which name or address, and what state each way between
// two of them is in. A cut way loses what is sent on it until it is healed; TCP (connection.ts) sends it again.
import type { Connection, ConnectionEvents } from '../network.ts';

export type Accept = (connection: Connection) => ConnectionEvents;

/** One direction between two machines. */
export interface Way {
  isCut: boolean;
  /** The delay of everything on this way. */
  latencyMs: number;
}

/** Whether a process can take something up now, and how it does. */
export interface Pace {
  heldMs(): number;
  run(action: () => void): void;
}

/** The network of one machine, as the others see it. */
export interface SimHost {
  readonly address: string;
  readonly isOff: boolean;
  /** Of its process. */
  readonly pace: Pace | undefined;
  /** undefined: nobody listens there. */
  listenerOn(port: number): Accept | undefined;
  /** The end dies with its machine. */
  keep(end: Mortal): void;
}

export interface Mortal {
  readonly remoteAddress: string;
  /** Something on the way has broken the connection. */
  reset(): void;
  /** The process has ended. `isTold`: the machine lives, and says so to the peer. */
  die(isTold: boolean): void;
}

export const LOOPBACK = '127.0.0.1';
const LOCAL_NAMES: ReadonlySet<string> = new Set(['', 'localhost', LOOPBACK, '::1', '0.0.0.0']);

export class SimLinks {
  readonly #addresses = new Map<string, string>();
  readonly #hosts = new Map<string, SimHost>();
  readonly #ways = new Map<string, Way>();

  /** The address of the machine of this name, which stays the same for the whole simulation. */
  addressOf(name: string): string {
    let address = this.#addresses.get(name);
    if (address === undefined) this.#addresses.set(name, (address = `10.0.0.${this.#addresses.size + 1}`));
    return address;
  }

  /** Puts `host` at its address, in place of an earlier one: a machine that has started again is another host. */
  attach(host: SimHost): void {
    this.#hosts.set(host.address, host);
  }

  /** The host with that name or address, as seen from `from`; undefined without one. */
  find(from: SimHost, name: string): SimHost | undefined {
    if (LOCAL_NAMES.has(name)) return from;
    return this.#hosts.get(this.#addresses.get(name) ?? name);
  }

  /** Whether what is sent to that address finds no machine. */
  isOff(address: string): boolean {
    return this.#hosts.get(address)?.isOff === true;
  }

  /** Nothing passes any more, either way. Machines are told by name. */
  cut(one: string, other: string): void {
    this.cutOneWay(one, other);
    this.cutOneWay(other, one);
  }

  cutOneWay(from: string, to: string): void {
    this.wayBetween(this.addressOf(from), this.addressOf(to)).isCut = true;
  }

  /** Everything takes that much longer, each way. */
  slow(one: string, other: string, latencyMs: number): void {
    this.wayBetween(this.addressOf(one), this.addressOf(other)).latencyMs = latencyMs;
    this.wayBetween(this.addressOf(other), this.addressOf(one)).latencyMs = latencyMs;
  }

  /** Both ways are whole and fast again. */
  heal(one: string, other: string): void {
    for (const [from, to] of [[one, other] as const, [other, one] as const]) {
      const way = this.wayBetween(this.addressOf(from), this.addressOf(to));
      way.isCut = false;
      way.latencyMs = 0;
    }
  }

  /** The way from one address to another, which is the same object for ever. */
  wayBetween(from: string, to: string): Way {
    const key = `${from}>${to}`;
    let way = this.#ways.get(key);
    if (way === undefined) this.#ways.set(key, (way = { isCut: false, latencyMs: 0 }));
    return way;
  }
}
