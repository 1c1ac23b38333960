// What stands before a connection on a SASL listener (Kafka: SaslServerAuthenticator): until somebody has logged in, only ApiVersions,
// SaslHandshake and SaslAuthenticate are answered, in small frames and one at a time; then frames go to the dispatcher. It stays
// where logins lapse, so that a client can log in anew on the same connection (KIP-368).
//
//   hello    -> ApiVersions, once -> named; SaslHandshake -> tokens
//   named    -> SaslHandshake -> tokens
//   tokens   -> SaslAuthenticate (or raw tokens, after SaslHandshake v0) until the login -> passed
//   passed   -> SaslHandshake, where logins lapse -> tokens again; anything else goes on
//   over     -> nothing more is read: a refusal waits for its delay
import { isNamedSoftware } from '../../api-handlers/index.ts';
import {
  codecOf,
  DecodeError,
  decodeRequestHeader,
  Errors,
  encodeResponseFrame,
  int32At,
  MINIMUM_REQUEST_SIZE,
  Reader,
  requestApiKey,
  requestApiVersion,
  Writer,
} from '../../protocol/index.ts';
import { SaslHandshake } from '../../protocol/messages/17-sasl-handshake.ts';
import { ApiVersions } from '../../protocol/messages/18-api-versions.ts';
import { SaslAuthenticate } from '../../protocol/messages/36-sasl-authenticate.ts';
import type { Clock } from '../../runtime/index.ts';
import type { ListenerLogin } from '../security/authentication/listener-login.ts';
import {
  type Login,
  SaslAuthenticationError,
  SaslError,
  type SaslExchange,
  type SaslStep,
} from '../security/authentication/sasl-mechanism.ts';
import type { BrokerConnection, RequestSink } from './connection.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { FrameVerdict } from './frame-assembler.ts';
import type { Frame } from './frame.ts';
import type { PendingResponse } from './pending-response.ts';

/** Answers are written one at a time; what it gives out is not used again. */
const WRITER = new Writer();
const FIRST_NAMED_VERSION = 3;
/** Kafka lets nobody log in anew more often. */
const REAUTHENTICATION_PAUSE_MS = 1000;

/** The same for all connections of a listener. */
export interface SaslGateOptions {
  readonly login: () => ListenerLogin;
  readonly dispatcher: Dispatcher;
  readonly clock: Clock;
  readonly failureDelayMs: number;
  /** What a connection that has logged in may send. */
  readonly maxRequestBytes: () => number;
  readonly passed: (connection: BrokerConnection) => void;
  /** For the log; `reason` holds nothing that the client has sent. */
  readonly refused: (connection: BrokerConnection, reason: string, mechanism: string | undefined) => void;
}

type State = 'hello' | 'named' | 'tokens' | 'passed' | 'over';

/** A request's place in the conversation. */
interface Asked {
  readonly key: number;
  readonly version: number;
  readonly correlationId: number;
}

export class SaslGate implements RequestSink {
  readonly #options: SaslGateOptions;
  readonly #login: ListenerLogin;
  #state: State = 'hello';
  #mechanism: string | undefined;
  #exchange: SaslExchange | undefined;
  /** After SaslHandshake v0: tokens come and go without a header. */
  #isRaw = false;
  #reauthenticatedMs = Number.NEGATIVE_INFINITY;
  /** Whoever logs in anew must be who it was, by the same mechanism. */
  #before: { readonly principal: string; readonly mechanism: string } | undefined;

  constructor(options: SaslGateOptions) {
    this.#options = options;
    this.#login = options.login();
  }

