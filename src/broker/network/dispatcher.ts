// From a frame to its response: header, version check, decode, the stages and the handler, encode. All that can go wrong with
// a request is dealt with here, once: what cannot be read closes the connection (KIP-511 spares ApiVersions), what a handler refuses
// becomes that API's error answer.
import {
  AFTER_SENT,
  CLOSE,
  type Handler,
  NO_RESPONSE,
  type Outcome,
  type RequestContext,
  type RequestStage,
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
  Errors,
  int32At,
  MINIMUM_REQUEST_SIZE,
  Reader,
  requestApiKey,
  requestApiVersion,
  Writer,
} from '../../protocol/index.ts';
import type { Clock, Counter, Logger, Metrics } from '../../runtime/index.ts';
import { escaped } from '../security/audit-log.ts';
import type { BrokerConnection, RequestSink } from './connection.ts';
import { Exchange } from './exchange.ts';
import type { FrameVerdict } from './frame-assembler.ts';
import type { Frame } from './frame.ts';
import { LimitedLog } from './limited-log.ts';
import type { PendingResponse } from './pending-response.ts';
import { Pipeline, type PipelineMeter } from './pipeline.ts';
import type { ReceiveBuffers } from './receive-buffers.ts';

const API_VERSIONS_KEY = 18;
const PRODUCE_KEY = 0;
/** The first two bytes of a client that speaks TLS. */
const TLS_HELLO = 0x1603;

export interface DispatcherOptions {
  readonly buffers: ReceiveBuffers;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Told of each answer too, when its bytes are there. */
export interface RequestMeter extends PipelineMeter {
  answered(answer: readonly Uint8Array[]): void;
}

type SomeCodec = Codec<Record<string, unknown>, Record<string, unknown>>;

interface ApiEntry {
  readonly served: ServedApi;
  readonly requests: Counter;
  handler: Handler | undefined;
  loading: Promise<void> | undefined;
}

export class Dispatcher implements RequestSink {
  readonly #entries: (ApiEntry | undefined)[] = [];
  readonly #buffers: ReceiveBuffers;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #refusals: LimitedLog;
  readonly #writer = new Writer();
  readonly #metrics: Metrics;
  #pipeline: Pipeline<Exchange>;
  #isOpen = false;
  #meter: RequestMeter | undefined;

  /** Requests are held back until `open` is called. */
  constructor(options: DispatcherOptions) {
    this.#buffers = options.buffers;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#refusals = new LimitedLog(options.logger, options.clock);
    this.#metrics = options.metrics;
    this.#pipeline = this.#newPipeline([]);
  }

  /**
   * From now on requests are served: they pass the stages in their order, then these handlers. Connections that hold some
   * back have to be woken.
   */
  open(apis: readonly ServedApi[], stages: readonly RequestStage[], meter?: RequestMeter): void {
    this.#isOpen = true;
    this.#meter = meter;
    this.#pipeline = this.#newPipeline(stages);
    this.#entries.length = 0;
    for (const served of apis) {
      const requests = this.#metrics.counter(`RequestsPerSec,request=${apiFacts(served.key)?.name}`);
      this.#entries[served.key] = { served, requests, handler: undefined, loading: undefined };
    }
  }

  /** Requests are held back until `open` is called again; connections that are ending are still served. */
  hold(): void {
    this.#isOpen = false;
  }

  /** Requests are served, not held back. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** The broker stops: no stage keeps a request any longer. */
  endWaits(): void {
    this.#pipeline.endWaits();
  }

  onPeerGone(connection: BrokerConnection): void {
    this.#pipeline.peerGone(connection);
  }

  onBadFrame(connection: BrokerConnection, size: number): void {
    const isTls = size >>> 16 === TLS_HELLO;
    const what = isTls ? 'a TLS client came to a listener without TLS' : 'frame size out of bounds';
    this.#logRefusal(connection, `closed a connection: ${what}`, { size });
    connection.refuse();
  }

  onOverrun(connection: BrokerConnection): void {
    this.#logRefusal(connection, 'closed a connection: requests in the making hold too much memory', {});
    connection.refuse();
  }

