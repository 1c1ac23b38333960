// Requests that brokers pass on to this controller (Kafka: EnvelopeUtils.handleEnvelopeRequest): taken out of their envelopes,
// they pass the same stages as others, in the name of the client that asked a broker, and their answers go back sealed.
import {
  CLOSE,
  type Handler,
  NO_RESPONSE,
  type Outcome,
  type RequestContext,
  type RequestStage,
  type ServedApi,
  type Session,
} from '../../api-handlers/index.ts';
import {
  codecOf,
  DecodeError,
  decodeRequestHeader,
  decodeVersioned,
  encodeResponseFrame,
  Errors,
  FRAME_SIZE_BYTES,
  KafkaError,
  MINIMUM_REQUEST_SIZE,
  Reader,
  requestApiKey,
  requestApiVersion,
  Writer,
} from '../../protocol/index.ts';
import type { EnvelopeRequest, EnvelopeResponse } from '../../protocol/messages/58-envelope.ts';
import { defaultPrincipalData } from '../../protocol/messages/principal-data.ts';
import type { Clock, Logger } from '../../runtime/index.ts';
import { addressFromBytes } from './ip-address.ts';
import { Pipeline, type PipelineExchange, type PipelineMeter } from './pipeline.ts';

/**
 * ApiKeys with `forwardable`: CreateTopics, DeleteTopics, CreateAcls, DeleteAcls, AlterConfigs, CreatePartitions, the delegation
 * tokens, ElectLeaders, IncrementalAlterConfigs, reassignments, quotas, SCRAM, DescribeQuorum, UpdateFeatures, UnregisterBroker,
 * AllocateProducerIds, and the changes of the voters.
 */
const FORWARDABLE: ReadonlySet<number> = new Set([
  19, 20, 30, 31, 33, 37, 38, 39, 40, 43, 44, 45, 46, 49, 51, 55, 57, 64, 67, 80, 81,
]);

export interface ForwardedRequestsOptions {
  /** What is served on the controller listener. */
  readonly apis: () => readonly ServedApi[];
  readonly stages: readonly RequestStage[];
  readonly meter?: PipelineMeter | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A request out of its envelope, on its way through the stages. */
class Forwarded implements PipelineExchange {
  throttleTimeMs = 0;
  startedMs = 0;
  spentMs = 0;
  lookedMs: number;
  nextStage = 0;
  readonly sizeBytes: number;
  readonly handler: Handler;
  readonly body: Readonly<Record<string, unknown>>;
  readonly context: RequestContext;
  readonly finished: (outcome: Outcome<object>) => void;

  constructor(
    handler: Handler,
    body: Readonly<Record<string, unknown>>,
    context: RequestContext,
    sizeBytes: number,
    nowMs: number,
    finished: (outcome: Outcome<object>) => void,
  ) {
    this.lookedMs = nowMs;
    this.handler = handler;
    this.sizeBytes = sizeBytes;
    this.body = body;
    this.context = context;
    this.finished = finished;
  }
}

export class ForwardedRequests {
  readonly #options: ForwardedRequestsOptions;
  readonly #pipeline: Pipeline<Forwarded>;
  readonly #handlers = new Map<number, Promise<Handler>>();

  constructor(options: ForwardedRequestsOptions) {
    this.#options = options;
    const { stages, meter, clock, logger } = options;
    this.#pipeline = new Pipeline({
      stages,
      meter,
      clock,
      logger,
      finish: (exchange, outcome) => exchange.finished(throttled(outcome, exchange.throttleTimeMs)),
    });
  }

  /** Rejects with KafkaError when the envelope itself is refused. */
  readonly answer = async (request: EnvelopeRequest, outer: RequestContext): Promise<EnvelopeResponse> => {
    const { requestData } = request;
    const bytes = Buffer.from(requestData.buffer, requestData.byteOffset, requestData.byteLength);
    const session = sessionOf(request, outer.session);
    const { handler, version } = await this.#handlerFor(bytes);
    const { context, body } = decoded(bytes, handler, version, { ...outer, session });
    const outcome = await new Promise<Outcome<object>>((resolve) => {
      this.#pipeline.run(
        new Forwarded(handler, body, context, bytes.length, this.#options.clock.monotonicMs(), resolve),
      );
    });
    if (outcome === CLOSE || outcome === NO_RESPONSE) throw new KafkaError(Errors.UNKNOWN_SERVER_ERROR);
    // The broker looks for the active controller and asks again; its client never hears of it.
    if (isRefusedByStandby(outcome, refusalsOf(handler))) throw new KafkaError(Errors.NOT_CONTROLLER);
    return { responseData: encoded(handler, version, context, outcome), errorCode: Errors.NONE };
  };

  /** The node stops: nothing waits in a stage any longer. */
  endWaits(): void {
    this.#pipeline.endWaits();
  }

  #handlerFor(bytes: Buffer): Promise<{ handler: Handler; version: number }> {
    if (bytes.length < MINIMUM_REQUEST_SIZE) throw new KafkaError(Errors.INVALID_REQUEST);
    const key = requestApiKey(bytes, 0);
    const version = requestApiVersion(bytes, 0);
    const served = this.#options.apis().find((api) => api.key === key);
    if (!FORWARDABLE.has(key) || served === undefined) throw new KafkaError(Errors.INVALID_REQUEST);
    if (version < served.minVersion || version > served.maxVersion) throw new KafkaError(Errors.UNSUPPORTED_VERSION);
    let loading = this.#handlers.get(key);
    if (loading === undefined) this.#handlers.set(key, (loading = served.load()));
    return loading.then((handler) => ({ handler, version }));
  }
}

