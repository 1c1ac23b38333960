// What comes of a request for a transaction: an error, or what the transaction becomes.
import { type ErrorCode, Errors, type Int64 } from '../protocol/index.ts';
import type { TransactionMetadata } from './transaction-metadata.ts';

export interface Decision {
  /** Not NONE with a `next`: the transaction changes, and the client is told to try again. */
  readonly errorCode: ErrorCode;
  /** undefined: it stays as it is. */
  readonly next?: TransactionMetadata;
}

/** The world of a decision, beside the transaction and the request. */
export interface Circumstances {
  /** Wall clock, milliseconds. */
  readonly nowMs: number;
  /** transaction.version of the cluster. */
  readonly transactionVersion: number;
  /** An id that nobody had before. Throws KafkaError COORDINATOR_LOAD_IN_PROGRESS when none is at hand. */
  takeProducerId(): Int64;
}

export const refused = (errorCode: ErrorCode): Decision => ({ errorCode });
export const decided = (next: TransactionMetadata): Decision => ({ errorCode: Errors.NONE, next });
/** The request has been carried out already. */
export const NOTHING_TO_DO: Decision = { errorCode: Errors.NONE };
/** A state that is never in a log. */
export const IMPOSSIBLE: Decision = { errorCode: Errors.UNKNOWN_SERVER_ERROR };

/** A transaction, and whether a step of it is on its way into the log. */
export interface CurrentTransaction {
  readonly metadata: TransactionMetadata;
  /** From the step to its commit, and while markers are written: nobody else may take another one. */
  readonly isPending: boolean;
}
