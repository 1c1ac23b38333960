// Checks golden lines about throttling as a client of Apache Kafka saw it, on a busy machine: our quotas are fed what that client did
// at the times at which it was answered, and have to say what it was told, give or take what the machine took.
import { type ConnectionLimits, ConnectionQuotas } from '../src/broker/network/connection-quotas.ts';
import { SampledRate } from '../src/broker/quotas/sampled-rate.ts';
import { TokenBucket } from '../src/broker/quotas/token-bucket.ts';
import { nextTurn } from '../src/runtime/node/index.ts';
import { SimClock } from '../src/runtime/sim/index.ts';

interface Step {
  readonly sentAtMs?: number;
  readonly openedAtMs?: number;
  readonly answeredAfterMs: number;
  readonly afterMs?: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly throttleTimeMs: number;
  readonly end?: 'answered' | 'closed' | 'silent';
  readonly request?: string;
  readonly errors?: string;
  readonly fourth?: string;
}

interface Shared {
  readonly measured: readonly { readonly atMs: number; readonly bytes: number }[];
}

export interface MeasuredRow {
  readonly series: string;
  readonly steps: readonly Step[];
  readonly acks0?: readonly { readonly answeredAfterMs: number }[];
}

const WINDOWS = { samples: 11, windowMs: 1000 };
const BYTE_RATE = 100_000;
/** Between the time at which a request was measured and the one at which its answer was seen. */
const SLACK_MS = 150;
/** How often Kafka's acceptors look at connections that they hold back. */
const POLL_MS = 500;
const LISTENER = 'SASL_PLAINTEXT';
const ADDRESS = '127.0.0.1';

/** The bucket of a user goes on where the series before has left it. */
let shared: Shared | undefined;

export function checkMeasured(row: MeasuredRow): string | undefined | Promise<string | undefined> {
  switch (row.series) {
    case 'produce':
    case 'produce-user-default':
      return checkProduce(row);
    case 'produce-user-default-other-client':
      return shared === undefined ? 'stands alone' : checkProduce(row, shared);
    case 'produce-acks0':
      return checkWithoutAnswers(row);
    case 'fetch':
      return checkFetch(row);
    case 'request-percentage':
    case 'request-percentage-produce':
      return checkRequestTime(row);
    case 'controller-mutation':
      return checkMutations(row);
    case 'connection-rate-ip':
    case 'connection-rate-listener':
      return checkConnectionRate(row);
    case 'max-connections-per-ip':
    case 'max-connections-listener':
      return checkConnectionCount(row);
    default:
      return 'nobody knows this series';
  }
}

const isNear = (ours: number, theirs: number): boolean => Math.abs(ours - theirs) <= SLACK_MS;

/** Where between question and answer a request was measured: the first share with which all of a series agrees. */
function forSomeShare(check: (share: number) => string | undefined): string | undefined {
  let failure: string | undefined;
  for (const share of [0.5, 0, 1, 0.25, 0.75]) {
    failure = check(share);
    if (failure === undefined) return undefined;
  }
  return failure;
}

/** What comes during the mute is measured when that is over. */
function measuredAtMs({ sentAtMs = 0, answeredAfterMs }: Step, before: Step | undefined, share: number): number {
  const waitedMs = before?.throttleTimeMs ?? 0;
  return sentAtMs + (waitedMs > 0 ? answeredAfterMs : answeredAfterMs * share);
}

function checkProduce({ steps }: MeasuredRow, begin?: Shared): string | undefined {
  return forSomeShare((share) => {
    const rate = new SampledRate(WINDOWS);
    const before = begin?.measured ?? [];
    for (const { atMs, bytes } of before) rate.record(bytes, atMs);
    const beginMs = before.at(-1)?.atMs ?? 0;
    const measured = [...before];
    for (const [index, step] of steps.entries()) {
      const atMs = beginMs + measuredAtMs(step, steps[index - 1], share);
      rate.record(step.requestBytes, atMs);
      measured.push({ atMs, bytes: step.requestBytes });
      const ours = rate.throttleMs(BYTE_RATE, atMs);
      if (!isNear(ours, step.throttleTimeMs))
        return `step ${index}: expected ${step.throttleTimeMs} ms, we say ${ours}`;
    }
    shared = { measured };
    return undefined;
  });
}

