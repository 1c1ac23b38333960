// A world of members that join, leave, die and come back, and of others that send what nobody should, over a coordinator
// whose log is slow, fails and crashes; and the small model that all of it is held against:
//   1. in a generation a partition has one owner, and assigned generations go up,
//   2. committed offsets never go back by themselves, whoever else commits,
//   3. nobody waits for an answer for ever,
//   4. once the world is quiet every live member is in a stable group that owns every partition,
//   5. no shard is dropped for a fault of its own: every assertion of the coordinator holds.
import { assert, delay, type Logger, randomInt } from '../../src/runtime/index.ts';
import type { GroupCoordinator } from '../../src/group-coordinator/index.ts';
import { Errors } from '../../src/protocol/index.ts';
import type { Simulation } from '../../src/runtime/sim/index.ts';
import { MemoryWriter } from '../coordinator-common/memory-writer.ts';
import { context, coordinatorOver, deleteTopic, fetchRequest } from './coordinator-under-test.ts';
import { intrude } from './sim-intruder.ts';
import { PARTITIONS, SimMember } from './sim-member.ts';

const GROUPS = ['g0', 'g1', 'g2'];
const COORDINATOR_PARTITIONS = 2;
const MOST_ALIVE = 12;
const QUIET_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Rebalance and session time-outs of a few rounds; a join that is held longer has been forgotten. */
const LONGEST_WAIT_MS = 40_000;

