// Counts requests as they pass: two stages of the pipeline, the first of all and the last of all, and a look at each answer when
// its bytes are there. Times and sizes are counted later, in rows. None of it exists while metrics are off.
import type { Outcome, RequestContext, RequestStage, StagedRequest } from '../api-handlers/index.ts';
import { apiFacts } from '../protocol/index.ts';
import type { Clock } from '../runtime/index.ts';
import { Distribution } from './distribution.ts';
import { type RequestRow, RequestRows } from './request-rows.ts';
import { TopicMeter } from './topic-meter.ts';
import { ErrorCounts, FETCH_KEY, followerOf } from './transfers.ts';

/** What is known of the requests of one kind (Kafka: RequestMetrics). Times are counted in microseconds. */
export class ApiMeter {
  /** At index i those of version i. */
  readonly requests: number[] = [];
  readonly errors = new ErrorCounts();
  readonly total = new Distribution();
  readonly local = new Distribution();
  readonly remote = new Distribution(this.total);
  readonly throttle = new Distribution(this.total);
  readonly requestBytes = new Distribution();
  readonly responseBytes = new Distribution();
}

/** What has gone over the connections of one listener. */
export interface ListenerMeter {
  requests: number;
  responses: number;
  bytesIn: number;
  bytesOut: number;
}

/** Behind the number of an API in a row: of a fetch, whose it was. */
const CONSUMER = 1 << 16;
const FOLLOWER = 2 << 16;

export class RequestMeter {
  readonly topics: TopicMeter;
  readonly listeners = new Map<string, ListenerMeter>();
  /** Stands before all other stages. */
  readonly first: RequestStage;
  /** Stands behind all others: it sees what they have made of the answer. */
  readonly last: RequestStage;
  readonly #clock: Clock;
  readonly #apis = new Map<string, ApiMeter>();
  readonly #byKey: (ApiMeter | undefined)[] = [];
  readonly #rows = new RequestRows((row) => this.#count(row));
  /** The one that was looked up last: most nodes have one that is busy. */
  #listenerName: string | undefined;
  #listener: ListenerMeter = { requests: 0, responses: 0, bytesIn: 0, bytesOut: 0 };

  constructor(clock: Clock, topics: TopicMeter) {
    this.#clock = clock;
    this.topics = topics;
    this.first = { name: 'meter', mayHoldBack: false, enter: (request) => this.#enter(request) };
    this.last = {
      name: 'meter',
      mayHoldBack: false,
      enter: () => undefined,
      leave: (request, outcome) => this.#leave(request, outcome),
    };
  }

  /** By name of the API; fetches also as FetchConsumer and FetchFollower. */
  get apis(): ReadonlyMap<string, ApiMeter> {
    this.#rows.settle();
    return this.#apis;
  }

  /** The dispatcher has made the bytes of an answer, of the request that has left last. */
  answered(context: RequestContext, answer: readonly Uint8Array[]): void {
    let sizeBytes = 0;
    for (const { length } of answer) sizeBytes += length;
    this.#rows.answered(sizeBytes);
    const listener = this.listenerOf(context.session.listenerName);
    listener.responses += 1;
    listener.bytesOut += sizeBytes;
  }

  listenerOf(name: string): ListenerMeter {
    if (name === this.#listenerName) return this.#listener;
    let listener = this.listeners.get(name);
    if (listener === undefined) {
      listener = { requests: 0, responses: 0, bytesIn: 0, bytesOut: 0 };
      this.listeners.set(name, listener);
    }
    this.#listenerName = name;
    this.#listener = listener;
    return listener;
  }

  #enter(request: StagedRequest): undefined {
    const { context, sizeBytes } = request;
    // The quotas measure from their own place on, where they measure at all.
    request.startedMs = request.lookedMs;
    const listener = this.listenerOf(context.session.listenerName);
    listener.requests += 1;
    listener.bytesIn += sizeBytes;
  }

  #leave(request: StagedRequest, outcome: Outcome<object>): Outcome<object> {
    const { context, body, sizeBytes, startedMs, spentMs, throttleTimeMs } = request;
    const { apiKey, apiVersion } = context;
    const nowMs = this.#clock.monotonicMs();
    request.lookedMs = nowMs;
    // 0: an ApiVersions request of a version that nobody knows passes no stage.
    const totalUs = startedMs === 0 ? 0 : (nowMs - startedMs) * 1000;
    const localUs = spentMs > 0 ? Math.min(totalUs, spentMs * 1000) : totalUs;
    const { errors } = this.#meterOf(apiKey);
    if (!this.topics.leave(apiKey, body, outcome, errors)) countErrors(errors, outcome);
    const kind = apiKey === FETCH_KEY ? FETCH_KEY | (followerOf(body) >= 0 ? FOLLOWER : CONSUMER) : apiKey;
    this.#rows.add(kind, apiVersion, nowMs, totalUs, localUs, throttleTimeMs, sizeBytes);
    return outcome;
  }

  #count(row: RequestRow): void {
    const meter = this.#meterOf(row.kind & (CONSUMER - 1));
    count(meter, row);
    if (row.responseBytes >= 0) meter.responseBytes.record(row.responseBytes, row.atMs);
    if (row.kind >= CONSUMER) count(this.#named(row.kind >= FOLLOWER ? 'FetchFollower' : 'FetchConsumer'), row);
  }

  #meterOf(key: number): ApiMeter {
    return (this.#byKey[key] ??= this.#named(apiFacts(key)?.name ?? String(key)));
  }

  #named(name: string): ApiMeter {
    let meter = this.#apis.get(name);
    if (meter === undefined) this.#apis.set(name, (meter = new ApiMeter()));
    return meter;
  }
}

function count(meter: ApiMeter, { version, atMs, totalUs, localUs, throttleMs, requestBytes }: RequestRow): void {
  meter.requests[version] = (meter.requests[version] ?? 0) + 1;
  meter.total.record(totalUs, atMs);
  meter.local.record(localUs, atMs);
  if (totalUs > localUs) meter.remote.record(totalUs - localUs, atMs);
  if (throttleMs > 0) meter.throttle.record(throttleMs * 1000, atMs);
  meter.requestBytes.record(requestBytes, atMs);
}

/** Answers are looked into as deep as Kafka's are: topics, partitions. */
const DEEPEST = 4;

/** Each error code of an answer counts, as in AbstractResponse.errorCounts. */
function countErrors(errors: ErrorCounts, outcome: unknown, depth = 0): void {
  if (typeof outcome !== 'object' || outcome === null || depth > DEEPEST) return;
  for (const [name, value] of Object.entries(outcome)) {
    if (name === 'errorCode' && typeof value === 'number') errors.add(value);
    else if (Array.isArray(value)) for (const element of value) countErrors(errors, element, depth + 1);
  }
}
