// The answer to a Produce request as it is being filled in.
import { Errors, type Int64 } from '../protocol/index.ts';

/** The answer for one partition, as it is being filled. */
export interface PartitionAnswer {
  readonly index: number;
  errorCode: number;
  baseOffset: number;
  logAppendTimeMs: Int64;
  logStartOffset: number;
  recordErrors: readonly { batchIndex: number; batchIndexErrorMessage: string | null }[];
  errorMessage: string | null;
  currentLeader: { leaderId: number; leaderEpoch: number } | undefined;
}

export interface TopicAnswer {
  readonly name: string;
  readonly topicId: string;
  readonly partitionResponses: PartitionAnswer[];
}

const NO_RECORD_ERRORS: PartitionAnswer['recordErrors'] = [];

/** Nothing has been appended; nor has anything gone wrong. */
export function answerFor(index: number): PartitionAnswer {
  return {
    index,
    errorCode: Errors.NONE,
    baseOffset: -1,
    logAppendTimeMs: -1,
    logStartOffset: -1,
    recordErrors: NO_RECORD_ERRORS,
    errorMessage: null,
    currentLeader: undefined,
  };
}

export function refuse(
  answer: PartitionAnswer,
  errorCode: number,
  errorMessage: string | null = null,
): PartitionAnswer {
  answer.errorCode = errorCode;
  answer.errorMessage = errorMessage;
  return answer;
}
