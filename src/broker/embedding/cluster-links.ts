// The wires between the nodes of a cluster in one process: real sockets that a test can cut and heal. Nodes are told by the ports on
// which they listen; clients pass, whatever is cut. What runs over a wire that is cut hears nothing, as with a switch that has
// failed; when it is healed the connections of before are found broken.
import type {
  Connection,
  ConnectionEvents,
  ConnectTarget,
  ListenAddress,
  Listener,
  Network,
} from '../../runtime/index.ts';

type Accept = (connection: Connection) => ConnectionEvents;

export class ClusterLinks {
  readonly #owners = new Map<number, number>();
  /** `1-2` with the lower id first. */
  readonly #cut = new Set<string>();
  readonly #dialled = new Set<LinkedConnection>();
  #waiting: (() => void)[] = [];

  /** Whoever dials this port dials the node. */
  belongs(port: number, nodeId: number): void {
    this.#owners.set(port, nodeId);
  }

  ownerOf(port: number): number | undefined {
    return this.#owners.get(port);
  }

  isCut(one: number, other: number | undefined): boolean {
    return other !== undefined && this.#cut.has(linkOf(one, other));
  }

  /** Nothing passes between nodes of different groups; a node that stands in none is cut off from all. */
  partition(groups: readonly (readonly number[])[], nodes: readonly number[]): void {
    const groupOf = (node: number): unknown => groups.find((group) => group.includes(node)) ?? node;
    this.heal();
    for (const one of nodes) {
      for (const other of nodes) {
        if (one < other && groupOf(one) !== groupOf(other)) this.#cut.add(linkOf(one, other));
      }
    }
    for (const connection of this.#dialled) if (this.isCut(connection.from, connection.to)) connection.fallSilent();
  }

  heal(): void {
    const { size } = this.#cut;
    this.#cut.clear();
    if (size === 0) return;
    for (const connection of this.#dialled) connection.breakIfSilent();
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Resolves when wires have been healed. */
  healed(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  keep(connection: LinkedConnection): void {
    this.#dialled.add(connection);
  }
  forget(connection: LinkedConnection): void {
    this.#dialled.delete(connection);
  }
}

function linkOf(one: number, other: number): string {
  return one < other ? `${one}-${other}` : `${other}-${one}`;
}

/** A connection that one node has dialled to another. */
class LinkedConnection implements Connection {
  readonly from: number;
  readonly to: number;
  readonly #connection: Connection;
  #isSilent = false;

  constructor(connection: Connection, from: number, to: number) {
    this.#connection = connection;
    this.from = from;
    this.to = to;
  }

  get isSilent(): boolean {
    return this.#isSilent;
  }
  get remoteAddress(): string {
    return this.#connection.remoteAddress;
  }
  get remotePort(): number {
    return this.#connection.remotePort;
  }
  get localAddress(): string {
    return this.#connection.localAddress;
  }
  get localPort(): number {
    return this.#connection.localPort;
  }
  get unsentBytes(): number {
    return this.#connection.unsentBytes;
  }

  send(buffers: readonly Uint8Array[], sent?: () => void): void {
    if (!this.#isSilent) this.#connection.send(buffers, sent);
    else if (sent !== undefined) queueMicrotask(sent);
  }
  pause(): void {
    this.#connection.pause();
  }
  resume(): void {
    if (!this.#isSilent) this.#connection.resume();
  }
  probe(): void {
    if (!this.#isSilent) this.#connection.probe();
  }
  end(): void {
    if (!this.#isSilent) this.#connection.end();
  }
  destroy(): void {
    this.#connection.destroy();
  }
  abort(): void {
    this.#connection.abort();
  }

  fallSilent(): void {
    this.#isSilent = true;
    this.#connection.pause();
  }
  breakIfSilent(): void {
    if (this.#isSilent) this.#connection.destroy();
  }
}

/** The network of one node. */
export class NodeNetwork implements Network {
  readonly #nodeId: number;
  readonly #network: Network;
  readonly #links: ClusterLinks;
  readonly #connections = new Set<Connection>();
  readonly #listeners = new Set<Listener>();
  #isDown = false;

  constructor(nodeId: number, network: Network, links: ClusterLinks) {
    this.#nodeId = nodeId;
    this.#network = network;
    this.#links = links;
  }

  async listen(address: ListenAddress, accept: Accept): Promise<Listener> {
    const listener = await this.#network.listen(address, (connection) => this.#kept(connection, accept(connection)));
    this.#links.belongs(listener.port, this.#nodeId);
    this.#listeners.add(listener);
    return listener;
  }

  async connect(target: ConnectTarget, accept: Accept): Promise<Connection> {
    const to = this.#links.ownerOf(target.port);
    if (to === undefined || to === this.#nodeId) {
      return this.#network.connect(target, (connection) => this.#kept(connection, accept(connection)));
    }
    while (this.#links.isCut(this.#nodeId, to)) await Promise.race([this.#links.healed(), aborted(target.signal)]);
    if (this.#isDown) throw new Error('the node has been killed');
    let linked: LinkedConnection | undefined;
    await this.#network.connect(target, (connection) => {
      linked = new LinkedConnection(connection, this.#nodeId, to);
      this.#links.keep(linked);
      return this.#linked(linked, this.#kept(connection, accept(linked)));
    });
    return linked as unknown as Connection;
  }

  /** The process ends: nobody listens any more, and what was connected is reset. */
  async kill(): Promise<void> {
    this.#isDown = true;
    for (const connection of this.#connections) connection.destroy();
    await Promise.all([...this.#listeners].map((listener) => listener.close()));
  }

  #kept(connection: Connection, events: ConnectionEvents): ConnectionEvents {
    this.#connections.add(connection);
    return {
      receiveBuffer: () => events.receiveBuffer(),
      onReceived: (sizeBytes) => events.onReceived(sizeBytes),
      onDrained: () => events.onDrained(),
      onEnded: () => events.onEnded(),
      onSecured: (peer) => events.onSecured?.(peer),
      onClosed: (error) => {
        this.#connections.delete(connection);
        events.onClosed(error);
      },
    };
  }

  #linked(connection: LinkedConnection, events: ConnectionEvents): ConnectionEvents {
    return {
      receiveBuffer: () => events.receiveBuffer(),
      onReceived: (sizeBytes) => {
        if (!connection.isSilent) events.onReceived(sizeBytes);
      },
      onDrained: () => events.onDrained(),
      onEnded: () => {
        if (!connection.isSilent) events.onEnded();
      },
      onSecured: (peer) => events.onSecured?.(peer),
      onClosed: (error) => {
        this.#links.forget(connection);
        events.onClosed(error);
      },
    };
  }
}

/** Rejects when the signal says so; never without one. */
function aborted(signal: ConnectTarget['signal']): Promise<never> {
  return new Promise((_, reject) => {
    if (signal?.aborted === true) reject(signal.reason as Error);
    else signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
