// The world's network: node:net behind the Network port. What a connection does is in connection.ts, how bytes come in
// without an allocation in socket.ts.
import net from 'node:net';
import type { Logger } from '../logger.ts';
import type { Connection, ConnectionEvents, ConnectTarget, ListenAddress, Listener, Network } from '../network.ts';
import { NodeConnection, type Preface } from './connection.ts';

/** Connections that the kernel holds until they are accepted; it cuts this at its own somaxconn. */
const BACKLOG = 4096;

/**
 * Node accepts about one connection per listener and turn, so that many clients that come at once wait long behind
 * those that are served. Several listeners on the port share them out (spec node-io, section 6).
 */
const LISTENERS_PER_PORT = 8;

/** A listener that fails to accept (out of descriptors) says so at most this often. */
const ACCEPT_WARNING_INTERVAL_MS = 10_000;

type Accept = (connection: Connection) => ConnectionEvents;
/** What becomes of a socket that a server has accepted. */
type Welcome = (accepted: net.Socket) => void;

export function nodeNetwork(logger: Logger): Network {
  return {
    async listen(address, accept): Promise<Listener> {
      const welcome = await welcomeOf(address, accept, logger);
      const first = await open(address, welcome, logger, false);
      const { port } = first.address() as net.AddressInfo;
      const servers = address.port !== 0 && canSharePorts() ? await share(first, address, welcome, logger) : [first];
      return {
        host: address.host,
        port,
        // The port is free at once. What was accepted is its owner's: a server whose connections are of TLS would wait for their end.
        close: async () => {
          for (const server of servers) server.close();
        },
      };
    },
    connect: dial,
  };
}

/** Code for TLS and proxies is loaded before the first connection comes, and only where a listener asks for it. */
async function welcomeOf({ tls, proxied }: ListenAddress, accept: Accept, logger: Logger): Promise<Welcome> {
  if (tls === undefined && proxied === undefined) return (accepted) => void new NodeConnection(accepted, accept);
  let secure: Preface['secure'];
  if (tls !== undefined) {
    const { contextOf, secureAccepted } = await import('./tls.ts');
    contextOf(tls.settings());
    secure = (accepted, end) => secureAccepted(accepted, tls, end);
  }
  if (proxied === undefined) return (accepted) => void new NodeConnection(accepted, accept, { secure });
  const { ProxiedConnections } = await import('./proxied.ts');
  const warned = new Map<string, number>();
  const waiting = new ProxiedConnections(
    proxied,
    (accepted, source) => void new NodeConnection(accepted, accept, { source, secure, isBegun: true }),
    ({ remoteAddress = '' }, reason) => {
      if (!isDue(warned, reason)) return;
      logger.log('warn', 'closed a connection behind a proxy', { proxy: remoteAddress, reason });
    },
  );
  return (accepted) => waiting.add(accepted);
}

function isDue(warned: Map<string, number>, reason: string): boolean {
  const nowMs = performance.now();
  if (nowMs - (warned.get(reason) ?? Number.NEGATIVE_INFINITY) < ACCEPT_WARNING_INTERVAL_MS) return false;
  warned.set(reason, nowMs);
  return true;
}

async function dial(target: ConnectTarget, accept: Accept): Promise<Connection> {
  const socket = await dialled(target);
  const { host, tls, signal } = target;
  if (tls === undefined) return new NodeConnection(socket, accept);
  const abort = (): void => void socket.destroy();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    const { secureDialled } = await import('./tls.ts');
    const [secured, peer] = await secureDialled(socket, host, tls);
    return new NodeConnection(secured, accept, { peer, below: socket });
  } catch (error) {
    throw signal?.aborted === true ? signal.reason : error;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

function dialled({ host, port, signal }: ConnectTarget): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason as Error);
    const socket = net.connect({ host, port, allowHalfOpen: true, noDelay: true, keepAlive: true });
    // Nothing is read before the owner is there: its buffers take the first bytes already.
    socket.pause();
    const abort = (): void => void socket.destroy(signal?.reason as Error);
    const failed = (error: Error): void => {
      signal?.removeEventListener('abort', abort);
      reject(error);
    };
    socket.once('error', failed);
    socket.once('connect', () => {
      socket.off('error', failed);
      signal?.removeEventListener('abort', abort);
      resolve(socket);
    });
    signal?.addEventListener('abort', abort, { once: true });
  });
}

/** `reusePort` came with Node 23.1, and works where the kernel spreads connections over such listeners. */
function canSharePorts(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return process.platform === 'linux' && (major > 23 || (major === 23 && minor >= 1));
}

/**
 * Opens the shared listeners in place of `first`. That one was opened without sharing because only then the kernel says
 * when another program has the port: two brokers that share a port would each get half of the connections.
 */
async function share(
  first: net.Server,
  address: ListenAddress,
  welcome: Welcome,
  logger: Logger,
): Promise<net.Server[]> {
  await closed(first);
  const servers: net.Server[] = [];
  try {
    for (let index = 0; index < LISTENERS_PER_PORT; index++) servers.push(await open(address, welcome, logger, true));
    return servers;
  } catch (error) {
    await Promise.all(servers.map(closed));
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') throw error;
    return [await open(address, welcome, logger, false)];
  }
}

function open(address: ListenAddress, welcome: Welcome, logger: Logger, reusePort: boolean): Promise<net.Server> {
  return new Promise((resolve, reject) => {
    const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true, keepAlive: true });
    server.on('connection', welcome);
    server.once('error', reject);
    const options = { host: address.host, port: address.port, backlog: BACKLOG, exclusive: true, reusePort };
    server.listen(options, () => {
      server.off('error', reject);
      reportErrors(server, logger);
      resolve(server);
    });
  });
}

function reportErrors(server: net.Server, logger: Logger): void {
  let lastMs = Number.NEGATIVE_INFINITY;
  server.on('error', (error) => {
    const nowMs = performance.now();
    if (nowMs - lastMs < ACCEPT_WARNING_INTERVAL_MS) return;
    lastMs = nowMs;
    logger.log('warn', 'A connection could not be accepted', { error: error.message });
  });
}

function closed(server: net.Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
