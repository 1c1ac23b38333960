// Commits, look-ups and deletions of offsets, and their end by age (Kafka: OffsetMetadataManager).
import { addInt64, type ErrorCode, Errors, type Int64, ZERO_UUID } from '../../protocol/index.ts';
import type { OffsetCommitRequest, OffsetCommitResponse } from '../../protocol/messages/08-offset-commit.ts';
import type { OffsetFetchRequest, OffsetFetchResponse } from '../../protocol/messages/09-offset-fetch.ts';
import type { TxnOffsetCommitRequest, TxnOffsetCommitResponse } from '../../protocol/messages/28-txn-offset-commit.ts';
import type { OffsetDeleteRequest, OffsetDeleteResponse } from '../../protocol/messages/47-offset-delete.ts';
import type { Committer, Fetcher, GroupsById } from '../group.ts';
import type { GroupEffects } from '../group-effects.ts';
import type { CommittedOffset, OffsetRecord } from '../group-record.ts';
import type { OffsetStore, TopicOffsets } from './offset-store.ts';

export type FetchedGroup = NonNullable<OffsetFetchResponse['groups']>[number];
type FetchedTopic = FetchedGroup['topics'][number];
type FetchedPartition = FetchedTopic['partitions'][number];

/** What is asked of one group. */
export interface GroupFetch extends Fetcher {
  readonly groupId: string;
  /** null: all. */
  readonly topics: OffsetFetchRequest['groups'][number]['topics'];
  readonly requireStable: boolean;
}

const NO_OFFSET: CommittedOffset = {
  offset: -1,
  leaderEpoch: -1,
  metadata: '',
  commitTimestampMs: -1,
  expireTimestampMs: -1,
};
const NO_TOPICS: ReadonlyMap<string, TopicOffsets> = new Map();
const GROUP_NOT_FOUND_SINCE = 9;

/** What commits are told by the configs as they are now. */
export interface OffsetSettings {
  /** Characters of the text beside an offset. */
  readonly maxMetadata: number;
}

/** What a request commits, transactional or not, as far as it is checked. */
interface CommittedPartitions {
  readonly groupId: string;
  readonly topics: readonly {
    readonly name: string;
    readonly partitions: readonly { readonly partitionIndex: number; readonly committedMetadata: string | null }[];
  }[];
}

export class OffsetsOfGroups {
  readonly #groups: GroupsById;
  readonly #store: OffsetStore;
  readonly #settings: OffsetSettings;
  readonly #topicIdOf: (name: string) => string;

  /** `topicIdOf`: zero for a topic that does not exist. */
  constructor(
    groups: GroupsById,
    store: OffsetStore,
    settings: OffsetSettings,
    topicIdOf: (name: string) => string = () => ZERO_UUID,
  ) {
    this.#topicIdOf = topicIdOf;
    this.#groups = groups;
    this.#store = store;
    this.#settings = settings;
  }

  commit(request: OffsetCommitRequest, apiVersion: number, effects: GroupEffects): OffsetCommitResponse {
    const { groupId, groupInstanceId, memberId, generationIdOrMemberEpoch, retentionTimeMs } = request;
    const committer = { memberId, groupInstanceId, generationIdOrMemberEpoch, apiVersion, isTransactional: false };
    const errorCode = this.#check(groupId, committer, effects) || this.#checkPartitions(request, committer);
    if (errorCode !== Errors.NONE) return commitFailure(request, errorCode);
    const expireTimestampMs = retentionTimeMs === -1 ? -1 : addInt64(effects.nowMs, retentionTimeMs);
    const topics = request.topics.map(({ name, topicId, partitions }) => ({
      name,
      topicId,
      partitions: partitions.map((one) => {
        const metadata = one.committedMetadata ?? '';
        const partition = one.partitionIndex;
        if (metadata.length > this.#settings.maxMetadata) {
          return { partitionIndex: partition, errorCode: Errors.OFFSET_METADATA_TOO_LARGE };
        }
        const { committedOffset: offset, committedLeaderEpoch: leaderEpoch } = one;
        const value = { offset, leaderEpoch, metadata, commitTimestampMs: effects.nowMs, expireTimestampMs };
        effects.append({ kind: 'offset', groupId, topic: name, partition, value });
        return { partitionIndex: partition, errorCode: Errors.NONE };
      }),
    }));
    return { topics };
  }

