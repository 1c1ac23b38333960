// A member of a consumer group (KIP-848): the coordinator says with its heartbeats what the member is to have, the member gives up and
// takes over step by step and tells what it has. Kafka's ConsumerMembershipManager and ConsumerHeartbeatRequestManager.
import { type DecodedResponseOf, type ErrorCode, Errors, isRetriable, KafkaError } from '../../protocol/index.ts';
import { ConsumerGroupHeartbeat } from '../../protocol/messages/68-consumer-group-heartbeat.ts';
import type { ClusterClient } from '../connections/cluster-client.ts';
import { HeartbeatTimer } from './heartbeat-timer.ts';
import {
  type GroupIdentity,
  type GroupOptions,
  type GroupPlace,
  type Membership,
  type MembershipHost,
  without,
} from './membership.ts';
import { newMemberId } from './member-id.ts';
import type { Subscription } from './subscription.ts';
import { TopicIds } from './topic-ids.ts';

export interface ConsumerMemberOptions extends GroupOptions {
  /** group.remote.assignor: 'uniform', 'range', or null for the broker's choice. */
  readonly remoteAssignor: string | null;
  /** The coordinator does not take it by this protocol: undefined when that is a fault, else what to do instead. */
  readonly refused?: (() => void) | undefined;
}

type Answer = DecodedResponseOf<typeof ConsumerGroupHeartbeat>;
type TargetTopic = { readonly topicId: string; readonly partitions: readonly number[] };

const JOIN_EPOCH = 0;
const LEAVE_EPOCH = -1;
const LEAVE_FOR_A_WHILE_EPOCH = -2;
/** Members make their ids, and patterns are resolved by the coordinator, from this version on (KIP-1082). */
const OWN_IDS = 1;
const FIRST_INTERVAL_MS = 1_000;
/** The place is lost; the member joins again. */
const FENCED: ReadonlySet<number> = new Set([Errors.FENCED_MEMBER_EPOCH, Errors.UNKNOWN_MEMBER_ID]);
/** The group, or the cluster, is of an older time. */
const OTHER_PROTOCOL: ReadonlySet<number> = new Set([
  Errors.UNSUPPORTED_VERSION,
  Errors.GROUP_ID_NOT_FOUND,
  Errors.INCONSISTENT_GROUP_PROTOCOL,
]);

export class ConsumerMember implements Membership {
  readonly #client: ClusterClient;
  readonly #options: ConsumerMemberOptions;
  readonly #subscription: Subscription;
  readonly #host: MembershipHost;
  readonly #heartbeats: HeartbeatTimer;
  readonly #topicIds: TopicIds;
  readonly #ownId: string;
  #memberId: string;
  #epoch = JOIN_EPOCH;
  #state: 'new' | 'joined' | 'away' | 'left' = 'new';
  /** What the coordinator wants; undefined: nothing that has not been done. */
  #target: readonly TargetTopic[] | undefined;
  #isReconciling = false;
  /** What the coordinator was last told that we have; undefined: it is to be told. */
  #told: string | undefined;
  #isAllToBeTold = true;
  #intervalMs = FIRST_INTERVAL_MS;
  #failures = 0;

  constructor(shared: ClusterClient, options: ConsumerMemberOptions, subscription: Subscription, host: MembershipHost) {
    this.#client = shared.apart();
    this.#options = options;
    this.#subscription = subscription;
    this.#host = host;
    this.#ownId = newMemberId(shared.random);
    this.#memberId = this.#ownId;
    this.#topicIds = new TopicIds(this.#client);
    this.#heartbeats = new HeartbeatTimer(shared.clock, () => this.#beat());
  }

  get identity(): GroupIdentity {
    const isMember = this.#epoch > JOIN_EPOCH;
    return {
      generationId: isMember ? this.#epoch : -1,
      memberId: isMember ? this.#memberId : '',
      groupInstanceId: this.#options.groupInstanceId,
      isModern: isMember,
    };
  }

  get isAway(): boolean {
    return this.#state === 'away';
  }

  start(): void {
    if (this.#state === 'new') this.rejoin();
  }

  rejoin(): void {
    if (this.#state === 'left') return;
    this.#state = 'joined';
    this.#isAllToBeTold = true;
    this.#heartbeats.start(0);
  }

  async leave(isForGood: boolean): Promise<void> {
    const hasPlace = this.#epoch > JOIN_EPOCH;
    this.#state = 'left';
    this.#heartbeats.stop();
    if (hasPlace) await this.#tellLeave(isForGood ? LEAVE_EPOCH : LEAVE_FOR_A_WHILE_EPOCH);
    this.#epoch = JOIN_EPOCH;
    void this.#client.close();
  }

  async #tellLeave(memberEpoch: number): Promise<void> {
    const { groupId, groupInstanceId: instanceId } = this.#options;
    // Only static members can be away for a while; others are told of nothing, and their session runs out.
    if (memberEpoch === LEAVE_FOR_A_WHILE_EPOCH && instanceId === null) return;
    const request = { groupId, memberId: this.#memberId, memberEpoch, instanceId };
    await this.#client.askCoordinator('group', groupId, ConsumerGroupHeartbeat, request).catch((error: unknown) => {
      if (!(error instanceof KafkaError)) throw error;
    });
  }

