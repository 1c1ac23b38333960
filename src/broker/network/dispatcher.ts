// From a frame to its response: header, version check, decode, the handler, encode. All that can go wrong with a request is
// dealt with here, once: what cannot be read closes the connection (KIP-511 spares ApiVersions), what a handler refuses
// becomes that API's error answer.
import {
  AFTER_SENT,
  CLOSE,
  failureOf,
  type Handler,
  NO_RESPONSE,
  type Outcome,
  type RequestContext,
  type SentWaiter,
  type ServedApi,
} from '../../api-handlers/index.ts';
import {
  apiFacts,
  type Codec,
  codecOf,
  DecodeError,
  decodeRequestHeader,
  encodeResponseFrame,
  int16At,
  int32At,
  Reader,
  Writer,
} from '../../protocol/index.ts';
import type { Clock, Counter, Logger, Metrics } from '../../runtime/index.ts';
import { type BrokerConnection, type PendingResponse, type RequestSink } from './connection.ts';
import type { FrameVerdict } from './frame-assembler.ts';
import { LimitedLog } from './limited-log.ts';
import type { CountedBuffer, ReceiveBuffers } from './receive-buffers.ts';

const API_VERSIONS_KEY = 18;
const PRODUCE_KEY = 0;
/** Key, version and correlation id: without them there is no header. */
const SMALLEST_HEADER = 8;
const ANONYMOUS = 'User:ANONYMOUS';

export interface DispatcherOptions {
  readonly buffers: ReceiveBuffers;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

type SomeHandler = Handler;
type SomeCodec = Codec<Record<string, unknown>, Record<string, unknown>>;

interface ApiEntry {
  readonly served: ServedApi;
  readonly requests: Counter;
  handler: SomeHandler | undefined;
  loading: Promise<void> | undefined;
}

/** A decoded request on its way; what completes it later. */
interface Exchange {
  readonly connection: BrokerConnection;
  readonly pending: PendingResponse;
  readonly handler: SomeHandler;
  readonly request: Record<string, unknown>;
  readonly context: RequestContext;
  /** The frame, if the handler keeps it. */
  readonly holder: CountedBuffer | undefined;
}

/** Handles requests in the place of their handlers, and may ask these. Never rejects. */
export interface RequestInterceptor {
  handle(handler: Handler, request: Record<string, unknown>, context: RequestContext): Promise<Outcome<object>>;
}

export class Dispatcher implements RequestSink {
  /** Asked for every request whose body could be read, if there is one. */
  interceptor: RequestInterceptor | undefined;
  readonly #entries: (ApiEntry | undefined)[] = [];
  readonly #buffers: ReceiveBuffers;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #refusals: LimitedLog;
  readonly #writer = new Writer();
  readonly #metrics: Metrics;
  #isOpen = false;

  /** Requests are held back until `open` is called. */
  constructor(options: DispatcherOptions) {
    this.#buffers = options.buffers;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#refusals = new LimitedLog(options.logger, options.clock);
    this.#metrics = options.metrics;
  }

  /** From now on requests are served, by these handlers. Connections that hold some back have to be woken. */
  open(apis: readonly ServedApi[]): void {
    this.#isOpen = true;
    for (const served of apis) {
      const requests = this.#metrics.counter(`RequestsPerSec,request=${apiFacts(served.key)?.name}`);
      this.#entries[served.key] = { served, requests, handler: undefined, loading: undefined };
    }
  }

  /** Requests that come from now on are held back until `open` is called again. */
  hold(): void {
    this.#isOpen = false;
    this.#entries.length = 0;
  }

  onBadFrame(connection: BrokerConnection, size: number): void {
    this.#refuse(connection, 'closed a connection: frame size out of bounds', { size });
  }

  onOverrun(connection: BrokerConnection): void {
    this.#refuse(connection, 'closed a connection: requests in the making hold too much memory', {});
  }

  onRequest(
    connection: BrokerConnection,
    bytes: Buffer,
    start: number,
    end: number,
    holder: CountedBuffer | undefined,
  ): FrameVerdict {
    if (!this.#isOpen) return 'later';
    if (end - start < SMALLEST_HEADER) {
      this.#refuse(connection, 'closed a connection: frame too short for a request header', { size: end - start });
      return 'taken';
    }
    const key = int16At(bytes, start);
    const version = int16At(bytes, start + 2);
    const entry = this.#entries[key];
    if (!connection.admits(key === PRODUCE_KEY)) return 'later';
    if (entry === undefined || (key !== API_VERSIONS_KEY && !isServed(entry.served, version))) {
      this.#refuse(connection, 'closed a connection: API or version not served', {
        api: apiFacts(key)?.name ?? 'unknown',
        key,
        version,
      });
      return 'taken';
    }
    entry.requests.count += 1;
    if (entry.handler === undefined) this.#startLate(entry, connection, bytes, start, end);
    else this.#start(entry, entry.handler, connection, bytes, start, end, holder);
    return 'taken';
  }

  /** The first request of an API waits until its handler has been loaded. */
  #startLate(entry: ApiEntry, connection: BrokerConnection, bytes: Buffer, start: number, end: number): void {
    const kept = this.#buffers.keep(bytes, start, end);
    const pending = connection.begin(this.#isOrderedByAppend(entry), end - start);
    entry.loading ??= entry.served.load().then((handler) => {
      entry.handler = handler as unknown as SomeHandler;
    });
    entry.loading.then(
      () => {
        if (!connection.state.closed) {
          this.#begin(entry.handler as SomeHandler, connection, pending, kept.bytes, 0, kept.bytes.length, kept.holder);
        }
        kept.holder.release();
      },
      (error: unknown) => {
        kept.holder.release();
        this.#logger.log('error', 'a request handler could not be loaded', { error: String(error) });
        connection.closeInstead(pending);
      },
    );
  }

