// One listening socket: accepts within the limits, knows its live connections, closes the idle ones.
import type {
  Clock,
  Connection,
  ConnectionEvents,
  Listener as ListeningSocket,
  Logger,
  Metrics,
  Network,
  Timer,
} from '../../runtime/index.ts';
import { BrokerConnection, type RequestSink } from './connection.ts';
import { LimitedLog } from './limited-log.ts';
import type { UnsentBytes } from './outbox.ts';
import type { ReceiveBuffers } from './receive-buffers.ts';

/** Idle connections are looked for this often within connections.max.idle.ms. */
const IDLE_CHECKS = 20;
const SHORTEST_IDLE_CHECK_MS = 50;
const LONGEST_IDLE_CHECK_MS = 30_000;
/** While others wait for memory, a frame may be in the making for so long. */
const MAX_PARTIAL_MS = 3000;
const SHORTAGE_CHECK_MS = 100;
/** A stop does not wait for connections that have been silent for longer: there is nothing on its way to or from them. */
const IN_USE_MS = 10_000;

export interface ConnectionLimits {
  readonly maxConnections: number;
  readonly maxConnectionsPerIp: number;
  /** Other limits for single addresses. */
  readonly ofAddress: ReadonlyMap<string, number>;
  readonly maxIdleMs: number;
  readonly maxRequestBytes: number;
}

export interface ListenerOptions {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly network: Network;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly buffers: ReceiveBuffers;
  readonly sink: RequestSink;
  readonly unsent: UnsentBytes;
  /** Read at every accept, so that a dynamic change takes effect. */
  readonly limits: () => ConnectionLimits;
}

/** A connection over a limit: nothing is read, the peer sees it close. */
const REFUSED: ConnectionEvents = {
  receiveBuffer: () => new Uint8Array(1024),
  onReceived: () => undefined,
  onDrained: () => undefined,
  onEnded: () => undefined,
  onClosed: () => undefined,
};

export class Listener {
  readonly name: string;
  readonly #options: ListenerOptions;
  readonly #connections = new Set<BrokerConnection>();
  readonly #countByAddress = new Map<string, number>();
  readonly #refusals: LimitedLog;
  #socket: ListeningSocket | undefined;
  #idleTimer: Timer | undefined;
  #nextId = 1;
  #isClosed = false;
  /** Connections that a drain waits for. */
  readonly #leaving = new Set<BrokerConnection>();
  #allHaveLeft: (() => void) | undefined;
  #shortageCheckedMs = 0;

  private constructor(options: ListenerOptions) {
    this.name = options.name;
    this.#options = options;
    this.#refusals = new LimitedLog(options.logger, options.clock);
    options.buffers.whenShort(() => this.#dropStalled());
  }

  /** Rejects with the network's error (`code` EADDRINUSE …) when the address cannot be had. */
  static async open(options: ListenerOptions): Promise<Listener> {
    const listener = new Listener(options);
    listener.#socket = await options.network.listen({ host: options.host, port: options.port }, (connection) =>
      listener.#accept(connection),
    );
    listener.#planIdleCheck();
    return listener;
  }

  get host(): string {
    return this.#socket?.host ?? this.#options.host;
  }
  get port(): number {
    return this.#socket?.port ?? this.#options.port;
  }
  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Stops accepting; connections stay. */
  async stopAccepting(): Promise<void> {
    this.#isClosed = true;
    this.#idleTimer?.cancel();
    await this.#socket?.close();
  }

  /** Requests that were held back may be begun now. */
  wakeConnections(): void {
    for (const connection of this.#connections) connection.wake();
  }

  /**
   * Nothing more is read from the connections that there are: each answers what has come, then ends. Resolves when those that
   * are in use have closed.
   */
  drainConnections(): Promise<void> {
    const sinceMs = this.#options.clock.monotonicMs() - IN_USE_MS;
    for (const connection of this.#connections) {
      if (!connection.isAnswered || connection.lastActiveMs > sinceMs) this.#leaving.add(connection);
    }
    for (const connection of this.#connections) connection.drain();
    if (this.#leaving.size === 0) return Promise.resolve();
    return new Promise((resolve) => (this.#allHaveLeft = resolve));
  }

  /** Closes every connection at once; while others are accepted, only those that came before the drain. */
  closeConnections(): void {
    for (const connection of this.#connections) {
      if (this.#isClosed || connection.isDraining) connection.destroy();
    }
  }

  #accept(socket: Connection): ConnectionEvents {
    const limits = this.#options.limits();
    const address = socket.remoteAddress;
    const ofAddress = this.#countByAddress.get(address) ?? 0;
    const allowedOfAddress = limits.ofAddress.get(address) ?? limits.maxConnectionsPerIp;
    const limit =
      this.#connections.size >= limits.maxConnections
        ? { key: 'max.connections', allowed: limits.maxConnections }
        : ofAddress >= allowedOfAddress
          ? { key: 'max.connections.per.ip', allowed: allowedOfAddress }
          : undefined;
    if (limit !== undefined || this.#isClosed) {
      if (limit !== undefined)
        this.#refusals.log('warn', 'refused a connection: limit reached', { client: address, ...limit });
      socket.destroy();
      return REFUSED;
    }
    const connection = new BrokerConnection(socket, {
      id: this.#nextId++,
      listenerName: this.name,
      securityProtocol: 'PLAINTEXT',
      maxRequestBytes: limits.maxRequestBytes,
      buffers: this.#options.buffers,
      clock: this.#options.clock,
      sink: this.#options.sink,
      unsent: this.#options.unsent,
      onClosed: (closed) => this.#forget(closed, address),
    });
    this.#connections.add(connection);
    this.#countByAddress.set(address, ofAddress + 1);
    this.#options.metrics.gauge(`connection-count,listener=${this.name}`).value = this.#connections.size;
    return connection;
  }

  #forget(connection: BrokerConnection, address: string): void {
    this.#connections.delete(connection);
    if (this.#leaving.delete(connection) && this.#leaving.size === 0) this.#allHaveLeft?.();
    const left = (this.#countByAddress.get(address) ?? 1) - 1;
    if (left > 0) this.#countByAddress.set(address, left);
    else this.#countByAddress.delete(address);
    this.#options.metrics.gauge(`connection-count,listener=${this.name}`).value = this.#connections.size;
  }

  #planIdleCheck(): void {
    const { maxIdleMs } = this.#options.limits();
    if (maxIdleMs < 0) return;
    const pause = Math.min(Math.max(maxIdleMs / IDLE_CHECKS, SHORTEST_IDLE_CHECK_MS), LONGEST_IDLE_CHECK_MS);
    this.#idleTimer = this.#options.clock.schedule(pause, () => {
      this.#closeIdle(maxIdleMs);
      if (!this.#isClosed) this.#planIdleCheck();
    });
  }

  /** A request in process is no idleness, however long it is parked. */
  #closeIdle(maxIdleMs: number): void {
    const now = this.#options.clock.monotonicMs();
    for (const connection of this.#connections) {
      if (connection.isQuiet && now - connection.lastActiveMs >= maxIdleMs) connection.destroy();
    }
  }

  /** Half frames that do not become whole keep no memory that others wait for. */
  #dropStalled(): void {
    const now = this.#options.clock.monotonicMs();
    if (now - this.#shortageCheckedMs < SHORTAGE_CHECK_MS) return;
    this.#shortageCheckedMs = now;
    for (const connection of this.#connections) {
      if (!connection.isStalledSince(now - MAX_PARTIAL_MS)) continue;
      this.#options.sink.onOverrun(connection);
      connection.destroy();
    }
  }
}
