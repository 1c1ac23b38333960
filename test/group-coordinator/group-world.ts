// A world of members that join, leave, die and come back, over a coordinator whose log is slow, fails and crashes; and the
// small model that all of it is held against:
//   1. in a generation a partition has one owner,
//   2. committed offsets never go back by themselves,
//   3. once the world is quiet every live member is in a stable group that owns every partition.
import { assert, delay, randomInt } from '../../src/runtime/index.ts';
import type { GroupCoordinator } from '../../src/group-coordinator/index.ts';
import { Errors } from '../../src/protocol/index.ts';
import type { Simulation } from '../../src/runtime/sim/index.ts';
import { MemoryWriter } from '../coordinator-common/memory-writer.ts';
import {
  commitRequest,
  context,
  coordinatorOver,
  decoded,
  fetchRequest,
  type Joined,
  joinRequest,
  type Synced,
  syncRequest,
} from './coordinator-under-test.ts';

const PARTITIONS = 6;
const GROUPS = ['g0', 'g1', 'g2'];
const SESSION_MS = 6_000;
const REBALANCE_MS = 4_000;
const HEARTBEAT_MS = 1_500;
const RETRY_MS = 100;
const QUIET_MS = 60_000;
const HOUR_MS = 3_600_000;

export class GroupWorld {
  readonly simulation: Simulation;
  readonly writer: MemoryWriter;
  coordinator: GroupCoordinator;
  readonly members: SimMember[] = [];
  /** `group generation partition` → who was told that it owns it. */
  readonly owners = new Map<string, string>();
  /** `group partition` → the largest offset that was acknowledged. */
  readonly acknowledged = new Map<string, number>();
  nextOffset = 1;
  #nextName = 0;

  constructor(simulation: Simulation) {
    this.simulation = simulation;
    this.writer = new MemoryWriter(simulation.clock);
    this.writer.commitDelayMs = () => randomInt(simulation.random, 0, 30);
    this.coordinator = this.#start();
  }

  #start(): GroupCoordinator {
    const { clock, random } = this.simulation;
    const configs = { 'group.initial.rebalance.delay.ms': String(this.simulation.seed % 2 === 0 ? 0 : 500) };
    return coordinatorOver(this.writer, clock, random, { partitions: 2, configs });
  }

  async live(steps: number): Promise<void> {
    const { clock, random } = this.simulation;
    for (let step = 0; step < steps; step++) {
      this.#act(randomInt(random, 0, 100));
      await delay(clock, randomInt(random, 1, 1_500));
      await this.#checkOffsets();
    }
    await this.#settle();
  }

  #act(choice: number): void {
    const { random, clock } = this.simulation;
    const alive = this.members.filter(({ isAlive }) => isAlive);
    const someone = alive[randomInt(random, 0, Math.max(1, alive.length))];
    if (choice < 35 && alive.length < 12) this.#join(null);
    else if (choice < 45) this.#join(`instance-${randomInt(random, 0, 3)}`);
    else if (choice < 58) someone?.leave();
    else if (choice < 70) someone?.die();
    else if (choice < 76) this.#restart();
    else if (choice < 82) this.writer.failNext = { errorCode: Errors.KAFKA_STORAGE_ERROR, isLate: random.next() < 0.5 };
    else if (choice < 88) clock.jump(randomInt(random, -HOUR_MS, HOUR_MS));
    else someone?.changeMind();
  }

  #join(instance: string | null): void {
    const groupId = GROUPS[randomInt(this.simulation.random, 0, GROUPS.length)] as string;
    for (const old of this.members)
      if (instance !== null && old.groupId === groupId && old.instance === instance) old.die();
    const member = new SimMember(this, groupId, instance, `m${this.#nextName++}`);
    this.members.push(member);
    member.live().catch((error: unknown) => {
      member.failure = error;
    });
  }

  /** The coordinator ends in the middle of everything, and another one finds what the log holds. */
  #restart(): void {
    const { random } = this.simulation;
    this.coordinator.close();
    this.writer.crash((uncommitted) => randomInt(random, 0, uncommitted + 1));
    this.coordinator = this.#start();
  }

  async #checkOffsets(): Promise<void> {
    for (const groupId of GROUPS) {
      const before = new Map(this.acknowledged);
      const answer = await this.coordinator.offsetFetch(fetchRequest(groupId), context(9));
      const group = answer.groups?.[0];
      if (group?.errorCode !== Errors.NONE) continue;
      const found = new Map(
        group.topics.flatMap(({ partitions }) => partitions.map((one) => [one.partitionIndex, one])),
      );
      for (let partition = 0; partition < PARTITIONS; partition++) {
        const least = before.get(`${groupId} ${partition}`) ?? -1;
        const offset = found.get(partition)?.committedOffset ?? -1;
        assert(offset >= least, `${groupId}: the offset of ${partition} went back from ${least} to ${offset}`);
      }
    }
  }

  async #settle(): Promise<void> {
    this.writer.failNext = undefined;
    await delay(this.simulation.clock, QUIET_MS);
    for (const member of this.members) {
      if (member.failure !== undefined) throw member.failure;
    }
    await this.#checkOffsets();
    for (const groupId of GROUPS) await this.#checkGroup(groupId);
    for (const member of this.members) member.die();
  }

  async #checkGroup(groupId: string): Promise<void> {
    const alive = this.members.filter((member) => member.isAlive && member.groupId === groupId);
    const request = { groups: [groupId], includeAuthorizedOperations: false };
    const { groups } = await this.coordinator.describeGroups(request, context(6));
    const [group] = groups;
    if (alive.length === 0) {
      assert(group?.groupState === 'Empty' || group?.groupState === 'Dead', `${groupId} is ${group?.groupState}`);
      return;
    }
    assert(group?.groupState === 'Stable', `${groupId} is ${group?.groupState} and not stable`);
    const ids = group.members.map(({ memberId }) => memberId).sort();
    const expected = alive.map(({ memberId }) => memberId).sort();
    assert(ids.join() === expected.join(), `${groupId} has ${ids.join()} and not ${expected.join()}`);
    const owned = alive.flatMap(({ partitions }) => partitions).sort((a, b) => a - b);
    assert(owned.join() === [0, 1, 2, 3, 4, 5].join(), `${groupId} owns ${owned.join()}`);
  }

  /** A member was told that it owns these. */
  assigned(member: SimMember): void {
    for (const partition of member.partitions) {
      const place = `${member.groupId} ${member.generationId} ${partition}`;
      const owner = this.owners.get(place) ?? member.identity;
      assert(owner === member.identity, `${place} belongs to ${owner} and to ${member.identity}`);
      this.owners.set(place, owner);
    }
  }
}

