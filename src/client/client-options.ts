// What every client of a cluster is made of, and its bounds: Kafka's defaults for its own clients.
import type { Runtime } from '../runtime/index.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface ClientOptions {
  readonly runtime: Pick<Runtime, 'network' | 'clock' | 'random' | 'logger'>;
  /** Where the first answer is looked for (bootstrap.servers); at least one. */
  readonly brokers: readonly Address[];
  readonly clientId?: string;
  readonly limits?: Partial<ClientLimits>;
}

export interface ClientLimits {
  /** How long one request may take (request.timeout.ms). */
  readonly requestTimeoutMs: number;
  /** How long it may take until a connection can be used (socket.connection.setup.timeout.ms). */
  readonly connectTimeoutMs: number;
  /** Before something is asked again (retry.backoff.ms), and at most (retry.backoff.max.ms). */
  readonly firstBackoffMs: number;
  readonly longestBackoffMs: number;
  /** How long an operation of administration, or a search for a leader or coordinator, may take (default.api.timeout.ms). */
  readonly apiTimeoutMs: number;
  /** What is known of topics is asked for again after this time (metadata.max.age.ms). */
  readonly metadataMaxAgeMs: number;
}

export const DEFAULT_CLIENT_LIMITS: ClientLimits = {
  requestTimeoutMs: 30_000,
  connectTimeoutMs: 10_000,
  firstBackoffMs: 100,
  longestBackoffMs: 1000,
  apiTimeoutMs: 60_000,
  metadataMaxAgeMs: 300_000,
};

export const SOFTWARE = { name: 'ottla-client', version: '1' } as const;
