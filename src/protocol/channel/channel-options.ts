// What a channel is made of, and its bounds; Kafka's defaults for its own clients where it has such a bound.
import type { Clock, Logger, Network, Random, TlsClientOptions } from '../../runtime/index.ts';
import type { SaslClient } from '../sasl/sasl-client.ts';
import type { BackoffOptions } from './backoff.ts';

/** How a channel makes sure of its peer, and the peer of it. */
export interface ChannelSecurity {
  readonly tls?: TlsClientOptions | undefined;
  /** Begins a login: one for each connection, and for each time that it lapses. */
  readonly login?: (() => SaslClient | Promise<SaslClient>) | undefined;
}

export interface ChannelOptions {
  readonly network: Network;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly host: string;
  readonly port: number;
  readonly clientId: string;
  /** Told to the peer (KIP-511): letters, digits, dots and hyphens. */
  readonly software: { readonly name: string; readonly version: string };
  readonly limits?: Partial<ChannelLimits>;
  /** Left out: the connection is as it is, and nobody logs in. */
  readonly security?: ChannelSecurity | undefined;
  /**
   * Requests that wait for a connection fail with the attempt to get one: whoever asks has others to ask, and wants to know of a
   * wrong password.
   */
  readonly isHastyWithFaults?: boolean;
  /**
   * Told of every attempt to connect that has failed, with the operating system's code where there is one (ECONNREFUSED: nobody
   * listens there), and of every connection that has gone (without a code), unless the channel is being closed.
   */
  readonly attemptFailed?: (code: string | undefined) => void;
}

export interface ChannelLimits {
  /** How long a request may take, from `ask` to its answer. */
  readonly requestTimeoutMs: number;
  /** How long it may take until a connection can be used, the first time (socket.connection.setup.timeout.ms). */
  readonly connectTimeoutMs: number;
  /** It doubles with each attempt that fails, up to this (socket.connection.setup.timeout.max.ms). */
  readonly longestConnectTimeoutMs: number;
  /** Requests under way at a time (max.in.flight.requests.per.connection). */
  readonly maxInFlight: number;
  /** Requests that wait for their turn, or for a connection. */
  readonly maxWaiting: number;
  readonly maxFrameBytes: number;
  /**
   * Whoever asks lets go of the bytes of an answer (records) before the next request: one buffer serves them all. Together with
   * one request under way at a time.
   */
  readonly areAnswersShortLived: boolean;
  /** Between attempts to connect (reconnect.backoff.ms, reconnect.backoff.max.ms). */
  readonly backoff: BackoffOptions;
  /** A connection on which nothing is asked is closed after this time (connections.max.idle.ms); below 0: never. */
  readonly maxIdleMs: number;
  /** What a peer may take to close after we have ended the connection. */
  readonly lingerMs: number;
}

export const DEFAULT_LIMITS: ChannelLimits = {
  requestTimeoutMs: 30_000,
  connectTimeoutMs: 10_000,
  longestConnectTimeoutMs: 10_000,
  maxInFlight: 5,
  maxWaiting: 1000,
  maxFrameBytes: 100 * 1024 * 1024,
  areAnswersShortLived: false,
  backoff: { firstMs: 50, longestMs: 1000 },
  maxIdleMs: -1,
  lingerMs: 3000,
};
