// What a watched broker does with each request: the hook is asked, planned failures happen, the history is written.
import { type Outcome, type StagedRequest, type Verdict } from '../api-handlers/index.ts';
import { Errors, errorMessage } from '../protocol/index.ts';
import type { Logger } from '../runtime/index.ts';
import type { PlannedFailures } from './planned-failures.ts';
import { checkedAnswer } from './request-answer.ts';
import { conclude, type HistoryEntry, RequestHistory } from './request-history.ts';
import type { BrokerRequest, HistoryOptions, RequestAnswer, RequestHook } from './requests.ts';
import { SeenRequest, type TopicNames } from './seen-request.ts';

export interface RequestGateOptions {
  readonly logger: Logger;
  /** The name of a topic id, by the metadata of this moment. */
  readonly nameOf: TopicNames;
  readonly hook: RequestHook | undefined;
  /** undefined: requests are not remembered. */
  readonly history: HistoryOptions | undefined;
}

export class RequestGate {
  readonly history: RequestHistory | undefined;
  readonly #options: RequestGateOptions;
  readonly #plans: PlannedFailures;
  readonly #entries = new WeakMap<StagedRequest, HistoryEntry>();

  /** Throws TypeError when the history has no sensible limit. */
  constructor(options: RequestGateOptions, plans: PlannedFailures) {
    this.#options = options;
    this.#plans = plans;
    if (options.history !== undefined) this.history = new RequestHistory(options.history);
  }

  async enter(request: StagedRequest): Promise<Verdict | undefined> {
    const { nameOf, logger } = this.#options;
    const seen = new SeenRequest(request.handler, request.body, request.context, nameOf);
    if (this.history !== undefined) this.#entries.set(request, this.history.add(seen));
    let answer: RequestAnswer | undefined;
    try {
      answer = (await this.#askHook(seen)) ?? this.#plans.take(seen);
    } catch (error) {
      logger.log('error', 'onRequest failed', {
        api: seen.api,
        version: seen.version,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
      const { handler, body, context } = request;
      return { kind: 'answer', outcome: handler.failed(body, Errors.UNKNOWN_SERVER_ERROR, null, context) };
    }
    return answer === undefined ? undefined : verdictOf(request, answer);
  }

  leave(request: StagedRequest, outcome: Outcome<object>): void {
    const entry = this.#entries.get(request);
    if (entry !== undefined) conclude(entry, outcome, request.handler.api.response.fields);
  }

  async #askHook(seen: SeenRequest): Promise<RequestAnswer | undefined> {
    const answer = await this.#options.hook?.(seen as unknown as BrokerRequest);
    return answer === undefined || answer === null ? undefined : checkedAnswer(answer);
  }
}

function verdictOf(request: StagedRequest, { delayMs, close, error }: RequestAnswer): Verdict | undefined {
  const instead: Verdict | undefined =
    close === true
      ? { kind: 'close' }
      : error === undefined
        ? undefined
        : { kind: 'answer', outcome: refusal(request, Errors[error]) };
  return delayMs === undefined ? instead : { kind: 'delay', delayMs, next: instead };
}

/** The error where clients of this API look for it. */
function refusal({ handler, body, context }: StagedRequest, code: number): Outcome<object> {
  const message = errorMessage(code);
  return handler.refused?.(body, code, message, context) ?? handler.failed(body, code, message, context);
}
