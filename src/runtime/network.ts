// The network as a port: stream connections, received into buffers that the owner of the connection hands out
// (no allocation per chunk: spec node-io, section 8, rules 1 to 3), sent as lists of buffers in one corked write.

export interface ListenAddress {
  readonly host: string;
  /** 0 asks for a free one. */
  readonly port: number;
  /** Accepted connections speak TLS. */
  readonly tls?: TlsServerOptions;
  /** Accepted connections begin with a header of the PROXY protocol, version 1 or 2, which tells where they really come from. */
  readonly proxied?: ProxyOptions;
}

/** Who a side is and whom it trusts, as PEM texts, and what it speaks. */
export interface TlsSettings {
  readonly key?: string;
  /** Of a key that is encrypted. */
  readonly passphrase?: string;
  /** The own certificate first, then those that lead to an authority. */
  readonly certificates?: string;
  /** Left out: the authorities that Node.js comes with. */
  readonly trusted?: readonly string[];
  readonly minVersion: TlsVersion;
  readonly maxVersion: TlsVersion;
  /** Names of OpenSSL, joined by colons. */
  readonly ciphers?: string;
}
export type TlsVersion = 'TLSv1.2' | 'TLSv1.3';

export interface TlsServerOptions {
  /** Asked for every connection, so that new certificates count at once; the same object while nothing has changed. */
  readonly settings: () => TlsSettings;
  readonly clientCertificate: () => ClientCertificate;
  /** A handshake that takes longer ends the connection. */
  readonly handshakeMs: number;
}
/** `requested`: a client may do without, and is nobody then. A certificate that is shown must be good. */
export type ClientCertificate = 'none' | 'requested' | 'required';

export interface ProxyOptions {
  /** A header that is not whole by then ends the connection. */
  readonly headerMs: number;
  /** Connections without their header at a time; the oldest has to go for one more. */
  readonly maxWaiting: number;
}

export interface TlsClientOptions {
  readonly settings: () => TlsSettings;
  /** Whether the certificate has to name the host that was dialled (RFC 2818). */
  readonly checksHost: boolean;
  /** As for a server's handshake. */
  readonly handshakeMs: number;
}

/** What a connection knows of its peer once both have agreed on TLS. */
export interface TlsPeer {
  /** `TLSv1.3` */
  readonly protocol: string;
  readonly cipher: string;
  /** The certificate that an authority vouches for, in DER; undefined where the peer has shown none. */
  readonly certificate: Uint8Array | undefined;
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
  /** Speaks TLS; the connection is there when both sides have agreed. */
  readonly tls?: TlsClientOptions;
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
  /**
   * Asks the system of the peer's machine whether it still knows the connection, which closes with an error when it says no:
   * the machine has lost its power and is back. A peer that lives, held up or not, notices nothing; no answer says nothing.
   */
  probe(): void;
  /** Sends what is queued, then closes. */
  end(): void;
  /** Closes at once; what the kernel has been given it still sends, for as long as it takes. */
  destroy(): void;
  /** Closes at once, and what has not reached the peer's machine never will: the peer hears of a reset, if that reaches it. */
  abort(): void;
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
  /** Both sides have agreed on TLS: comes once, before the first bytes; never without TLS. */
  onSecured?(peer: TlsPeer): void;
}

/** Why a connection that was to speak TLS does not: `code` is that of OpenSSL or of the system. */
export class TlsHandshakeError extends Error {
  override readonly name = 'TlsHandshakeError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
/** The first byte is none of TLS: whoever speaks on the other side does not. */
export const NOT_TLS = 'NOT_TLS';
export const HANDSHAKE_TIMEOUT = 'HANDSHAKE_TIMEOUT';

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
