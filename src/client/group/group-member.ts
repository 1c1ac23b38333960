// A member of a classic group: it joins, divides the partitions when it is the leader, holds its share as long as the generation
// lasts, and shows that it lives. Kafka's ConsumerCoordinator with the range assignor, eager.
import {
  type ApiSchema,
  type DecodedResponseOf,
  decodeVersioned,
  encodeVersioned,
  type ErrorCode,
  Errors,
  type Fields,
  type InputOf,
  isRetriable,
  KafkaError,
  type ValueOf,
} from '../../protocol/index.ts';
import { OffsetCommit } from '../../protocol/messages/08-offset-commit.ts';
import { OffsetFetch } from '../../protocol/messages/09-offset-fetch.ts';
import { JoinGroup } from '../../protocol/messages/11-join-group.ts';
import { Heartbeat } from '../../protocol/messages/12-heartbeat.ts';
import { LeaveGroup } from '../../protocol/messages/13-leave-group.ts';
import { SyncGroup } from '../../protocol/messages/14-sync-group.ts';
import { consumerProtocolAssignment, consumerProtocolSubscription } from '../../protocol/messages/consumer-protocol.ts';
import type { Timer } from '../../runtime/index.ts';
import { type ClusterClient, throwIfFailed } from '../connections/cluster-client.ts';
import { rangeAssignment, type TopicPartitions } from './range-assignment.ts';
import type { ConsumedOffsets } from '../producer/transactions.ts';

export interface GroupMemberOptions {
  readonly groupId: string;
  readonly topics: readonly string[];
  /** session.timeout.ms, heartbeat.interval.ms, max.poll.interval.ms */
  readonly sessionTimeoutMs?: number;
  readonly heartbeatIntervalMs?: number;
  readonly rebalanceTimeoutMs?: number;
  /** The share is no longer ours from now on. */
  readonly revoked?: () => void;
}

/** A share that is held: of this generation, until `revoked`. */
export interface GroupShare {
  readonly generationId: number;
  readonly memberId: string;
  readonly partitions: readonly { readonly topic: string; readonly partition: number }[];
}

const PROTOCOL = 'range';
const PROTOCOL_TYPE = 'consumer';
const VERSION = 1;
const DEFAULTS = { sessionTimeoutMs: 45_000, heartbeatIntervalMs: 3_000, rebalanceTimeoutMs: 300_000 };
/** Beyond the longest that a join may wait for others. */
const JOIN_SLACK_MS = 5_000;
const NOT_OURS: ReadonlySet<ErrorCode> = new Set([
  Errors.UNKNOWN_MEMBER_ID,
  Errors.ILLEGAL_GENERATION,
  Errors.FENCED_INSTANCE_ID,
]);

export class GroupMember {
  readonly #client: ClusterClient;
  readonly #options: GroupMemberOptions & typeof DEFAULTS;
  #memberId = '';
  #share: GroupShare | undefined;
  #heartbeat: Timer | undefined;

  constructor(client: ClusterClient, options: GroupMemberOptions) {
    this.#client = client.apart();
    this.#options = { ...DEFAULTS, ...options };
  }

  /** undefined: it has to join, for the first time or again. */
  get share(): GroupShare | undefined {
    return this.#share;
  }

  /** Joins until it has a share, which may be empty. Rejects with KafkaError when that takes longer than `timeoutMs`. */
  async join(timeoutMs: number): Promise<GroupShare> {
    const deadlineMs = this.#client.deadlineIn(timeoutMs);
    for (let failures = 1; ; failures++) {
      try {
        return await this.#joinOnce();
      } catch (error) {
        if (!(error instanceof KafkaError) || !this.#canJoinAgain(error.code)) throw error;
        if (this.#client.isClosed || this.#client.clock.monotonicMs() >= deadlineMs) throw error;
        if (error.code !== Errors.MEMBER_ID_REQUIRED) await this.#client.pause(failures);
      }
    }
  }

  /** Rejects with KafkaError. What is committed in another generation than ours is refused. */
  async commit(offsets: ConsumedOffsets): Promise<void> {
    const { groupId } = this.#options;
    const share = this.#share;
    const request = {
      groupId,
      generationIdOrMemberEpoch: share?.generationId ?? -1,
      memberId: share?.memberId ?? '',
      groupInstanceId: null,
      retentionTimeMs: -1,
      topics: offsets.map(({ topic, partition, offset }) => ({
        name: topic,
        topicId: this.#client.topics.idOf(topic) ?? '',
        partitions: [
          { partitionIndex: partition, committedOffset: offset, committedLeaderEpoch: -1, committedMetadata: '' },
        ],
      })),
    };
    await this.#client.retrying(this.#client.deadlineIn(this.#client.limits.apiTimeoutMs), async () => {
      const answer = await this.#ask(OffsetCommit, request, 9);
      const failed = answer.topics
        .flatMap(({ partitions }) => partitions)
        .find(({ errorCode }) => errorCode !== Errors.NONE);
      this.#check(failed?.errorCode ?? Errors.NONE);
    });
  }

