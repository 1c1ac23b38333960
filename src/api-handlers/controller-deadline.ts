// How long a client waits for the controller. Ours decides in the turn in which it is asked, so that a time-out can only have passed
// before: with nothing left to wait, nothing is done (Kafka: ControllerRequestContextUtil, KafkaEventQueue with its deadlines).
import { Errors, KafkaError } from '../protocol/index.ts';

/** Throws KafkaError REQUEST_TIMED_OUT when there was no time to begin with. */
export function checkDeadline(timeoutMs: number): void {
  if (timeoutMs <= 0) throw new KafkaError(Errors.REQUEST_TIMED_OUT);
}

/**
 * The same where `left` are asked for that cannot be refused for how they are named: what is wrong in itself Kafka refuses before
 * it looks at the clock.
 */
export function checkDeadlineFor(left: readonly unknown[], timeoutMs: number): void {
  if (left.length > 0) checkDeadline(timeoutMs);
}

/** The names that stand there once. */
export function namedOnce<T>(names: readonly T[]): T[] {
  const times = new Map<T, number>();
  for (const name of names) times.set(name, (times.get(name) ?? 0) + 1);
  return names.filter((name) => times.get(name) === 1);
}
