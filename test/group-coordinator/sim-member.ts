// A client as the common libraries are: it retries, joins again when told to, and leaves or dies when the world says so.
// Some are old, some are slow at the very moment when a time-out ends, some lose an answer and ask again.
import { assert, delay, randomInt } from '../../src/runtime/index.ts';
import { Errors } from '../../src/protocol/index.ts';
import {
  commitRequest,
  context,
  decoded,
  type Joined,
  joinRequest,
  type Synced,
  syncRequest,
} from './coordinator-under-test.ts';
import type { GroupCoordinator } from '../../src/group-coordinator/index.ts';
import type { Simulation } from '../../src/runtime/sim/index.ts';

export const PARTITIONS = 6;
export const SESSION_MS = 6_000;
const REBALANCE_MS = 4_000;
const HEARTBEAT_MS = 1_500;
const RETRY_MS = 100;
/** Beyond offset.metadata.max.bytes. */
const LONG_METADATA = 'm'.repeat(4_097);

/** With static members from 5 on; before 4 nobody is asked to come back with an id. */
const VERSIONS = { dynamic: [2, 3, 5, 9], static: [5, 9] };
/** What is left of a session or a rebalance when somebody is late. */
const CLOSE_MS = [-1, 0, 1];

const AWAY: readonly number[] = [
  Errors.NOT_COORDINATOR,
  Errors.COORDINATOR_LOAD_IN_PROGRESS,
  Errors.COORDINATOR_NOT_AVAILABLE,
];
/** The coordinator cannot be asked now. */
export const isAway = (errorCode: number): boolean => AWAY.includes(errorCode);

/** What a member has to do with its world. */
export interface MemberWorld {
  readonly simulation: Simulation;
  readonly coordinator: Pick<GroupCoordinator, 'joinGroup' | 'syncGroup' | 'heartbeat' | 'leaveGroup' | 'offsetCommit'>;
  /** `group.max.size`. */
  readonly maxSize: number;
  /** Nothing bad happens from now on. */
  readonly isQuiet: boolean;
  nextOffset: number;
  /** Keeps an eye on a request until it is answered. */
  ask<T>(answer: T | Promise<T>): Promise<T>;
  assigned(member: SimMember): void;
  acknowledged(groupId: string, partition: number, offset: number): void;
}

export class SimMember {
  readonly groupId: string;
  readonly instance: string | null;
  readonly name: string;
  readonly #world: MemberWorld;
  readonly #version: number;
  memberId = '';
  generationId = -1;
  partitions: number[] = [];
  isAlive = true;
  failure: unknown;
  #isLeaving = false;
  #metadata = 0;

  constructor(world: MemberWorld, groupId: string, instance: string | null, name: string) {
    this.#world = world;
    this.groupId = groupId;
    this.instance = instance;
    this.name = name;
    this.#version = this.#oneOf(instance === null ? VERSIONS.dynamic : VERSIONS.static);
  }

  get identity(): string {
    return this.instance ?? this.name;
  }
  die(): void {
    this.isAlive = false;
  }
  leave(): void {
    this.#isLeaving = true;
  }
  /** It subscribes to something else, and has to join again. */
  changeMind(): void {
    this.#metadata++;
  }

  async live(): Promise<void> {
    while (this.isAlive && !this.#isLeaving) {
      if (await this.#join()) await this.#work();
      this.partitions = [];
    }
    if (this.isAlive) await this.#leave();
    this.isAlive = false;
  }

  get #facts() {
    const { groupId, memberId, generationId, instance: groupInstanceId } = this;
    return { groupId, memberId, generationId, groupInstanceId };
  }

  /** Whether it has an assignment now. */
  async #join(): Promise<boolean> {
    const joined = await this.#askToJoin();
    if (!this.isAlive) return false;
    if (joined.errorCode !== Errors.NONE) return this.#refused(joined.errorCode, joined.memberId);
    // Static members that have not come back keep their places, above the limit too (as in Kafka).
    const dynamic = joined.members.filter(({ groupInstanceId }) => groupInstanceId === null).length;
    assert(dynamic <= this.#world.maxSize, `${this.groupId} has ${dynamic} members of ${this.#world.maxSize}`);
    this.memberId = joined.memberId;
    this.generationId = joined.generationId;
    return this.#sync(joined);
  }

