// What somebody who embeds a broker sees of the requests that it gets: the hook, planned failures, the history. Types alone,
// which stand in the package's declarations: they name nothing of Node's and nothing of the protocol's vocabulary.
import type { KafkaErrorName } from './bodies/error-names.ts';
import type { RequestBodies } from './bodies/index.ts';

/** The name of an API that this broker serves, as Kafka writes it: `Produce`, `JoinGroup` … */
export type ApiName = keyof RequestBodies;

/** A request of one API. */
export interface RequestOf<Api extends ApiName> {
  readonly api: Api;
  /** The version of the API. */
  readonly version: number;
  readonly clientId: string | null;
  /** Unique among the connections of a listener. */
  readonly connectionId: number;
  /** The broker's clock (milliseconds since the epoch) when the whole request was there. */
  readonly receivedAtMs: number;
  /** The topics that it is about, by name also where it names them by id; of a fetch session too. */
  readonly topics: readonly string[];
  /** As decoded: not to be changed. Every field is there; one that the version does not have is at its default. */
  readonly body: RequestBodies[Api];
}

/** A request of any API: `request.api === 'Fetch'` makes `request.body` the body of a Fetch. */
export type BrokerRequest = { [Api in ApiName]: RequestOf<Api> }[ApiName];

/**
 * What happens instead of the broker's own answer.
 * - `error`: the answer of that API and version in which everything asked for failed with this error, in the place where
 *   clients look for it. Nothing else is done. Produce with acks=0 has no answer: its connection is closed, as by Kafka.
 * - `close`: the connection is closed, once what was asked before has been answered.
 * - `delayMs`: the request waits so long by the broker's clock, and those behind it on the same connection. Then it is
 *   handled, or what stands beside `delayMs` happens. When the client hangs up meanwhile, the request is dropped.
 */
export type RequestAnswer =
  | { readonly error: KafkaErrorName; readonly close?: never; readonly delayMs?: number }
  | { readonly close: true; readonly error?: never; readonly delayMs?: number }
  | { readonly delayMs: number; readonly error?: never; readonly close?: never };

/**
 * Called for each request before it is handled. Returning nothing lets the broker go on. What it throws, or its promise
 * rejects with, is logged once and answered with UNKNOWN_SERVER_ERROR.
 */
// A hook that returns nothing is the common one.
// oxlint-disable-next-line no-invalid-void-type
export type RequestHook = (request: BrokerRequest) => RequestAnswer | void | PromiseLike<RequestAnswer | void>;

/** Which requests a planned failure is for: those for which all of what is given holds. */
export interface RequestMatch {
  readonly api: ApiName;
  readonly version?: number;
  /** Requests that are about this topic, be it among others: the whole request fails. */
  readonly topic?: string;
  /** Requests that name this partition (of `topic` when that is given). */
  readonly partition?: number;
  readonly clientId?: string;
  /** How many requests fail; 1 when left out, Infinity until `cancel`. */
  readonly times?: number;
}

/** Failures that are still to come. */
export interface PlannedFailure {
  /** How many more requests will fail; 0 when all have, or after `cancel`. */
  readonly remaining: number;
  /** No further request fails by this plan. */
  cancel(): void;
}

export interface HistoryOptions {
  /** How many requests are remembered; the oldest goes first. 1000 when left out. */
  readonly limit?: number;
}

/** Record batches as the history keeps them: their size, for the bytes go with the request. */
export interface RecordsSize {
  readonly sizeBytes: number;
}

/** A body without its records. */
export type Summary<T> = T extends string | number | boolean | null | Uint8Array
  ? T
  : T extends readonly (infer Each)[]
    ? readonly Summary<Each>[]
    : { readonly [Key in keyof T]: Key extends 'records' ? RecordsSize | null : Summary<T[Key]> };

/** A request that the broker got. */
export interface RecordedRequestOf<Api extends ApiName> extends Omit<RequestOf<Api>, 'body'> {
  readonly body: Summary<RequestBodies[Api]>;
  /** `pending` while it is on its way, `none` for a Produce with acks=0. */
  readonly outcome: 'pending' | 'answered' | 'none' | 'closed';
  /** The errors in its answer, each once. */
  readonly errors: readonly KafkaErrorName[];
}

export type RecordedRequest = { [Api in ApiName]: RecordedRequestOf<Api> }[ApiName];

/** Which requests of the history to show: those for which all of what is given holds. */
export interface RequestFilter<Api extends ApiName = ApiName> {
  readonly api?: Api;
  readonly clientId?: string;
  /** Received at this time of the broker's clock or later. */
  readonly since?: number;
}
