// What the failures of the runtime look like in answers, and the answers in which everything failed.
import { type ErrorCode, Errors, KafkaError } from '../protocol/index.ts';
import type { OffsetFetchRequest, OffsetFetchResponse } from '../protocol/messages/09-offset-fetch.ts';
import type { FetchedGroup } from './offsets/offsets.ts';

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
export function answering<T>(action: () => T | Promise<T>, failed: (errorCode: ErrorCode) => T): T | Promise<T> {
  try {
    const answer = action();
    if (!(answer instanceof Promise)) return answer;
    return answer.catch((error: unknown) => failed(coordinatorError(error)));
  } catch (error) {
    return failed(coordinatorError(error));
  }
}

const SEVERAL_GROUPS_SINCE = 8;
const WHOLE_ERROR_SINCE = 2;

/** Whether the request is of a version that asks for several groups (KIP-709). */
export const asksForSeveral = (apiVersion: number): boolean => apiVersion >= SEVERAL_GROUPS_SINCE;

/** One group's answer in the form of versions before 8. Version 1 has no place for an error but with the partitions. */
export function singleGroupAnswer(
  request: OffsetFetchRequest,
  group: FetchedGroup,
  apiVersion: number,
): OffsetFetchResponse {
  const errorCode = group.errorCode ?? Errors.NONE;
  if (errorCode === Errors.NONE || apiVersion >= WHOLE_ERROR_SINCE) return { topics: group.topics as never, errorCode };
  const topics = (request.topics ?? []).map(({ name, partitionIndexes }) => ({
    name,
    partitions: partitionIndexes.map((partitionIndex) => ({
      partitionIndex,
      committedOffset: -1,
      metadata: '',
      errorCode,
    })),
  }));
  return { topics };
}

/** 16 random bytes as Java prints a random UUID: member ids look like those of Apache Kafka. */
export function uuidText(random: Uint8Array): string {
  const bytes = Buffer.from(random);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
