// Stands between clients and a broker and has it speak as an older one does: what ApiVersions tells of is cut down, so that clients
// ask in the words of then. The broker still answers in them.
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import {
  type ApiSchema,
  codecOf,
  decodeResponseHeader,
  encodeResponseFrame,
  Reader,
  requestApiKey,
  requestApiVersion,
  Writer,
} from '../../../src/protocol/index.ts';
import { Metadata } from '../../../src/protocol/messages/03-metadata.ts';
import { FindCoordinator } from '../../../src/protocol/messages/10-find-coordinator.ts';
import { ApiVersions } from '../../../src/protocol/messages/18-api-versions.ts';
import { DescribeCluster } from '../../../src/protocol/messages/60-describe-cluster.ts';

/** Answers that tell of versions or addresses. */
const REWRITTEN = [ApiVersions, Metadata, FindCoordinator, DescribeCluster] as unknown as readonly ApiSchema[];

/** By API key the newest version that is told of; -1: the API is not there. */
export type OldVersions = Readonly<Record<number, number>>;

export class OldBroker {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #port = 0;
  versions: OldVersions = {};
  /** Where the broker is. */
  target = 0;

  constructor() {
    this.#server = createServer((client) => this.#serve(client));
  }

  /** The port. */
  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
    return this.#port;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(client: Socket): void {
    const broker = connect(this.target, '127.0.0.1');
    const asked = new Map<number, { readonly api: ApiSchema; readonly version: number }>();
    frames(client, (frame) => {
      // A frame is its size, then the header: key, version, correlation id.
      const api = REWRITTEN.find(({ key }) => key === requestApiKey(frame, 4));
      if (api !== undefined) asked.set(frame.readInt32BE(8), { api, version: requestApiVersion(frame, 4) });
      broker.write(frame);
    });
    frames(broker, (frame) => {
      const id = frame.readInt32BE(4);
      const question = asked.get(id);
      asked.delete(id);
      client.write(question === undefined ? frame : this.#rewritten(frame, question.api, question.version));
    });
    for (const [one, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      this.#sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
    }
  }

  /** Versions are cut down, and addresses lead here again. */
  #rewritten(frame: Buffer, api: ApiSchema, version: number): Buffer {
    const codec = codecOf(api.response, version);
    const reader = new Reader(frame, 4);
    const correlationId = decodeResponseHeader(reader, api.key, version);
    const text = JSON.stringify(codec.decode(reader), (key, value: unknown) => {
      if (key === 'apiKeys') return this.#cutDown(value as readonly Range[]);
      // 0: a field that the version has not.
      return key === 'port' && value !== 0 ? this.#port : value;
    });
    const answer = JSON.parse(text) as never;
    return Buffer.concat(encodeResponseFrame(new Writer(), api.key, correlationId, codec, answer));
  }

  #cutDown(apiKeys: readonly Range[]): Range[] {
    return apiKeys.flatMap((range) => {
      const maxVersion = Math.min(range.maxVersion, this.versions[range.apiKey] ?? range.maxVersion);
      return maxVersion < range.minVersion ? [] : [{ ...range, maxVersion }];
    });
  }
}

interface Range {
  readonly apiKey: number;
  readonly minVersion: number;
  readonly maxVersion: number;
}

function frames(socket: Socket, take: (frame: Buffer) => void): void {
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      const end = 4 + rest.readInt32BE(0);
      take(rest.subarray(0, end));
      rest = rest.subarray(end);
    }
  });
}
