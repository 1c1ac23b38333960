// One listening socket: accepts within the limits, knows its live connections, closes the idle ones.
import {
  type Clock,
  type Connection,
  type ConnectionEvents,
  type Listener as ListeningSocket,
  type Logger,
  type Metrics,
  type Network,
  NOT_TLS,
  type ProxyOptions,
  type Timer,
  TlsHandshakeError,
  type TlsPeer,
} from '../../runtime/index.ts';
import { SecurityLog } from '../security/audit-log.ts';
import type { ListenerGuard } from '../security/listener-guard.ts';
import { BrokerConnection, type ConnectionSurroundings } from './connection.ts';
import { type Admission, type ConnectionLimits, ConnectionQuotas, type ConnectionSlot } from './connection-quotas.ts';
import type { Dispatcher } from './dispatcher.ts';
import { LimitedLog } from './limited-log.ts';
import { ListenerTraffic } from './listener-traffic.ts';
import type { UnsentBytes } from './outbox.ts';
import type { ReceiveBuffers } from './receive-buffers.ts';
import type { SaslGate, SaslGateOptions } from './sasl-gate.ts';
import { Turn } from './turn.ts';

/** Idle connections are looked for this often within connections.max.idle.ms. */
const IDLE_CHECKS = 20;
const SHORTEST_IDLE_CHECK_MS = 50;
const LONGEST_IDLE_CHECK_MS = 30_000;
/** While others wait for memory, a frame may be in the making for so long. */
const MAX_PARTIAL_MS = 3000;
const SHORTAGE_CHECK_MS = 100;
/** A stop does not wait for connections that have been silent for longer: there is nothing on its way to or from them. */
const IN_USE_MS = 10_000;
/** Connections that are closed in one turn of the event loop because their time is over: each takes up to a tenth of a millisecond. */
const MOST_CLOSED_AT_ONCE = 16;
const NEXT_TURN_MS = 1;
/** Connections that are held before they are closed, at a time. */
const MOST_CLOSING = 1000;

export interface ListenerOptions {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly network: Network;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly buffers: ReceiveBuffers;
  readonly sink: Dispatcher;
  readonly unsent: UnsentBytes;
  /** What connections must show before they are listened to; left out: nothing. */
  readonly guard?: { readonly of: ListenerGuard; readonly Gate: typeof SaslGate } | undefined;
  readonly proxied?: ProxyOptions | undefined;
  /** Read at every accept, so that a dynamic change takes effect. */
  readonly limits: () => ConnectionLimits;
  /** Shared by the listeners whose clients wait for each other; left out: it is the listener's own. */
  readonly turn?: Turn;
  /** Shared by the listeners that have limits in common; left out: they are the listener's own. */
  readonly quotas?: ConnectionQuotas;
}

/** A connection over a limit: nothing is read, the peer sees it close. */
const REFUSED: ConnectionEvents = {
  receiveBuffer: () => new Uint8Array(1024),
  onReceived: () => undefined,
  onDrained: () => undefined,
  onEnded: () => undefined,
  onClosed: () => undefined,
};

function refused(socket: Connection): ConnectionEvents {
  socket.destroy();
  return REFUSED;
}

export class Listener {
  readonly name: string;
  readonly traffic = new ListenerTraffic();
  readonly #options: ListenerOptions;
  /** Each with what it takes of the limits. */
  readonly #connections = new Map<BrokerConnection, ConnectionSlot>();
  readonly #around: ConnectionSurroundings;
  readonly #gateOptions: SaslGateOptions | undefined;
  readonly #turn: Turn;
  readonly #quotas: ConnectionQuotas;
  readonly #refusals: LimitedLog;
  readonly #audit: SecurityLog;
  /** Connections that have not shown what the guard asks for, the oldest first. */
  readonly #strangers = new Set<BrokerConnection>();
  #strangersTimer: Timer | undefined;
  #socket: ListeningSocket | undefined;
  #idleTimer: Timer | undefined;
  #nextId = 1;
  #isClosed = false;
  /** Connections that a drain waits for. */
  readonly #leaving = new Set<BrokerConnection>();
  #allHaveLeft: (() => void) | undefined;
  #shortageCheckedMs = 0;
  /** Connections that are held before they are closed. */
  #closing = 0;

