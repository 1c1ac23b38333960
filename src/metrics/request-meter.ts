// Counts requests as they pass: before all stages of the pipeline and behind them, with a look at each answer when its bytes are
// there. Where there are very many, one of several is timed. None of it exists while metrics are off.
import type { Outcome, StagedRequest } from '../api-handlers/index.ts';
import { apiFacts } from '../protocol/index.ts';
import type { Clock } from '../runtime/index.ts';
import { Distribution } from './distribution.ts';
import { Sampling } from './sampling.ts';
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
  readonly sampling = new Sampling();
  /** Of the request that was timed last. */
  readonly last: Timed = { atMs: 0, totalUs: 0, localUs: 0, throttleMs: 0, requestBytes: 0, responseBytes: -1 };

  /** A request of this version has been answered. */
  passed(version: number): void {
    this.requests[version] = (this.requests[version] ?? 0) + 1;
  }

  /** It is counted, and so many like it. */
  count({ atMs, totalUs, localUs, throttleMs, requestBytes }: Timed, weight: number): void {
    this.total.record(totalUs, atMs, weight);
    this.local.record(localUs, atMs, weight);
    if (totalUs > localUs) this.remote.record(totalUs - localUs, atMs, weight);
    if (throttleMs > 0) this.throttle.record(throttleMs * 1000, atMs, weight);
    this.requestBytes.record(requestBytes, atMs, weight);
  }

  /** Those that no timed one stands for are taken to be like the last. */
  settle(): void {
    const rest = this.sampling.rest();
    if (rest === 0) return;
    this.count(this.last, rest);
    if (this.last.responseBytes >= 0) this.responseBytes.record(this.last.responseBytes, this.last.atMs, rest);
  }
}

/** What was measured of a request. */
interface Timed {
  /** When it was answered, on the monotonic clock. */
  atMs: number;
  totalUs: number;
  localUs: number;
  throttleMs: number;
  requestBytes: number;
  /** -1: it had no answer. */
  responseBytes: number;
}

export class RequestMeter {
  readonly topics: TopicMeter;
  readonly #clock: Clock;
  readonly #apis = new Map<string, ApiMeter>();
  readonly #byKey: (ApiMeter | undefined)[] = [];
  /** Of the request that has left last, if it was timed: its answer is made right after that, and stands for so many. */
  #timed: ApiMeter | undefined;
  #weight = 1;

  constructor(clock: Clock, topics: TopicMeter) {
    this.#clock = clock;
    this.topics = topics;
  }

  /** By name of the API; fetches also as FetchConsumer and FetchFollower. */
  get apis(): ReadonlyMap<string, ApiMeter> {
    for (const meter of this.#apis.values()) meter.settle();
    return this.#apis;
  }

  /** The dispatcher has made the bytes of the answer to the request that has left last. */
  answered(answer: readonly Uint8Array[]): void {
    const meter = this.#timed;
    if (meter === undefined) return;
    this.#timed = undefined;
    let sizeBytes = 0;
    for (const { length } of answer) sizeBytes += length;
    meter.last.responseBytes = sizeBytes;
    meter.responseBytes.record(sizeBytes, meter.last.atMs, this.#weight);
  }

  entered(request: StagedRequest): void {
    const { sampling } = this.#meterOf(request.context.apiKey);
    if (!sampling.takes()) return;
    // The quotas measure from their own place on, where they measure at all. Behind one that was not timed nobody has looked at the clock.
    request.startedMs = sampling.isOfAll ? request.lookedMs : this.#clock.monotonicMs();
  }

  /** With what the stages have made of the answer. */
  left(request: StagedRequest, outcome: Outcome<object>): void {
    const { context, body, startedMs } = request;
    const { apiKey, apiVersion } = context;
    const meter = this.#meterOf(apiKey);
    meter.passed(apiVersion);
    if (!this.topics.leave(apiKey, body, outcome, meter.errors)) countErrors(meter.errors, outcome);
    const fetcher = apiKey === FETCH_KEY ? this.#fetcher(body) : undefined;
    fetcher?.passed(apiVersion);
    if (startedMs > 0) {
      this.#weight = this.#time(meter, request);
      this.#timed = meter;
      fetcher?.count(Object.assign(fetcher.last, meter.last), fetcher.sampling.timed(meter.last.atMs));
    } else {
      meter.sampling.passed();
      fetcher?.sampling.passed();
      this.#timed = undefined;
    }
  }

  /** For how many it stands. */
  #time(meter: ApiMeter, request: StagedRequest): number {
    const { sizeBytes, startedMs, spentMs, throttleTimeMs } = request;
    const nowMs = this.#clock.monotonicMs();
    request.lookedMs = nowMs;
    const { last } = meter;
    last.atMs = nowMs;
    last.totalUs = (nowMs - startedMs) * 1000;
    last.localUs = spentMs > 0 ? Math.min(last.totalUs, spentMs * 1000) : last.totalUs;
    last.throttleMs = throttleTimeMs;
    last.requestBytes = sizeBytes;
    last.responseBytes = -1;
    const weight = meter.sampling.timed(nowMs);
    meter.count(last, weight);
    return weight;
  }

  #fetcher(body: Readonly<Record<string, unknown>>): ApiMeter {
    return this.#named(followerOf(body) >= 0 ? 'FetchFollower' : 'FetchConsumer');
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