  onRequest(connection: BrokerConnection, frame: Frame): FrameVerdict {
    const { dispatcher } = this.#options;
    if (!dispatcher.isOpen && !connection.isDraining) return 'later';
    if (this.#state === 'passed') return this.#afterLogin(connection, frame);
    if (this.#state === 'over' || !connection.admits(false)) return 'later';
    if (this.#state === 'tokens') return this.#tokens(connection, frame);
    return this.#hello(connection, frame);
  }

  onBadFrame(connection: BrokerConnection, size: number): void {
    if (this.#state === 'passed') return this.#options.dispatcher.onBadFrame(connection, size);
    const reason =
      size >>> 16 === 0x1603 ? 'the client speaks TLS, this listener does not' : 'frame size out of bounds';
    if (size === 0) {
      this.#options.refused(connection, reason, this.#mechanism);
      return connection.refuse();
    }
    this.#fail(connection, connection.begin(false, 0), [], reason);
  }

  onOverrun(connection: BrokerConnection): void {
    this.#options.dispatcher.onOverrun(connection);
  }

  onPeerGone(connection: BrokerConnection): void {
    this.#options.dispatcher.onPeerGone(connection);
  }

  #afterLogin(connection: BrokerConnection, frame: Frame): FrameVerdict {
    const { dispatcher, clock } = this.#options;
    const { session } = connection;
    if (session.expiresAtMs === Infinity || frame.size < MINIMUM_REQUEST_SIZE)
      return dispatcher.onRequest(connection, frame);
    const now = clock.monotonicMs();
    const isHandshake = requestApiKey(frame.bytes, frame.start) === SaslHandshake.key;
    if (isHandshake && now - this.#reauthenticatedMs >= REAUTHENTICATION_PAUSE_MS) {
      if (!connection.admits(false)) return 'later';
      this.#reauthenticatedMs = now;
      this.#before = { principal: session.principal, mechanism: session.saslMechanism ?? '' };
      return this.#handshake(connection, frame);
    }
    if (now < session.expiresAtMs) return dispatcher.onRequest(connection, frame);
    if (!connection.admits(false)) return 'later';
    return this.#close(connection, frame, 'the login has lapsed');
  }

  #hello(connection: BrokerConnection, frame: Frame): FrameVerdict {
    const { bytes, start, size } = frame;
    if (size < MINIMUM_REQUEST_SIZE) return this.#close(connection, frame, 'no request');
    const key = requestApiKey(bytes, start);
    if (key === SaslHandshake.key) return this.#handshake(connection, frame);
    if (key !== ApiVersions.key || this.#state !== 'hello') {
      return this.#close(connection, frame, 'a request that is not for the login');
    }
    if (this.#isWholeApiVersions(frame)) this.#state = 'named';
    return this.#options.dispatcher.onRequest(connection, frame);
  }

  /** Of a version that is known, and a client that is named as it should: then it may not be asked again. */
  #isWholeApiVersions({ bytes, start, end }: Frame): boolean {
    const version = requestApiVersion(bytes, start);
    const [low, high] = ApiVersions.versions;
    if (version < low || version > high) return false;
    if (version < FIRST_NAMED_VERSION) return true;
    try {
      const reader = new Reader(bytes, start, end);
      decodeRequestHeader(reader, ApiVersions.key, version);
      const { clientSoftwareName, clientSoftwareVersion } = codecOf(ApiVersions.request, version).decode(reader);
      return isNamedSoftware(clientSoftwareName, clientSoftwareVersion);
    } catch (error) {
      if (error instanceof DecodeError) return false;
      throw error;
    }
  }

  #handshake(connection: BrokerConnection, frame: Frame): FrameVerdict {
    const asked = askedBy(frame);
    const [low, high] = SaslHandshake.versions;
    if (asked.version < low || asked.version > high)
      return this.#close(connection, frame, 'a version that is not known');
    let mechanism: string;
    try {
      const reader = new Reader(frame.bytes, frame.start, frame.end);
      decodeRequestHeader(reader, SaslHandshake.key, asked.version);
      ({ mechanism } = codecOf(SaslHandshake.request, asked.version).decode(reader));
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return this.#close(connection, frame, 'a request that cannot be read');
    }
    const pending = connection.begin(false, frame.size);
    const { mechanisms } = this.#login;
    const exchange = this.#login.begin(mechanism);
    if (exchange === undefined) {
      const errorCode = Errors.UNSUPPORTED_SASL_MECHANISM;
      this.#fail(
        connection,
        pending,
        this.#encode(asked, { errorCode, mechanisms }),
        'a mechanism that is not enabled',
      );
      return 'taken';
    }
    this.#mechanism = mechanism;
    this.#exchange = exchange;
    this.#isRaw = asked.version === 0;
    this.#state = 'tokens';
    connection.answer(pending, this.#encode(asked, { errorCode: Errors.NONE, mechanisms }));
    return 'taken';
  }

  #tokens(connection: BrokerConnection, frame: Frame): FrameVerdict {
    if (this.#before !== undefined && this.#before.mechanism !== this.#mechanism) {
      this.#fail(connection, connection.begin(false, frame.size), [], 'another mechanism than before');
      return 'taken';
    }
    if (this.#isRaw) {
      const token = Buffer.from(frame.bytes.subarray(frame.start, frame.end));
      this.#step(connection, connection.begin(false, frame.size), token, undefined);
      return 'taken';
    }
    if (frame.size < MINIMUM_REQUEST_SIZE) return this.#close(connection, frame, 'no request');
    const asked = askedBy(frame);
    if (asked.key !== SaslAuthenticate.key) return this.#unexpected(connection, frame, asked);
    try {
      const reader = new Reader(frame.bytes, frame.start, frame.end);
      const [low, high] = SaslAuthenticate.versions;
      if (asked.version < low || asked.version > high) throw new DecodeError('a version that is not known');
      decodeRequestHeader(reader, asked.key, asked.version);
      const { authBytes } = codecOf(SaslAuthenticate.request, asked.version).decode(reader);
      this.#step(connection, connection.begin(false, frame.size), Buffer.from(authBytes), asked);
      return 'taken';
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return this.#close(connection, frame, 'a request that cannot be read');
    }
  }