/** Each of 30 requests makes the connection wait, and the last question with it, one after the other. */
function checkWithoutAnswers({ steps, acks0 }: MeasuredRow): string | undefined {
  const requestBytes = 50_107;
  const rate = new SampledRate(WINDOWS);
  let nowMs = 0;
  for (let request = 0; request < 30; request++) {
    rate.record(requestBytes, nowMs);
    nowMs += rate.throttleMs(BYTE_RATE, nowMs);
  }
  const [{ answeredAfterMs } = { answeredAfterMs: Number.NaN }] = acks0 ?? [];
  if (steps.some(({ throttleTimeMs }) => throttleTimeMs !== 0)) return 'ApiVersions tells a time';
  return Math.abs(nowMs - answeredAfterMs) <= 10 * SLACK_MS
    ? undefined
    : `expected ${answeredAfterMs}, we say ${nowMs}`;
}

/** What is withheld is not counted. */
function checkFetch({ steps }: MeasuredRow): string | undefined {
  const dataBytes = Math.max(...steps.map(({ responseBytes }) => responseBytes));
  return forSomeShare((share) => {
    const rate = new SampledRate(WINDOWS);
    for (const [index, step] of steps.entries()) {
      const atMs = measuredAtMs(step, steps[index - 1], share);
      rate.record(dataBytes, atMs);
      const ours = Math.min(rate.throttleMs(BYTE_RATE, atMs), WINDOWS.windowMs);
      const isWithheld = step.responseBytes !== dataBytes;
      if (isWithheld) rate.record(-dataBytes, atMs);
      if (!isNear(ours, step.throttleTimeMs))
        return `step ${index}: expected ${step.throttleTimeMs} ms and ${step.responseBytes} bytes, we say ${ours} ms`;
    }
    return undefined;
  });
}

/** How long requests took on that machine is not known: the time is at most a window, and the connection waits for it. */
function checkRequestTime({ steps }: MeasuredRow): string | undefined {
  let waitsMs = 0;
  for (const [index, { answeredAfterMs, throttleTimeMs }] of steps.entries()) {
    if (throttleTimeMs > WINDOWS.windowMs) return `step ${index}: longer than a window`;
    if (answeredAfterMs + SLACK_MS < waitsMs) return `step ${index}: answered before the ${waitsMs} ms were over`;
    waitsMs = throttleTimeMs;
  }
  return undefined;
}

/** A bucket of 11 that gets one a second. Strict ones are refused while it is below zero, the others are charged and told. */
function checkMutations({ steps }: MeasuredRow): string | undefined {
  const bucket = new TokenBucket(WINDOWS);
  for (const [index, { sentAtMs = 0, answeredAfterMs, request = '', errors = '', throttleTimeMs }] of steps.entries()) {
    const isRefused = errors.includes(' 89 ');
    if (!isRefused && !errors.includes(' 0 NONE')) continue;
    const nowMs = sentAtMs + answeredAfterMs;
    const count = Number(/numPartitions:(\d+)/.exec(request)?.[1] ?? 0);
    const isStrict = !request.startsWith('CreateTopics v5');
    const before = bucket.throttleMs(1, nowMs);
    if (isStrict && before > 0 !== isRefused) return `step ${index}: refused ${isRefused}, we say ${before} ms`;
    if (!isRefused) bucket.take(count, 1, nowMs);
    const ours = isStrict && !isRefused ? 0 : bucket.throttleMs(1, nowMs);
    if (!isNear(ours, throttleTimeMs)) return `step ${index}: expected ${throttleTimeMs} ms, we say ${ours}`;
  }
  return undefined;
}

