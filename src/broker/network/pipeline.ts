// The stages that every request passes before its handler, in their order. While none of them intervenes a request runs
// through in one synchronous call, without a closure or a promise.
import {
  CLOSE,
  failureOf,
  NO_RESPONSE,
  type Outcome,
  type RequestStage,
  type StagedRequest,
  type Verdict,
} from '../../api-handlers/index.ts';
import type { Clock, Logger, Timer } from '../../runtime/index.ts';
import type { BrokerConnection } from './connection.ts';

/** A request that a stage keeps waiting: for its verdict, or for a time. */
type Wait = 'verdict' | { readonly timer: Timer; readonly next: Verdict | undefined };

/** A request on its way through a pipeline, whichever way it came. */
export interface PipelineExchange extends StagedRequest {
  /** The index of the stage at which it goes on. */
  nextStage: number;
}

/** Sees every request before all stages, and its outcome behind them. It decides nothing, so that it costs less than a stage. */
export interface PipelineMeter {
  entered(request: StagedRequest): void;
  left(request: StagedRequest, outcome: Outcome<object>): void;
}

export interface PipelineOptions<E extends PipelineExchange> {
  readonly stages: readonly RequestStage[];
  readonly meter: PipelineMeter | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called once for each request that was let in. */
  readonly finish: (exchange: E, outcome: Outcome<object>) => void;
}

export class Pipeline<E extends PipelineExchange> {
  readonly #stages: readonly RequestStage[];
  readonly #leavers: readonly RequestStage[];
  readonly #meter: PipelineMeter | undefined;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #finish: PipelineOptions<E>['finish'];
  readonly #waiting = new Map<E, Wait>();
  #areWaitsEnded = false;

  constructor({ stages, meter, clock, logger, finish }: PipelineOptions<E>) {
    this.#stages = stages;
    this.#leavers = stages.filter((stage) => stage.leave !== undefined);
    this.#meter = meter;
    this.#clock = clock;
    this.#logger = logger;
    this.#finish = finish;
  }

  /** A request that may be held back is not followed by another before it is answered. */
  get mayHoldBack(): boolean {
    for (const stage of this.#stages) if (stage.mayHoldBack) return true;
    return false;
  }

  /** Through the stages that are left, then to the handler. */
  run(exchange: E): void {
    const stages = this.#stages;
    if (exchange.nextStage === 0) this.#meter?.entered(exchange);
    let verdict: Verdict | Promise<Verdict | undefined> | undefined;
    try {
      while (exchange.nextStage < stages.length && verdict === undefined) {
        verdict = (stages[exchange.nextStage++] as RequestStage).enter(exchange);
      }
    } catch (error) {
      return this.#leave(exchange, this.#failure(exchange, error));
    }
    if (verdict === undefined) this.handle(exchange);
    else if (verdict instanceof Promise) this.#await(exchange, verdict);
    else this.#follow(exchange, verdict);
  }

  /** Past all stages. */
  handle(exchange: E): void {
    let outcome: unknown;
    try {
      outcome = exchange.handler.handle(exchange.body, exchange.context);
    } catch (error) {
      outcome = this.#failure(exchange, error);
    }
    if (outcome instanceof Promise) {
      if (exchange.startedMs > 0) this.#stopwatch(exchange);
      (outcome as Promise<Outcome<object>>).then(
        (value) => this.#leave(exchange, value),
        (error: unknown) => this.#leave(exchange, this.#failure(exchange, error)),
      );
    } else {
      this.#leave(exchange, outcome as Outcome<object>);
    }
  }

  /** The request begins to wait: the next one of its connection is begun now. */
  #stopwatch(exchange: E): void {
    const nowMs = this.#clock.monotonicMs();
    exchange.lookedMs = nowMs;
    exchange.spentMs = nowMs - exchange.startedMs;
  }

  /** The peer has hung up: what is delayed is dropped, as if it had never come. */
  peerGone(connection: BrokerConnection): void {
    if (this.#waiting.size === 0) return;
    for (const [exchange, wait] of this.#waiting) {
      if (wait === 'verdict' || exchange.context.connection !== connection.state) continue;
      this.#endWait(exchange, wait);
      this.#leave(exchange, NO_RESPONSE);
    }
  }

  /** The broker stops: delays are over, and a stage that does not decide within a turn is not waited for. */
  endWaits(): void {
    this.#areWaitsEnded = true;
    for (const [exchange, wait] of this.#waiting) {
      if (wait === 'verdict') {
        this.#closeAfterTurn(exchange);
      } else {
        this.#endWait(exchange, wait);
        this.#goOn(exchange, wait.next);
      }
    }
  }

  #endWait(exchange: E, wait: Wait): void {
    this.#waiting.delete(exchange);
    if (wait !== 'verdict') wait.timer.cancel();
  }

  #await(exchange: E, verdict: Promise<Verdict | undefined>): void {
    this.#waiting.set(exchange, 'verdict');
    if (this.#areWaitsEnded) this.#closeAfterTurn(exchange);
    verdict.then(
      (value) => {
        if (this.#waiting.delete(exchange)) this.#goOn(exchange, value);
      },
      (error: unknown) => {
        if (this.#waiting.delete(exchange)) this.#leave(exchange, this.#failure(exchange, error));
      },
    );
  }

  #closeAfterTurn(exchange: E): void {
    this.#clock.endOfTurn(() => {
      if (this.#waiting.delete(exchange)) this.#leave(exchange, CLOSE);
    });
  }

  #goOn(exchange: E, verdict: Verdict | undefined): void {
    // Whoever asked has gone while the request waited: nothing is done for it.
    if (exchange.context.connection.isClosed) this.#leave(exchange, NO_RESPONSE);
    else if (verdict === undefined) this.run(exchange);
    else this.#follow(exchange, verdict);
  }

  #follow(exchange: E, verdict: Verdict): void {
    switch (verdict.kind) {
      case 'answer':
        return this.#leave(exchange, verdict.outcome);
      case 'refuse':
        return this.#leave(exchange, this.#failure(exchange, verdict.error));
      case 'close':
        return this.#leave(exchange, CLOSE);
      case 'delay':
        return this.#delay(exchange, verdict.delayMs, verdict.next);
    }
  }

  #delay(exchange: E, delayMs: number, next: Verdict | undefined): void {
    if (this.#areWaitsEnded) return this.#goOn(exchange, next);
    const timer = this.#clock.schedule(delayMs, () => {
      this.#waiting.delete(exchange);
      this.#goOn(exchange, next);
    });
    this.#waiting.set(exchange, { timer, next });
  }

  #leave(exchange: E, outcome: Outcome<object>): void {
    let last = outcome;
    for (const stage of this.#leavers) last = stage.leave?.(exchange, last) ?? last;
    this.#meter?.left(exchange, last);
    this.#finish(exchange, last);
  }

  #failure({ handler, body, context }: E, error: unknown): Outcome<object> {
    return failureOf(handler, body, error, context, this.#logger);
  }
}
