// The APIs of committed offsets, for groups of all kinds: OffsetCommit, OffsetFetch, OffsetDelete (Kafka:
// GroupCoordinatorService, commitOffsets to deleteOffsets).
import { type ErrorCode, Errors } from '../../protocol/index.ts';
import type { OffsetCommitRequest, OffsetCommitResponse } from '../../protocol/messages/08-offset-commit.ts';
import type { OffsetFetchRequest, OffsetFetchResponse } from '../../protocol/messages/09-offset-fetch.ts';
import type { TxnOffsetCommitRequest, TxnOffsetCommitResponse } from '../../protocol/messages/28-txn-offset-commit.ts';
import type { OffsetDeleteRequest, OffsetDeleteResponse } from '../../protocol/messages/47-offset-delete.ts';
import { answering, followedBy, together } from '../answers.ts';
import type { Answer, GroupRequestContext, GroupShards } from '../shards.ts';
import {
  commitFailure,
  type FetchedGroup,
  type GroupFetch,
  type OffsetsOfGroups,
  txnCommitFailure,
} from './offsets.ts';

/** What the APIs need of a shard. */
export interface OffsetShard {
  readonly offsets: OffsetsOfGroups;
}

const SEVERAL_GROUPS_SINCE = 8;
const WHOLE_ERROR_SINCE = 2;
/** KIP-890, of TxnOffsetCommit. */
const ABORTABLE_SINCE = 4;
const ADDS_GROUP_SINCE = 5;

export class OffsetCoordinator {
  readonly #shards: GroupShards<OffsetShard>;

  constructor(shards: GroupShards<OffsetShard>) {
    this.#shards = shards;
  }

  offsetCommit(request: OffsetCommitRequest, { apiVersion }: GroupRequestContext): Answer<OffsetCommitResponse> {
    if (request.topics.length === 0) return { topics: [] };
    return answering(
      () => this.#shards.ask(request.groupId, ({ offsets }, effects) => offsets.commit(request, apiVersion, effects)),
      (errorCode) => commitFailure(request, errorCode),
    );
  }

  txnOffsetCommit(
    request: TxnOffsetCommitRequest,
    { apiVersion }: GroupRequestContext,
  ): Answer<TxnOffsetCommitResponse> {
    const { groupId, transactionalId, producerId, producerEpoch } = request;
    if (groupId === '') return txnCommitFailure(request, Errors.INVALID_GROUP_ID);
    const knowsAbortable = apiVersion >= ABORTABLE_SINCE;
    const addsPartition = apiVersion >= ADDS_GROUP_SINCE;
    const transaction = { transactionalId, producerId, producerEpoch, knowsAbortable, addsPartition };
    return answering(
      () =>
        this.#shards.askInTransaction(groupId, transaction, ({ offsets }, effects) =>
          offsets.commitInTransaction(request, apiVersion, effects),
        ),
      (errorCode) => txnCommitFailure(request, errorCode),
    );
  }

  offsetFetch(request: OffsetFetchRequest, { apiVersion }: GroupRequestContext): Answer<OffsetFetchResponse> {
    const { groupId, topics, requireStable } = request;
    // KIP-709.
    if (apiVersion >= SEVERAL_GROUPS_SINCE) {
      return together(
        request.groups.map((group) => this.#fetchGroup({ ...group, requireStable })),
        (groups) => ({ groups }),
      );
    }
    const asked = topics?.map((topic) => ({ ...topic, topicId: '' })) ?? null;
    const group = this.#fetchGroup({ groupId, memberId: null, memberEpoch: -1, topics: asked, requireStable });
    return followedBy(group, (fetched) => singleGroupAnswer(request, fetched, apiVersion));
  }

  #fetchGroup(ask: GroupFetch): Answer<FetchedGroup> {
    const { groupId } = ask;
    return answering<FetchedGroup>(
      () => this.#shards.ask(groupId, ({ offsets }) => offsets.fetch(ask)),
      (errorCode) => ({ groupId, topics: [], errorCode }),
    );
  }

  offsetDelete(request: OffsetDeleteRequest): Answer<OffsetDeleteResponse> {
    const failed = (errorCode: ErrorCode): OffsetDeleteResponse => ({ errorCode, throttleTimeMs: 0, topics: [] });
    if (request.groupId === '') return failed(Errors.INVALID_GROUP_ID);
    return answering(
      () => this.#shards.ask(request.groupId, ({ offsets }, effects) => offsets.deleteOffsets(request, effects)),
      failed,
    );
  }
}

/** One group's answer in the form of versions before 8. Version 1 has no place for an error but with the partitions. */
function singleGroupAnswer(request: OffsetFetchRequest, group: FetchedGroup, apiVersion: number): OffsetFetchResponse {
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
