// One TCP connection to a broker under test: requests go out as they are made, answers are matched by correlation id.

import { connect, type Socket } from 'node:net';
import { WireReader, WireWriter } from './primitives.ts';

/** What a request is called on the wire; `flexible` decides the header versions (2 and 1, else 1 and 0). */
export interface ApiVersion {
  readonly key: number;
  readonly version: number;
  readonly flexible: boolean;
}

interface Waiter {
  readonly api: ApiVersion;
  readonly resolve: (reader: WireReader) => void;
  readonly reject: (error: Error) => void;
}

const API_VERSIONS_KEY = 18;

export class WireConnection {
  readonly closed: Promise<void>;
  isClosed = false;
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiter>();
  #nextCorrelationId = 1;
  #chunks: Buffer[] = [];
  #buffered = 0;
  #wanted = 4;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#received(chunk));
    // The close that follows says the same to every waiter.
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.isClosed = true;
        for (const waiter of this.#waiting.values()) waiter.reject(new Error('connection closed'));
        this.#waiting.clear();
        resolve();
      });
    });
  }

  /** @param address `host:port`. Rejects when nobody listens or after `timeoutMs`. */
  static open(address: string, timeoutMs = 5_000): Promise<WireConnection> {
    const colon = address.lastIndexOf(':');
    const socket = connect({ host: address.slice(0, colon), port: Number(address.slice(colon + 1)) });
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => socket.destroy(new Error(`no connection to ${address}`)), timeoutMs);
      socket.once('error', (error) => {
        clearTimeout(timer);
        reject(error);
      });
      socket.once('connect', () => {
        clearTimeout(timer);
        resolve(new WireConnection(socket));
      });
    });
  }

  request(api: ApiVersion, write: (body: WireWriter) => void, timeoutMs = 60_000): Promise<WireReader> {
    const correlationId = this.#nextCorrelationId++;
    this.#send(api, correlationId, write);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(correlationId);
        reject(new Error(`no answer to API ${api.key} v${api.version} within ${timeoutMs} ms`));
      }, timeoutMs);
      this.#waiting.set(correlationId, {
        api,
        resolve: (reader) => {
          clearTimeout(timer);
          resolve(reader);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
      if (this.isClosed) this.#waiting.get(correlationId)?.reject(new Error('connection closed'));
    });
  }

  close(): Promise<void> {
    this.#socket.destroy();
    return this.closed;
  }

  #send(api: ApiVersion, correlationId: number, write: (body: WireWriter) => void): void {
    const frame = new WireWriter();
    frame.int32(0).int16(api.key).int16(api.version).int32(correlationId).string('ottla-conformance');
    if (api.flexible) frame.noTags();
    write(frame);
    const bytes = frame.finish();
    bytes.writeInt32BE(bytes.length - 4, 0);
    this.#socket.write(bytes);
  }

  #received(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    // Joined only when a whole frame is there, so that a large answer is copied once.
    while (this.#buffered >= this.#wanted) {
      const bytes = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
      const size = 4 + bytes.readInt32BE(0);
      if (bytes.length < size) {
        this.#chunks = [bytes];
        this.#wanted = size;
        return;
      }
      this.#answer(bytes.subarray(4, size));
      const rest = bytes.subarray(size);
      this.#chunks = rest.length > 0 ? [rest] : [];
      this.#buffered = rest.length;
      this.#wanted = 4;
    }
  }

  #answer(frame: Buffer): void {
    const reader = new WireReader(frame);
    const correlationId = reader.int32();
    const waiter = this.#waiting.get(correlationId);
    if (waiter === undefined) return;
    this.#waiting.delete(correlationId);
    // An ApiVersions answer has header 0 in every version, so that any client can read it.
    if (waiter.api.flexible && waiter.api.key !== API_VERSIONS_KEY) reader.skipTags();
    waiter.resolve(reader);
  }
}
