// Committed offsets of one group: written in the name of a member, or of nobody, and read again (Kafka: the commit side of
// ConsumerCoordinator and CommitRequestManager). Topics go by name: every broker knows them so.
import { type ErrorCode, Errors, KafkaError } from '../../protocol/index.ts';
import { OffsetCommit } from '../../protocol/messages/08-offset-commit.ts';
import { OffsetFetch } from '../../protocol/messages/09-offset-fetch.ts';
import { type ClusterClient, throwIfFailed } from '../connections/cluster-client.ts';
import { type GroupIdentity, NO_MEMBER } from './membership.ts';

export interface CommittedOffset {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly leaderEpoch?: number | undefined;
  readonly metadata?: string | undefined;
}

/** Both APIs name topics by id from version 10 on (KIP-848). */
const NEWEST_BY_NAME = 9;
const STATIC_MEMBERS = 7;
const STABLE_OFFSETS = 7;
const SEVERAL_GROUPS = 8;
/** Nothing that another try, in the same place in the group, could mend. */
const MOVED_ON: ReadonlySet<number> = new Set([Errors.STALE_MEMBER_EPOCH, Errors.REBALANCE_IN_PROGRESS]);

export class GroupOffsets {
  readonly #client: ClusterClient;
  readonly #groupId: string;
  readonly #identity: () => GroupIdentity | undefined;

  /** `identity`: as whom to commit, asked for with every try; undefined: a member that has no place now. */
  constructor(client: ClusterClient, groupId: string, identity: () => GroupIdentity | undefined) {
    this.#client = client;
    this.#groupId = groupId;
    this.#identity = identity;
  }

  /**
   * Rejects with KafkaError. While the group finds a new epoch or generation it is tried again as long as `deadlineMs`, with those
   * offsets that are `stillOurs` by then: what another owns meanwhile is his to commit.
   */
  async commit(
    offsets: readonly CommittedOffset[],
    deadlineMs: number,
    stillOurs: (offset: CommittedOffset) => boolean = () => true,
  ): Promise<void> {
    for (let failures = 1; ; failures++) {
      try {
        await this.#client.retrying(deadlineMs, () => this.#commitOnce(offsets.filter(stillOurs)));
        return;
      } catch (error) {
        const mayGoOn = error instanceof KafkaError && MOVED_ON.has(error.code) && !this.#client.isClosed;
        if (!mayGoOn || this.#client.clock.monotonicMs() >= deadlineMs) throw error;
      }
      await this.#client.pause(failures);
    }
  }

  /** Those that are committed. Rejects with KafkaError. */
  async committed(
    places: readonly { readonly topic: string; readonly partition: number }[],
    deadlineMs = this.#client.deadlineIn(this.#client.limits.apiTimeoutMs),
  ): Promise<(CommittedOffset & { readonly leaderEpoch: number; readonly metadata: string })[]> {
    if (places.length === 0) return [];
    const byTopic = new Map<string, number[]>();
    for (const { topic, partition } of places) byTopic.set(topic, [...(byTopic.get(topic) ?? []), partition]);
    const topics = [...byTopic].map(([name, partitionIndexes]) => ({ name, partitionIndexes }));
    return this.#client.retrying(deadlineMs, () => this.#fetchOnce(topics));
  }

  async #commitOnce(offsets: readonly CommittedOffset[]): Promise<void> {
    if (offsets.length === 0) return;
    const identity = this.#identity();
    if (identity === undefined) throw new KafkaError(Errors.UNKNOWN_MEMBER_ID);
    const { generationId, memberId, groupInstanceId } = identity;
    const topics = new Map<string, { name: string; partitions: ReturnType<typeof committedPartition>[] }>();
    for (const one of offsets) {
      const known = topics.get(one.topic) ?? { name: one.topic, partitions: [] };
      known.partitions.push(committedPartition(one));
      topics.set(one.topic, known);
    }
    const answer = await this.#client.askCoordinator(
      'group',
      this.#groupId,
      OffsetCommit,
      (version) => ({
        groupId: this.#groupId,
        generationIdOrMemberEpoch: generationId,
        memberId,
        ...(version >= STATIC_MEMBERS && { groupInstanceId }),
        topics: [...topics.values()],
      }),
      { newestVersion: NEWEST_BY_NAME },
    );
    for (const { partitions } of answer.topics) for (const { errorCode } of partitions) this.#check(errorCode);
  }

  async #fetchOnce(topics: readonly { readonly name: string; readonly partitionIndexes: readonly number[] }[]) {
    const groupId = this.#groupId;
    const { generationId, memberId, isModern } = this.#identity() ?? NO_MEMBER;
    const asMember = isModern ? { memberId, memberEpoch: generationId } : {};
    const answer = await this.#client.askCoordinator(
      'group',
      groupId,
      OffsetFetch,
      (version) => ({
        ...(version < SEVERAL_GROUPS ? { groupId, topics } : { groups: [{ groupId, topics, ...asMember }] }),
        ...(version >= STABLE_OFFSETS && { requireStable: true }),
      }),
      { newestVersion: NEWEST_BY_NAME },
    );
    const group = answer.groups[0] ?? answer;
    this.#check(group.errorCode);
    const found: (CommittedOffset & { leaderEpoch: number; metadata: string })[] = [];
    for (const { name: topic, partitions } of group.topics) {
      for (const { partitionIndex, errorCode, committedOffset, committedLeaderEpoch, metadata } of partitions) {
        this.#check(errorCode);
        const offset = Number(committedOffset);
        if (offset < 0) continue;
        found.push({
          topic,
          partition: partitionIndex,
          offset,
          leaderEpoch: committedLeaderEpoch,
          metadata: metadata ?? '',
        });
      }
    }
    return found;
  }

  #check(code: number): void {
    if (code === Errors.NOT_COORDINATOR || code === Errors.COORDINATOR_NOT_AVAILABLE) {
      this.#client.forgetCoordinator('group', this.#groupId);
    }
    throwIfFailed(code as ErrorCode);
  }
}

function committedPartition({ partition, offset, leaderEpoch, metadata }: CommittedOffset) {
  return {
    partitionIndex: partition,
    committedOffset: offset,
    committedLeaderEpoch: leaderEpoch ?? -1,
    committedMetadata: metadata ?? '',
  };
}
