// A client made of one socket: sends whatever bytes a test wants, reads responses with the project's codecs. What it waits
// for has a deadline (patience.ts), so that a broker that goes mute fails the test that made it so.
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import {
  type ApiSchema,
  codecOf,
  type DecodedResponseOf,
  decodeResponseHeader,
  encodeRequestHeader,
  type Fields,
  type InputOf,
  Reader,
  Writer,
} from '../../src/protocol/index.ts';
import { Patience } from './patience.ts';

const DEADLINE_MS = 5000;
const SIZE_BYTES = 4;

/** The connection is gone; no response will come. */
export const CLOSED = 'closed';

/** A body behind a header and a size. */
export function frameOf(key: number, version: number, body: Uint8Array, correlationId = 1): Buffer {
  const writer = new Writer();
  encodeRequestHeader(writer, { requestApiKey: key, requestApiVersion: version, correlationId, clientId: 'raw' });
  return sized(Buffer.concat([...writer.finish(), body]));
}

/** A size in front of `bytes`: theirs unless told otherwise. */
export function sized(bytes: Uint8Array, size = bytes.length): Buffer {
  const whole = Buffer.alloc(SIZE_BYTES + bytes.length);
  whole.writeInt32BE(size);
  whole.set(bytes, SIZE_BYTES);
  return whole;
}

export function bodyOf<Q extends Fields, S extends Fields>(
  api: ApiSchema<Q, S>,
  version: number,
  value: InputOf<Q>,
): Buffer {
  const writer = new Writer();
  codecOf(api.request, version).encode(writer, value);
  return Buffer.concat(writer.finish());
}

export function requestOf<Q extends Fields, S extends Fields>(
  api: ApiSchema<Q, S>,
  version: number,
  value: InputOf<Q>,
  correlationId = 1,
): Buffer {
  return frameOf(api.key, version, bodyOf(api, version, value), correlationId);
}

export class RawClient {
  readonly socket: Socket;
  readonly #received: Buffer[] = [];
  #receivedBytes = 0;
  #isClosed = false;
  #wake: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#received.push(chunk);
      this.#receivedBytes += chunk.length;
      this.#wake?.();
    });
    const closed = (): void => {
      this.#isClosed = true;
      this.#wake?.();
    };
    socket.on('end', closed);
    socket.on('error', closed);
    socket.on('close', closed);
  }

  static connect(port: number): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new RawClient(socket));
      });
    });
  }

  /** Rejects when the handshake fails; in TLS 1.3 the broker may still refuse the certificate afterwards. */
  static connectTls(port: number, options: ConnectionOptions): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const socket = connectTls({ port, host: '127.0.0.1', checkServerIdentity: () => undefined, ...options });
      socket.once('error', reject);
      socket.once('secureConnect', () => {
        socket.off('error', reject);
        resolve(new RawClient(socket));
      });
    });
  }

  get receivedBytes(): number {
    return this.#receivedBytes;
  }
  get isClosed(): boolean {
    return this.#isClosed;
  }

  send(bytes: Uint8Array): void {
    if (!this.#isClosed) this.socket.write(bytes);
  }

  /** The next response without its size; CLOSED when the broker closes before one is whole. */
  async next(deadlineMs = DEADLINE_MS): Promise<Buffer | typeof CLOSED> {
    const patience = new Patience(deadlineMs, () => this.#wake?.());
    try {
      for (;;) {
        const frame = this.#takeFrame();
        if (frame !== undefined) return frame;
        if (this.#isClosed) return CLOSED;
        if (patience.isOver) throw new Error(`neither an answer nor the end in ${deadlineMs} ms`);
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      patience.stop();
    }
  }

  /** Sends a request and decodes its response. */
  async ask<Q extends Fields, S extends Fields>(
    api: ApiSchema<Q, S>,
    version: number,
    value: InputOf<Q>,
    deadlineMs = DEADLINE_MS,
  ): Promise<DecodedResponseOf<ApiSchema<Q, S>>> {
    this.send(requestOf(api, version, value));
    const frame = await this.next(deadlineMs);
    if (frame === CLOSED) throw new Error(`the broker closed the connection instead of answering ${api.name}`);
    return decodeResponse(api, version, frame);
  }

  /** Resolves when the broker has closed; rejects after the deadline. Responses that come before are dropped. */
  async ended(deadlineMs = DEADLINE_MS): Promise<void> {
    while ((await this.next(deadlineMs)) !== CLOSED);
  }

  destroy(): void {
    this.socket.destroy();
  }

  /** A reset instead of an orderly end. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  #takeFrame(): Buffer | undefined {
    if (this.#receivedBytes < SIZE_BYTES) return undefined;
    const first = this.#received[0] as Buffer;
    if (first.length < SIZE_BYTES) return this.#gathered() ? this.#takeFrame() : undefined;
    const wanted = SIZE_BYTES + first.readInt32BE(0);
    if (this.#receivedBytes < wanted) return undefined;
    if (first.length < wanted) this.#gathered();
    const all = this.#received[0] as Buffer;
    this.#receivedBytes -= wanted;
    if (all.length === wanted) this.#received.shift();
    else this.#received[0] = all.subarray(wanted);
    return all.subarray(SIZE_BYTES, wanted);
  }

  #gathered(): boolean {
    this.#received.splice(0, this.#received.length, Buffer.concat(this.#received));
    return true;
  }
}

export function decodeResponse<Q extends Fields, S extends Fields>(
  api: ApiSchema<Q, S>,
  version: number,
  frame: Buffer,
): DecodedResponseOf<ApiSchema<Q, S>> {
  const reader = new Reader(frame);
  decodeResponseHeader(reader, api.key, version);
  return codecOf(api.response, version).decode(reader) as DecodedResponseOf<ApiSchema<Q, S>>;
}
