// What the log is asked and what it answers when records are appended.
import type { ErrorCode, Int64 } from '../../protocol/index.ts';
import { Errors } from '../../protocol/index.ts';
import type { VerificationGuard } from '../producers/verification.ts';

/** Who wrote the records: a client, a coordinator, or another replica, which has set the offsets. */
export type AppendOrigin = 'client' | 'coordinator' | 'replication' | 'raft';

export interface AppendOptions {
  readonly origin: AppendOrigin;
  readonly leaderEpoch: number;
  /** Wall clock, milliseconds. */
  readonly now: number;
  /** The version of the Produce request. */
  readonly apiVersion?: number;
  readonly validation: 'header' | 'strict';
  /** With which a transactional batch that begins a transaction was verified. */
  readonly guard?: VerificationGuard | undefined;
  /** Of a marker: the level of transaction.version that its transaction was run by. 0 where it is left out. */
  readonly transactionVersion?: number;
}

export interface RecordError {
  readonly batchIndex: number;
  readonly message: string;
}

export interface AppendInfo {
  readonly errorCode: ErrorCode;
  readonly errorMessage: string | null;
  readonly recordErrors: readonly RecordError[];
  /** -1 with an error. Of a duplicate: where the original stands. */
  readonly firstOffset: number;
  readonly lastOffset: number;
  /** -1 for CreateTime; the batch's max timestamp for a duplicate. */
  readonly logAppendTimeMs: Int64;
  /** -1 for errors found before the log was looked at. */
  readonly logStartOffset: number;
  readonly isDuplicate: boolean;
  readonly bytes: number;
  /** For the broker's own log lines: why the batch was refused. */
  readonly reason: string;
}

const NO_ERRORS: readonly RecordError[] = [];

/** Nothing was appended. */
export function refusal(
  errorCode: ErrorCode,
  logStartOffset: number,
  errorMessage: string | null = null,
  recordErrors: readonly RecordError[] = NO_ERRORS,
  reason = '',
): AppendInfo {
  return {
    errorCode,
    errorMessage,
    recordErrors,
    firstOffset: -1,
    lastOffset: -1,
    logAppendTimeMs: -1,
    logStartOffset,
    isDuplicate: false,
    bytes: 0,
    reason,
  };
}

export function appended(info: {
  firstOffset: number;
  lastOffset: number;
  logAppendTimeMs: Int64;
  logStartOffset: number;
  isDuplicate: boolean;
  bytes: number;
}): AppendInfo {
  return {
    errorCode: Errors.NONE,
    errorMessage: null,
    recordErrors: NO_ERRORS,
    firstOffset: info.firstOffset,
    lastOffset: info.lastOffset,
    logAppendTimeMs: info.logAppendTimeMs,
    logStartOffset: info.logStartOffset,
    isDuplicate: info.isDuplicate,
    bytes: info.bytes,
    reason: '',
  };
}
