// What stands between a decoded request and its handler: stages, each of which lets the request pass or decides about it. Which
// there are, and in which order, says whoever builds the pipeline.
import type { KafkaError } from '../protocol/index.ts';
import type { Handler, Outcome, RequestContext } from './handler.ts';

/** A request on its way through the stages. */
export interface StagedRequest {
  readonly handler: Handler;
  readonly body: Readonly<Record<string, unknown>>;
  readonly context: RequestContext;
  /** How long the connection is not read after the answer, which says so as well: stages raise it. */
  throttleTimeMs: number;
  /** Of its frame. */
  readonly sizeBytes: number;
  /** From when on its time is measured, on the monotonic clock; 0: nobody measures it. */
  startedMs: number;
  /** What it has taken of the event loop before it began to wait; 0: it has not waited. */
  spentMs: number;
  /** When the clock was looked at last on its connection, on the monotonic clock: as its bytes came, or behind the request before it. */
  lookedMs: number;
}

/**
 * What a stage decides, where it does not let the request pass.
 * - `answer`: this is the outcome, in place of the handler's.
 * - `refuse`: the handler's answer in which all that was asked for failed with this error.
 * - `close`: the connection is closed, once what was asked before has been answered.
 * - `delay`: the request waits, and those behind it on its connection; then it passes, or what is said beside happens.
 */
export type Verdict =
  | { readonly kind: 'answer'; readonly outcome: Outcome<object> }
  | { readonly kind: 'refuse'; readonly error: KafkaError }
  | { readonly kind: 'close' }
  | { readonly kind: 'delay'; readonly delayMs: number; readonly next: Verdict | undefined };

export interface RequestStage {
  readonly name: string;
  /** Whether it may keep a request waiting: a Produce request is then not begun behind another. */
  readonly mayHoldBack: boolean;
  /** undefined: the request passes. What is thrown is answered as if the handler had thrown it. */
  enter(request: StagedRequest): Verdict | undefined | Promise<Verdict | undefined>;
  /** The outcome is there, whoever gave it. What is returned goes to the client in its place. */
  leave?(request: StagedRequest, outcome: Outcome<object>): Outcome<object>;
}
