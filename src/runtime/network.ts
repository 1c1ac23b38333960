// The network as a port: stream connections, received into buffers that the owner of the connection hands out
// (no allocation per chunk: spec node-io, section 8, rules 1 to 3), sent as lists of buffers in one corked write.

export interface ListenAddress {
  readonly host: string;
  /** 0 asks for a free one. */
  readonly port: number;
}

/** What a dial needs of an AbortSignal: the package's declarations do without the types of a platform. */
export interface DialSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

export interface ConnectTarget {
  /** A name or an address. */
  readonly host: string;
  readonly port: number;
  /** Ends the attempt, which rejects with the signal's reason; without one it ends when the operating system gives up. */
  readonly signal?: DialSignal;
}

/** One accepted or dialled connection. After `onClosed` no other event comes, and `send` does nothing. */
export interface Connection {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
  /** Bytes handed to `send` that the kernel has not taken yet. */
  readonly unsentBytes: number;
  /** The buffers must not change until `sent` is called, once: the kernel has them, or the connection has closed. */
  send(buffers: readonly Uint8Array[], sent?: () => void): void;
  /** Stops receiving; data in flight may still be delivered once. */
  pause(): void;
  resume(): void;
  /** Sends what is queued, then closes. */
  end(): void;
  /** Closes at once. */
  destroy(): void;
}

/** What the owner of a connection provides. Callbacks run one at a time, never inside a call of the connection. */
export interface ConnectionEvents {
  /** Where the next bytes go. Asked once before every read, as soon as the one before was delivered; must not be empty. */
  receiveBuffer(): Uint8Array;
  /** `sizeBytes` bytes stand at the start of the buffer that receiveBuffer gave last. */
  onReceived(sizeBytes: number): void;
  /** `unsentBytes` has fallen to 0. */
  onDrained(): void;
  /** The peer will send no more. */
  onEnded(): void;
  onClosed(error?: Error): void;
}

export interface Listener {
  readonly host: string;
  readonly port: number;
  /** Stops accepting; accepted connections live on. */
  close(): Promise<void>;
}

export interface Network {
  /**
   * `accept` only makes the owner of the connection (it may destroy it, not send yet). Rejects with an Error whose
   * `code` is EADDRINUSE, EACCES, EADDRNOTAVAIL …
   */
  listen(address: ListenAddress, accept: (connection: Connection) => ConnectionEvents): Promise<Listener>;
  /**
   * Dials. `accept` makes the owner when the connection is there, as for an accepted one, and the promise resolves behind
   * it. Rejects with an Error whose `code` is ECONNREFUSED, ETIMEDOUT, ENOTFOUND, EHOSTUNREACH …
   */
  connect(target: ConnectTarget, accept: (connection: Connection) => ConnectionEvents): Promise<Connection>;
}
