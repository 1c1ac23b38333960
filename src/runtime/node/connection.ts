// One connection, accepted or dialled: sends a list of buffers as one write of the kernel's (cork, writev), and reports what comes
// in, ends and closes to the owner's events.
import type { Socket } from 'node:net';
import { assert } from '../assert.ts';
import type { Connection, ConnectionEvents } from '../network.ts';
import { receiveInto } from './socket.ts';

export class NodeConnection implements Connection {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
  readonly #events: ConnectionEvents;
  #socket: Socket;
  #isAccepted = false;
  #isClosed = false;
  #error: Error | undefined;
  /** The `sent` of each send that is under way, in order; undefined where the owner does not want to know. */
  readonly #waiting: ((() => void) | undefined)[] = [];
  #unsentBytes = 0;
  /** Sizes of the sends in `#waiting`. */
  readonly #sizes: number[] = [];
  readonly #onWritten = (): void => this.#written();

  constructor(accepted: Socket, accept: (connection: Connection) => ConnectionEvents) {
    // A peer that has gone again already leaves no addresses.
    this.remoteAddress = accepted.remoteAddress ?? '';
    this.remotePort = accepted.remotePort ?? 0;
    this.localAddress = accepted.localAddress ?? '';
    this.localPort = accepted.localPort ?? 0;
    this.#socket = accepted;
    this.#events = accept(this);
    if (!accepted.destroyed) this.#socket = receiveInto(accepted, this.#events);
    this.#isAccepted = true;
    this.#socket.on('end', () => this.#events.onEnded());
    this.#socket.on('error', (error) => {
      this.#error = error;
    });
    this.#socket.on('close', () => this.#close());
  }

  get unsentBytes(): number {
    return this.#unsentBytes;
  }

  send(buffers: readonly Uint8Array[], sent?: () => void): void {
    assert(this.#isAccepted, 'send before the connection was accepted');
    let sizeBytes = 0;
    for (const buffer of buffers) sizeBytes += buffer.length;
    if (this.#isClosed || sizeBytes === 0) {
      if (sent !== undefined) queueMicrotask(sent);
      return;
    }
    this.#waiting.push(sent);
    this.#sizes.push(sizeBytes);
    this.#unsentBytes += sizeBytes;
    const socket = this.#socket;
    const last = buffers.length - 1;
    if (last === 0) {
      socket.write(buffers[0] as Uint8Array, this.#onWritten);
      return;
    }
    socket.cork();
    for (let index = 0; index < last; index++) socket.write(buffers[index] as Uint8Array);
    socket.write(buffers[last] as Uint8Array, this.#onWritten);
    socket.uncork();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Runs for each send in order, when the kernel has taken it or the connection has failed. */
  #written(): void {
    if (this.#isClosed) return;
    this.#unsentBytes -= this.#sizes.shift() ?? 0;
    this.#waiting.shift()?.();
    if (this.#unsentBytes === 0 && !this.#isClosed) this.#events.onDrained();
  }

  #close(): void {
    this.#isClosed = true;
    this.#unsentBytes = 0;
    for (const sent of this.#waiting.splice(0)) sent?.();
    this.#events.onClosed(this.#error);
  }
}
