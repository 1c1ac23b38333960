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
    // Of a transaction that could not be verified: clients ask again then, and do not look for the coordinator first.
    case Errors.NETWORK_EXCEPTION:
      return Errors.COORDINATOR_LOAD_IN_PROGRESS;
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

/** Runs `action`; what it throws or rejects becomes an answer. `message`: null where there is nothing to say beyond the code. */
export function answering<T>(
  action: () => Answer<T>,
  failed: (errorCode: ErrorCode, message: string | null) => T,
): Answer<T> {
  const fail = (error: unknown): T =>
    failed(coordinatorError(error), error instanceof KafkaError ? error.wireMessage : null);
  try {
    const answer = action();
    return answer instanceof Promise ? answer.catch(fail) : answer;
  } catch (error) {
    return fail(error);
  }
}

/** At once, where the answer is there. */
export function followedBy<T, U>(answer: Answer<T>, next: (value: T) => Answer<U>): Answer<U> {
  return answer instanceof Promise ? answer.then(next) : next(answer);
}

/** Waits only for those that have to be waited for. */
export function together<T, U>(answers: Answer<T>[], next: (values: T[]) => Answer<U>): Answer<U> {
  if (!answers.some((answer) => answer instanceof Promise)) return next(answers as T[]);
  return Promise.all(answers).then(next);
}

/**
 * What is answered for each of `keys`; one that is named again gets the answer that it has. Else a small request could ask for
 * one large description a hundred thousand times.
 */
export function eachOnce<T>(keys: readonly string[], answerOf: (key: string) => Answer<T>): Answer<T>[] {
  const known = new Map<string, Answer<T>>();
  return keys.map((key) => {
    const first = known.get(key);
    if (first !== undefined) return first;
    const answer = answerOf(key);
    known.set(key, answer);
    return answer;
  });
}
