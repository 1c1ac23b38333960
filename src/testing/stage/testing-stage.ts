// The stage of the pipeline in which requests are watched, refused, delayed and remembered. Until somebody asks for any of it
// every request passes, and the code behind it is not loaded.
import type { Outcome, RequestStage, StagedRequest, Verdict } from '../../api-handlers/index.ts';
import type { KafkaErrorName } from '../bodies/error-names.ts';
import { PlannedFailures } from '../planned-failures.ts';
import type { RequestGate, RequestGateOptions } from '../request-gate.ts';
import type { HistoryEntry } from '../request-history.ts';
import type { PlannedFailure, RequestAnswer, RequestFilter, RequestMatch } from '../requests.ts';

export class TestingStage implements RequestStage {
  readonly name = 'testing';
  readonly #options: RequestGateOptions;
  readonly #plans = new PlannedFailures();
  #gate: RequestGate | undefined;
  #loading: Promise<RequestGate> | undefined;

  constructor(options: RequestGateOptions) {
    this.#options = options;
  }

  /** Requests are watched from now on, if the options ask for it. Rejects with TypeError when the history has no sensible limit. */
  async open(): Promise<void> {
    if (this.#options.hook !== undefined || this.#options.history !== undefined) await this.#load();
  }

  get mayHoldBack(): boolean {
    return this.#loading !== undefined;
  }

  enter(request: StagedRequest): Verdict | undefined | Promise<Verdict | undefined> {
    if (this.#gate !== undefined) return this.#gate.enter(request);
    return this.#loading?.then((gate) => gate.enter(request));
  }

  leave(request: StagedRequest, outcome: Outcome<object>): Outcome<object> {
    this.#gate?.leave(request, outcome);
    return outcome;
  }

  /** Throws TypeError for what cannot be matched or answered. */
  failNext(match: RequestMatch, answer: KafkaErrorName | RequestAnswer): PlannedFailure {
    const plan = this.#plans.add(match, answer);
    this.#load().catch((error: unknown) => {
      this.#options.logger.log('error', 'requests cannot be watched', { error: String(error) });
    });
    return plan;
  }

  /** Oldest first; undefined when none are remembered. */
  requests(filter: RequestFilter): readonly HistoryEntry[] | undefined {
    return this.#gate?.history?.select(filter);
  }

  /** Planned failures and the history are forgotten. */
  clear(): void {
    this.#plans.clear();
    this.#gate?.history?.clear();
  }

  #load(): Promise<RequestGate> {
    this.#loading ??= import('../request-gate.ts').then(
      ({ RequestGate: Gate }) => (this.#gate = new Gate(this.#options, this.#plans)),
    );
    return this.#loading;
  }
}