  async #beat(): Promise<number | undefined> {
    if (this.#state !== 'joined') return undefined;
    if (this.#host.isIdleTooLong()) {
      await this.#goAway();
      return undefined;
    }
    try {
      const answer = await this.#ask();
      if (this.#state !== 'joined') return undefined;
      this.#failures = 0;
      this.#take(answer);
      return this.#intervalMs;
    } catch (error) {
      return this.#failed(error);
    }
  }

  async #ask(): Promise<Answer> {
    const { groupId, groupInstanceId, rack, rebalanceTimeoutMs, remoteAssignor } = this.#options;
    const isAll = this.#isAllToBeTold || this.#epoch === JOIN_EPOCH;
    const owned = this.#topicIds.withIds(this.#epoch === JOIN_EPOCH ? [] : this.#host.owned());
    const ownedText = JSON.stringify(owned);
    const { pattern, names } = this.#subscription;
    const memberEpoch = this.#epoch;
    const answer = await this.#client.askCoordinator('group', groupId, ConsumerGroupHeartbeat, (version) => {
      if (version < OWN_IDS && memberEpoch === JOIN_EPOCH && this.#memberId === this.#ownId) this.#memberId = '';
      if (version < OWN_IDS && pattern !== undefined) throw new KafkaError(Errors.UNSUPPORTED_VERSION);
      return {
        groupId,
        memberId: this.#memberId,
        memberEpoch,
        instanceId: groupInstanceId,
        ...(isAll && {
          rackId: rack === '' ? null : rack,
          rebalanceTimeoutMs,
          subscribedTopicNames: pattern === undefined ? names : [],
          // '' says that there is none, as librdkafka does, whose mock cluster ends at a null beside names.
          ...(version >= OWN_IDS && { subscribedTopicRegex: pattern ?? '' }),
          serverAssignor: remoteAssignor,
        }),
        topicPartitions: isAll || this.#told !== ownedText ? owned : null,
      };
    });
    if (answer.errorCode !== Errors.NONE) {
      throw new KafkaError(answer.errorCode as ErrorCode, answer.errorMessage ?? undefined);
    }
    this.#told = ownedText;
    this.#isAllToBeTold = false;
    return answer;
  }

  #take({ memberId, memberEpoch, heartbeatIntervalMs, assignment }: Answer): void {
    if (memberId !== null && memberId !== '') this.#memberId = memberId;
    this.#epoch = memberEpoch;
    this.#intervalMs = heartbeatIntervalMs;
    if (assignment !== null) this.#target = assignment.topicPartitions;
    if (this.#target !== undefined && !this.#isReconciling) void this.#reconcile();
  }

  /** Towards the last target, however often it changes meanwhile; heartbeats go on beside it. */
  async #reconcile(): Promise<void> {
    this.#isReconciling = true;
    try {
      while (this.#target !== undefined && this.#state === 'joined' && this.#epoch !== JOIN_EPOCH) {
        const target = this.#target;
        const places = await this.#topicIds.named(target);
        const owned = this.#host.owned();
        const revoked = without(owned, places.found);
        const deadlineMs = this.#client.deadlineIn(this.#options.rebalanceTimeoutMs);
        if (revoked.length > 0) await this.#host.revoke(revoked, deadlineMs);
        if (this.#state !== 'joined' || this.#epoch === JOIN_EPOCH) return;
        await this.#assignNew(places.found, target);
        if (this.#target === target && places.isWhole) this.#target = undefined;
        this.#heartbeats.now();
        // A topic that nobody knows yet: another heartbeat looks again.
        if (!places.isWhole) return;
      }
    } catch (error) {
      if (!(error instanceof KafkaError)) this.#host.fault(error);
    } finally {
      this.#isReconciling = false;
    }
  }

  async #assignNew(places: readonly GroupPlace[], target: readonly TargetTopic[]): Promise<void> {
    // What has been wanted meanwhile may be less.
    if (this.#target !== target && this.#target !== undefined) return;
    const added = without(places, this.#host.owned());
    await this.#host.assign(added);
  }

  async #failed(error: unknown): Promise<number | undefined> {
    if (!(error instanceof KafkaError)) {
      this.#host.fault(error);
      return undefined;
    }
    const { code } = error;
    if (code === Errors.NOT_COORDINATOR || code === Errors.COORDINATOR_NOT_AVAILABLE) {
      this.#client.forgetCoordinator('group', this.#options.groupId);
    }
    if (FENCED.has(code)) {
      await this.#loseAll();
      return 0;
    }
    if (isRetriable(code) || code === Errors.BROKER_NOT_AVAILABLE) {
      // What was told may not have arrived.
      this.#told = undefined;
      this.#isAllToBeTold = true;
      const { firstBackoffMs, longestBackoffMs } = this.#client.limits;
      return Math.min(longestBackoffMs, firstBackoffMs * 2 ** Math.min(this.#failures++, 10));
    }
    await this.#loseAll();
    this.#state = 'left';
    this.#heartbeats.stop();
    const { refused } = this.#options;
    if (refused !== undefined && OTHER_PROTOCOL.has(code)) refused();
    else this.#host.fault(error);
    return undefined;
  }

  async #loseAll(): Promise<void> {
    this.#epoch = JOIN_EPOCH;
    this.#target = undefined;
    this.#told = undefined;
    this.#isAllToBeTold = true;
    const owned = this.#host.owned();
    if (owned.length > 0) await this.#host.lose(owned);
  }

  /** The program does not come for its records: others may have them, until it comes back. */
  async #goAway(): Promise<void> {
    this.#state = 'away';
    const { groupInstanceId } = this.#options;
    if (this.#epoch > JOIN_EPOCH) {
      await this.#tellLeave(groupInstanceId === null ? LEAVE_EPOCH : LEAVE_FOR_A_WHILE_EPOCH);
    }
    await this.#loseAll();
  }
}
