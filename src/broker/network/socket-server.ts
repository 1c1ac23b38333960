// What clients see of a node: the listening sockets, the connections on them, and the dispatchers behind. It can outlive
// the rooms that serve its requests: while they change (reset), connections are taken and their requests are held back.
import type { RequestStage, ServedApi } from '../../api-handlers/index.ts';
import type { Runtime } from '../../runtime/index.ts';
import { Dispatcher, type RequestMeter } from './dispatcher.ts';
import type { Endpoint } from '../configs/endpoints.ts';
import { ListenError } from './listen-error.ts';
import { type ConnectionLimits, ConnectionQuotas } from './connection-quotas.ts';
import { Listener } from './listener.ts';
import type { UnsentBytes } from './outbox.ts';
import { ReceiveBuffers } from './receive-buffers.ts';
import { Turn } from './turn.ts';
import type { Settings } from '../configs/settings.ts';
import type { Guards } from '../security/guards.ts';

/** The memory of all partial, queued and kept requests when queued.max.request.bytes sets no limit. */
const REQUEST_MEMORY_BYTES = 512 * 1024 * 1024;

/** How long an orderly stop waits for answers that are not made yet, or that clients do not read. */
const DRAIN_LIMIT_MS = 5000;

export interface SocketServerOptions {
  readonly runtime: Runtime;
  readonly settings: Settings;
  /** Overwrite buffers when they are given back, so that tests find who still uses one. */
  readonly poisonBuffers: boolean;
  /** What listeners ask of their connections; left out where all are open to all. */
  readonly guards?: Guards | undefined;
}

export class SocketServer {
  readonly dispatcher: Dispatcher;
  readonly controllerDispatcher: Dispatcher;
  readonly unsent: UnsentBytes = { total: 0 };
  readonly buffers: ReceiveBuffers;
  /** One for each client listener of the settings, in their order. */
  readonly listeners: Listener[] = [];
  readonly controllerListeners: Listener[] = [];
  readonly guards: Guards | undefined;
  readonly #quotas: ConnectionQuotas;
  readonly #turn: Turn;
  readonly #runtime: Runtime;
  readonly #authentication: Settings['authentication'];
  #limits: () => ConnectionLimits;
  #isServing = false;

