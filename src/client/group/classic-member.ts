// A member of a classic group: it joins, divides the partitions when it is the leader, holds its share as long as the generation
// lasts, and shows that it lives. Eager members give everything up before they join again, cooperative ones only what another is to
// have (KIP-429). Kafka's ConsumerCoordinator and AbstractCoordinator.
import { type ErrorCode, Errors, isRetriable, KafkaError } from '../../protocol/index.ts';
import { Heartbeat } from '../../protocol/messages/12-heartbeat.ts';
import { LeaveGroup } from '../../protocol/messages/13-leave-group.ts';
import { type ClusterClient, throwIfFailed } from '../connections/cluster-client.ts';
import type { Assignor } from './assignors/assignor.ts';
import { HeartbeatTimer } from './heartbeat-timer.ts';
import { JoinRound, type Joined } from './join-round.ts';
import { type GroupIdentity, type GroupOptions, type Membership, type MembershipHost, without } from './membership.ts';
import { partitionCounts, type Subscription } from './subscription.ts';

export interface ClassicOptions extends GroupOptions {
  /** In the order preferred; all of one protocol, or cooperative ones before eager ones while a group is being changed over. */
  readonly assignors: readonly Assignor[];
}

const INSTANCE_IDS = 3;
const NO_GENERATION = -1;
/** The place is lost; the member joins as a new one, or under its id. */
const LOST: ReadonlySet<number> = new Set([Errors.UNKNOWN_MEMBER_ID, Errors.ILLEGAL_GENERATION]);
/** Others may mend it meanwhile: the member goes on trying. */
const PASSING: ReadonlySet<number> = new Set([
  Errors.REBALANCE_IN_PROGRESS,
  Errors.MEMBER_ID_REQUIRED,
  Errors.BROKER_NOT_AVAILABLE,
  Errors.UNKNOWN_MEMBER_ID,
  Errors.ILLEGAL_GENERATION,
]);

export class ClassicMember implements Membership {
  readonly #client: ClusterClient;
  readonly #shared: ClusterClient;
  readonly #options: ClassicOptions;
  readonly #subscription: Subscription;
  readonly #host: MembershipHost;
  readonly #heartbeats: HeartbeatTimer;
  #memberId = '';
  #generationId = NO_GENERATION;
  /** The generation in which what is owned was assigned. */
  #ownedGeneration = NO_GENERATION;
  /** What all of its assignors can do. */
  readonly #isCooperative: boolean;
  /** What the assignment rests on when this member leads: other counts of partitions, or topics, mean another one. */
  #divided: string | undefined;
  #lookAgainAtMs = 0;
  #wake: () => void = () => undefined;
  #state: 'new' | 'joining' | 'stable' | 'outdated' | 'away' | 'left' = 'new';

  constructor(shared: ClusterClient, options: ClassicOptions, subscription: Subscription, host: MembershipHost) {
    // A join may wait long for its answer, and whatever is asked behind it on the same connection waits with it.
    const client = shared.apart();
    this.#client = client;
    this.#shared = shared;
    this.#options = options;
    this.#subscription = subscription;
    this.#host = host;
    this.#isCooperative = options.assignors.every(({ protocol }) => protocol === 'cooperative');
    this.#heartbeats = new HeartbeatTimer(client.clock, () => this.#beat());
  }

  get identity(): GroupIdentity {
    return {
      generationId: this.#generationId,
      memberId: this.#memberId,
      groupInstanceId: this.#options.groupInstanceId,
      isModern: false,
    };
  }

  get isAway(): boolean {
    return this.#state === 'away';
  }

