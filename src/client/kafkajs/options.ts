// What a kafkajs program says of its cluster, for our client.
import type { ClientConfig, SaslOptions, TlsOptions } from '../connections/client-options.ts';
import { KafkaJSNonRetriableError } from './errors.ts';

export interface RetryOptions {
  readonly maxRetryTime?: number;
  readonly initialRetryTime?: number;
  readonly retries?: number;
}

export interface KafkaConfig {
  readonly brokers: readonly string[] | (() => readonly string[] | Promise<readonly string[]>);
  readonly clientId?: string;
  readonly ssl?: boolean | KafkaSsl;
  readonly sasl?: KafkaSasl;
  readonly connectionTimeout?: number;
  readonly requestTimeout?: number;
  readonly retry?: RetryOptions;
  /** Taken, and without effect: lines of the log go nowhere. */
  readonly logLevel?: number;
}

export interface KafkaSsl {
  readonly ca?: string | Uint8Array | readonly (string | Uint8Array)[];
  readonly cert?: string | Uint8Array;
  readonly key?: string | Uint8Array;
  readonly passphrase?: string;
  readonly rejectUnauthorized?: boolean;
  readonly checkServerIdentity?: () => undefined;
}

export type KafkaSasl =
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
      readonly username: string;
      readonly password: string;
    }
  | { readonly mechanism: 'oauthbearer'; readonly oauthBearerProvider: () => Promise<{ readonly value: string }> };

const INITIAL_RETRY_MS = 300;
const LONGEST_RETRY_MS = 30_000;
const RETRIES = 5;

export async function clientConfigOf(config: KafkaConfig, retry: RetryOptions | undefined): Promise<ClientConfig> {
  const { brokers, clientId = 'kafkajs', ssl, sasl, connectionTimeout = 1000, requestTimeout = 30_000 } = config;
  return {
    brokers: typeof brokers === 'function' ? await brokers() : brokers,
    clientId,
    ...(ssl !== undefined && { tls: typeof ssl === 'boolean' ? ssl : tlsOf(ssl) }),
    ...(sasl !== undefined && { sasl: saslOf(sasl) }),
    // Its time-out for a connection is short; behind it, one more is tried.
    limits: {
      connectTimeoutMs: Math.max(connectionTimeout, 1000),
      requestTimeoutMs: requestTimeout,
      apiTimeoutMs: patienceMs({ ...config.retry, ...retry }),
    },
  };
}

/** How long kafkajs would go on trying. */
export function patienceMs({ initialRetryTime, maxRetryTime, retries = RETRIES }: RetryOptions = {}): number {
  let totalMs = 0;
  for (let count = 0; count < retries; count++) {
    totalMs += Math.min((initialRetryTime ?? INITIAL_RETRY_MS) * 2 ** count, maxRetryTime ?? LONGEST_RETRY_MS);
  }
  return Math.max(totalMs, INITIAL_RETRY_MS);
}

function tlsOf({ ca, cert, key, passphrase, rejectUnauthorized, checkServerIdentity }: KafkaSsl): TlsOptions {
  if (rejectUnauthorized === false) {
    throw new KafkaJSNonRetriableError(
      'ssl.rejectUnauthorized: give the authority in ssl.ca in place of trusting everybody',
    );
  }
  return {
    ...(ca !== undefined && { ca: (Array.isArray(ca) ? ca : [ca]).map(String) }),
    ...(cert !== undefined && { cert: String(cert) }),
    ...(key !== undefined && { key: String(key) }),
    ...(passphrase !== undefined && { passphrase }),
    ...(checkServerIdentity !== undefined && { checkHost: false }),
  };
}

function saslOf(sasl: KafkaSasl): SaslOptions {
  if (sasl.mechanism !== 'oauthbearer') return sasl;
  return { mechanism: 'oauthbearer', token: async () => (await sasl.oauthBearerProvider()).value };
}