  onRequest(connection: BrokerConnection, frame: Frame): FrameVerdict {
    if (!this.#isOpen && !connection.isDraining) return 'later';
    const { bytes, start, size } = frame;
    if (size < MINIMUM_REQUEST_SIZE) {
      return this.#refuse(connection, frame, 'closed a connection: frame too short for a request header', { size });
    }
    const key = requestApiKey(bytes, start);
    const version = requestApiVersion(bytes, start);
    const entry = this.#entries[key];
    if (!connection.admits(key === PRODUCE_KEY)) return 'later';
    if (entry === undefined || (key !== API_VERSIONS_KEY && !isServed(entry.served, version))) {
      const api = apiFacts(key)?.name ?? 'unknown';
      return this.#refuse(connection, frame, 'closed a connection: API or version not served', { api, key, version });
    }
    entry.requests.count += 1;
    if (entry.handler === undefined) this.#startLate(entry, connection, frame);
    else this.#start(entry.handler, connection, frame);
    return 'taken';
  }

  /**
   * A request that comes in the middle of a login: its own answer, in which all of it fails with ILLEGAL_SASL_STATE, is handed to
   * `made`, empty where it cannot be read. False: the API is not served, and nothing is made.
   */
  refuseUnexpected(
    connection: BrokerConnection,
    frame: Frame,
    made: (pending: PendingResponse, answer: readonly Uint8Array[]) => void,
  ): boolean {
    const entry = this.#entries[requestApiKey(frame.bytes, frame.start)];
    if (entry === undefined || !isServed(entry.served, requestApiVersion(frame.bytes, frame.start))) return false;
    const pending = connection.begin(false, frame.size);
    const kept = this.#buffers.keep(frame);
    void entry.served
      .load()
      .then((handler) => this.#unexpectedAnswer(handler, connection, kept))
      .catch((error: unknown) => {
        if (!(error instanceof DecodeError)) this.#logger.log('error', 'a refusal failed', { error: String(error) });
        return [];
      })
      .then((answer) => {
        kept.holder?.release();
        made(pending, answer);
      });
    return true;
  }

  /** Throws DecodeError. */
  #unexpectedAnswer(handler: Handler, connection: BrokerConnection, { bytes, start, end }: Frame): Uint8Array[] {
    const { key, name } = handler.api;
    const version = requestApiVersion(bytes, start);
    const reader = new Reader(bytes, start, end);
    const { clientId } = decodeRequestHeader(reader, key, version);
    const context = this.#contextOf(connection, key, version, int32At(bytes, start + 4), clientId);
    const request = requestCodec(handler, version).decode(reader);
    const type = name.replace(/(?<=.)[A-Z]/g, '_$&').toUpperCase();
    const message = `Unexpected Kafka request of type ${type} during SASL authentication.`;
    const answer = handler.failed(request, Errors.ILLEGAL_SASL_STATE, message, context);
    return typeof answer === 'symbol' ? [] : this.#encode(handler, context, answer as Record<string, unknown>);
  }

  /** The first request of an API waits until its handler has been loaded. */
  #startLate(entry: ApiEntry, connection: BrokerConnection, frame: Frame): void {
    const kept = this.#buffers.keep(frame);
    const pending = connection.begin(this.#isOrderedByAppend(entry.served.key), frame.size);
    entry.loading ??= entry.served.load().then((handler) => {
      entry.handler = handler;
    });
    entry.loading.then(
      () => {
        if (!connection.state.isClosed) this.#begin(entry.handler as Handler, connection, pending, kept);
        kept.holder?.release();
      },
      (error: unknown) => {
        kept.holder?.release();
        this.#logger.log('error', 'a request handler could not be loaded', { error: String(error) });
        connection.closeInstead(pending);
      },
    );
  }

  #start(handler: Handler, connection: BrokerConnection, frame: Frame): void {
    const pending = connection.begin(this.#isOrderedByAppend(handler.api.key), frame.size);
    if (handler.keepsFrame && frame.holder === undefined) this.#buffers.moveOut(frame);
    this.#begin(handler, connection, pending, frame);
  }

  /** A request that a stage may hold back is not followed by another. */
  #isOrderedByAppend(key: number): boolean {
    return key === PRODUCE_KEY && !this.#pipeline.mayHoldBack;
  }

