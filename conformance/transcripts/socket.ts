// A client socket of the replay: sends bytes, reads size-prefixed frames, and can tell a closed peer from a silent one.
import { createConnection, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';

export type Received = { readonly frame: Buffer } | 'closed' | 'silent';

export class PeerSocket {
  readonly #socket: Socket;
  #pending: Buffer = Buffer.alloc(0);
  #isClosed = false;
  #wake: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
      this.#wake?.();
    });
    const onEnd = () => {
      this.#isClosed = true;
      this.#wake?.();
    };
    socket.on('end', onEnd);
    socket.on('close', onEnd);
    socket.on('error', onEnd);
  }

  static connect(host: string, port: number): Promise<PeerSocket> {
    return new Promise((resolve, reject) => {
      const socket = createConnection({ host, port });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new PeerSocket(socket));
      });
    });
  }

  /** Rejects when the handshake fails; in TLS 1.3 the server may still refuse the certificate afterwards. */
  static connectTls(host: string, port: number, options: ConnectionOptions): Promise<PeerSocket> {
    return new Promise((resolve, reject) => {
      const socket = connectTls({ host, port, checkServerIdentity: () => undefined, ...options });
      socket.once('error', reject);
      socket.once('secureConnect', () => {
        socket.off('error', reject);
        resolve(new PeerSocket(socket));
      });
    });
  }

  /** All that comes until the peer closes, or for so long. */
  async receiveRaw(timeoutMs: number): Promise<Buffer> {
    const deadline = performance.now() + timeoutMs;
    while (!this.#isClosed && performance.now() < deadline) await this.#somethingNew(deadline - performance.now());
    return this.#pending;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }
  get receivedBytes(): number {
    return this.#pending.length;
  }

  sendFrame(frame: Buffer): void {
    const size = Buffer.alloc(4);
    size.writeInt32BE(frame.length);
    this.sendBytes(Buffer.concat([size, frame]));
  }
  sendBytes(bytes: Buffer): void {
    if (!this.#isClosed) this.#socket.write(bytes);
  }

  /** The next frame; `closed` when the peer ended before one was whole; `silent` after `timeoutMs` without a whole one. */
  async receive(timeoutMs: number): Promise<Received> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const frame = this.#takeFrame();
      if (frame !== undefined) return { frame };
      if (this.#isClosed) return 'closed';
      const left = deadline - performance.now();
      if (left <= 0) return 'silent';
      await this.#somethingNew(left);
    }
  }

  #takeFrame(): Buffer | undefined {
    if (this.#pending.length < 4) return undefined;
    const end = 4 + this.#pending.readInt32BE(0);
    if (this.#pending.length < end) return undefined;
    const frame = this.#pending.subarray(4, end);
    this.#pending = this.#pending.subarray(end);
    return frame;
  }

  #somethingNew(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  close(): void {
    this.#socket.destroy();
  }
}
