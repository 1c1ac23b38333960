// One connection, accepted or dialled: sends a list of buffers as one write of the kernel's (cork, writev), and reports what comes
// in, ends and closes to the owner's events.
import type { Socket } from 'node:net';
import { assert } from '../assert.ts';
import type { Connection, ConnectionEvents, TlsPeer } from '../network.ts';
import { receiveFromSecured } from './secured-socket.ts';
import { receiveByData, receiveInto } from './socket.ts';
import type { HandshakeEnd } from './tls.ts';

/** What a connection that is not just its socket begins with. */
export interface Preface {
  /** Where it comes from, as a proxy has told. */
  readonly source?: { readonly address: string; readonly port: number } | undefined;
  /** The server's side of TLS. */
  readonly secure?: ((accepted: Socket, end: HandshakeEnd) => void) | undefined;
  /** The client's side has agreed on TLS already. */
  readonly peer?: TlsPeer | undefined;
  /** The socket below TLS then. */
  readonly below?: Socket | undefined;
  /** Bytes of it have been read already: they wait in the socket. */
  readonly isBegun?: boolean | undefined;
}

/**
 * Linux probes at once where nothing has been heard for so long, other systems when as much has passed from now on; a second is
 * the least that can be asked for. Then Linux' own two hours (tcp_keepalive_time) count again, before so many probes are lost
 * that it would give the connection up.
 */
const PROBE_AFTER_MS = 1000;
const PROBING_MS = 1200;
const KEEP_ALIVE_MS = 7_200_000;

export class NodeConnection implements Connection {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
  readonly #events: ConnectionEvents;
  /** What the kernel knows of, where that is not the socket that is written to: below TLS. */
  readonly #below: Socket | undefined;
  #socket: Socket;
  #isAccepted = false;
  #isClosed = false;
  /** Before TLS is agreed on, reading is the handshake's affair. */
  #isPaused = false;
  #error: Error | undefined;
  /** Sends that are under way. */
  #sends = 0;
  #unsentBytes = 0;
  /** The `sent` of those whose owner wants to know, in order. Most connections never have one: they come by the ten thousand. */
  #waiting: (() => void)[] | undefined;
  readonly #onWritten = (): void => this.#written();

  constructor(accepted: Socket, accept: (connection: Connection) => ConnectionEvents, preface: Preface = {}) {
    const { source, secure, peer, isBegun, below } = preface;
    // A peer that has gone again already leaves no addresses.
    this.remoteAddress = source?.address ?? accepted.remoteAddress ?? '';
    this.remotePort = source?.port ?? accepted.remotePort ?? 0;
    this.localAddress = accepted.localAddress ?? '';
    this.localPort = accepted.localPort ?? 0;
    this.#below = below ?? (secure === undefined ? undefined : accepted);
    this.#socket = accepted;
    this.#events = accept(this);
    if (accepted.destroyed) this.#attach(accepted);
    else if (secure !== undefined) this.#secure(accepted, secure);
    else if (peer !== undefined || isBegun === true) {
      if (peer !== undefined) this.#events.onSecured?.(peer);
      this.#attach(receiveByData(accepted, this.#events));
    } else this.#attach(receiveInto(accepted, this.#events));
  }

  #secure(accepted: Socket, secure: NonNullable<Preface['secure']>): void {
    secure(accepted, {
      done: (socket, peer) => {
        this.#socket = socket;
        this.#events.onSecured?.(peer);
        const isPaused = this.#isPaused;
        receiveFromSecured(socket, this.#events);
        this.#attach(socket);
        if (isPaused) socket.pause();
      },
      failed: (error) => {
        this.#error = error;
        this.#close();
      },
    });
  }

  #attach(socket: Socket): void {
    this.#socket = socket;
    this.#isAccepted = true;
    socket.on('end', () => this.#events.onEnded());
    socket.on('error', (error) => {
      this.#error = error;
    });
    socket.on('close', () => this.#close());
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
    this.#sends += 1;
    this.#unsentBytes += sizeBytes;
    const onWritten = sent === undefined ? this.#onWritten : this.#telling(sent);
    const socket = this.#socket;
    const last = buffers.length - 1;
    if (last === 0) {
      socket.write(buffers[0] as Uint8Array, onWritten);
      return;
    }
    socket.cork();
    for (let index = 0; index < last; index++) socket.write(buffers[index] as Uint8Array);
    socket.write(buffers[last] as Uint8Array, onWritten);
    socket.uncork();
  }

  pause(): void {
    this.#isPaused = true;
    if (this.#isAccepted) this.#socket.pause();
  }

  resume(): void {
    this.#isPaused = false;
    if (this.#isAccepted) this.#socket.resume();
  }

  probe(): void {
    const socket = this.#socket;
    if (this.#isClosed || !this.#isAccepted) return;
    socket.setKeepAlive(true, PROBE_AFTER_MS);
    setTimeout(() => socket.setKeepAlive(true, KEEP_ALIVE_MS), PROBING_MS).unref();
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  abort(): void {
    const kernels = this.#below?.destroyed === false ? this.#below : this.#socket;
    // What Node's resetAndDestroy sets, which waits for all that is still to be written; a Node that does not know it destroys as usual.
    // Under TLS the socket above is destroyed first, and the kernel's with it: the other way round what it decrypts yet has nowhere to go.
    Object.assign(kernels, { resetAndClosing: true });
    this.#socket.destroy();
  }

  /** What runs when a send is through whose owner wants to know. */
  #telling(sent: () => void): () => void {
    this.#waiting ??= [];
    this.#waiting.push(sent);
    return () => this.#written(this.#waiting?.shift());
  }

  /** Runs for each send in order, when the kernel has taken it or the connection has failed. */
  #written(sent?: () => void): void {
    if (this.#isClosed) return;
    this.#sends -= 1;
    this.#unsentBytes = this.#sends === 0 ? 0 : this.#socket.writableLength;
    sent?.();
    if (this.#sends === 0 && !this.#isClosed) this.#events.onDrained();
  }

  #close(): void {
    this.#isClosed = true;
    this.#unsentBytes = 0;
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const sent of waiting) sent();
    this.#events.onClosed(this.#error);
  }
}