  start(): void {
    if (this.#state === 'new') void this.#live();
  }

  rejoin(): void {
    if (this.#state === 'away' || this.#state === 'stable') this.#become('outdated');
  }

  async leave(isForGood: boolean): Promise<void> {
    const hasPlace = this.#generationId >= 0 || this.#memberId !== '';
    this.#become('left');
    this.#heartbeats.stop();
    if (hasPlace && isForGood) await this.#tellLeave();
    void this.#client.close();
  }

  /** Joins, and joins again, until it is left. */
  async #live(): Promise<void> {
    for (let failures = 0; ; ) {
      try {
        await this.#joinAgain();
        failures = 0;
        await this.#whileStable();
      } catch (error) {
        if (!(await this.#mayGoOn(error, ++failures))) return;
      }
      if (this.#hasLeft()) return;
    }
  }

  async #joinAgain(): Promise<void> {
    this.#state = 'joining';
    const before = this.#host.owned();
    if (!this.#isCooperative && before.length > 0) await this.#host.revoke(before, this.#rebalanceDeadline());
    if (this.#hasLeft()) return;
    await this.#subscription.resolve(this.#client);
    const round = new JoinRound(this.#client, this.#options, {
      memberId: this.#memberId,
      topics: this.#subscription.names,
      owned: this.#isCooperative ? this.#host.owned() : [],
      previous: before,
      generationId: this.#ownedGeneration,
      named: (memberId) => {
        this.#memberId = memberId;
      },
      check: (code) => this.#check(code),
    });
    // While the others join, nobody waits for heartbeats.
    this.#heartbeats.stop();
    const joined = await round.run();
    if (this.#hasLeft()) return;
    this.#generationId = joined.generationId;
    this.#heartbeats.start(this.#options.heartbeatIntervalMs);
    await this.#take(joined);
  }

  async #take({ generationId, places, divided }: Joined): Promise<void> {
    this.#divided = divided;
    this.#lookAgainAtMs = this.#client.deadlineIn(this.#client.limits.metadataMaxAgeMs);
    this.#state = 'stable';
    const owned = this.#host.owned();
    const revoked = without(owned, places);
    if (revoked.length > 0) await this.#host.revoke(revoked, this.#rebalanceDeadline());
    if (this.#generationId !== generationId || this.#hasLeft()) return;
    this.#ownedGeneration = generationId;
    await this.#host.assign(without(places, owned));
    // What was given up is another's in the next generation.
    if (revoked.length > 0 && this.#isCooperative && this.#generationId === generationId) this.#become('outdated');
  }

  /** Until something calls for another join. */
  async #whileStable(): Promise<void> {
    while (this.#state === 'stable' || this.#state === 'away') {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #become(state: 'outdated' | 'away' | 'left'): void {
    if (this.#state !== 'left') this.#state = state;
    this.#wake();
  }

  #hasLeft(): boolean {
    return this.#state === 'left' || this.#client.isClosed;
  }

  #rebalanceDeadline(): number {
    return this.#client.deadlineIn(this.#options.rebalanceTimeoutMs);
  }

  async #mayGoOn(error: unknown, failures: number): Promise<boolean> {
    if (this.#hasLeft()) return false;
    if (!(error instanceof KafkaError) || !(isRetriable(error.code) || PASSING.has(error.code))) {
      this.#heartbeats.stop();
      await this.#loseAll();
      this.#state = 'left';
      this.#host.fault(error);
      return false;
    }
    if (LOST.has(error.code)) await this.#loseAll();
    if (error.code !== Errors.MEMBER_ID_REQUIRED) await this.#client.pause(failures);
    return !this.#hasLeft();
  }

  async #loseAll(): Promise<void> {
    this.#ownedGeneration = NO_GENERATION;
    const owned = this.#host.owned();
    if (owned.length > 0) await this.#host.lose(owned);
  }

  async #beat(): Promise<number | undefined> {
    const { groupId, groupInstanceId, heartbeatIntervalMs } = this.#options;
    if (this.#host.isIdleTooLong()) {
      await this.#goAway();
      return undefined;
    }
    const generationId = this.#generationId;
    try {
      const answer = await this.#client.askCoordinator('group', groupId, Heartbeat, (version) => ({
        groupId,
        generationId,
        memberId: this.#memberId,
        ...(version >= INSTANCE_IDS && { groupInstanceId }),
      }));
      if (generationId === this.#generationId) this.#check(answer.errorCode);
      await this.#lookAtTopics();
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      if (error.code === Errors.REBALANCE_IN_PROGRESS) this.#become('outdated');
      else if (LOST.has(error.code)) {
        await this.#loseAll();
        this.#become('outdated');
      } else if (!isRetriable(error.code) && !PASSING.has(error.code)) {
        await this.#loseAll();
        this.#host.fault(error);
        this.#become('left');
      }
    }
    return heartbeatIntervalMs;
  }

  /** The program does not come for its records: others may have them, until it comes back (KIP-62). */
  async #goAway(): Promise<void> {
    this.#become('away');
    await this.#tellLeave();
    this.#memberId = this.#options.groupInstanceId === null ? '' : this.#memberId;
    this.#generationId = NO_GENERATION;
    await this.#loseAll();
  }

  async #tellLeave(): Promise<void> {
    const { groupId, groupInstanceId } = this.#options;
    const memberId = this.#memberId;
    const left = this.#shared.askCoordinator('group', groupId, LeaveGroup, (version) =>
      version < INSTANCE_IDS ? { groupId, memberId } : { groupId, members: [{ memberId, groupInstanceId }] },
    );
    // The session runs out where nobody can be told.
    await left.catch((error: unknown) => {
      if (!(error instanceof KafkaError)) throw error;
    });
  }

  /** The leader sees to it that new partitions, and topics that come to match, are given out. */
  async #lookAtTopics(): Promise<void> {
    if (this.#divided === undefined || this.#client.clock.monotonicMs() < this.#lookAgainAtMs) return;
    this.#lookAgainAtMs = this.#client.deadlineIn(this.#client.limits.metadataMaxAgeMs);
    await this.#subscription.resolve(this.#client);
    const counts = await partitionCounts(this.#client, JoinRound.topicsOf(this.#divided, this.#subscription.names));
    if (JoinRound.told(counts) !== this.#divided) this.#become('outdated');
  }

  /** Throws KafkaError when the code is one of a failure, behind what it says of our place in the group. */
  #check(code: number): void {
    if (code === Errors.NOT_COORDINATOR || code === Errors.COORDINATOR_NOT_AVAILABLE) {
      this.#client.forgetCoordinator('group', this.#options.groupId);
    }
    if (LOST.has(code)) {
      this.#generationId = NO_GENERATION;
      if (code === Errors.UNKNOWN_MEMBER_ID) this.#memberId = '';
    }
    throwIfFailed(code as ErrorCode);
  }
}
