// What an operation that failed says to a client (Kafka: CoordinatorOperationExceptionHelper).
import { type ErrorCode, Errors, KafkaError } from '../protocol/index.ts';

/**
 * Errors of the log mean that the coordinator is elsewhere, or not to be had now: clients look for it again and retry. Throws
 * `error` on when it is a fault of ours.
 */
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
