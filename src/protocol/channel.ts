// The client side of the protocol: requests to one peer, whatever becomes of the connections to it. It dials when there is
// something to ask, agrees on versions, keeps a bounded number of requests under way, and dials again with growing
// patience. A request that has left is never sent twice: it ends with an answer or with an error (Kafka: NetworkClient).
import type { Connection, LogLevel, Timer } from '../runtime/index.ts';
import { backoffMs } from './channel/backoff.ts';
import { ChannelConnection } from './channel/channel-connection.ts';
import { ChannelError } from './channel/channel-error.ts';
import { IdleWatch } from './channel/idle-watch.ts';
import { type ChannelLimits, type ChannelOptions, DEFAULT_LIMITS } from './channel/channel-options.ts';
import { type Exchange, exchangeOf, messageOf, type Question } from './channel/exchange.ts';
import { negotiate, type PeerVersions } from './channel/versions.ts';
import { ApiVersions } from './messages/18-api-versions.ts';
import type { ApiSchema, Fields, InputOf, ValueOf } from './schema.ts';

export { ChannelError, type ChannelFault } from './channel/channel-error.ts';
export type { ChannelLimits, ChannelOptions, ChannelSecurity } from './channel/channel-options.ts';
export type { Question } from './channel/exchange.ts';

/** Of the time that a login holds (SaslClientAuthenticator: 85 to 95 %). */
const LOGIN_RENEWED_AT = 0.85;
/** Of the time that an attempt to connect may take. */
const MOST_DOUBLINGS = 20;

export interface AskOptions {
  /** Sent in this version or not at all; left out: the newest that both sides know. */
  readonly version?: number | undefined;
  /** Not sent in a newer one, though both sides know it. */
  readonly newestVersion?: number | undefined;
  /** In place of the channel's own. */
  readonly timeoutMs?: number | undefined;
}

/**
 * idle: nothing to ask · connecting: until versions are agreed on · ready · resting: an attempt has failed, the next one has
 * to wait · closing: the last answers are awaited · closed.
 */
type State = 'idle' | 'connecting' | 'ready' | 'resting' | 'closing' | 'closed';

export class Channel {
  readonly #options: ChannelOptions;
  readonly #limits: ChannelLimits;
  /** Where the peer is to be reached. */
  #address: { readonly host: string; readonly port: number };
  #state: State = 'idle';
  /** In the order asked. */
  #waiting: Exchange[] = [];
  #link: ChannelConnection | undefined;
  #versions: PeerVersions | undefined;
  #attempt: AbortController | undefined;
  #timer: Timer | undefined;
  #relogin: Timer | undefined;
  /** undefined: connections may be idle for any time. */
  #idle: IdleWatch | undefined;
  /** Attempts that failed, or connections that went, since the last one that could be used. */
  #failures = 0;
  /** What the operating system calls the fault of the attempt that is ending; undefined where it has no name for it. */
  #dialFault: unknown;
  readonly #closed: Promise<void>;
  #tellClosed: () => void = () => undefined;

