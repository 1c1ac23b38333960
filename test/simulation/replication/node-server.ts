// Answers requests of other nodes over the simulated network with the real handlers: in order on each connection, and nothing
// of a broker beside.
import { AFTER_SENT, type SentWaiter } from '../../../src/api-handlers/index.ts';
import { ConnectionState, type Handler, type RequestContext } from '../../../src/api-handlers/handler.ts';
import { ConnectionSession } from '../../../src/broker/network/session.ts';
import { FrameReader } from '../../../src/protocol/channel/frame-reader.ts';
import { codecOf, decodeRequestHeader, Reader, Writer } from '../../../src/protocol/index.ts';
import { encodeResponseFrame, requestApiKey, requestApiVersion } from '../../../src/protocol/framing.ts';
import type { Connection, ConnectionEvents } from '../../../src/runtime/index.ts';

const LARGEST_FRAME = 64 * 1024 * 1024;
let connections = 0;

export class NodeConnection implements ConnectionEvents {
  readonly #connection: Connection;
  readonly #handlers: ReadonlyMap<number, Handler>;
  readonly #state = new ConnectionState(++connections);
  readonly #frames: FrameReader;
  #before: Promise<void> = Promise.resolve();

  constructor(connection: Connection, handlers: readonly Handler[]) {
    this.#connection = connection;
    this.#handlers = new Map(handlers.map((handler) => [handler.api.key, handler]));
    this.#frames = new FrameReader({ min: 8, max: LARGEST_FRAME }, (frame) => {
      this.#before = this.#before.then(() => this.#answer(frame));
    });
  }

  receiveBuffer(): Uint8Array {
    return this.#frames.receiveBuffer();
  }
  onReceived(sizeBytes: number): void {
    this.#frames.received(sizeBytes);
  }
  onDrained(): void {}
  onEnded(): void {
    this.#connection.destroy();
  }
  onClosed(): void {
    this.#state.close();
  }

  async #answer(frame: Buffer): Promise<void> {
    const apiKey = requestApiKey(frame);
    const apiVersion = requestApiVersion(frame);
    const handler = this.#handlers.get(apiKey);
    if (handler === undefined) throw new Error(`API ${apiKey} is not served`);
    const reader = new Reader(frame);
    const { correlationId, clientId } = decodeRequestHeader(reader, apiKey, apiVersion);
    const request = codecOf(handler.api.request, apiVersion).decode(reader);
    const response = await handler.handle(request, this.#context(apiKey, apiVersion, correlationId, clientId));
    if (this.#state.isClosed || typeof response === 'symbol') return;
    const codec = codecOf(handler.api.response, apiVersion);
    // Copied: buffers of records are given back at once.
    const bytes = Buffer.concat(encodeResponseFrame(new Writer(), apiKey, correlationId, codec, response));
    (response as { [AFTER_SENT]?: SentWaiter })[AFTER_SENT]?.sent();
    this.#connection.send([bytes]);
  }

  #context(apiKey: number, apiVersion: number, correlationId: number, clientId: string | null): RequestContext {
    const { remoteAddress, remotePort, localAddress, localPort } = this.#connection;
    return {
      apiKey,
      apiVersion,
      correlationId,
      clientId,
      session: new ConnectionSession({
        listenerName: 'PLAINTEXT',
        securityProtocol: 'PLAINTEXT',
        socket: { remoteAddress, remotePort, localAddress, localPort },
      }),
      receivedAtMs: 0,
      connection: this.#state,
    };
  }
}