  private constructor(options: ListenerOptions) {
    this.name = options.name;
    this.#options = options;
    this.#turn = options.turn ?? new Turn(options.clock);
    this.#quotas = options.quotas ?? new ConnectionQuotas(options.clock, options.limits);
    this.#refusals = new LimitedLog(options.logger, options.clock);
    this.#audit = new SecurityLog(this.#refusals);
    options.buffers.whenShort(() => this.#dropStalled());
    this.#around = this.#surroundings();
    this.#gateOptions = options.guard === undefined ? undefined : this.#ofGates(options.guard.of);
  }

  /** Rejects with the network's error (`code` EADDRINUSE …) when the address cannot be had. */
  static async open(options: ListenerOptions): Promise<Listener> {
    const listener = new Listener(options);
    const { host, port, guard, proxied } = options;
    const tls = guard?.of.tls;
    const address = { host, port, ...(tls !== undefined && { tls }), ...(proxied !== undefined && { proxied }) };
    listener.#socket = await options.network.listen(address, (connection) => listener.#accept(connection));
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
    this.#strangersTimer?.cancel();
    this.#options.guard?.of.close();
    await this.#socket?.close();
  }

  /** Requests that were held back may be begun now. */
  wakeConnections(): void {
    for (const connection of this.#connections.keys()) connection.wake();
  }

  /**
   * Nothing more is read from the connections that there are: each answers what has come, then ends. Resolves when those that
   * are in use have closed.
   */
  drainConnections(): Promise<void> {
    const sinceMs = this.#options.clock.monotonicMs() - IN_USE_MS;
    for (const connection of this.#connections.keys()) {
      if (!connection.isAnswered || connection.lastActiveMs > sinceMs) this.#leaving.add(connection);
    }
    for (const connection of this.#connections.keys()) connection.drain();
    if (this.#leaving.size === 0) return Promise.resolve();
    return new Promise((resolve) => (this.#allHaveLeft = resolve));
  }

  /** Closes every connection at once; while others are accepted, only those that came before the drain. */
  closeConnections(): void {
    for (const connection of this.#connections.keys()) {
      if (this.#isClosed || connection.isDraining) connection.destroy();
    }
  }

  #accept(socket: Connection): ConnectionEvents {
    if (this.#isClosed) return refused(socket);
    this.#turn.arrives();
    let held: BrokerConnection | undefined;
    const admission = this.#quotas.admit(this.name, socket.remoteAddress, () => held?.release());
    if (admission.kind !== 'taken') this.#logLimit(socket, admission);
    switch (admission.kind) {
      case 'refused':
        return refused(socket);
      case 'held':
        return this.#closeLater(socket, admission.forMs);
      case 'waits':
        held = this.#newConnection(socket, admission.slot);
        held.hold();
        return held;
      case 'taken': {
        const connection = this.#newConnection(socket, admission.slot);
        if (admission.delayMs > 0) connection.mute(admission.delayMs);
        return connection;
      }
    }
  }

  #logLimit({ remoteAddress: client }: Connection, { kind, limit }: Exclude<Admission, { kind: 'taken' }>): void {
    const message = kind === 'waits' ? 'a connection waits' : 'refused a connection';
    this.#refusals.log('warn', `${message}: limit reached`, { client, listener: this.name, ...limit });
  }

  /** Nothing is read of it, and it closes after a while: whoever opens connections too fast shall not do so faster for that. */
  #closeLater(socket: Connection, afterMs: number): ConnectionEvents {
    if (this.#closing >= MOST_CLOSING) return refused(socket);
    this.#closing += 1;
    socket.pause();
    const timer = this.#options.clock.schedule(afterMs, () => socket.destroy());
    const onClosed = (): void => {
      this.#closing -= 1;
      timer.cancel();
    };
    return { ...REFUSED, onClosed };
  }

  /** The connection that has been silent longest; undefined when there is none. */
  get quietest(): BrokerConnection | undefined {
    let quietest: BrokerConnection | undefined;
    for (const connection of this.#connections.keys()) {
      if (quietest === undefined || connection.lastActiveMs < quietest.lastActiveMs) quietest = connection;
    }
    return quietest;
  }

  #newConnection(socket: Connection, slot: ConnectionSlot): BrokerConnection {
    const { guard, sink, limits, metrics } = this.#options;
    const login = guard?.of.login;
    const hasGate = guard !== undefined && login !== undefined;
    const connection = new BrokerConnection(socket, this.#around, {
      id: this.#nextId++,
      sink: hasGate ? new guard.Gate(this.#gateOptions as SaslGateOptions) : sink,
      maxRequestBytes: hasGate ? login.maxReceiveBytes : limits().maxRequestBytes,
    });
    this.#connections.set(connection, slot);
    metrics.counter(`connection-creation,listener=${this.name}`).count += 1;
    this.#countConnections();
    if (guard !== undefined) this.#watchStranger(connection);
    return connection;
  }

  #surroundings(): ConnectionSurroundings {
    const { guard, buffers, clock, unsent } = this.#options;
    return {
      listenerName: this.name,
      securityProtocol: guard?.of.protocol ?? 'PLAINTEXT',
      buffers,
      clock,
      unsent,
      traffic: this.traffic,
      turn: this.#turn,
      onClosed: (closed, error) => this.#forget(closed, error),
      ...(guard?.of.tls !== undefined && {
        onSecured: (secured: BrokerConnection, peer: TlsPeer) => this.#secured(secured, peer, guard.of),
      }),
    };
  }

  #countConnections(): void {
    this.#options.metrics.gauge(`connection-count,listener=${this.name}`).value = this.#connections.size;
  }

  #ofGates(guard: ListenerGuard): SaslGateOptions {
    const { clock, sink, limits } = this.#options;
    return {
      login: () => guard.login as NonNullable<typeof guard.login>,
      dispatcher: sink,
      clock,
      failureDelayMs: guard.authentication.failedAuthenticationDelayMs,
      maxRequestBytes: () => limits().maxRequestBytes,
      passed: (connection) => {
        const { session } = connection;
        this.#strangers.delete(connection);
        this.#audit.login(session, session.saslMechanism ?? '');
      },
      refused: ({ session }, reason, mechanism = '') => this.#audit.loginFailed(session, mechanism, reason),
    };
  }

  /** TLS is agreed on: without SASL the certificate says who it is, or nobody does. */
  #secured(connection: BrokerConnection, { certificate }: TlsPeer, guard: ListenerGuard): void {
    if (guard.login !== undefined) return;
    this.#strangers.delete(connection);
    if (certificate === undefined) return;
    try {
      connection.session.principal = guard.principalOf(certificate);
      this.#audit.login(connection.session, 'TLS');
    } catch (error) {
      this.#logRefusal(connection, 'refused a certificate', { reason: error instanceof Error ? error.name : '' });
      connection.destroy();
    }
  }

  /** A connection that shows nothing in time is closed, and the oldest of too many. */
  #watchStranger(connection: BrokerConnection): void {
    const { authenticationTimeoutMs, maxUnauthenticated } = (this.#options.guard as { of: ListenerGuard }).of
      .authentication;
    this.#strangers.add(connection);
    if (this.#strangers.size > maxUnauthenticated) {
      for (const oldest of this.#strangers) {
        this.#refusals.log('warn', 'closed a connection that has not logged in: there are too many of them', {
          listener: this.name,
          allowed: maxUnauthenticated,
        });
        oldest.destroy();
        this.#strangers.delete(oldest);
        break;
      }
    }
    this.#strangersTimer ??= this.#options.clock.schedule(authenticationTimeoutMs, () =>
      this.#closeStrangers(authenticationTimeoutMs),
    );
  }

  #closeStrangers(timeoutMs: number): void {
    this.#strangersTimer = undefined;
    const { clock } = this.#options;
    const now = clock.monotonicMs();
    let closed = 0;
    for (const connection of this.#strangers) {
      const leftMs = closed++ === MOST_CLOSED_AT_ONCE ? NEXT_TURN_MS : connection.acceptedMs + timeoutMs - now;
      if (leftMs > 0) {
        this.#strangersTimer = clock.schedule(leftMs, () => this.#closeStrangers(timeoutMs));
        return;
      }
      this.#strangers.delete(connection);
      this.#logRefusal(connection, 'closed a connection that has not logged in in time', {});
      connection.destroy();
    }
  }

  #logRefusal(connection: BrokerConnection, message: string, fields: Record<string, string>): void {
    const { remoteAddress: client } = connection.session;
    this.#refusals.log('warn', message, { client, listener: this.name, ...fields });
  }

  #forget(connection: BrokerConnection, error: Error | undefined): void {
    if (this.#strangers.delete(connection) && error !== undefined) this.#logHandshake(connection, error);
    const slot = this.#connections.get(connection);
    this.#connections.delete(connection);
    if (this.#leaving.delete(connection) && this.#leaving.size === 0) this.#allHaveLeft?.();
    slot?.leave();
    this.#countConnections();
  }

  #logHandshake(connection: BrokerConnection, error: Error): void {
    const { code = error.name } = error as { readonly code?: string };
    if (code === NOT_TLS) {
      this.#logRefusal(connection, 'a client without TLS came to a TLS listener', {});
    } else if (
      this.#options.guard?.of.tls !== undefined &&
      (error instanceof TlsHandshakeError || code.startsWith('ERR_'))
    ) {
      this.#logRefusal(connection, 'a TLS handshake failed', { code, reason: error.message.slice(0, 200) });
    }
  }

  #planIdleCheck(): void {
    const { maxIdleMs } = this.#options.limits();
    if (maxIdleMs < 0) return;
    const pause = Math.min(Math.max(maxIdleMs / IDLE_CHECKS, SHORTEST_IDLE_CHECK_MS), LONGEST_IDLE_CHECK_MS);
    this.#idleTimer = this.#options.clock.schedule(pause, () => this.#closeIdle(maxIdleMs));
  }

  /** A request in process is no idleness, however long it is parked. */
  #closeIdle(maxIdleMs: number): void {
    const { clock } = this.#options;
    const now = clock.monotonicMs();
    let closed = 0;
    for (const connection of this.#connections.keys()) {
      if (!connection.isQuiet || now - connection.lastActiveMs < maxIdleMs) continue;
      if (closed++ === MOST_CLOSED_AT_ONCE) {
        this.#idleTimer = clock.schedule(NEXT_TURN_MS, () => this.#closeIdle(maxIdleMs));
        return;
      }
      connection.destroy();
    }
    if (!this.#isClosed) this.#planIdleCheck();
  }

  /** Half frames that do not become whole keep no memory that others wait for. */
  #dropStalled(): void {
    const now = this.#options.clock.monotonicMs();
    if (now - this.#shortageCheckedMs < SHORTAGE_CHECK_MS) return;
    this.#shortageCheckedMs = now;
    for (const connection of this.#connections.keys()) {
      if (!connection.isStalledSince(now - MAX_PARTIAL_MS)) continue;
      this.#options.sink.onOverrun(connection);
      connection.destroy();
    }
  }
}