/** A client as the common libraries are: it retries, joins again when told to, and leaves or dies when the world says so. */
class SimMember {
  readonly groupId: string;
  readonly instance: string | null;
  readonly name: string;
  readonly #world: GroupWorld;
  memberId = '';
  generationId = -1;
  partitions: number[] = [];
  isAlive = true;
  failure: unknown;
  #isLeaving = false;
  #metadata = 0;

  constructor(world: GroupWorld, groupId: string, instance: string | null, name: string) {
    this.#world = world;
    this.groupId = groupId;
    this.instance = instance;
    this.name = name;
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
    const metadata = Buffer.from([0, 0, 0, 0, 0, 0, 255, 255, 255, 255, this.#metadata % 256]);
    const request = joinRequest(this.groupId, this.memberId, {
      groupInstanceId: this.instance,
      sessionTimeoutMs: SESSION_MS,
      rebalanceTimeoutMs: REBALANCE_MS,
      protocols: [{ name: 'range', metadata }],
    });
    const joined = decoded<Joined>(await this.#world.coordinator.joinGroup(request, context(9, this.name)));
    if (!this.isAlive) return false;
    if (joined.errorCode !== Errors.NONE) return this.#refused(joined.errorCode, joined.memberId);
    this.memberId = joined.memberId;
    this.generationId = joined.generationId;
    return this.#sync(joined);
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
    const synced = decoded<Synced>(await this.#world.coordinator.syncGroup(request, context(5)));
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
    else if (errorCode === Errors.FENCED_INSTANCE_ID) this.isAlive = false;
    else if (errorCode !== Errors.REBALANCE_IN_PROGRESS && errorCode !== Errors.ILLEGAL_GENERATION) {
      const known: number[] = [
        Errors.NOT_COORDINATOR,
        Errors.COORDINATOR_LOAD_IN_PROGRESS,
        Errors.COORDINATOR_NOT_AVAILABLE,
      ];
      assert(known.includes(errorCode), `${this.name} got error ${errorCode}`);
      await delay(this.#world.simulation.clock, RETRY_MS);
    }
    return false;
  }

  /** Heartbeats and commits until it has to join again. */
  async #work(): Promise<void> {
    const { clock, random } = this.#world.simulation;
    const metadata = this.#metadata;
    while (this.isAlive && !this.#isLeaving && metadata === this.#metadata) {
      await delay(clock, randomInt(random, 1, HEARTBEAT_MS));
      if (!this.isAlive) return;
      const { coordinator } = this.#world;
      const { errorCode } = await coordinator.heartbeat(this.#facts, context(4));
      if (errorCode === Errors.UNKNOWN_MEMBER_ID || errorCode === Errors.FENCED_INSTANCE_ID) {
        await this.#refused(errorCode, '');
        return;
      }
      // The coordinator is away: what was assigned stays until it says something else.
      if (errorCode === Errors.NONE) await this.#commit();
      else if (errorCode !== Errors.NOT_COORDINATOR && errorCode !== Errors.COORDINATOR_NOT_AVAILABLE) return;
    }
  }

  async #commit(): Promise<void> {
    const partition = this.partitions[0];
    if (partition === undefined || !this.isAlive) return;
    const offset = this.#world.nextOffset++;
    const { memberId, generationId, instance: groupInstanceId } = this;
    const partitions = [
      { partitionIndex: partition, committedOffset: offset, committedLeaderEpoch: 0, committedMetadata: '' },
    ];
    const request = commitRequest(this.groupId, offset, {
      memberId,
      generationIdOrMemberEpoch: generationId,
      groupInstanceId,
      topics: [{ name: 'topic', topicId: '', partitions }],
    });
    const { topics } = await this.#world.coordinator.offsetCommit(request, context(9));
    if (topics[0]?.partitions[0]?.errorCode !== Errors.NONE) return;
    const place = `${this.groupId} ${partition}`;
    this.#world.acknowledged.set(place, Math.max(offset, this.#world.acknowledged.get(place) ?? -1));
  }

  async #leave(): Promise<void> {
    const { groupId, memberId, instance: groupInstanceId } = this;
    const members = [{ memberId, groupInstanceId, reason: null }];
    await this.#world.coordinator.leaveGroup({ groupId, memberId: '', members }, context(5));
  }
}
