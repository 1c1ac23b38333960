// A member of a share group (KIP-932): the coordinator says with its heartbeats which partitions to fetch from; several members may have
// the same, and nothing has to be given up in order. Kafka's ShareMembershipManager.
import { type ErrorCode, Errors, isRetriable, KafkaError } from '../../protocol/index.ts';
import { ShareGroupHeartbeat } from '../../protocol/messages/76-share-group-heartbeat.ts';
import type { ClusterClient } from '../connections/cluster-client.ts';
import { HeartbeatTimer } from '../group/heartbeat-timer.ts';
import { newMemberId } from '../group/member-id.ts';
import { TopicIds } from '../group/topic-ids.ts';
import { placeName } from '../consumer/consumed-record.ts';
import type { SharePartition } from './share-session.ts';

export interface ShareMemberOptions {
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly rack: string;
  /** The assignment is another one. */
  readonly changed: () => void;
  readonly fault: (error: unknown) => void;
}

const JOIN_EPOCH = 0;
const LEAVE_EPOCH = -1;
const FIRST_INTERVAL_MS = 1_000;
const FENCED: ReadonlySet<number> = new Set([Errors.FENCED_MEMBER_EPOCH, Errors.UNKNOWN_MEMBER_ID]);

export class ShareMember {
  readonly memberId: string;
  readonly #client: ClusterClient;
  readonly #options: ShareMemberOptions;
  readonly #heartbeats: HeartbeatTimer;
  readonly #topicIds: TopicIds;
  #epoch = JOIN_EPOCH;
  #target: readonly { readonly topicId: string; readonly partitions: readonly number[] }[] | undefined;
  #partitions: readonly SharePartition[] = [];
  #intervalMs = FIRST_INTERVAL_MS;
  #isTold = false;
  #failures = 0;
  #isOver = false;
  #isStarted = false;

  constructor(client: ClusterClient, options: ShareMemberOptions) {
    this.#client = client;
    this.#options = options;
    this.memberId = newMemberId(client.random);
    this.#topicIds = new TopicIds(client);
    this.#heartbeats = new HeartbeatTimer(client.clock, () => this.#beat());
  }

  /** To fetch from. */
  get partitions(): readonly SharePartition[] {
    return this.#partitions;
  }

  start(): void {
    if (this.#isStarted || this.#isOver) return;
    this.#isStarted = true;
    this.#heartbeats.start(0);
  }

  /** Resolves when the coordinator has been told, or cannot be. */
  async leave(): Promise<void> {
    this.#isOver = true;
    this.#heartbeats.stop();
    this.#partitions = [];
    if (this.#epoch === JOIN_EPOCH) return;
    await this.#ask(LEAVE_EPOCH, false).catch((error: unknown) => {
      if (!(error instanceof KafkaError)) throw error;
    });
  }

  async #beat(): Promise<number | undefined> {
    if (this.#isOver) return undefined;
    try {
      const isAll = !this.#isTold || this.#epoch === JOIN_EPOCH;
      const answer = await this.#ask(this.#epoch, isAll);
      if (answer.errorCode !== Errors.NONE) {
        throw new KafkaError(answer.errorCode as ErrorCode, answer.errorMessage ?? undefined);
      }
      this.#isTold = true;
      this.#failures = 0;
      this.#epoch = answer.memberEpoch;
      this.#intervalMs = answer.heartbeatIntervalMs;
      if (answer.assignment !== null) this.#target = answer.assignment.topicPartitions;
      await this.#takeTarget();
      return this.#intervalMs;
    } catch (error) {
      return this.#failed(error);
    }
  }

  #ask(memberEpoch: number, isAll: boolean) {
    const { groupId, topics, rack } = this.#options;
    return this.#client.askCoordinator('group', groupId, ShareGroupHeartbeat, {
      groupId,
      memberId: this.memberId,
      memberEpoch,
      ...(isAll && { rackId: rack === '' ? null : rack, subscribedTopicNames: topics }),
    });
  }

  async #takeTarget(): Promise<void> {
    const target = this.#target;
    if (target === undefined) return;
    const { isWhole } = await this.#topicIds.named(target);
    const partitions: SharePartition[] = [];
    for (const { topicId, partitions: indexes } of target) {
      const topic = this.#topicIds.nameOf(topicId);
      if (topic === undefined) continue;
      for (const partition of indexes)
        partitions.push({ topic, topicId, partition, name: placeName(topic, partition) });
    }
    if (isWhole) this.#target = undefined;
    this.#partitions = partitions;
    this.#options.changed();
  }

  #failed(error: unknown): number | undefined {
    if (this.#isOver) return undefined;
    if (!(error instanceof KafkaError)) {
      this.#options.fault(error);
      return undefined;
    }
    const { code } = error;
    if (code === Errors.NOT_COORDINATOR || code === Errors.COORDINATOR_NOT_AVAILABLE) {
      this.#client.forgetCoordinator('group', this.#options.groupId);
    }
    if (FENCED.has(code)) {
      this.#epoch = JOIN_EPOCH;
      this.#isTold = false;
      return 0;
    }
    if (isRetriable(code) || code === Errors.BROKER_NOT_AVAILABLE) {
      this.#isTold = false;
      const { firstBackoffMs, longestBackoffMs } = this.#client.limits;
      return Math.min(longestBackoffMs, firstBackoffMs * 2 ** Math.min(this.#failures++, 10));
    }
    this.#isOver = true;
    this.#options.fault(error);
    return undefined;
  }
}