  /** Decodes and hands over. The frame's holder is retained here for as long as the handler needs the frame. */
  #begin(handler: Handler, connection: BrokerConnection, pending: PendingResponse, frame: Frame): void {
    const { bytes, start, end, holder } = frame;
    const key = requestApiKey(bytes, start);
    const version = requestApiVersion(bytes, start);
    // KIP-511: an unknown ApiVersions version is answered; its body is not read, since nobody knows its form.
    const isUnknownVersion = key === API_VERSIONS_KEY && !isServedRange(handler.api.versions, version);
    let request: Record<string, unknown>;
    let context: RequestContext | undefined;
    try {
      const reader = new Reader(bytes, start, end);
      const clientId = isUnknownVersion ? null : decodeRequestHeader(reader, key, version).clientId;
      context = this.#contextOf(connection, key, version, int32At(bytes, start + 4), clientId);
      request = isUnknownVersion ? {} : requestCodec(handler, version).decode(reader);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      const { name } = handler.api;
      const reason = error.message;
      const clientId = context === undefined ? {} : { clientId: escaped(context.clientId ?? '') };
      const correlationId = int32At(bytes, start + 4);
      const fields = { api: name, version, correlationId, ...clientId, reason };
      this.#logRefusal(connection, 'closed a connection: request cannot be read', fields);
      return connection.closeInstead(pending);
    }
    const kept = handler.keepsFrame ? holder : undefined;
    kept?.retain();
    const exchange = new Exchange(connection, pending, handler, request, context, kept);
    if (isUnknownVersion) this.#pipeline.handle(exchange);
    else this.#pipeline.run(exchange);
  }

  #newPipeline(stages: readonly RequestStage[]): Pipeline<Exchange> {
    return new Pipeline({ stages, meter: this.#meter, clock: this.#clock, logger: this.#logger, finish: this.#finish });
  }

  readonly #finish = (exchange: Exchange, given: Outcome<object>): void => {
    const { connection, pending, handler, context, throttleTimeMs } = exchange;
    exchange.holder?.release();
    const outcome = throttleTimeMs > 0 ? throttled(given, throttleTimeMs) : given;
    const waiter = typeof outcome === 'object' ? (outcome as { [AFTER_SENT]?: SentWaiter })[AFTER_SENT] : undefined;
    if (connection.state.isClosed) return waiter?.sent();
    // KIP-219: the answer goes out at once and tells the client, who may not keep to it.
    if (throttleTimeMs > 0) connection.mute(throttleTimeMs);
    if (outcome === NO_RESPONSE) return connection.answer(pending, []);
    if (outcome === CLOSE) return connection.closeInstead(pending);
    try {
      const answer = this.#encode(handler, context, outcome as Record<string, unknown>);
      this.#meter?.answered(answer);
      connection.answer(pending, answer, waiter);
    } catch (error) {
      this.#logger.log('error', 'a response could not be encoded', {
        api: handler.api.name,
        version: context.apiVersion,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
      this.#writer.reset();
      waiter?.sent();
      connection.closeInstead(pending);
    }
  };

  #encode(handler: Handler, context: RequestContext, response: Record<string, unknown>): Uint8Array[] {
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
    return {
      apiKey: key,
      apiVersion: version,
      correlationId,
      clientId,
      receivedAtMs: this.#clock.nowMs(),
      session: connection.session,
      connection: connection.state,
    };
  }

  /** Closes the connection in the place of an answer: what was asked before is answered. */
  #refuse(
    connection: BrokerConnection,
    { size }: Frame,
    message: string,
    fields: Record<string, string | number>,
  ): FrameVerdict {
    this.#logRefusal(connection, message, fields);
    connection.closeInstead(connection.begin(false, size));
    return 'taken';
  }

  #logRefusal(connection: BrokerConnection, message: string, fields: Record<string, string | number>): void {
    this.#refusals.log('warn', message, {
      client: connection.session.remoteAddress,
      listener: connection.session.listenerName,
      principal: escaped(connection.session.principal),
      ...fields,
    });
  }
}

/** A response that says how long its connection is muted; whoever waits for it to be sent still does. */
function throttled(outcome: Outcome<object>, throttleTimeMs: number): Outcome<object> {
  return typeof outcome === 'object' ? { ...outcome, throttleTimeMs } : outcome;
}

function isServed(served: ServedApi, version: number): boolean {
  return version >= served.minVersion && version <= served.maxVersion;
}

function isServedRange(range: readonly [number, number], version: number): boolean {
  return version >= range[0] && version <= range[1];
}

function requestCodec(handler: Handler, version: number): SomeCodec {
  return codecOf(handler.api.request, version) as unknown as SomeCodec;
}

function responseCodec(handler: Handler, version: number): SomeCodec {
  return codecOf(handler.api.response, version) as unknown as SomeCodec;
}
