// Members of classic groups whose coordinator moves between nodes: each request looks for it anew. What holds of them:
//   1. in a generation a partition has one owner, and generations go up (G1, G3),
//   2. an offset that was acknowledged stays (G2),
//   3. when all is quiet each group is stable, and owns every partition.
import type { GroupCoordinator } from '../../../src/group-coordinator/index.ts';
import { Errors, KafkaError } from '../../../src/protocol/index.ts';
import { assert, type Clock, delay, randomInt } from '../../../src/runtime/index.ts';
import type { Simulation } from '../../../src/runtime/sim/index.ts';
import { context, fetchRequest } from '../../group-coordinator/coordinator-under-test.ts';
import { type MemberWorld, PARTITIONS, SimMember } from '../../group-coordinator/sim-member.ts';
import { OFFSETS, type SimBroker } from './sim-broker.ts';

const GROUPS = ['g0', 'g1'];
const MOST_ALIVE = 6;

/** What groups have to do with the world. */
export interface GroupsWorld {
  readonly simulation: Simulation;
  readonly brokers: ReadonlyMap<number, SimBroker>;
  readonly failures: string[];
  readonly isQuiet: boolean;
  someBroker(): SimBroker | undefined;
  ask<T>(broker: SimBroker | undefined, request: (broker: SimBroker) => T | Promise<T>): Promise<T>;
}

export class MovingGroups implements MemberWorld {
  readonly #world: GroupsWorld;
  readonly coordinator: MemberWorld['coordinator'];
  readonly maxSize = 1_000;
  nextOffset = 1;
  readonly members: SimMember[] = [];
  /** `group generation partition` to who was told that it owns it. */
  readonly #owners = new Map<string, string>();
  readonly #generations = new Map<string, number>();
  /** `group partition` to the largest offset that was acknowledged. */
  readonly #acknowledged = new Map<string, number>();

  constructor(world: GroupsWorld) {
    this.#world = world;
    const away = { errorCode: Errors.COORDINATOR_NOT_AVAILABLE };
    this.coordinator = {
      joinGroup: (request, asker) =>
        this.#find(request.groupId, (groups) => groups.joinGroup(request, asker), {
          ...away,
          memberId: request.memberId,
          generationId: -1,
          leader: '',
          members: [],
          protocolName: null,
        }),
      syncGroup: (request, asker) =>
        this.#find(request.groupId, (groups) => groups.syncGroup(request, asker), {
          ...away,
          assignment: new Uint8Array(0),
        }),
      heartbeat: (request, asker) =>
        this.#find(request.groupId, (groups) => groups.heartbeat(request, asker), { ...away, throttleTimeMs: 0 }),
      leaveGroup: (request, asker) =>
        this.#find(request.groupId, (groups) => groups.leaveGroup(request, asker), { ...away, members: [] }),
      offsetCommit: (request, asker) =>
        this.#find(request.groupId, (groups) => groups.offsetCommit(request, asker), { topics: [] }),
    };
  }

  get simulation(): Simulation {
    return this.#world.simulation;
  }
  get isQuiet(): boolean {
    return this.#world.isQuiet;
  }
  get #clock(): Clock {
    return this.simulation.clock;
  }

  async #find<T>(groupId: string, ask: (groups: GroupCoordinator) => T | Promise<T>, away: T): Promise<T> {
    const leader = this.#world.someBroker()?.coordinatorOf(OFFSETS, groupId) ?? -1;
    try {
      return await this.#world.ask(this.#world.brokers.get(leader), async (broker) =>
        ask(await broker.groups.coordinator()),
      );
    } catch (error) {
      if (error instanceof KafkaError) return away;
      throw error;
    }
  }

  ask<T>(answer: T | Promise<T>): Promise<T> {
    return Promise.resolve(answer);
  }

  /** Members come, leave and die, until the world is quiet. */
  async live(): Promise<void> {
    const { random } = this.simulation;
    while (!this.isQuiet) {
      const alive = this.members.filter(({ isAlive }) => isAlive);
      const someone = alive[randomInt(random, 0, Math.max(1, alive.length))];
      const fate = random.next();
      if (fate < 0.4 && alive.length < MOST_ALIVE) this.#join();
      else if (fate < 0.5) someone?.leave();
      else if (fate < 0.55) someone?.die();
      else if (fate < 0.6) someone?.changeMind();
      await this.#checkOffsets();
      await delay(this.#clock, randomInt(random, 50, 600));
    }
  }

  #join(): void {
    const groupId = GROUPS[randomInt(this.simulation.random, 0, GROUPS.length)] as string;
    const member = new SimMember(this, groupId, null, `m${this.members.length}`);
    this.members.push(member);
    member.live().catch((error: unknown) => this.#world.failures.push(String(error)));
  }

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

  acknowledged(groupId: string, partition: number, offset: number): void {
    const place = `${groupId} ${partition}`;
    this.#acknowledged.set(place, Math.max(offset, this.#acknowledged.get(place) ?? -1));
  }

  async #checkOffsets(): Promise<void> {
    for (const groupId of GROUPS) {
      const before = new Map(this.#acknowledged);
      const answer = await this.#find(groupId, (groups) => groups.offsetFetch(fetchRequest(groupId), context(9)), {});
      const group = answer.groups?.[0];
      if (group === undefined || group.errorCode !== Errors.NONE) continue;
      const rows = group.topics.flatMap(({ partitions }) => partitions);
      for (let partition = 0; partition < PARTITIONS; partition++) {
        const least = before.get(`${groupId} ${partition}`) ?? -1;
        const offset = rows.find(({ partitionIndex }) => partitionIndex === partition)?.committedOffset ?? -1;
        assert(offset >= least, `${groupId}: the offset of ${partition} went back from ${least} to ${offset}`);
      }
    }
  }

  /** The world is quiet. */
  async check(): Promise<void> {
    await this.#checkOffsets();
    for (const groupId of GROUPS) {
      const alive = this.members.filter((member) => member.isAlive && member.groupId === groupId);
      const owned = alive.flatMap(({ partitions }) => partitions).sort((one, other) => one - other);
      assert(alive.length === 0 || owned.join() === '0,1,2,3,4,5', `${groupId} owns ${owned.join()}`);
      const generations = new Set(alive.map(({ generationId }) => generationId));
      assert(generations.size <= 1, `${groupId} has members of several generations`);
    }
  }
}
