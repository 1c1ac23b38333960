// What a connection is to those who answer its requests: who speaks, from where, by which listener, and until when.

/** As listener.security.protocol.map writes them. */
export type SecurityProtocol = 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL';

export interface Session {
  /** `User:ANONYMOUS` until the connection has authenticated. */
  readonly principal: string;
  /** The listener that the connection came in by, in upper case (`PLAINTEXT`); answers name that listener's endpoints. */
  readonly listenerName: string;
  readonly securityProtocol: SecurityProtocol;
  /** undefined without SASL. */
  readonly saslMechanism: string | undefined;
  /** Logged in by a delegation token (KIP-48): such a connection may not ask for others. */
  readonly isTokenAuthenticated: boolean;
  /** When the authentication lapses, on the monotonic clock; Infinity when it does not (KIP-368). */
  readonly expiresAtMs: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
}