  #start(
    entry: ApiEntry,
    handler: SomeHandler,
    connection: BrokerConnection,
    bytes: Buffer,
    start: number,
    end: number,
    holder: CountedBuffer | undefined,
  ): void {
    const pending = connection.begin(this.#isOrderedByAppend(entry), end - start);
    if (!handler.keepsFrame || holder !== undefined) {
      this.#begin(handler, connection, pending, bytes, start, end, holder);
      return;
    }
    const kept = this.#buffers.keep(bytes, start, end);
    this.#begin(handler, connection, pending, kept.bytes, 0, kept.bytes.length, kept.holder);
    kept.holder.release();
  }

  /** A request that an interceptor may hold back is not followed by another. */
  #isOrderedByAppend(entry: ApiEntry): boolean {
    return entry.served.key === PRODUCE_KEY && this.interceptor === undefined;
  }

  /** Decodes and hands over. `holder` is retained here for as long as the handler needs the frame. */
  #begin(
    handler: SomeHandler,
    connection: BrokerConnection,
    pending: PendingResponse,
    bytes: Buffer,
    start: number,
    end: number,
    holder: CountedBuffer | undefined,
  ): void {
    const key = int16At(bytes, start);
    const version = int16At(bytes, start + 2);
    // KIP-511: an unknown ApiVersions version is answered; its body is not read, since nobody knows its form.
    const isUnknownVersion = key === API_VERSIONS_KEY && !isServedRange(handler.api.versions, version);
    let request: Record<string, unknown>;
    let context: RequestContext;
    try {
      const reader = new Reader(bytes, start, end);
      const clientId = isUnknownVersion ? null : decodeRequestHeader(reader, key, version).clientId;
      context = this.#contextOf(connection, key, version, int32At(bytes, start + 4), clientId);
      request = isUnknownVersion ? {} : requestCodec(handler, version).decode(reader);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#refuse(connection, 'closed a connection: request cannot be read', {
        api: handler.api.name,
        version,
        reason: error.message,
      });
      return;
    }
    const kept = handler.keepsFrame ? holder : undefined;
    kept?.retain();
    const exchange: Exchange = { connection, pending, handler, request, context, holder: kept };
    let outcome: unknown;
    try {
      outcome =
        this.interceptor === undefined || isUnknownVersion
          ? handler.handle(request as never, context)
          : this.interceptor.handle(handler, request, context);
    } catch (error) {
      outcome = this.#failure(exchange, error);
    }
    if (outcome instanceof Promise) this.#await(exchange, outcome as Promise<Outcome<object>>);
    else this.#finish(exchange, outcome as Outcome<object>);
  }

  #await(exchange: Exchange, outcome: Promise<Outcome<object>>): void {
    outcome.then(
      (value) => this.#finish(exchange, value),
      (error: unknown) => this.#finish(exchange, this.#failure(exchange, error)),
    );
  }

  #failure(exchange: Exchange, error: unknown): Outcome<object> {
    const { handler, request, context } = exchange;
    return failureOf(handler, request as never, error, context, this.#logger) as Outcome<object>;
  }

  #finish(exchange: Exchange, outcome: Outcome<object>): void {
    const { connection, pending, handler, context } = exchange;
    exchange.holder?.release();
    const waiter = typeof outcome === 'object' ? (outcome as { [AFTER_SENT]?: SentWaiter })[AFTER_SENT] : undefined;
    if (connection.state.closed) return waiter?.sent();
    if (outcome === NO_RESPONSE) return connection.answer(pending, []);
    if (outcome === CLOSE) return connection.closeInstead(pending);
    try {
      connection.answer(pending, this.#encode(handler, context, outcome as Record<string, unknown>), waiter);
    } catch (error) {
      this.#logger.log('error', 'a response could not be encoded', {
        api: handler.api.name,
        version: context.apiVersion,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
      waiter?.sent();
      connection.closeInstead(pending);
    }
  }

  #encode(handler: SomeHandler, context: RequestContext, response: Record<string, unknown>): Uint8Array[] {
    const isServedVersion = isServedRange(handler.api.versions, context.apiVersion);
    const version = isServedVersion ? context.apiVersion : 0;
    const writer = this.#writer;
    writer.reset();
    const { apiKey, correlationId } = context;
    return encodeResponseFrame(writer, apiKey, correlationId, responseCodec(handler, version), response);
  }

  #contextOf(
    connection: BrokerConnection,
    key: number,
    version: number,
    correlationId: number,
    clientId: string | null,
  ): RequestContext {
    const socket = connection.socket;
    return {
      apiKey: key,
      apiVersion: version,
      correlationId,
      clientId,
      listenerName: connection.listenerName,
      principal: ANONYMOUS,
      remoteAddress: socket.remoteAddress,
      localAddress: socket.localAddress,
      localPort: socket.localPort,
      receivedAtMs: this.#clock.nowMs(),
      connection: connection.state,
    };
  }

  #refuse(connection: BrokerConnection, message: string, fields: Record<string, string | number>): void {
    this.#refusals.log('warn', message, {
      client: connection.socket.remoteAddress,
      listener: connection.listenerName,
      ...fields,
    });
    connection.refuse();
  }
}

function isServed(served: ServedApi, version: number): boolean {
  return version >= served.minVersion && version <= served.maxVersion;
}

function isServedRange(range: readonly [number, number], version: number): boolean {
  return version >= range[0] && version <= range[1];
}

function requestCodec(handler: SomeHandler, version: number): SomeCodec {
  return codecOf(handler.api.request, version) as unknown as SomeCodec;
}

function responseCodec(handler: SomeHandler, version: number): SomeCodec {
  return codecOf(handler.api.response, version) as unknown as SomeCodec;
}