function decoded(bytes: Buffer, handler: Handler, version: number, outer: RequestContext) {
  const { key } = handler.api;
  try {
    const reader = new Reader(bytes);
    const { clientId, correlationId } = decodeRequestHeader(reader, key, version);
    const body = codecOf(handler.api.request, version).decode(reader) as Readonly<Record<string, unknown>>;
    return { body, context: { ...outer, apiKey: key, apiVersion: version, clientId, correlationId } };
  } catch (error) {
    if (error instanceof DecodeError) throw new KafkaError(Errors.INVALID_REQUEST);
    throw error;
  }
}

function encoded(handler: Handler, version: number, context: RequestContext, outcome: object): Uint8Array {
  const codec = codecOf(handler.api.response, version);
  const frame = encodeResponseFrame(new Writer(), handler.api.key, context.correlationId, codec, outcome);
  return Buffer.concat(frame).subarray(FRAME_SIZE_BYTES);
}

/** Who asked the broker, and from where; the connection is the broker's. Throws KafkaError. */
function sessionOf({ requestPrincipal, clientHostAddress }: EnvelopeRequest, outer: Session): Session {
  const remoteAddress = addressFromBytes(clientHostAddress);
  if (remoteAddress === undefined) throw new KafkaError(Errors.INVALID_REQUEST);
  if (requestPrincipal === null) throw new KafkaError(Errors.PRINCIPAL_DESERIALIZATION_FAILURE);
  const { listenerName, securityProtocol, saslMechanism, expiresAtMs, remotePort, localAddress, localPort } = outer;
  const { principal, isTokenAuthenticated } = principalFrom(requestPrincipal);
  const rest = { listenerName, securityProtocol, saslMechanism, expiresAtMs, remotePort, localAddress, localPort };
  return { principal, isTokenAuthenticated, remoteAddress, ...rest };
}

function principalFrom(bytes: Uint8Array): Pick<Session, 'principal' | 'isTokenAuthenticated'> {
  try {
    const { type, name, tokenAuthenticated: isTokenAuthenticated } = decodeVersioned(defaultPrincipalData, bytes);
    return { principal: `${type}:${name}`, isTokenAuthenticated };
  } catch (error) {
    if (error instanceof DecodeError || error instanceof KafkaError) {
      throw new KafkaError(Errors.PRINCIPAL_DESERIALIZATION_FAILURE);
    }
    throw error;
  }
}

const NOT_ACTIVE: ReadonlySet<unknown> = new Set([Errors.NOT_CONTROLLER]);
/** What is asked of the metadata quorum itself is refused in the words of Raft. */
const NOT_LEADING: ReadonlySet<unknown> = new Set([Errors.NOT_CONTROLLER, Errors.NOT_LEADER_OR_FOLLOWER]);
/** DescribeQuorum, AddRaftVoter, RemoveRaftVoter. */
const OF_THE_QUORUM: ReadonlySet<number> = new Set([55, 80, 81]);

/**
 * A broker of Apache Kafka keeps asking whom it took for the active controller until it hears NOT_CONTROLLER or the connection goes; a
 * former leader of theirs says NOT_LEADER_OR_FOLLOWER of the quorum for ever.
 */
const refusalsOf = ({ api }: Handler): ReadonlySet<unknown> => (OF_THE_QUORUM.has(api.key) ? NOT_LEADING : NOT_ACTIVE);

/** Kafka looks through all errors of the answer; one of our controllers that is not active refuses the whole. */
function isRefusedByStandby(outcome: object, refusals: ReadonlySet<unknown>, depth = 4): boolean {
  if (refusals.has((outcome as { readonly errorCode?: unknown }).errorCode)) return true;
  if (depth === 0) return false;
  return Object.values(outcome).some(
    (value) =>
      Array.isArray(value) &&
      value.some(
        (item) => typeof item === 'object' && item !== null && isRefusedByStandby(item as object, refusals, depth - 1),
      ),
  );
}

function throttled(outcome: Outcome<object>, throttleTimeMs: number): Outcome<object> {
  return typeof outcome === 'object' && throttleTimeMs > 0 ? { ...outcome, throttleTimeMs } : outcome;
}
