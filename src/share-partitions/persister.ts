// Where the state of share partitions is kept (Kafka: Persister), in the shape of the messages 84 and 85: the share coordinator,
// in this process or in another one.
import type {
  ReadShareGroupStateRequest,
  ReadShareGroupStateResponse,
} from '../protocol/messages/84-read-share-group-state.ts';
import type {
  WriteShareGroupStateRequest,
  WriteShareGroupStateResponse,
} from '../protocol/messages/85-write-share-group-state.ts';
import { type ErrorCode, Errors } from '../protocol/index.ts';

/** Neither rejects: what has failed stands in the response, one partition for each that was asked for. */
export interface SharePersister {
  readState(request: ReadShareGroupStateRequest): Promise<ReadShareGroupStateResponse>;
  writeState(request: WriteShareGroupStateRequest): Promise<WriteShareGroupStateResponse>;
}

interface Failed {
  readonly errorCode: number;
  readonly errorMessage?: string | null | undefined;
}

/** What a client of the share partition is told; `what` as Kafka's PersisterStateManager begins its messages. */
export function persisterFault(
  what: 'read' | 'write',
  { errorCode, errorMessage }: Failed,
): { errorCode: ErrorCode; errorMessage: string } {
  return { errorCode: persisterError(errorCode), errorMessage: `Error in ${what} state RPC. ${errorMessage ?? ''}` };
}

/** What an error of the coordinator means to a client of the share partition (Kafka: SharePartition.fetchPersisterError). */
function persisterError(errorCode: number): ErrorCode {
  switch (errorCode) {
    case Errors.NOT_COORDINATOR:
    case Errors.COORDINATOR_NOT_AVAILABLE:
    case Errors.COORDINATOR_LOAD_IN_PROGRESS:
      return Errors.COORDINATOR_NOT_AVAILABLE;
    case Errors.GROUP_ID_NOT_FOUND:
    case Errors.UNKNOWN_TOPIC_OR_PARTITION:
      return errorCode;
    case Errors.FENCED_LEADER_EPOCH:
    case Errors.FENCED_STATE_EPOCH:
      return Errors.NOT_LEADER_OR_FOLLOWER;
    default:
      return Errors.UNKNOWN_SERVER_ERROR;
  }
}
