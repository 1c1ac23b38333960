// How long a client waits for the controller. Ours decides in the turn in which it is asked, so that a time-out can only have passed
// before: with nothing left to wait, nothing is done (Kafka: ControllerRequestContextUtil, KafkaEventQueue with its deadlines).
import { Errors, KafkaError } from '../protocol/index.ts';

/** Throws KafkaError REQUEST_TIMED_OUT when there was no time to begin with. */
export function checkDeadline(timeoutMs: number): void {
  if (timeoutMs <= 0) throw new KafkaError(Errors.REQUEST_TIMED_OUT);
}
