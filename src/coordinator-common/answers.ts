// Answers of coordinators: what the failures of the runtime look like in them, and answers that are made of several.
import { type ErrorCode, Errors, KafkaError } from '../protocol/index.ts';

/** At once, where nothing has to be written first. */
export type Answer<T> = T | Promise<T>;

/** Errors of the log mean that the coordinator is elsewhere, or not to be had now: clients look for it again and retry. */
export function coordinatorError(error: unknown): ErrorCode {
  if (!(error instanceof KafkaError)) throw error;
  switch (error.code) {
    case Errors.UNKNOWN_TOPIC_OR_PARTITION:
    case Errors.NOT_ENOUGH_REPLICAS:
    case Errors.NOT_ENOUGH_REPLICAS_AFTER_APPEND:
    case Errors.REQUEST_TIMED_OUT:
      return Errors.COORDINATOR_NOT_AVAILABLE;
    case Errors.NOT_LEADER_OR_FOLLOWER:
    case Errors.KAFKA_STORAGE_ERROR:
      return Errors.NOT_COORDINATOR;
    case Errors.MESSAGE_TOO_LARGE:
    case Errors.RECORD_LIST_TOO_LARGE:
      return Errors.UNKNOWN_SERVER_ERROR;
    default:
      return error.code;
  }
}

/** Runs `action`; what it throws or rejects becomes an answer. */
export function answering<T>(action: () => Answer<T>, failed: (errorCode: ErrorCode) => T): Answer<T> {
  try {
    const answer = action();
    if (!(answer instanceof Promise)) return answer;
    return answer.catch((error: unknown) => failed(coordinatorError(error)));
  } catch (error) {
    return failed(coordinatorError(error));
  }
}

/** At once, where the answer is there. */
export function followedBy<T, U>(answer: Answer<T>, next: (value: T) => U): Answer<U> {
  return answer instanceof Promise ? answer.then(next) : next(answer);
}

/** Waits only for those that have to be waited for. */
export function together<T, U>(answers: Answer<T>[], next: (values: T[]) => U): Answer<U> {
  if (!answers.some((answer) => answer instanceof Promise)) return next(answers as T[]);
  return Promise.all(answers).then(next);
}
