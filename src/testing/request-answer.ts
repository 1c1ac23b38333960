// What a hook returned or a plan was made with, checked: TypeScript's users cannot get it wrong, JavaScript's can.
import { Errors } from '../protocol/index.ts';
import type { RequestAnswer } from './requests.ts';

/** Throws TypeError, in one line that says what it may be. */
export function checkedAnswer(answer: unknown): RequestAnswer {
  if (typeof answer !== 'object' || answer === null) {
    throw new TypeError(`an answer is { error }, { close: true } or { delayMs }, and not ${shown(answer)}`);
  }
  const { error, close, delayMs } = answer as { error?: unknown; close?: unknown; delayMs?: unknown };
  if (error !== undefined && !isErrorName(error)) throw new TypeError(`Kafka has no error ${shown(error)}`);
  if (close !== undefined && close !== true) throw new TypeError(`close is true or left out, and not ${shown(close)}`);
  if (error !== undefined && close !== undefined) throw new TypeError('an answer is an error or a closed connection');
  if (delayMs !== undefined && !(typeof delayMs === 'number' && delayMs >= 0 && delayMs < Infinity)) {
    throw new TypeError(`delayMs is a number of milliseconds, and not ${shown(delayMs)}`);
  }
  if (error === undefined && close === undefined && delayMs === undefined) {
    throw new TypeError('an answer has one of error, close and delayMs');
  }
  return answer as RequestAnswer;
}

const shown = (value: unknown): string => JSON.stringify(value) ?? typeof value;

const isErrorName = (name: unknown): boolean =>
  typeof name === 'string' && name !== 'NONE' && Object.hasOwn(Errors, name);
