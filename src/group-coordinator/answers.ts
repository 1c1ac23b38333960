// Answers of the room: what the failures of the runtime look like in them, and answers that are made of several.
import { coordinatorError } from '../coordinator-common/index.ts';
import type { ErrorCode } from '../protocol/index.ts';
import type { Answer } from './shards.ts';

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
