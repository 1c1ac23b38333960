// The channels of a client: one to each broker that it knows, one to each address that it was given at first. A broker may be known
// under several addresses, of which each that tells of it has its own: the last counts when it has to be dialled.
import { Channel } from '../../protocol/index.ts';
import { randomInt } from '../../runtime/index.ts';
import { type Address, SOFTWARE } from './client-options.ts';
import type { ResolvedClient } from './resolve-config.ts';

export interface KnownBroker {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
}

export class Connections {
  readonly #options: ResolvedClient;
  readonly #brokers = new Map<number, Channel>();
  /** Made when they are first needed: most clients need one of them, once. */
  readonly #first = new Map<Address, Channel>();
  #isClosed = false;

  constructor(options: ResolvedClient) {
    this.#options = options;
  }

  /** These are the brokers of the cluster now. */
  learn(brokers: readonly KnownBroker[]): void {
    const ids = new Set(brokers.map(({ nodeId }) => nodeId));
    for (const [nodeId, channel] of this.#brokers) {
      if (ids.has(nodeId)) continue;
      channel.destroy();
      this.#brokers.delete(nodeId);
    }
    for (const broker of brokers) this.add(broker);
  }

  /** This broker is there, whether the metadata tells of it or not. */
  add({ nodeId, host, port }: KnownBroker): void {
    if (this.#isClosed) return;
    const known = this.#brokers.get(nodeId);
    if (known === undefined) this.#brokers.set(nodeId, this.#open(host, port));
    else known.moveTo(host, port);
  }

  /** undefined: nothing is known of such a broker. */
  to(nodeId: number): Channel | undefined {
    return this.#brokers.get(nodeId);
  }

  /** Any broker: of those that are known, or of those that were given at first, which may still be there when all others have moved. */
  any(): Channel {
    const { brokers, runtime } = this.#options;
    const known = [...this.#brokers.values()];
    const index = randomInt(runtime.random, 0, known.length + (known.length === 0 ? brokers.length : 1));
    const channel = known[index];
    if (channel !== undefined) return channel;
    return this.#firstOf(brokers[randomInt(runtime.random, 0, brokers.length)] as Address);
  }

  /** Whatever is under way ends with an error. Resolves when no connection is left. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const channels = [...this.#brokers.values(), ...this.#first.values()];
    for (const channel of channels) channel.destroy();
    await Promise.all(channels.map((channel) => channel.close()));
  }

  #firstOf(address: Address): Channel {
    let channel = this.#first.get(address);
    if (channel === undefined) {
      channel = this.#open(address.host, address.port);
      this.#first.set(address, channel);
      if (this.#isClosed) channel.destroy();
    }
    return channel;
  }

  #open(host: string, port: number): Channel {
    const { runtime, clientId, security } = this.#options;
    const { network, clock, random, logger } = runtime;
    const { requestTimeoutMs, connectTimeoutMs, longestConnectTimeoutMs, maxIdleMs } = this.#options.limits;
    const { firstReconnectMs, longestReconnectMs } = this.#options.limits;
    const backoff = { firstMs: firstReconnectMs, longestMs: longestReconnectMs };
    const limits = { requestTimeoutMs, connectTimeoutMs, longestConnectTimeoutMs, maxIdleMs, backoff };
    const named = { host, port, clientId, software: SOFTWARE };
    return new Channel({ network, clock, random, logger, ...named, limits, security, isHastyWithFaults: true });
  }
}
