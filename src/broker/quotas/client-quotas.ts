// The quotas of clients at work (Kafka: ClientQuotaManager, ClientRequestQuotaManager, ControllerMutationQuotaManager): what each
// user and client id has used, and how long it waits for having used too much. A client is never held up by another: it is told
// the time, and its connection is not read for so long (KIP-219).
import type { ActiveQuotas, MutationQuota, Outcome, RequestContext, StagedRequest } from '../../api-handlers/index.ts';
import type { ClientQuotasImage } from '../../kraft/metadata/index.ts';
import { principalNameOf } from '../../protocol/index.ts';
import type { Clock, ConfigOf } from '../../runtime/index.ts';
import type { quotaConfig } from '../configs/quota-config.ts';
import { type BoundQuota, QuotaLimits } from './quota-limits.ts';
import { type RateWindows, SampledRate } from './sampled-rate.ts';
import { TokenBucket } from './token-bucket.ts';

const PRODUCE_KEY = 0;
/** Logins are not limited by time, nor is what brokers ask each other. */
const EXEMPT_KEYS: ReadonlySet<number> = new Set([17, 36]);
/** Measures at a time; those that have been idle longest go first. */
const MOST_MEASURES = 10_000;

/** The measures of one kind of quota, by bucket. */
class Measures<M> {
  readonly #byBucket = new Map<string, M>();
  readonly #make: () => M;
  #limits: QuotaLimits;

  constructor(limits: QuotaLimits, make: () => M) {
    this.#limits = limits;
    this.#make = make;
  }

  get isEmpty(): boolean {
    return this.#limits.isEmpty;
  }

  /** Measures go on where limits change. */
  set limits(limits: QuotaLimits) {
    this.#limits = limits;
  }

  boundTo({ session, clientId }: RequestContext): BoundQuota | undefined {
    if (this.#limits.isEmpty) return undefined;
    const { principal } = session;
    return this.#limits.boundTo(principalNameOf(principal), clientId ?? '');
  }

  of({ bucket }: BoundQuota): M {
    let measure = this.#byBucket.get(bucket);
    if (measure === undefined) measure = this.#make();
    else this.#byBucket.delete(bucket);
    this.#byBucket.set(bucket, measure);
    if (this.#byBucket.size > MOST_MEASURES) {
      for (const oldest of this.#byBucket.keys()) {
        this.#byBucket.delete(oldest);
        break;
      }
    }
    return measure;
  }
}

export class ClientQuotas implements ActiveQuotas {
  readonly #clock: Clock;
  readonly #windows: RateWindows;
  readonly #produce: Measures<SampledRate>;
  readonly #fetch: Measures<SampledRate>;
  readonly #request: Measures<SampledRate>;
  readonly #mutations: Measures<TokenBucket>;

  constructor(clock: Clock, config: ConfigOf<typeof quotaConfig>) {
    this.#clock = clock;
    this.#windows = { samples: config.quotaSamples, windowMs: config.quotaWindowSeconds * 1000 };
    const { controllerQuotaSamples: samples, controllerQuotaWindowSeconds } = config;
    const controllerWindows = { samples, windowMs: controllerQuotaWindowSeconds * 1000 };
    const rate = (): SampledRate => new SampledRate(this.#windows);
    this.#produce = new Measures(new QuotaLimits(), rate);
    this.#fetch = new Measures(new QuotaLimits(), rate);
    this.#request = new Measures(new QuotaLimits(), rate);
    this.#mutations = new Measures(new QuotaLimits(), () => new TokenBucket(controllerWindows));
  }

  update(image: ClientQuotasImage): void {
    this.#produce.limits = QuotaLimits.of(image, 'producer_byte_rate');
    this.#fetch.limits = QuotaLimits.of(image, 'consumer_byte_rate');
    this.#request.limits = QuotaLimits.of(image, 'request_percentage');
    this.#mutations.limits = QuotaLimits.of(image, 'controller_mutation_rate');
  }

  /** The time that a request takes of the event loop is measured from here on. */
  enter(request: StagedRequest): void {
    if (!this.#request.isEmpty) request.startedMs = this.#clock.monotonicMs();
  }

  /** Raises the time for which the client waits after its answer. */
  leave(request: StagedRequest, outcome: Outcome<object>): void {
    const { context } = request;
    const told = typeof outcome === 'object' ? (outcome as { throttleTimeMs?: number }).throttleTimeMs : undefined;
    const producedMs = context.apiKey === PRODUCE_KEY ? this.#producedMs(request) : 0;
    const throttleMs = Math.max(told ?? 0, producedMs, this.#requestMs(request));
    if (throttleMs > request.throttleTimeMs) request.throttleTimeMs = throttleMs;
  }

  maxFetchBytes(context: RequestContext): number {
    const quota = this.#fetch.boundTo(context);
    if (quota === undefined) return Number.POSITIVE_INFINITY;
    const { samples, windowMs } = this.#windows;
    return Math.max(1, Math.floor((quota.limit * (samples - 1) * windowMs) / 1000));
  }

  fetchThrottleMs(context: RequestContext, bytes: number): number {
    const quota = this.#fetch.boundTo(context);
    if (quota === undefined) return 0;
    const rate = this.#fetch.of(quota);
    const nowMs = this.#clock.monotonicMs();
    rate.record(bytes, nowMs);
    const throttleMs = rate.throttleMs(quota.limit, nowMs);
    if (throttleMs > 0) rate.record(-bytes, nowMs);
    return throttleMs;
  }

  mutationsOf(context: RequestContext): MutationQuota | undefined {
    const quota = this.#mutations.boundTo(context);
    if (quota === undefined) return undefined;
    const bucket = this.#mutations.of(quota);
    return {
      throttleMs: () => bucket.throttleMs(quota.limit, this.#clock.monotonicMs()),
      charge: (partitions) => bucket.take(partitions, quota.limit, this.#clock.monotonicMs()),
    };
  }

  #producedMs({ context, sizeBytes }: StagedRequest): number {
    const quota = this.#produce.boundTo(context);
    if (quota === undefined) return 0;
    const rate = this.#produce.of(quota);
    const nowMs = this.#clock.monotonicMs();
    rate.record(sizeBytes, nowMs);
    return rate.throttleMs(quota.limit, nowMs);
  }

  /** A quota of requests is a percentage of the time of the event loop; nobody waits longer than a window for it. */
  #requestMs({ context, startedMs, spentMs }: StagedRequest): number {
    const quota = EXEMPT_KEYS.has(context.apiKey) || startedMs === 0 ? undefined : this.#request.boundTo(context);
    if (quota === undefined) return 0;
    const rate = this.#request.of(quota);
    const nowMs = this.#clock.monotonicMs();
    const tookMs = spentMs > 0 ? spentMs : nowMs - startedMs;
    // Percent of a second.
    rate.record(tookMs / 10, nowMs);
    return Math.min(rate.throttleMs(quota.limit, nowMs), this.#windows.windowMs);
  }
}