  /** Another request between the handshake and the login: it is told so in an answer of its own form. */
  #unexpected(connection: BrokerConnection, frame: Frame, { key }: Asked): FrameVerdict {
    const { dispatcher, refused } = this.#options;
    const mechanism = this.#mechanism;
    this.#state = 'over';
    const isRead = dispatcher.refuseUnexpected(connection, frame, (pending, buffers) => {
      this.#fail(connection, pending, buffers, `request ${key} during the login`);
    });
    if (!isRead) {
      refused(connection, 'a request that cannot be read', mechanism);
      connection.closeInstead(connection.begin(false, frame.size));
    }
    return 'taken';
  }

  #step(connection: BrokerConnection, pending: PendingResponse, token: Uint8Array, asked: Asked | undefined): void {
    let step: SaslStep | Promise<SaslStep>;
    try {
      step = (this.#exchange as SaslExchange).evaluate(token);
    } catch (error) {
      return this.#refuse(connection, pending, asked, error);
    }
    if (!(step instanceof Promise)) return this.#took(connection, pending, asked, step);
    step.then(
      (made) => this.#took(connection, pending, asked, made),
      (error: unknown) => this.#refuse(connection, pending, asked, error),
    );
  }

  #took(connection: BrokerConnection, pending: PendingResponse, asked: Asked | undefined, step: SaslStep): void {
    if (connection.state.isClosed) return;
    let sessionLifetimeMs = 0;
    if (step.login !== undefined) {
      const fault = this.#principalFault(step.login);
      if (fault !== undefined) return this.#refuse(connection, pending, asked, fault);
      sessionLifetimeMs = this.#pass(connection, step.login);
    }
    if (asked === undefined) return connection.answer(pending, rawFrame(step.token));
    const body = { errorCode: Errors.NONE, errorMessage: '', authBytes: step.token, sessionLifetimeMs };
    connection.answer(pending, this.#encode(asked, body));
  }

  #principalFault({ user }: Login): Error | undefined {
    const { principal } = this.#before ?? { principal: `User:${user}` };
    if (principal === `User:${user}`) return undefined;
    // Kafka's words, with its colon where one would look for it last.
    const [type, name] = principal.split(/:(.*)/s);
    return new SaslAuthenticationError(
      `Cannot change principals during re-authentication from ${type}.${name}: ${type}.${user}`,
    );
  }

  /** How long the login holds, in milliseconds; 0 where it does not lapse. */
  #pass(connection: BrokerConnection, { user, expiresAtMs, isToken }: Login): number {
    const { clock, dispatcher, maxRequestBytes, passed } = this.#options;
    const mechanism = this.#mechanism as string;
    const maxReauthMs = this.#login.maxReauthMs(mechanism);
    const credentialMs = expiresAtMs - clock.nowMs();
    const longest = Math.min(maxReauthMs > 0 ? maxReauthMs : Infinity, credentialMs);
    const lifetimeMs = longest === Infinity ? 0 : Math.max(0, Math.floor(longest));
    const { session } = connection;
    session.principal = `User:${user}`;
    session.saslMechanism = mechanism;
    session.isTokenAuthenticated = isToken;
    session.expiresAtMs = longest === Infinity ? Infinity : clock.monotonicMs() + lifetimeMs;
    this.#exchange = undefined;
    this.#before = undefined;
    this.#state = 'passed';
    // Where logins do not lapse nothing is left to guard.
    connection.deliverTo(longest === Infinity ? dispatcher : this, maxRequestBytes());
    passed(connection);
    return lifetimeMs;
  }

  #refuse(connection: BrokerConnection, pending: PendingResponse, asked: Asked | undefined, error: unknown): void {
    const mechanism = this.#mechanism ?? '';
    const isTold = error instanceof SaslAuthenticationError;
    if (asked === undefined || !(isTold || error instanceof SaslError)) {
      return this.#fail(connection, pending, [], 'the login was refused');
    }
    const errorMessage = isTold
      ? error.message
      : `Authentication failed during authentication due to invalid credentials with SASL mechanism ${mechanism}`;
    const errorCode = Errors.SASL_AUTHENTICATION_FAILED;
    const body = { errorCode, errorMessage, authBytes: new Uint8Array(0), sessionLifetimeMs: 0 };
    this.#fail(connection, pending, this.#encode(asked, body), 'the login was refused');
  }

  /** The last answer, if there is one, and the end of the connection, both after the delay that makes guessing slow. */
  #fail(connection: BrokerConnection, pending: PendingResponse, buffers: readonly Uint8Array[], reason: string): void {
    const { clock, failureDelayMs, refused } = this.#options;
    this.#state = 'over';
    this.#exchange = undefined;
    refused(connection, reason, this.#mechanism);
    clock.schedule(failureDelayMs, () => {
      if (connection.state.isClosed) return;
      pending.closesConnection = true;
      connection.answer(pending, buffers);
    });
  }

  #close(connection: BrokerConnection, { size }: Frame, reason: string): FrameVerdict {
    this.#state = 'over';
    this.#options.refused(connection, reason, this.#mechanism);
    connection.closeInstead(connection.begin(false, size));
    return 'taken';
  }

  #encode({ key, version, correlationId }: Asked, body: Record<string, unknown>): Uint8Array[] {
    const isHandshake = key === SaslHandshake.key;
    const codec = (isHandshake
      ? codecOf(SaslHandshake.response, version)
      : codecOf(SaslAuthenticate.response, version)) as unknown as Parameters<typeof encodeResponseFrame>[3];
    WRITER.reset();
    return encodeResponseFrame(WRITER, key, correlationId, codec, body);
  }
}

function askedBy({ bytes, start }: Frame): Asked {
  return {
    key: requestApiKey(bytes, start),
    version: requestApiVersion(bytes, start),
    correlationId: int32At(bytes, start + 4),
  };
}

function rawFrame(token: Uint8Array): Uint8Array[] {
  const size = Buffer.alloc(4);
  size.writeInt32BE(token.length);
  return [size, token];
}
