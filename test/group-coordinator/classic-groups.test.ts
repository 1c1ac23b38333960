import { expect } from 'chai';
import type { GroupCoordinator } from '../../src/group-coordinator/group-coordinator.ts';
import type { GroupCoordinatorConfig } from '../../src/group-coordinator/index.ts';
import { Errors, type Int64 } from '../../src/protocol/index.ts';
import { nextTurn } from '../../src/runtime/node/index.ts';
import { SeededRandom, SimClock } from '../../src/runtime/sim/index.ts';
import { MemoryWriter } from '../coordinator-common/memory-writer.ts';
import {
  commitRequest,
  configOf,
  context,
  coordinatorOver,
  decoded,
  deleteTopic,
  fetchRequest,
  type Joined,
  joinRequest,
  type Synced,
  syncRequest,
} from './coordinator-under-test.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

class World {
  readonly clock = new SimClock({ nextTurn });
  readonly writer = new MemoryWriter(this.clock);
  #config: GroupCoordinatorConfig;
  coordinator: GroupCoordinator;

  constructor(configs: Readonly<Record<string, string>> = {}) {
    this.#config = configOf({ 'group.initial.rebalance.delay.ms': '0', ...configs });
    this.coordinator = this.#start();
  }
  /** Somebody sets other configs while the coordinator runs. */
  reconfigure(configs: Readonly<Record<string, string>>): void {
    this.#config = configOf({ 'group.initial.rebalance.delay.ms': '0', ...configs });
  }
  #start(): GroupCoordinator {
    return coordinatorOver(this.writer, this.clock, new SeededRandom(1), { config: () => this.#config });
  }
  /** The process ends and another one begins; no virtual time passes. */
  async restart(): Promise<void> {
    this.coordinator.close();
    this.writer.crash(() => 0);
    this.coordinator = this.#start();
    for (let turn = 0; turn < 20; turn++) await this.clock.settle();
  }
  /** Lets as little virtual time pass as the answer needs. */
  async run<T>(answer: T | Promise<T>): Promise<T> {
    let isSettled = false;
    const settled = Promise.resolve(answer).finally(() => {
      isSettled = true;
    });
    for (let step = 0; step < 100; step++) {
      await this.clock.settle();
      if (isSettled) return settled;
      await this.clock.advance(1);
    }
    throw new Error('no answer');
  }
  async join(groupId: string, memberId: string, change: Record<string, unknown> = {}, version = 3): Promise<Joined> {
    return decoded<Joined>(
      await this.run(this.coordinator.joinGroup(joinRequest(groupId, memberId, change), context(version))),
    );
  }
  async sync(groupId: string, { memberId, generationId }: Joined): Promise<Synced> {
    const assignments = [{ memberId, assignment: Buffer.from(memberId) }];
    const request = syncRequest(groupId, memberId, generationId, assignments);
    return decoded<Synced>(await this.run(this.coordinator.syncGroup(request, context(5))));
  }
  async heartbeat(groupId: string, { memberId, generationId }: Joined): Promise<number> {
    const request = { groupId, memberId, generationId, groupInstanceId: null };
    return (await this.run(this.coordinator.heartbeat(request, context(4)))).errorCode;
  }
  async state(groupId: string): Promise<string> {
    const request = { groups: [groupId], includeAuthorizedOperations: false };
    const { groups } = await this.run(this.coordinator.describeGroups(request, context(6)));
    return groups[0]?.groupState ?? '';
  }
  async commit(groupId: string, offset: number): Promise<number> {
    const answer = await this.run(this.coordinator.offsetCommit(commitRequest(groupId, offset), context(9)));
    return answer.topics[0]?.partitions[0]?.errorCode ?? -1;
  }
  async offset(groupId: string): Promise<Int64 | undefined> {
    const { groups } = await this.run(this.coordinator.offsetFetch(fetchRequest(groupId), context(9)));
    return groups?.[0]?.topics[0]?.partitions[0]?.committedOffset;
  }
}

describe('Classic groups', () => {
  it('go on after a restart in the same generation, with the sessions of their members begun anew', async () => {
    const world = new World();
    const joined = await world.join('g', '');
    await world.sync('g', joined);
    await world.restart();
    expect(await world.state('g')).to.equal('Stable');
    expect(await world.heartbeat('g', joined)).to.equal(Errors.NONE);
    expect(Buffer.from((await world.sync('g', joined)).assignment).toString()).to.equal(joined.memberId);
    await world.clock.advance(9_000);
    expect(await world.heartbeat('g', joined)).to.equal(Errors.NONE);
    await world.clock.advance(10_100);
    expect(await world.state('g')).to.equal('Empty');
    expect(await world.heartbeat('g', joined)).to.equal(Errors.UNKNOWN_MEMBER_ID);
  });

  it('send members that were in the middle of a rebalance back to join', async () => {
    const world = new World();
    const joined = await world.join('g', '');
    await world.restart();
    expect(await world.state('g')).to.equal('Empty');
    expect((await world.sync('g', joined)).errorCode).to.equal(Errors.UNKNOWN_MEMBER_ID);
  });

  it('answer members whose metadata cannot be read, and take every topic for read', async () => {
    const world = new World();
    const joined = await world.join('g', '', { protocols: [{ name: 'range', metadata: Buffer.from('any bytes') }] });
    expect(joined.errorCode).to.equal(Errors.NONE);
    await world.sync('g', joined);
    const request = { groupId: 'g', topics: [{ name: 'topic', partitions: [{ partitionIndex: 0 }] }] };
    const { topics } = await world.run(world.coordinator.offsetDelete(request, context(0)));
    expect(topics[0]?.partitions[0]?.errorCode).to.equal(Errors.GROUP_SUBSCRIBED_TO_TOPIC);
  });

  it('forget a member id that was given out and never used', async () => {
    const world = new World();
    const first = await world.join('g', '', {}, 9);
    expect(first.errorCode).to.equal(Errors.MEMBER_ID_REQUIRED);
    await world.clock.advance(10_100);
    expect((await world.join('g', first.memberId, {}, 9)).errorCode).to.equal(Errors.UNKNOWN_MEMBER_ID);
  });

  it('are full at group.max.size', async () => {
    const world = new World({ 'group.max.size': '1' });
    const joined = await world.join('g', '');
    await world.sync('g', joined);
    expect((await world.join('g', '')).errorCode).to.equal(Errors.GROUP_MAX_SIZE_REACHED);
    expect(await world.state('g')).to.equal('Stable');
  });

  it('go by the configs as they are, also those that were loaded before a change', async () => {
    const world = new World();
    const joined = await world.join('g', '');
    await world.sync('g', joined);
    world.reconfigure({ 'group.max.size': '1', 'group.max.session.timeout.ms': '9999' });
    expect((await world.join('g', '')).errorCode).to.equal(Errors.INVALID_SESSION_TIMEOUT);
    const change = { sessionTimeoutMs: 9_000 };
    expect((await world.join('g', '', change)).errorCode).to.equal(Errors.GROUP_MAX_SIZE_REACHED);
    world.reconfigure({ 'offset.metadata.max.bytes': '0', 'group.initial.rebalance.delay.ms': '50' });
    expect(await world.commit('simple', 7)).to.equal(Errors.OFFSET_METADATA_TOO_LARGE);
    const startMs = world.clock.nowMs();
    expect((await world.join('another', '')).errorCode).to.equal(Errors.NONE);
    expect(world.clock.nowMs() - startMs).to.be.within(50, 60);
  });

  it('take out members that never fetch their assignment', async () => {
    const world = new World();
    const joined = await world.join('g', '', { sessionTimeoutMs: 60_000 });
    await world.clock.advance(4_900);
    expect(await world.heartbeat('g', joined)).to.equal(Errors.NONE);
    await world.clock.advance(200);
    expect(await world.state('g')).to.equal('Empty');
  });

  it('do not lose an assignment that no record can hold without telling the members', async () => {
    const world = new World();
    world.writer.maxBytes = 4_000;
    const joined = await world.join('g', '');
    const assignments = [{ memberId: joined.memberId, assignment: Buffer.alloc(5_000) }];
    const request = syncRequest('g', joined.memberId, joined.generationId, assignments);
    const synced = await world.run(world.coordinator.syncGroup(request, context(5)));
    expect(synced.errorCode).to.equal(Errors.UNKNOWN_SERVER_ERROR);
    expect(await world.heartbeat('g', joined)).to.equal(Errors.REBALANCE_IN_PROGRESS);
  });
});

describe('Committed offsets', () => {
  it('go after the offsets.retention.minutes of now', async () => {
    const world = new World({ 'offsets.retention.minutes': '1440' });
    await world.commit('simple', 7);
    world.reconfigure({ 'offsets.retention.minutes': '1' });
    await world.clock.advance(HOUR_MS);
    expect(await world.offset('simple')).to.equal(undefined);
  });

  it('are there after a restart', async () => {
    const world = new World();
    expect(await world.commit('simple', 7)).to.equal(Errors.NONE);
    await world.restart();
    expect(await world.offset('simple')).to.equal(7);
  });

  it('of a simple consumer go with the group when nobody has committed for offsets.retention.minutes', async () => {
    const world = new World({ 'offsets.retention.minutes': '1440' });
    await world.commit('simple', 7);
    await world.clock.advance(DAY_MS / 2);
    await world.commit('simple', 8);
    await world.clock.advance(DAY_MS / 2 + 1_200_000);
    expect(await world.offset('simple')).to.equal(8);
    await world.clock.advance(DAY_MS / 2);
    expect(await world.offset('simple')).to.equal(undefined);
    expect(await world.state('simple')).to.equal('Dead');
    await world.restart();
    expect(await world.state('simple')).to.equal('Dead');
  });

  it('go with their topic when it is deleted while their partition is loaded', async () => {
    const world = new World();
    await world.commit('a', 7);
    let open!: () => void;
    world.writer.readGate = new Promise((resolve) => (open = resolve));
    await world.restart();
    expect(await world.commit('a', 8)).to.equal(Errors.COORDINATOR_LOAD_IN_PROGRESS);
    deleteTopic(world.coordinator, 'topic');
    open();
    for (let turn = 0; turn < 20; turn++) await world.clock.settle();
    expect(await world.offset('a')).to.equal(undefined);
    // The topic is made again: what is committed from now on stays.
    expect(await world.commit('a', 1)).to.equal(Errors.NONE);
    await world.restart();
    expect(await world.offset('a')).to.equal(1);
  });

  it('go with their topic, and with their group', async () => {
    const world = new World();
    await world.commit('a', 7);
    await world.commit('b', 7);
    deleteTopic(world.coordinator, 'another');
    expect(await world.offset('a')).to.equal(7);
    const { results } = await world.run(world.coordinator.deleteGroups({ groupsNames: ['a', 'b', 'c'] }, context(2)));
    expect(results.map(({ errorCode }) => errorCode)).to.deep.equal([0, 0, Errors.GROUP_ID_NOT_FOUND]);
    await world.commit('a', 9);
    deleteTopic(world.coordinator, 'topic');
    expect(await world.offset('a')).to.equal(undefined);
  });
});