export class GroupWorld {
  readonly simulation: Simulation;
  readonly writer: MemoryWriter;
  coordinator: GroupCoordinator;
  readonly members: SimMember[] = [];
  /** `group.max.size` of this world. */
  readonly maxSize: number;
  /** `group generation partition` → who was told that it owns it. */
  readonly #owners = new Map<string, string>();
  /** Group → the latest generation that a member was assigned something in. */
  readonly #generations = new Map<string, number>();
  /** `group partition` → the largest offset that was acknowledged. */
  readonly #acknowledged = new Map<string, number>();
  /** Requests under way, and since when. */
  readonly #asked = new Map<symbol, number>();
  nextOffset = 1;
  /** Nothing bad happens from now on. */
  isQuiet = false;
  /** Smaller ones were committed to the topic before it was deleted. */
  #deletedBelow = 0;
  /** What faults shards were dropped for. */
  readonly #faults: string[] = [];
  readonly #logger: Logger = {
    log: (_level, _message, fields) => {
      const reason = String(fields?.['reason'] ?? '');
      if (/^\w*(Error|Failure): /.test(reason)) this.#faults.push(reason);
    },
    child: () => this.#logger,
  };
  #nextName = 0;
  #epoch = 0;

  constructor(simulation: Simulation) {
    this.simulation = simulation;
    this.maxSize = simulation.seed % 3 === 0 ? 4 : 1_000;
    this.writer = new MemoryWriter(simulation.clock);
    this.writer.commitDelayMs = () => randomInt(simulation.random, 0, 30);
    this.coordinator = this.#start();
  }

  #start(): GroupCoordinator {
    const { clock, random, seed } = this.simulation;
    const configs = {
      'group.initial.rebalance.delay.ms': String(seed % 2 === 0 ? 0 : 500),
      'group.max.size': String(this.maxSize),
    };
    return coordinatorOver(this.writer, clock, random, {
      partitions: COORDINATOR_PARTITIONS,
      configs,
      logger: this.#logger,
    });
  }

  async live(steps: number): Promise<void> {
    const { clock, random } = this.simulation;
    for (let step = 0; step < steps; step++) {
      await this.#act(randomInt(random, 0, 100));
      await delay(clock, randomInt(random, 1, 1_500));
      await this.#checkOffsets();
      this.#checkWaits(LONGEST_WAIT_MS);
      this.#checkFaults();
    }
    await this.#settle();
    this.#checkFaults();
  }

  async #act(choice: number): Promise<void> {
    const { random, clock } = this.simulation;
    const alive = this.members.filter(({ isAlive }) => isAlive);
    const someone = alive[randomInt(random, 0, Math.max(1, alive.length))];
    if (choice < 28 && alive.length < MOST_ALIVE) this.#join(null);
    else if (choice < 36) this.#join(`instance-${randomInt(random, 0, 3)}`);
    else if (choice < 46) someone?.leave();
    else if (choice < 56) someone?.die();
    else if (choice < 61) this.#restart();
    else if (choice < 64) this.#changeLeader();
    else if (choice < 70) this.writer.failNext = { errorCode: Errors.KAFKA_STORAGE_ERROR, isLate: random.next() < 0.5 };
    else if (choice < 72) this.#refuse();
    else if (choice < 76) clock.jump(randomInt(random, -HOUR_MS, HOUR_MS));
    else if (choice < 79) await this.#deleteGroup(this.#anyGroup());
    else if (choice < 80) this.#deleteTopic();
    else if (choice < 91) await intrude(this, this.#anyGroup());
    else someone?.changeMind();
  }

  #anyGroup(): string {
    return GROUPS[randomInt(this.simulation.random, 0, GROUPS.length)] as string;
  }

  #join(instance: string | null): void {
    const groupId = this.#anyGroup();
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

  /** Replicas are missing for a while: nothing is appended. */
  #refuse(): void {
    const { clock, random } = this.simulation;
    this.writer.refusedWith = Errors.NOT_ENOUGH_REPLICAS;
    clock.schedule(randomInt(random, 1, 3_000), () => {
      this.writer.refusedWith = Errors.NONE;
    });
  }

  /** A partition is led elsewhere for a while, where nobody writes to it. */
  #changeLeader(): void {
    const { clock, random } = this.simulation;
    const { coordinator } = this;
    const partition = randomInt(random, 0, COORDINATOR_PARTITIONS);
    coordinator.onResigned(partition);
    clock.schedule(randomInt(random, 0, 3_000), () => coordinator.onLeader(partition, ++this.#epoch));
  }

  /** With the group go its offsets and generations, unless it is told that it is in use. */
  async #deleteGroup(groupId: string): Promise<void> {
    const answer = this.coordinator.deleteGroups({ groupsNames: [groupId] }, context(2));
    const { results } = await this.ask(answer);
    const errorCode = results[0]?.errorCode;
    if (errorCode === Errors.NON_EMPTY_GROUP) return;
    for (const known of [this.#owners, this.#acknowledged]) {
      for (const place of known.keys()) if (place.startsWith(`${groupId} `)) known.delete(place);
    }
    this.#generations.delete(groupId);
  }

  /** And makes it again at once: what is committed from now on is the new topic's. */
  #deleteTopic(): void {
    deleteTopic(this.coordinator, 'topic');
    this.#acknowledged.clear();
    this.#deletedBelow = this.nextOffset;
  }

  /** Keeps an eye on a request until it is answered. */
  async ask<T>(answer: T | Promise<T>): Promise<T> {
    const request = Symbol('request');
    this.#asked.set(request, this.simulation.clock.monotonicMs());
    try {
      return await answer;
    } finally {
      this.#asked.delete(request);
    }
  }

  #checkWaits(longestMs: number): void {
    const nowMs = this.simulation.clock.monotonicMs();
    for (const sinceMs of this.#asked.values()) {
      assert(nowMs - sinceMs <= longestMs, `a request of ${sinceMs} ms is not answered at ${nowMs} ms`);
    }
  }

  #checkFaults(): void {
    const [fault] = this.#faults;
    assert(fault === undefined, `a shard was dropped: ${fault}`);
  }

  async #checkOffsets(): Promise<void> {
    for (const groupId of GROUPS) {
      const before = new Map(this.#acknowledged);
      const answer = await this.ask(this.coordinator.offsetFetch(fetchRequest(groupId), context(9)));
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
    this.isQuiet = true;
    this.writer.failNext = undefined;
    this.writer.refusedWith = Errors.NONE;
    await delay(this.simulation.clock, QUIET_MS);
    for (const member of this.members) {
      if (member.failure !== undefined) throw member.failure;
    }
    await this.#checkOffsets();
    for (const groupId of GROUPS) await this.#checkGroup(groupId);
    // Heartbeats and commits are answered within the time of a write; nothing else is asked in a stable group.
    this.#checkWaits(100);
    for (const member of this.members) member.die();
  }

  async #checkGroup(groupId: string): Promise<void> {
    const alive = this.members.filter((member) => member.isAlive && member.groupId === groupId);
    const request = { groups: [groupId], includeAuthorizedOperations: false };
    const { groups } = await this.ask(this.coordinator.describeGroups(request, context(6)));
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
  assigned({ groupId, generationId, identity, partitions }: SimMember): void {
    const latest = this.#generations.get(groupId) ?? 0;
    assert(generationId >= latest, `${groupId} assigns in generation ${generationId} after ${latest}`);
    this.#generations.set(groupId, generationId);
    for (const partition of partitions) {
      const place = `${groupId} ${generationId} ${partition}`;
      const owner = this.#owners.get(place) ?? identity;
      assert(owner === identity, `${place} belongs to ${owner} and to ${identity}`);
      this.#owners.set(place, owner);
    }
  }

  /** The latest generation of which a member knows its assignment; 0: none. */
  assignedGeneration(groupId: string): number {
    return this.#generations.get(groupId) ?? 0;
  }

  acknowledged(groupId: string, partition: number, offset: number): void {
    if (offset < this.#deletedBelow) return;
    const place = `${groupId} ${partition}`;
    this.#acknowledged.set(place, Math.max(offset, this.#acknowledged.get(place) ?? -1));
  }
}
