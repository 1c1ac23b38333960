// Failures that a test has asked for: each waits for requests that match it.
import { apiKeys } from '../protocol/index.ts';
import { checkedAnswer } from './request-answer.ts';
import type { KafkaErrorName } from './bodies/error-names.ts';
import type { PlannedFailure, RequestAnswer, RequestMatch } from './requests.ts';
import type { SeenRequest } from './seen-request.ts';

const MAX_PLANS = 10_000;

export class PlannedFailures {
  /** In the order in which they were asked for; the first that matches is used. */
  #plans: Plan[] = [];

  /** Throws TypeError when no request can match, or the answer cannot be given. */
  add(match: RequestMatch, answer: KafkaErrorName | RequestAnswer): PlannedFailure {
    const times = match.times ?? 1;
    if (!apiKeys.some(({ name }) => name === match.api)) throw new TypeError(`Kafka has no API ${String(match.api)}`);
    if (times !== Infinity && !(Number.isInteger(times) && times > 0)) {
      throw new TypeError(`times is a number of requests or Infinity, and not ${String(times)}`);
    }
    if (this.#plans.length >= MAX_PLANS) throw new RangeError(`more than ${MAX_PLANS} failures are planned`);
    const plan = new Plan(match, checkedAnswer(typeof answer === 'string' ? { error: answer } : answer), times, () =>
      this.#drop(plan),
    );
    this.#plans.push(plan);
    return plan;
  }

  /** The answer to the request, if it is to fail. */
  take(request: SeenRequest): RequestAnswer | undefined {
    const plan = this.#plans.find((each) => each.matches(request));
    plan?.use();
    return plan?.answer;
  }

  clear(): void {
    for (const plan of this.#plans) plan.cancel();
  }

  #drop(plan: Plan): void {
    this.#plans = this.#plans.filter((each) => each !== plan);
  }
}

class Plan implements PlannedFailure {
  readonly answer: RequestAnswer;
  readonly #match: RequestMatch;
  readonly #done: () => void;
  #remaining: number;

  constructor(match: RequestMatch, answer: RequestAnswer, times: number, done: () => void) {
    this.answer = answer;
    this.#match = { ...match };
    this.#remaining = times;
    this.#done = done;
  }

  get remaining(): number {
    return this.#remaining;
  }

  matches(request: SeenRequest): boolean {
    const { api, version, clientId, topic, partition } = this.#match;
    return (
      request.api === api &&
      (version === undefined || version === request.version) &&
      (clientId === undefined || clientId === request.clientId) &&
      request.isAbout(topic, partition)
    );
  }

  use(): void {
    this.#remaining -= 1;
    if (this.#remaining === 0) this.#done();
  }

  cancel(): void {
    this.#remaining = 0;
    this.#done();
  }
}
