// What became of a batch that a producer sent: appended as it is, built anew, or refused with Kafka's code and texts.
import { type ErrorCode, Errors, type Int64 } from '../../protocol/index.ts';
import type { RecordError } from './append-info.ts';

/** At which check a batch is refused: `request`, before any log is looked at; `batch`, its size or checksum; `validate`, its records. */
export type RefusalStage = 'request' | 'batch' | 'validate';

const NO_RECORD_ERRORS: readonly RecordError[] = [];
const NOTHING = Buffer.alloc(0);

/** One shape for all outcomes; the only object that the common case allocates. */
export interface AppendVerdict {
  readonly errorCode: ErrorCode;
  /** For the answer; null where Kafka gives none. */
  readonly errorMessage: string | null;
  /** For the broker's own log: what was wrong. */
  readonly reason: string;
  readonly stage: RefusalStage | 'accepted';
  /** Answers to errors that Kafka expects before it validates carry a log start offset of -1. */
  readonly carriesLogStartOffset: boolean;
  readonly recordErrors: readonly RecordError[];
  /** What to append: the batch in the caller's buffer, patched, or a new one. Empty when refused. */
  readonly records: Buffer;
  readonly isRewritten: boolean;
  readonly firstOffset: number;
  readonly lastOffset: number;
  /** The largest timestamp in the batch as it is appended. */
  readonly maxTimestamp: Int64;
}

export function accepted(
  records: Buffer,
  isRewritten: boolean,
  firstOffset: number,
  lastOffset: number,
  maxTimestamp: Int64,
): AppendVerdict {
  return {
    errorCode: Errors.NONE,
    errorMessage: null,
    reason: '',
    stage: 'accepted',
    carriesLogStartOffset: true,
    recordErrors: NO_RECORD_ERRORS,
    records,
    isRewritten,
    firstOffset,
    lastOffset,
    maxTimestamp,
  };
}

export function refused(
  errorCode: ErrorCode,
  stage: RefusalStage,
  reason: string,
  errorMessage: string | null = null,
  recordErrors: readonly RecordError[] = NO_RECORD_ERRORS,
): AppendVerdict {
  return {
    errorCode,
    errorMessage,
    reason,
    stage,
    carriesLogStartOffset: stage === 'validate',
    recordErrors,
    records: NOTHING,
    isRewritten: false,
    firstOffset: -1,
    lastOffset: -1,
    maxTimestamp: -1,
  };
}
