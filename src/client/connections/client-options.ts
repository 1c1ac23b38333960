// What every client of a cluster is made of, and its bounds: Kafka's defaults for its own clients.
import type { Runtime } from '../../runtime/index.ts';

export type ClientRuntime = Pick<Runtime, 'network' | 'clock' | 'random' | 'logger'>;

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** PEM texts. `true` trusts the authorities that Node.js comes with and asks for the host's name. */
export interface TlsOptions {
  /** Authorities, one or several certificates in each text. */
  readonly ca?: string | readonly string[];
  /** The client's own certificate and those that lead to its authority. */
  readonly cert?: string;
  readonly key?: string;
  /** Of an encrypted key. */
  readonly passphrase?: string;
  /** Whether the certificate has to name the host that was dialled (ssl.endpoint.identification.algorithm). */
  readonly checkHost?: boolean;
}

export type SaslOptions =
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
      readonly username: string;
      readonly password: string;
      /** SCRAM with a delegation token's id and HMAC in place of user and password (KIP-48). */
      readonly isToken?: boolean;
    }
  | {
      readonly mechanism: 'oauthbearer';
      /** Asked at each login, and again before a login lapses. */
      readonly token: () => string | Promise<string>;
      /** SASL extensions (KIP-342). */
      readonly extensions?: Readonly<Record<string, string>>;
    };

/** How a program says which cluster it means, and how to get in. */
export interface ClientConfig {
  /**
   * Where the first answer is looked for: `host:port`, several joined by commas or as a list. Left out: bootstrap.servers in
   * `config`.
   */
  readonly brokers?: string | readonly (string | Address)[] | undefined;
  readonly clientId?: string | undefined;
  readonly tls?: boolean | TlsOptions | undefined;
  readonly sasl?: SaslOptions | undefined;
  /** Kafka's own keys, as they stand in a `client.properties`; what is given by name above wins. */
  readonly config?: Readonly<Record<string, string | number | boolean>> | undefined;
  readonly limits?: Partial<ClientLimits>;
  /** The world: Node's own when it is left out. Log lines go nowhere unless it has a logger. */
  readonly runtime?: Partial<ClientRuntime>;
}

export interface ClientLimits {
  /** How long one request may take (request.timeout.ms). */
  readonly requestTimeoutMs: number;
  /** How long it may take until a connection can be used (socket.connection.setup.timeout.ms). */
  readonly connectTimeoutMs: number;
  /** It doubles with each attempt that fails, up to this (socket.connection.setup.timeout.max.ms). */
  readonly longestConnectTimeoutMs: number;
  /** A connection on which nothing is asked is closed after this time (connections.max.idle.ms); below 0: never. */
  readonly maxIdleMs: number;
  /** Before something is asked again (retry.backoff.ms), and at most (retry.backoff.max.ms). */
  readonly firstBackoffMs: number;
  readonly longestBackoffMs: number;
  /** How long an operation of administration, or a search for a leader or coordinator, may take (default.api.timeout.ms). */
  readonly apiTimeoutMs: number;
  /** What is known of topics is asked for again after this time (metadata.max.age.ms). */
  readonly metadataMaxAgeMs: number;
  /** Between attempts to connect (reconnect.backoff.ms), and at most (reconnect.backoff.max.ms). */
  readonly firstReconnectMs: number;
  readonly longestReconnectMs: number;
}

export const DEFAULT_CLIENT_LIMITS: ClientLimits = {
  requestTimeoutMs: 30_000,
  connectTimeoutMs: 10_000,
  longestConnectTimeoutMs: 30_000,
  maxIdleMs: 540_000,
  firstBackoffMs: 100,
  longestBackoffMs: 1000,
  apiTimeoutMs: 60_000,
  metadataMaxAgeMs: 300_000,
  firstReconnectMs: 50,
  longestReconnectMs: 1000,
};

export const SOFTWARE = { name: 'ottla-client', version: '1' } as const;
