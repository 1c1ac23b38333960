// What became of one batch, as a broker tells it, or the lack of an answer does.
import { type DecodedResponseOf, type ErrorCode, Errors, type Int64, KafkaError } from '../../protocol/index.ts';
import type { Produce } from '../../protocol/messages/00-produce.ts';
import type { NamedLeader } from '../connections/topics-view.ts';

type PartitionAnswer = DecodedResponseOf<typeof Produce>['responses'][number]['partitionResponses'][number];

export interface Outcome {
  readonly code: ErrorCode;
  readonly message: string | undefined;
  readonly baseOffset: number;
  readonly logAppendTimeMs: Int64;
  readonly logStartOffset: number;
  /** Who leads the partition, where the broker that was asked knows better (KIP-951). */
  readonly currentLeader: NamedLeader;
}

const NOTHING = {
  message: undefined,
  baseOffset: -1,
  logAppendTimeMs: -1,
  logStartOffset: -1,
  currentLeader: { leaderId: -1, leaderEpoch: -1 },
} as const;

/** acks=0: it has left. */
export const UNACKNOWLEDGED: Outcome = { ...NOTHING, code: Errors.NONE };

export function outcomeOf(answer: PartitionAnswer | undefined): Outcome {
  if (answer === undefined) return { ...NOTHING, code: Errors.UNKNOWN_SERVER_ERROR };
  const { errorCode, errorMessage, baseOffset, logAppendTimeMs, logStartOffset, recordErrors, currentLeader } = answer;
  const refused = recordErrors.map((one) => one.batchIndexErrorMessage).find((text) => text !== null);
  return {
    code: errorCode,
    message: errorMessage ?? refused ?? undefined,
    baseOffset,
    logAppendTimeMs,
    logStartOffset,
    currentLeader,
  };
}

export function outcomeOfFault(error: unknown): Outcome {
  if (!(error instanceof KafkaError)) return { ...NOTHING, code: Errors.UNKNOWN_SERVER_ERROR, message: String(error) };
  // Nothing is known of the broker: as if it could not be reached.
  const code = error.code === Errors.BROKER_NOT_AVAILABLE ? Errors.NETWORK_EXCEPTION : error.code;
  return { ...NOTHING, code, message: error.message };
}

const ABOUT_LEADERS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  Errors.NOT_LEADER_OR_FOLLOWER,
  Errors.LEADER_NOT_AVAILABLE,
  Errors.UNKNOWN_TOPIC_OR_PARTITION,
  Errors.UNKNOWN_TOPIC_ID,
  Errors.INCONSISTENT_TOPIC_ID,
  Errors.FENCED_LEADER_EPOCH,
  Errors.UNKNOWN_LEADER_EPOCH,
  Errors.KAFKA_STORAGE_ERROR,
  Errors.REPLICA_NOT_AVAILABLE,
  Errors.NETWORK_EXCEPTION,
  Errors.REQUEST_TIMED_OUT,
]);

/** Another broker may lead the partition by now. */
export const isAboutLeaders = (code: ErrorCode): boolean => ABOUT_LEADERS.has(code);
