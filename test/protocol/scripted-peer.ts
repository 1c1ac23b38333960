// A peer of a channel that does what a test tells it: it reads requests, and answers, delays, lies or dies.
import type { ApiVersionsResponse } from '../../src/protocol/messages/18-api-versions.ts';
import { ApiVersions } from '../../src/protocol/messages/18-api-versions.ts';
import {
  type ApiSchema,
  codecOf,
  decodeRequestHeader,
  encodeResponseFrame,
  Errors,
  Reader,
  requestApiKey,
  requestApiVersion,
  Writer,
} from '../../src/protocol/index.ts';
import type { Connection, ConnectionEvents, Listener, Network } from '../../src/runtime/index.ts';

export interface PeerRequest {
  readonly apiKey: number;
  readonly version: number;
  readonly correlationId: number;
  readonly clientId: string | null;
  /** Stands at the body. */
  readonly reader: Reader;
  readonly connection: PeerConnection;
}

/** What the peer does with a request that is not about versions. */
export type Script = (request: PeerRequest) => void;

export class PeerConnection implements ConnectionEvents {
  readonly connection: Connection;
  readonly requests: PeerRequest[] = [];
  isClosed = false;
  readonly #peer: ScriptedPeer;
  readonly #buffer = Buffer.alloc(256);
  #received = Buffer.alloc(0);

  constructor(peer: ScriptedPeer, connection: Connection) {
    this.#peer = peer;
    this.connection = connection;
  }

  receiveBuffer(): Uint8Array {
    return this.#buffer;
  }
  onReceived(sizeBytes: number): void {
    this.#received = Buffer.concat([this.#received, this.#buffer.subarray(0, sizeBytes)]);
    while (this.#received.length >= 4 && this.#received.length >= 4 + this.#received.readInt32BE(0)) {
      const end = 4 + this.#received.readInt32BE(0);
      const frame = this.#received.subarray(4, end);
      this.#received = this.#received.subarray(end);
      this.#peer.onRequest(this, frame);
    }
  }
  onDrained(): void {}
  onEnded(): void {
    if (this.#peer.closesToo) this.connection.end();
  }
  onClosed(): void {
    this.isClosed = true;
  }

  answer(api: ApiSchema, request: PeerRequest, response: object, correlationId = request.correlationId): void {
    this.connection.send([answerFrame(api, request.version, response, correlationId)]);
  }
}

export function answerFrame(api: ApiSchema, version: number, response: object, correlationId: number): Buffer {
  const codec = codecOf(api.response, version);
  return Buffer.concat(encodeResponseFrame(new Writer(), api.key, correlationId, codec, response as never));
}

export class ScriptedPeer {
  readonly connections: PeerConnection[] = [];
  readonly versionsAsked: number[] = [];
  script: Script = () => undefined;
  /** It closes when its client has ended the connection. */
  closesToo = true;
  /** The newest version of ApiVersions that it knows. */
  newestApiVersions = 4;
  /** What stands behind the correlation id of the answer to a newer one, in place of what KIP-511 wants there. */
  refusal: Buffer | undefined;
  versions: ApiVersionsResponse['apiKeys'] = [];
  listener: Listener | undefined;
  readonly #network: Network;
  readonly #port: number;

  constructor(network: Network, port: number) {
    this.#network = network;
    this.#port = port;
  }

  async listen(): Promise<void> {
    this.listener = await this.#network.listen({ host: '', port: this.#port }, (connection) => {
      const owner = new PeerConnection(this, connection);
      this.connections.push(owner);
      return owner;
    });
  }

  /** Of all connections, those about versions left out. */
  get requests(): readonly PeerRequest[] {
    return this.connections.flatMap(({ requests }) => requests);
  }

  onRequest(connection: PeerConnection, frame: Buffer): void {
    const [apiKey, version] = [requestApiKey(frame), requestApiVersion(frame)];
    const reader = new Reader(frame);
    const { correlationId, clientId } = decodeRequestHeader(reader, apiKey, version);
    const request = { apiKey, version, correlationId, clientId, reader, connection };
    if (apiKey === ApiVersions.key && connection.requests.length === 0) return this.#answerVersions(request);
    connection.requests.push(request);
    this.script(request);
  }

  #answerVersions(request: PeerRequest): void {
    this.versionsAsked.push(request.version);
    if (request.version <= this.newestApiVersions) {
      request.connection.answer(ApiVersions, request, { errorCode: Errors.NONE, apiKeys: this.versions });
      return;
    }
    if (this.refusal !== undefined) {
      const frame = Buffer.alloc(8 + this.refusal.length);
      frame.writeInt32BE(4 + this.refusal.length);
      frame.writeInt32BE(request.correlationId, 4);
      this.refusal.copy(frame, 8);
      request.connection.connection.send([frame]);
      return;
    }
    const own = { apiKey: ApiVersions.key, minVersion: 0, maxVersion: this.newestApiVersions };
    const response = { errorCode: Errors.UNSUPPORTED_VERSION, apiKeys: [own] };
    request.connection.connection.send([answerFrame(ApiVersions, 0, response, request.correlationId)]);
  }
}
