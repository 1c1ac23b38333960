// Answers of the room: what the failures of the runtime look like in them, and answers that are made of several.
import { coordinatorError } from '../coordinator-common/index.ts';
import { type ErrorCode, KafkaError } from '../protocol/index.ts';
import type { Answer } from './shards.ts';

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
export function together<T, U>(answers: Answer<T>[], next: (values: T[]) => U): Answer<U> {
  if (!answers.some((answer) => answer instanceof Promise)) return next(answers as T[]);
  return Promise.all(answers).then(next);
}