  async #askToJoin(): Promise<Joined> {
    const { clock } = this.#world.simulation;
    const metadata = Buffer.from([0, 0, 0, 0, 0, 0, 255, 255, 255, 255, this.#metadata % 256]);
    const request = joinRequest(this.groupId, this.memberId, {
      groupInstanceId: this.instance,
      sessionTimeoutMs: SESSION_MS,
      rebalanceTimeoutMs: REBALANCE_MS,
      protocols: [{ name: 'range', metadata }],
    });
    const ask = (): Promise<Joined> => {
      const { coordinator } = this.#world;
      return this.#world.ask(
        Promise.resolve(coordinator.joinGroup(request, context(this.#version, this.name))).then(decoded<Joined>),
      );
    };
    const first = ask();
    if (!this.#happens(0.1)) return first;
    // Its patience is short: unless the answer is there by then, it asks anew and looks at that answer only.
    const soon = await Promise.race([first, delay(clock, this.#between(1, REBALANCE_MS)).then(() => undefined)]);
    return soon ?? ask();
  }

  async #sync(joined: Joined): Promise<boolean> {
    const assignments: { memberId: string; assignment: Uint8Array }[] = [];
    if (joined.leader === this.memberId && !joined.skipAssignment) {
      joined.members.forEach(({ memberId }, index) => {
        const own = [0, 1, 2, 3, 4, 5].filter((partition) => partition % joined.members.length === index);
        assignments.push({ memberId, assignment: Uint8Array.from(own) });
      });
    }
    const request = { ...syncRequest(this.groupId, this.memberId, this.generationId, assignments), ...this.#facts };
    const synced = decoded<Synced>(await this.#world.ask(this.#world.coordinator.syncGroup(request, context(5))));
    if (!this.isAlive) return false;
    if (synced.errorCode !== Errors.NONE) return this.#refused(synced.errorCode, this.memberId);
    this.partitions = [...synced.assignment];
    this.#world.assigned(this);
    return true;
  }

  /** What clients do with an error: go on with an id, without one, or try again. */
  async #refused(errorCode: number, memberId: string): Promise<false> {
    if (errorCode === Errors.MEMBER_ID_REQUIRED) this.memberId = memberId;
    else if (errorCode === Errors.UNKNOWN_MEMBER_ID) this.memberId = '';
    else if (errorCode === Errors.FENCED_INSTANCE_ID || errorCode === Errors.GROUP_MAX_SIZE_REACHED) this.die();
    else if (errorCode !== Errors.REBALANCE_IN_PROGRESS && errorCode !== Errors.ILLEGAL_GENERATION) {
      assert(isAway(errorCode), `${this.name} got error ${errorCode}`);
      await delay(this.#world.simulation.clock, RETRY_MS);
    }
    return false;
  }

  /** Heartbeats and commits until it has to join again. */
  async #work(): Promise<void> {
    const { clock } = this.#world.simulation;
    const metadata = this.#metadata;
    while (this.isAlive && !this.#isLeaving && metadata === this.#metadata) {
      await delay(clock, this.#happens(0.03) ? SESSION_MS + this.#oneOf(CLOSE_MS) : this.#between(1, HEARTBEAT_MS));
      if (!this.isAlive) return;
      const { coordinator } = this.#world;
      const { errorCode } = await this.#world.ask(coordinator.heartbeat(this.#facts, context(4)));
      if (errorCode === Errors.UNKNOWN_MEMBER_ID || errorCode === Errors.FENCED_INSTANCE_ID) {
        await this.#refused(errorCode, '');
        return;
      }
      // The coordinator is away: what was assigned stays until it says something else.
      if (errorCode === Errors.NONE) await this.#commit();
      else if (!isAway(errorCode)) return this.#dawdle();
    }
  }

  /** It finishes what it is at before it joins again: as long as the rebalance waits for it, to the millisecond. */
  async #dawdle(): Promise<void> {
    if (this.#happens(0.15)) await delay(this.#world.simulation.clock, REBALANCE_MS + this.#oneOf(CLOSE_MS));
  }

  async #commit(): Promise<void> {
    const [partition, another = partition] = this.partitions;
    if (partition === undefined || another === undefined || !this.isAlive) return;
    const offset = this.#world.nextOffset++;
    const { memberId, generationId, instance: groupInstanceId } = this;
    const row = { partitionIndex: partition, committedOffset: offset, committedLeaderEpoch: 0, committedMetadata: '' };
    const refused = { ...row, partitionIndex: another, committedOffset: 0, committedMetadata: LONG_METADATA };
    const request = commitRequest(this.groupId, offset, {
      memberId,
      generationIdOrMemberEpoch: generationId,
      groupInstanceId,
      topics: [{ name: 'topic', topicId: '', partitions: this.#happens(0.1) ? [row, refused] : [row] }],
    });
    const { topics } = await this.#world.ask(this.#world.coordinator.offsetCommit(request, context(9)));
    const [own, long] = topics[0]?.partitions ?? [];
    if (own?.errorCode !== Errors.NONE) return;
    this.#world.acknowledged(this.groupId, partition, offset);
    assert(long === undefined || long.errorCode === Errors.OFFSET_METADATA_TOO_LARGE, 'metadata has a limit');
  }

  async #leave(): Promise<void> {
    const { groupId, memberId, instance: groupInstanceId } = this;
    const members = [{ memberId, groupInstanceId, reason: null }];
    await this.#world.ask(this.#world.coordinator.leaveGroup({ groupId, memberId: '', members }, context(5)));
  }

  /** What makes trouble happens until the world is quiet. */
  #happens(chance: number): boolean {
    return !this.#world.isQuiet && this.#world.simulation.random.next() < chance;
  }
  #between(low: number, high: number): number {
    return randomInt(this.#world.simulation.random, low, high);
  }
  #oneOf<T>(choices: readonly T[]): T {
    return choices[this.#between(0, choices.length)] as T;
  }
}
