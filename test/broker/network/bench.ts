// One listener and one client on a network inside the process: frames in, responses out.
import { type RequestStage, type ServedApi } from '../../../src/api-handlers/index.ts';
import { Dispatcher } from '../../../src/broker/network/dispatcher.ts';
import { Listener } from '../../../src/broker/network/listener.ts';
import { ReceiveBuffers } from '../../../src/broker/network/receive-buffers.ts';
import { Metadata } from '../../../src/protocol/messages/03-metadata.ts';
import { apiFacts, codecOf, encodeRequestHeader, type ApiSchema, Writer } from '../../../src/protocol/index.ts';
import { type Connection, type Logger, type LogFields, Metrics } from '../../../src/runtime/index.ts';
import { nextTurn } from '../../../src/runtime/node/index.ts';
import { SeededRandom, SimClock, SimNetwork } from '../../../src/runtime/sim/index.ts';

interface Line {
  readonly message: string;
  readonly fields: LogFields | undefined;
}

/** A listener with the given handlers and stages, and one client. */
export class Bench {
  readonly clock = new SimClock({ nextTurn });
  readonly network = new SimNetwork({ clock: this.clock, random: new SeededRandom(7) });
  readonly buffers = new ReceiveBuffers({ maxBytes: 1 << 26, poison: true });
  readonly lines: Line[] = [];
  received = Buffer.alloc(0);
  isClosed = false;
  client!: Connection;
  listener!: Listener;
  dispatcher!: Dispatcher;

  static async open(
    apis: readonly ServedApi[],
    {
      maxIdleMs = 600_000,
      maxConnections = 2,
      stages = [],
    }: { maxIdleMs?: number; maxConnections?: number; stages?: readonly RequestStage[] } = {},
  ): Promise<Bench> {
    const bench = new Bench();
    const logger: Logger = {
      log: (_, message, fields) => void bench.lines.push({ message, fields }),
      child: () => logger,
    };
    const { clock, network, buffers } = bench;
    const metrics = new Metrics();
    const sink = (bench.dispatcher = new Dispatcher({ buffers, clock, logger, metrics }));
    sink.open(apis, stages);
    const limits = () => ({
      maxConnections,
      maxConnectionsPerIp: maxConnections,
      ofAddress: new Map(),
      maxIdleMs,
      maxRequestBytes: 1 << 20,
    });
    bench.listener = await Listener.open({
      name: 'PLAINTEXT',
      host: '',
      port: 0,
      network,
      clock,
      logger,
      metrics,
      buffers,
      sink,
      limits,
      unsent: { total: 0 },
    });
    bench.client = bench.connect();
    return bench;
  }

  connect(closed?: () => void): Connection {
    const target = Buffer.alloc(4096);
    return this.network.connect(this.listener.port, () => ({
      receiveBuffer: () => target,
      onReceived: (size) => {
        this.received = Buffer.concat([this.received, target.subarray(0, size)]);
      },
      onDrained: () => undefined,
      onEnded: () => {
        this.isClosed = true;
        closed?.();
      },
      onClosed: () => {
        this.isClosed = true;
        closed?.();
      },
    }));
  }

  async run(forMs = 50): Promise<void> {
    await this.clock.advance(forMs);
  }

  /** Correlation ids of the responses received so far. */
  answered(): number[] {
    const ids: number[] = [];
    for (let at = 0; at + 8 <= this.received.length; at += 4 + this.received.readInt32BE(at))
      ids.push(this.received.readInt32BE(at + 4));
    return ids;
  }
}

export function frame(key: number, version: number, correlationId: number, body: Uint8Array): Buffer {
  const writer = new Writer();
  encodeRequestHeader(writer, { requestApiKey: key, requestApiVersion: version, correlationId, clientId: 'test' });
  const header = Buffer.concat(writer.finish());
  const size = Buffer.alloc(4);
  size.writeInt32BE(header.length + body.length);
  return Buffer.concat([size, header, body]);
}

export function request(api: ApiSchema, version: number, correlationId: number, value: object): Buffer {
  const writer = new Writer();
  codecOf(api.request, version).encode(writer, value as never);
  return frame(api.key, version, correlationId, Buffer.concat(writer.finish()));
}

export const metadata = (correlationId: number): Buffer => request(Metadata, 1, correlationId, { topics: [] });

export function served(handler: unknown, key: number): ServedApi {
  const facts = apiFacts(key);
  if (facts === undefined) throw new Error(`no API ${key}`);
  return { key, minVersion: facts.minVersion, maxVersion: facts.maxVersion, load: async () => handler as never };
}