/**
 * Of an address: held, then closed; of a listener: late. Kafka looks every half second who has waited long enough. The listener
 * had connections of the series before, how many of which still counted is not known.
 */
async function checkConnectionRate(row: MeasuredRow): Promise<string | undefined> {
  let failure: string | undefined;
  for (let earlier = 0; earlier <= 6; earlier++) {
    failure = await connectionRateAfter(earlier, row);
    if (failure === undefined) return undefined;
  }
  return failure;
}

async function connectionRateAfter(earlier: number, { series, steps }: MeasuredRow): Promise<string | undefined> {
  const isOfAddress = series === 'connection-rate-ip';
  const clock = new SimClock({ nextTurn });
  const limits: ConnectionLimits = {
    ...unlimited,
    ...(isOfAddress && { rateOfAddress: () => 5 }),
    ...(!isOfAddress && { ofListener: () => ({ maxConnections: Number.POSITIVE_INFINITY, creationRate: 2 }) }),
  };
  const quotas = new ConnectionQuotas(clock, () => limits);
  for (let index = 0; index < earlier; index++) quotas.admit(LISTENER, ADDRESS, () => undefined);
  for (const [index, { openedAtMs = 0, end, afterMs = 0 }] of steps.entries()) {
    await clock.advance(Math.max(0, openedAtMs - clock.monotonicMs()));
    const admission = quotas.admit(LISTENER, ADDRESS, () => undefined);
    const isTaken = admission.kind === 'taken';
    const ours = isTaken ? admission.delayMs : admission.kind === 'held' ? admission.forMs : Number.NaN;
    const longerMs = afterMs - ours;
    // Where connections come late, a part of the time may already be over when one of them comes.
    const shorterMs = isOfAddress ? 0 : POLL_MS;
    if (isTaken !== (end === 'answered') || !(longerMs >= -SLACK_MS - shorterMs && longerMs <= POLL_MS + SLACK_MS))
      return `step ${index}: ${end} after ${afterMs} ms, we say ${admission.kind}, ${ours} ms`;
    if (isTaken) admission.slot.leave();
  }
  return undefined;
}

function checkConnectionCount({ series, steps }: MeasuredRow): string | undefined {
  const isOfListener = series === 'max-connections-listener';
  const answered = steps.filter(({ end }) => end === 'answered').length;
  const limits: ConnectionLimits = isOfListener
    ? { ...unlimited, ofListener: () => ({ maxConnections: 3, creationRate: Number.POSITIVE_INFINITY }) }
    : { ...unlimited, ofAddress: new Map([[ADDRESS, answered]]) };
  let hasComeIn = false;
  const quotas = new ConnectionQuotas(new SimClock({ nextTurn }), () => limits);
  const taken: { leave(): void }[] = [];
  for (const [index, { end, fourth }] of steps.entries()) {
    if (fourth !== undefined) {
      taken[0]?.leave();
      if (!hasComeIn) return `step ${index}: nobody has come in for the one that went`;
      continue;
    }
    const admission = quotas.admit(LISTENER, ADDRESS, () => (hasComeIn = true));
    const ours = { taken: 'answered', waits: 'silent', refused: 'closed', held: 'held' }[admission.kind];
    if (ours !== end) return `step ${index}: ${end}, we say ${ours}`;
    if (admission.kind === 'taken') taken.push(admission.slot);
  }
  return undefined;
}

const unlimited: ConnectionLimits = {
  maxConnections: Number.POSITIVE_INFINITY,
  maxConnectionsPerIp: Number.POSITIVE_INFINITY,
  ofAddress: new Map(),
  maxIdleMs: Number.POSITIVE_INFINITY,
  maxRequestBytes: Number.POSITIVE_INFINITY,
};