  /** What is committed of the group, by topic and partition. */
  committedOf(groupId: string): ReadonlyMap<string, TopicOffsets> {
    return this.#store.topicsOf(groupId) ?? NO_TOPICS;
  }
  /** What open transactions would commit, and whose they are. */
  pendingOf(groupId: string): Iterable<readonly [producerId: Int64, record: OffsetRecord]> {
    return this.#store.pendingOf(groupId);
  }

  /** The offsets count when the transaction of the producer commits. */
  commitInTransaction(
    request: TxnOffsetCommitRequest,
    apiVersion: number,
    effects: GroupEffects,
  ): TxnOffsetCommitResponse {
    const { groupId, producerId, producerEpoch } = request;
    const producer = { producerId, producerEpoch };
    const errorCode = this.#checkInTransaction(request, apiVersion, effects);
    if (errorCode !== Errors.NONE) return txnCommitFailure(request, errorCode);
    const topics = request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map((one) => {
        const metadata = one.committedMetadata ?? '';
        const partition = one.partitionIndex;
        if (metadata.length > this.#settings.maxMetadata) {
          return { partitionIndex: partition, errorCode: Errors.OFFSET_METADATA_TOO_LARGE };
        }
        const { committedOffset: offset, committedLeaderEpoch: leaderEpoch } = one;
        const value = { offset, leaderEpoch, metadata, commitTimestampMs: effects.nowMs, expireTimestampMs: -1 };
        effects.appendFor(producer, { kind: 'offset', groupId, topic: name, partition, value });
        return { partitionIndex: partition, errorCode: Errors.NONE };
      }),
    }));
    return { throttleTimeMs: 0, topics };
  }

  #checkInTransaction(request: TxnOffsetCommitRequest, apiVersion: number, effects: GroupEffects): ErrorCode {
    const { groupId, generationId: generationIdOrMemberEpoch, memberId, groupInstanceId } = request;
    const group = this.#groups.get(groupId);
    if (group === undefined) return generationIdOrMemberEpoch < 0 ? Errors.NONE : Errors.ILLEGAL_GENERATION;
    const committer = { memberId, groupInstanceId, generationIdOrMemberEpoch, apiVersion, isTransactional: true };
    const errorCode = group.checkCommit(committer, effects) || this.#checkPartitions(request, committer);
    return errorCode === Errors.STALE_MEMBER_EPOCH ? Errors.ILLEGAL_GENERATION : errorCode;
  }

  #check(groupId: string, committer: Committer, effects: GroupEffects): ErrorCode {
    const group = this.#groups.get(groupId);
    if (group !== undefined) return group.checkCommit(committer, effects);
    // A committer without a generation only keeps its offsets here; one with a generation was a member of a group that is gone.
    if (committer.generationIdOrMemberEpoch < 0) return Errors.NONE;
    return committer.apiVersion >= GROUP_NOT_FOUND_SINCE ? Errors.GROUP_ID_NOT_FOUND : Errors.ILLEGAL_GENERATION;
  }

  /** One partition that may not be committed keeps the others back, as in Kafka. */
  #checkPartitions({ groupId, topics }: CommittedPartitions, committer: Committer): ErrorCode {
    const group = this.#groups.get(groupId);
    if (group?.checkCommitOf === undefined) return Errors.NONE;
    for (const { name, partitions } of topics) {
      const topicId = this.#topicIdOf(name);
      for (const { partitionIndex, committedMetadata } of partitions) {
        if ((committedMetadata ?? '').length > this.#settings.maxMetadata) continue;
        const errorCode = group.checkCommitOf(committer, topicId, partitionIndex, name);
        if (errorCode !== Errors.NONE) return errorCode;
      }
    }
    return Errors.NONE;
  }

  fetch(ask: GroupFetch): FetchedGroup {
    const { groupId } = ask;
    const errorCode = this.#groups.get(groupId)?.checkFetch(ask) ?? Errors.NONE;
    // A group that does not exist has committed nothing: that is no error.
    const hasOffsets = errorCode !== Errors.GROUP_ID_NOT_FOUND;
    if (hasOffsets && errorCode !== Errors.NONE) return { groupId, topics: [], errorCode };
    const stored = hasOffsets ? this.#store.topicsOf(groupId) : undefined;
    const topics: FetchedTopic[] = [];
    if (ask.topics === null) {
      for (const [name, partitions] of stored ?? []) topics.push(this.#fetchAll(ask, name, partitions));
    } else {
      for (const { name, topicId, partitionIndexes } of ask.topics) {
        const offsets = stored?.get(name);
        const partitions = partitionIndexes.map((index) => this.#fetchOne(ask, name, index, offsets?.get(index)));
        topics.push({ name, topicId, partitions });
      }
    }
    return { groupId, topics, errorCode: Errors.NONE };
  }

  #fetchAll(ask: GroupFetch, name: string, offsets: TopicOffsets): FetchedTopic {
    const partitions: FetchedPartition[] = [];
    for (const [index, value] of offsets) partitions.push(this.#fetchOne(ask, name, index, value));
    return { name, topicId: ZERO_UUID, partitions };
  }

  #fetchOne(ask: GroupFetch, topic: string, index: number, found: CommittedOffset | undefined): FetchedPartition {
    // KIP-447: until the transaction is over it is open where to go on.
    const isUnstable = ask.requireStable && this.#store.isPending(ask.groupId, topic, index);
    const { offset, leaderEpoch, metadata } = isUnstable ? NO_OFFSET : (found ?? NO_OFFSET);
    return {
      partitionIndex: index,
      committedOffset: offset,
      committedLeaderEpoch: leaderEpoch,
      metadata,
      errorCode: isUnstable ? Errors.UNSTABLE_OFFSET_COMMIT : Errors.NONE,
    };
  }

  deleteOffsets(request: OffsetDeleteRequest, effects: GroupEffects): OffsetDeleteResponse {
    const { groupId } = request;
    const group = this.#groups.get(groupId);
    const errorCode = group?.checkDeleteOffsets() ?? Errors.GROUP_ID_NOT_FOUND;
    if (group === undefined || errorCode !== Errors.NONE) return { errorCode, throttleTimeMs: 0, topics: [] };
    const topics = request.topics.map(({ name, partitions }) => {
      const isInUse = group.isSubscribedTo(name);
      return {
        name,
        partitions: partitions.map(({ partitionIndex }) => {
          if (isInUse) return { partitionIndex, errorCode: Errors.GROUP_SUBSCRIBED_TO_TOPIC };
          const isThere =
            this.#store.get(groupId, name, partitionIndex) !== undefined ||
            this.#store.isPending(groupId, name, partitionIndex);
          if (isThere) {
            effects.append({ kind: 'offset', groupId, topic: name, partition: partitionIndex, value: null });
          }
          return { partitionIndex, errorCode: Errors.NONE };
        }),
      };
    });
    return { errorCode: Errors.NONE, throttleTimeMs: 0, topics };
  }

  /** Tombstones for all offsets of a group. */
  deleteAll(groupId: string, effects: GroupEffects): void {
    for (const [topic, partitions] of this.#store.topicsOf(groupId) ?? []) {
      for (const partition of partitions.keys()) {
        effects.append({ kind: 'offset', groupId, topic, partition, value: null });
      }
    }
    this.#deletePending((record) => record.groupId === groupId, effects);
  }

  /** Tombstones for the offsets of topics that are gone. */
  topicsDeleted(names: ReadonlySet<string>, effects: GroupEffects): void {
    for (const groupId of this.#store.groupIds) {
      for (const [topic, partitions] of this.#store.topicsOf(groupId) ?? []) {
        if (!names.has(topic)) continue;
        for (const partition of partitions.keys()) {
          effects.append({ kind: 'offset', groupId, topic, partition, value: null });
        }
      }
    }
    this.#deletePending(({ topic }) => names.has(topic), effects);
  }

  /**
   * A tombstone stands behind what an open transaction has written: its commit does not bring that back. Partitions that have
   * committed offsets too have got theirs.
   */
  #deletePending(isGone: (record: OffsetRecord) => boolean, effects: GroupEffects): void {
    for (const record of this.#store.pending()) {
      const { groupId, topic, partition } = record;
      const hasCommitted = this.#store.get(groupId, topic, partition) !== undefined;
      if (!hasCommitted && isGone(record)) effects.append({ ...record, value: null });
    }
  }
}

export function commitFailure(request: OffsetCommitRequest, errorCode: ErrorCode): OffsetCommitResponse {
  return {
    topics: request.topics.map(({ name, topicId, partitions }) => ({
      name,
      topicId,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
    })),
  };
}

export function txnCommitFailure(request: TxnOffsetCommitRequest, errorCode: ErrorCode): TxnOffsetCommitResponse {
  const topics = request.topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
  }));
  return { throttleTimeMs: 0, topics };
}