  private constructor(options: SocketServerOptions, limits: () => ConnectionLimits) {
    const { clock, logger, metrics } = options.runtime;
    const { queuedMaxRequestBytes } = options.settings.broker;
    this.#runtime = options.runtime;
    this.#authentication = options.settings.authentication;
    this.guards = options.guards;
    this.#limits = limits;
    this.#turn = new Turn(clock);
    this.#quotas = new ConnectionQuotas(
      clock,
      () => this.#limits(),
      () => this.#closeQuietest(),
    );
    this.buffers = new ReceiveBuffers({
      maxBytes: queuedMaxRequestBytes > 0 ? queuedMaxRequestBytes : REQUEST_MEMORY_BYTES,
      poison: options.poisonBuffers,
    });
    const network = { buffers: this.buffers, clock, metrics, logger: logger.child('network') };
    this.dispatcher = new Dispatcher(network);
    this.controllerDispatcher = new Dispatcher(network);
  }

  /** Listens; requests wait until `serve`. Rejects with ListenError when an address cannot be had. */
  static async open(options: SocketServerOptions, limits: () => ConnectionLimits): Promise<SocketServer> {
    const socketServer = new SocketServer(options, limits);
    const { listeners, openedControllerListeners } = options.settings;
    try {
      for (const endpoint of listeners)
        socketServer.listeners.push(await socketServer.#listen(endpoint, socketServer.dispatcher));
      for (const endpoint of openedControllerListeners) {
        socketServer.controllerListeners.push(await socketServer.#listen(endpoint, socketServer.controllerDispatcher));
      }
    } catch (error) {
      await socketServer.stopAccepting();
      socketServer.closeConnections();
      throw error;
    }
    return socketServer;
  }

  get connectionCount(): number {
    let count = 0;
    for (const listener of this.#all) count += listener.connectionCount;
    return count;
  }

  /** Connections have the limits of another node from now on: after a reset the server belongs to it. */
  belongTo(limits: () => ConnectionLimits): void {
    this.#limits = limits;
  }

  /** Requests of clients pass the stages and are answered, those that were held back first. */
  serve(apis: readonly ServedApi[], stages: readonly RequestStage[], meter?: RequestMeter): void {
    this.dispatcher.open(apis, stages, meter);
    this.#isServing = true;
    for (const listener of this.listeners) listener.wakeConnections();
  }

  /** The same for the listeners of the controller, which answers earlier than the broker beside it. */
  serveControllers(apis: readonly ServedApi[], stages: readonly RequestStage[], meter?: RequestMeter): void {
    this.controllerDispatcher.open(apis, stages, meter);
    this.#isServing = true;
    for (const listener of this.controllerListeners) listener.wakeConnections();
  }

  /**
   * Every connection answers what it has received, and ends; requests of new connections wait for the next `serve`. Resolves
   * when the connections in use have closed, or a time limit has passed. Meanwhile purgatory and coordinators must end the waits
   * of requests that they hold.
   */
  async drain(): Promise<void> {
    if (!this.#isServing) return;
    this.#isServing = false;
    this.dispatcher.hold();
    this.controllerDispatcher.hold();
    const left = Promise.all(this.#all.map((listener) => listener.drainConnections()));
    this.dispatcher.endWaits();
    this.controllerDispatcher.endWaits();
    await new Promise<void>((resolve) => {
      const limit = this.#runtime.clock.schedule(DRAIN_LIMIT_MS, resolve);
      void left.then(() => {
        limit.cancel();
        resolve();
      });
    });
  }

  async stopAccepting(): Promise<void> {
    for (const listener of this.#all) await listener.stopAccepting();
  }

  closeConnections(): void {
    for (const listener of this.#all) listener.closeConnections();
  }

  /** Connections that wait may have room now. */
  limitsChanged(): void {
    this.#quotas.admitWaiting();
  }

  /** The brokers' listener has taken the room of another connection: the one that has been silent longest goes. */
  #closeQuietest(): void {
    const { protectedListener } = this.#limits();
    const quietest = this.listeners
      .filter(({ name }) => name !== protectedListener)
      .flatMap((listener) => listener.quietest ?? [])
      .sort((one, other) => one.lastActiveMs - other.lastActiveMs);
    quietest[0]?.destroy();
  }

  get #all(): readonly Listener[] {
    return [...this.listeners, ...this.controllerListeners];
  }

  async #listen(endpoint: Endpoint, sink: Dispatcher): Promise<Listener> {
    const { clock, network, logger, metrics } = this.#runtime;
    const guard = this.guards?.byListener.get(endpoint.name);
    const {
      proxiedListeners,
      authenticationTimeoutMs: headerMs,
      maxUnauthenticated: maxWaiting,
    } = this.#authentication;
    const isProxied = proxiedListeners.some((name) => name.toUpperCase() === endpoint.name);
    const options = {
      ...endpoint,
      guard: guard === undefined ? undefined : { of: guard, Gate: (await import('./sasl-gate.ts')).SaslGate },
      proxied: isProxied ? { headerMs, maxWaiting } : undefined,
      network,
      clock,
      logger: logger.child('network'),
      metrics,
      buffers: this.buffers,
      sink,
      unsent: this.unsent,
      limits: () => this.#limits(),
      ...(sink === this.dispatcher && { quotas: this.#quotas, turn: this.#turn }),
    };
    try {
      return await Listener.open(options);
    } catch (error) {
      throw error instanceof Error ? new ListenError(endpoint, error) : error;
    }
  }
}