  constructor(options: ChannelOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#address = options;
    this.#closed = new Promise((resolve) => {
      this.#tellClosed = resolve;
    });
  }

  /** The answer, whatever it says. Rejects with ChannelError when there will be none, with EncodeError as encoders do. */
  ask<Q extends Fields, S extends Fields>(
    api: ApiSchema<Q, S>,
    request: Question<Q>,
    { version, newestVersion, timeoutMs = this.#limits.requestTimeoutMs }: AskOptions = {},
  ): Promise<ValueOf<S>> {
    let timer: Timer | undefined;
    const { exchange, response } = exchangeOf(api, request, { version, newestVersion, settled: () => timer?.cancel() });
    if (this.#mayWait(exchange)) {
      timer = this.#limit(exchange, timeoutMs);
      this.#enqueue(exchange);
    }
    return response;
  }

  /** As `ask` for what the peer does not answer: resolves when the connection has taken it. */
  tell<Q extends Fields, S extends Fields>(
    api: ApiSchema<Q, S>,
    request: Question<Q>,
    { newestVersion, timeoutMs = this.#limits.requestTimeoutMs }: AskOptions = {},
  ): Promise<undefined> {
    let timer: Timer | undefined;
    const { exchange, sent } = messageOf(api, request, { newestVersion, settled: () => timer?.cancel() });
    if (this.#mayWait(exchange)) {
      timer = this.#limit(exchange, timeoutMs);
      this.#enqueue(exchange);
    }
    return sent;
  }

  /** false: it has been refused. */
  #mayWait(exchange: Exchange): boolean {
    const { api } = exchange;
    if (this.#state === 'closing' || this.#state === 'closed') {
      exchange.failed(new ChannelError('closed', `${api.name} was asked of a channel that is closed`));
    } else if (this.#waiting.length >= this.#limits.maxWaiting) {
      exchange.failed(new ChannelError('too many waiting', `${this.#waiting.length} requests wait before ${api.name}`));
    } else return true;
    return false;
  }

  #limit(exchange: Exchange, timeoutMs: number): Timer {
    return this.#options.clock.schedule(timeoutMs, () => this.#timedOut(exchange, timeoutMs));
  }

  #enqueue(exchange: Exchange): void {
    this.#waiting.push(exchange);
    this.#advance();
  }

  /** The peer is to be reached there from the next attempt on; a connection that there is stays (Kafka: ClusterConnectionStates). */
  moveTo(host: string, port: number): void {
    this.#address = { host, port };
  }

  /** Orderly: what is under way is awaited, what still waits is refused. Resolves when the connection has gone. */
  close(): Promise<void> {
    if (this.#state === 'closing' || this.#state === 'closed') return this.#closed;
    const isReady = this.#state === 'ready';
    this.#enter('closing');
    this.#refuseWaiting();
    if (isReady && this.#link !== undefined) this.#endWhenAnswered();
    else this.#drop();
    return this.#closed;
  }

  /** Closes at once: whatever is under way ends with an error. */
  destroy(): void {
    if (this.#state === 'closed') return;
    this.#enter('closing');
    this.#refuseWaiting();
    this.#drop();
  }

  #enter(state: State): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#state = state;
  }

  #refuseWaiting(): void {
    for (const exchange of this.#waiting.splice(0)) {
      exchange.failed(new ChannelError('closed', `${exchange.api.name} was still waiting when the channel was closed`));
    }
  }

  /** Does what can be done next: sends what may be sent, dials when somebody waits. */
  #advance(): void {
    if (this.#state === 'ready') this.#sendWaiting();
    else if (this.#state === 'closing') this.#endWhenAnswered();
    else if (this.#state === 'idle' && this.#waiting.length > 0) this.#connect();
  }

  #sendWaiting(): void {
    const link = this.#link;
    while (this.#state === 'ready' && link !== undefined && link.inFlight < this.#limits.maxInFlight) {
      const exchange = this.#waiting.shift();
      if (exchange === undefined) return;
      try {
        const version = this.#versions?.choose(exchange.api, exchange.version, exchange.newestVersion) ?? 0;
        link.send(exchange, version);
        this.#idle?.used();
      } catch (error) {
        exchange.failed(error as Error);
      }
    }
  }

  #connect(): void {
    const { network, clientId } = this.#options;
    const { host, port } = this.#address;
    const { maxFrameBytes, areAnswersShortLived } = this.#limits;
    const attempt = new AbortController();
    this.#enter('connecting');
    this.#attempt = attempt;
    this.#limitAttempt(attempt);
    const accept = (connection: Connection): ChannelConnection => {
      const link = new ChannelConnection(connection, {
        clientId,
        maxFrameBytes,
        areAnswersShortLived,
        answered: () => {
          this.#idle?.used();
          this.#advance();
        },
        onClosed: (error, lost) => this.#lost(attempt, error, lost),
      });
      if (this.#attempt === attempt) this.#link = link;
      else connection.destroy();
      return link;
    };
    const tls = this.#options.security?.tls;
    network
      .connect({ host, port, signal: attempt.signal, ...(tls !== undefined && { tls }) }, accept)
      .then(() => this.#agreeOnVersions(attempt))
      .catch((error: unknown) => {
        if (this.#attempt === attempt) this.#dialFault = (error as { readonly code?: unknown }).code;
        this.#lost(attempt, asChannelError(error));
      });
  }

  #limitAttempt(attempt: AbortController): void {
    const { clock } = this.#options;
    const { host, port } = this.#address;
    const { connectTimeoutMs, longestConnectTimeoutMs } = this.#limits;
    // Kafka: ClusterConnectionStates.updateConnectionSetupTimeout.
    const limitMs = Math.max(
      connectTimeoutMs,
      Math.min(longestConnectTimeoutMs, connectTimeoutMs * 2 ** Math.min(this.#failures, MOST_DOUBLINGS)),
    );
    this.#timer = clock.schedule(limitMs, () => {
      this.#lost(attempt, new ChannelError('timed out', `no connection to ${host}:${port} in ${limitMs} ms`));
    });
  }

  async #agreeOnVersions(attempt: AbortController): Promise<void> {
    const { name: clientSoftwareName, version: clientSoftwareVersion } = this.#options.software;
    const versions = await negotiate((version) =>
      this.#askNow(attempt, ApiVersions, { clientSoftwareName, clientSoftwareVersion }, version),
    );
    if (this.#options.security?.login !== undefined) await this.#logIn(attempt, versions);
    if (this.#attempt !== attempt || this.#state !== 'connecting') return;
    if (this.#failures > 0) this.#log('info', 'connected again', { attempts: this.#failures });
    this.#failures = 0;
    this.#versions = versions;
    this.#enter('ready');
    this.#watchIdleness(attempt);
    this.#advance();
  }

  #watchIdleness(attempt: AbortController): void {
    const { maxIdleMs } = this.#limits;
    if (maxIdleMs < 0) return;
    this.#idle = new IdleWatch({
      clock: this.#options.clock,
      maxIdleMs,
      isBusy: () => this.#state !== 'ready' || (this.#link?.inFlight ?? 0) > 0,
      over: () => this.#endIdle(attempt),
    });
  }

  /** No fault of anybody's: the next question dials at once. */
  #endIdle(attempt: AbortController): void {
    if (this.#attempt !== attempt) return;
    const link = this.#link;
    this.#forget();
    this.#enter('idle');
    link?.fail(new ChannelError('disconnected', 'nothing was asked for connections.max.idle.ms'));
    this.#advance();
  }

  #forget(): void {
    this.#attempt = undefined;
    this.#link = undefined;
    this.#versions = undefined;
    this.#relogin?.cancel();
    this.#idle?.stop();
    this.#idle = undefined;
  }

  /** Past those who wait. */
  #askNow<Q extends Fields, S extends Fields>(
    attempt: AbortController,
    api: ApiSchema<Q, S>,
    request: InputOf<Q>,
    version: number,
  ): Promise<ValueOf<S>> {
    const { exchange, response } = exchangeOf(api, request);
    if (this.#attempt === attempt && this.#link !== undefined) this.#link.send(exchange, version);
    else exchange.failed(new ChannelError('closed', 'the attempt is over'));
    return response;
  }

  async #logIn(attempt: AbortController, versions: PeerVersions): Promise<void> {
    const begin = this.#options.security?.login;
    if (begin === undefined) return;
    const { logIn } = await import('./channel/log-in.ts');
    const lifetimeMs = await logIn(
      (api, request, version) => this.#askNow(attempt, api, request, version),
      versions,
      await begin(),
    );
    if (lifetimeMs <= 0 || this.#attempt !== attempt) return;
    const renewMs = lifetimeMs * LOGIN_RENEWED_AT;
    this.#relogin = this.#options.clock.schedule(renewMs, () => this.#logInAgain(attempt, versions));
  }

  /** KIP-368: on the same connection, between requests. */
  #logInAgain(attempt: AbortController, versions: PeerVersions): void {
    if (this.#attempt !== attempt || this.#state !== 'ready') return;
    this.#enter('connecting');
    this.#limitAttempt(attempt);
    this.#logIn(attempt, versions).then(
      () => {
        if (this.#attempt !== attempt || this.#state !== 'connecting') return;
        this.#enter('ready');
        this.#advance();
      },
      (error: unknown) => this.#lost(attempt, asChannelError(error)),
    );
  }

  /** The connection, or the attempt to get one, is no more. */
  #lost(attempt: AbortController, error: ChannelError, lostRequests = 0): void {
    if (this.#attempt !== attempt) return;
    const link = this.#link;
    this.#forget();
    attempt.abort(error);
    link?.fail(error);
    if (this.#state === 'closing') return this.#finish();
    this.#failures += 1;
    const fault = this.#dialFault;
    this.#dialFault = undefined;
    this.#options.attemptFailed?.(typeof fault === 'string' ? fault : undefined);
    // A connection on which nothing is under way may be closed at any time: peers close what is idle.
    const level = this.#state === 'ready' && lostRequests === 0 ? 'debug' : 'warn';
    if (this.#failures === 1) this.#log(level, 'lost the connection to a peer', { reason: error.message });
    this.#enter('resting');
    if (this.#options.isHastyWithFaults === true)
      for (const exchange of this.#waiting.splice(0)) exchange.failed(error);
    const restMs = backoffMs(this.#limits.backoff, this.#failures, this.#options.random);
    this.#timer = this.#options.clock.schedule(restMs, () => {
      this.#enter('idle');
      this.#advance();
    });
  }

  /** Answers come in order: behind one that does not come there is nothing to wait for, so the connection goes too. */
  #timedOut(exchange: Exchange, timeoutMs: number): void {
    const error = new ChannelError('timed out', `${exchange.api.name} was not answered in ${timeoutMs} ms`);
    const at = this.#waiting.indexOf(exchange);
    if (at >= 0) this.#waiting.splice(at, 1);
    const link = this.#link;
    const isUnderWay = link?.has(exchange) === true;
    exchange.failed(error);
    if (isUnderWay) link.fail(new ChannelError('disconnected', `given up: ${error.message}`));
  }

  #endWhenAnswered(): void {
    const link = this.#link;
    if (link === undefined || link.inFlight > 0 || this.#timer !== undefined) return;
    link.end();
    this.#timer = this.#options.clock.schedule(this.#limits.lingerMs, () => this.#drop());
  }

  #drop(): void {
    if (this.#attempt === undefined) this.#finish();
    else this.#lost(this.#attempt, new ChannelError('closed', 'the channel was closed'));
  }

  #finish(): void {
    this.#enter('closed');
    this.#tellClosed();
  }

  #log(level: LogLevel, message: string, fields: Record<string, string | number>): void {
    const { logger, clientId } = this.#options;
    const { host, port } = this.#address;
    logger.log(level, message, { peer: `${host}:${port}`, clientId, ...fields });
  }
}

function asChannelError(error: unknown): ChannelError {
  if (error instanceof ChannelError) return error;
  return new ChannelError('disconnected', error instanceof Error ? error.message : String(error));
}
