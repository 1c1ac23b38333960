// Connections behind a proxy: nothing is made of one before its PROXY header has told where it comes from. Loaded where a
// listener asks for it.
import type { Socket } from 'node:net';
import type { ProxyOptions } from '../network.ts';
import { type ProxyHeader, readProxyHeader } from '../proxy-header.ts';

/** Bytes that are looked at for a header; the longest is far shorter. */
const MOST_BYTES = 8192;

export class ProxiedConnections {
  readonly #options: ProxyOptions;
  readonly #accept: (socket: Socket, source: ProxyHeader['source']) => void;
  readonly #refused: (socket: Socket, reason: string) => void;
  /** In the order in which they came. */
  readonly #waiting = new Set<Socket>();

  constructor(
    options: ProxyOptions,
    accept: (socket: Socket, source: ProxyHeader['source']) => void,
    refused: (socket: Socket, reason: string) => void,
  ) {
    this.#options = options;
    this.#accept = accept;
    this.#refused = refused;
  }

  /** `socket` has been accepted, and is paused. */
  add(socket: Socket): void {
    if (this.#waiting.size >= this.#options.maxWaiting) {
      for (const oldest of this.#waiting) {
        this.#refuse(oldest, 'too many connections without a PROXY header');
        break;
      }
    }
    this.#waiting.add(socket);
    let bytes: Buffer = Buffer.alloc(0);
    const timer = setTimeout(() => this.#refuse(socket, 'no PROXY header in time'), this.#options.headerMs);
    const leave = (): void => {
      clearTimeout(timer);
      this.#waiting.delete(socket);
      socket.off('readable', look);
      socket.off('close', leave);
      socket.off('error', ignore);
    };
    const look = (): void => {
      for (let chunk = socket.read() as Buffer | null; chunk !== null; chunk = socket.read() as Buffer | null) {
        bytes = Buffer.concat([bytes, chunk]);
      }
      const header = bytes.length === 0 ? 'partial' : readProxyHeader(bytes);
      if (header === 'bad' || bytes.length > MOST_BYTES) return this.#refuse(socket, 'no PROXY header');
      if (header === 'partial') return;
      leave();
      socket.pause();
      if (bytes.length > header.sizeBytes) socket.unshift(bytes.subarray(header.sizeBytes));
      this.#accept(socket, header.source);
    };
    const ignore = (): void => undefined;
    socket.on('readable', look);
    socket.on('close', leave);
    socket.on('error', ignore);
  }

  #refuse(socket: Socket, reason: string): void {
    this.#waiting.delete(socket);
    this.#refused(socket, reason);
    socket.destroy();
  }
}
