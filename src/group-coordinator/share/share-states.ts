// What share groups ask of others: the share coordinator, in the shape of the messages 83, 86 and 87, and the leaders of
// partitions (Kafka: Persister, PartitionMetadataClient).
import { type ErrorCode, Errors, KafkaError } from '../../protocol/index.ts';
import type {
  InitializeShareGroupStateRequest,
  InitializeShareGroupStateResponse,
} from '../../protocol/messages/83-initialize-share-group-state.ts';
import type {
  DeleteShareGroupStateRequest,
  DeleteShareGroupStateResponse,
} from '../../protocol/messages/86-delete-share-group-state.ts';
import type {
  ReadShareGroupStateSummaryRequest,
  ReadShareGroupStateSummaryResponse,
} from '../../protocol/messages/87-read-share-group-state-summary.ts';

export interface PartitionEnd {
  readonly errorCode: ErrorCode;
  readonly offset: number;
}

export interface ShareStates {
  /** `isWanted`: asked before the request is put again, or later than at once; false gives it up. Must not reject. */
  initializeState(
    request: InitializeShareGroupStateRequest,
    isWanted?: () => Promise<boolean>,
  ): Promise<InitializeShareGroupStateResponse>;
  deleteState(request: DeleteShareGroupStateRequest): Promise<DeleteShareGroupStateResponse>;
  readStateSummary(request: ReadShareGroupStateSummaryRequest): Promise<ReadShareGroupStateSummaryResponse>;
  /** For each partition, in the order asked, the first offset that readers cannot have yet. Never rejects. */
  partitionEnds(
    asked: readonly { readonly topicId: string; readonly partition: number }[],
  ): Promise<readonly PartitionEnd[]>;
}

const unreachable = (): Promise<never> => Promise.reject(new KafkaError(Errors.COORDINATOR_NOT_AVAILABLE));

/** Where there is no share coordinator. */
export const noShareStates: ShareStates = {
  initializeState: unreachable,
  deleteState: unreachable,
  readStateSummary: unreachable,
  partitionEnds: (asked) => Promise.resolve(asked.map(() => ({ errorCode: Errors.LEADER_NOT_AVAILABLE, offset: -1 }))),
};