  /** -1: none is committed. Rejects with KafkaError. */
  async committed(topic: string, partition: number): Promise<number> {
    const { groupId } = this.#options;
    const groups = [{ groupId, topics: [{ name: topic, partitionIndexes: [partition] }] }];
    return this.#client.retrying(this.#client.deadlineIn(this.#client.limits.apiTimeoutMs), async () => {
      const answer = await this.#ask(OffsetFetch, { groups, requireStable: true }, 8);
      const group = answer.groups[0];
      this.#check(group?.errorCode ?? Errors.UNKNOWN_SERVER_ERROR);
      const found = group?.topics[0]?.partitions[0];
      this.#check(found?.errorCode ?? Errors.UNKNOWN_SERVER_ERROR);
      return Number(found?.committedOffset ?? -1);
    });
  }

  /** Gives the share up; the group need not wait for the session to run out. One try. */
  async leave(): Promise<void> {
    const memberId = this.#memberId;
    this.#lose();
    this.#memberId = '';
    if (memberId !== '') await this.#ask(LeaveGroup, { groupId: this.#options.groupId, members: [{ memberId }] });
  }

  /** Says nothing more, as if it had died. */
  close(): void {
    this.#heartbeat?.cancel();
    this.#heartbeat = undefined;
    void this.#client.close();
  }

  async #joinOnce(): Promise<GroupShare> {
    const { groupId, topics, sessionTimeoutMs, rebalanceTimeoutMs } = this.#options;
    this.#lose();
    const metadata = encodeVersioned(consumerProtocolSubscription, VERSION, {
      topics: [...topics],
      ownedPartitions: [],
    });
    const joined = await this.#ask(
      JoinGroup,
      {
        groupId,
        sessionTimeoutMs,
        rebalanceTimeoutMs,
        memberId: this.#memberId,
        protocolType: PROTOCOL_TYPE,
        protocols: [{ name: PROTOCOL, metadata }],
      },
      undefined,
      rebalanceTimeoutMs + JOIN_SLACK_MS,
    );
    if (joined.errorCode === Errors.MEMBER_ID_REQUIRED) this.#memberId = joined.memberId;
    this.#check(joined.errorCode);
    this.#memberId = joined.memberId;
    const { generationId, memberId } = joined;
    const synced = await this.#ask(
      SyncGroup,
      {
        groupId,
        generationId,
        memberId,
        protocolType: PROTOCOL_TYPE,
        protocolName: PROTOCOL,
        assignments: joined.leader === memberId ? await this.#divide(joined) : [],
      },
      undefined,
      rebalanceTimeoutMs + JOIN_SLACK_MS,
    );
    this.#check(synced.errorCode);
    return this.#hold({ generationId, memberId, partitions: partitionsIn(synced.assignment) });
  }

  async #divide({ members }: DecodedResponseOf<typeof JoinGroup>) {
    const subscriptions = members.map(({ memberId, metadata }) => ({
      memberId,
      topics: decodeVersioned(consumerProtocolSubscription, metadata).topics,
    }));
    const topics = [...new Set(subscriptions.flatMap((one) => one.topics))];
    for (const topic of topics) await this.#client.leaderOf(topic, 0);
    const partitions = new Map(topics.map((topic) => [topic, this.#client.topics.partitionsOf(topic)]));
    return [...rangeAssignment(subscriptions, partitions)].map(([memberId, share]) => ({
      memberId,
      assignment: encodeVersioned(consumerProtocolAssignment, VERSION, { assignedPartitions: share }),
    }));
  }

  #hold(share: GroupShare): GroupShare {
    this.#share = share;
    this.#beatLater(share);
    return share;
  }

  #beatLater(share: GroupShare): void {
    this.#heartbeat = this.#client.clock.schedule(this.#options.heartbeatIntervalMs, () => {
      if (this.#share === share) void this.#beat(share);
    });
  }

  async #beat(share: GroupShare): Promise<void> {
    const { generationId, memberId } = share;
    try {
      const answer = await this.#ask(Heartbeat, { groupId: this.#options.groupId, generationId, memberId });
      this.#check(answer.errorCode);
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      if (error.code === Errors.REBALANCE_IN_PROGRESS) this.#lose();
    }
    if (this.#share === share && this.#heartbeat !== undefined) this.#beatLater(share);
  }

  #lose(): void {
    this.#heartbeat?.cancel();
    this.#heartbeat = undefined;
    if (this.#share === undefined) return;
    this.#share = undefined;
    this.#options.revoked?.();
  }

  #ask: ClusterAsk = (api, request, version, timeoutMs) =>
    this.#client.askCoordinator('group', this.#options.groupId, api, request, {
      version,
      ...(timeoutMs !== undefined && { timeoutMs }),
    });

  /** Throws KafkaError when the code is one of a failure, behind what it says of our place in the group. */
  #check(code: number): void {
    if (code === Errors.NOT_COORDINATOR || code === Errors.COORDINATOR_NOT_AVAILABLE) {
      this.#client.forgetCoordinator('group', this.#options.groupId);
    }
    if (NOT_OURS.has(code as ErrorCode)) {
      if (code !== Errors.ILLEGAL_GENERATION) this.#memberId = '';
      this.#lose();
    }
    throwIfFailed(code);
  }

  #canJoinAgain(code: ErrorCode): boolean {
    return (
      isRetriable(code) ||
      NOT_OURS.has(code) ||
      code === Errors.MEMBER_ID_REQUIRED ||
      code === Errors.REBALANCE_IN_PROGRESS ||
      code === Errors.BROKER_NOT_AVAILABLE
    );
  }
}

type ClusterAsk = <Q extends Fields, S extends Fields>(
  api: ApiSchema<Q, S>,
  request: InputOf<Q>,
  version?: number,
  timeoutMs?: number,
) => Promise<ValueOf<S>>;

function partitionsIn(assignment: Uint8Array): GroupShare['partitions'] {
  if (assignment.length === 0) return [];
  const { assignedPartitions } = decodeVersioned(consumerProtocolAssignment, assignment);
  return assignedPartitions.flatMap(({ topic, partitions }: TopicPartitions) =>
    partitions.map((partition) => ({ topic, partition })),
  );
}
