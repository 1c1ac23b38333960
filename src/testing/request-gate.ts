// Stands between the dispatcher and the handlers of a broker that is watched: the hook is asked, planned failures happen, the
// history is written. It is installed when one of them is first asked for; without it a request costs one look.
import {
  CLOSE,
  type ConnectionState,
  failureOf,
  type Handler,
  NO_RESPONSE,
  type Outcome,
  type RequestContext,
} from '../api-handlers/index.ts';
import { Errors, errorMessage } from '../protocol/index.ts';
import type { Clock, Logger } from '../runtime/index.ts';
import { PlannedFailures } from './planned-failures.ts';
import { checkedAnswer } from './request-answer.ts';
import { conclude, type RequestHistory } from './request-history.ts';
import type { BrokerRequest, RequestAnswer, RequestHook } from './requests.ts';
import { SeenRequest, type TopicNames } from './seen-request.ts';

type Body = Record<string, unknown>;

export interface RequestGateOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** The name of a topic id, by the metadata of this moment. */
  readonly nameOf: TopicNames;
  readonly hook: RequestHook | undefined;
  readonly history: RequestHistory | undefined;
}

export class RequestGate {
  readonly plans = new PlannedFailures();
  readonly #options: RequestGateOptions;

  constructor(options: RequestGateOptions) {
    this.#options = options;
  }

  /** Handles the request, or what has been asked for instead. Never rejects. */
  async handle(handler: Handler, request: Body, context: RequestContext): Promise<Outcome<object>> {
    const { history, nameOf } = this.#options;
    const seen = new SeenRequest(handler, request, context, nameOf);
    const entry = history?.add(seen);
    const outcome = await this.#outcomeOf(seen, handler, request, context);
    if (entry !== undefined) conclude(entry, outcome, handler.api.response.fields);
    return outcome;
  }

  async #outcomeOf(
    seen: SeenRequest,
    handler: Handler,
    request: Body,
    context: RequestContext,
  ): Promise<Outcome<object>> {
    let answer: RequestAnswer | undefined;
    try {
      answer = (await this.#askHook(seen)) ?? this.plans.take(seen);
    } catch (error) {
      this.#options.logger.log('error', 'onRequest failed', {
        api: seen.api,
        version: seen.version,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
      return handler.failed(request, Errors.UNKNOWN_SERVER_ERROR, null, context);
    }
    if (answer?.delayMs !== undefined) await pause(this.#options.clock, answer.delayMs, context.connection);
    // Whoever asked has gone while the hook thought or the request waited: it is as if it had never come.
    if (context.connection.closed) return NO_RESPONSE;
    if (answer?.close === true) return CLOSE;
    if (answer?.error !== undefined) return refusal(handler, request, Errors[answer.error], context);
    try {
      return await handler.handle(request, context);
    } catch (error) {
      return failureOf(handler, request, error, context, this.#options.logger);
    }
  }

  async #askHook(seen: SeenRequest): Promise<RequestAnswer | undefined> {
    const answer = await this.#options.hook?.(seen as unknown as BrokerRequest);
    return answer === undefined || answer === null ? undefined : checkedAnswer(answer);
  }
}

function refusal(handler: Handler, request: Body, code: number, context: RequestContext): Outcome<object> {
  const message = errorMessage(code);
  return handler.refused?.(request, code, message, context) ?? handler.failed(request, code, message, context);
}

/** Resolves after `delayMs`, or when the connection closes. */
function pause(clock: Clock, delayMs: number, connection: ConnectionState): Promise<void> {
  return new Promise((resolve) => {
    const waiter = {
      connectionClosed: () => {
        timer.cancel();
        resolve();
      },
    };
    const timer = clock.schedule(delayMs, () => {
      connection.forget(waiter);
      resolve();
    });
    connection.whenClosed(waiter);
  });
}
