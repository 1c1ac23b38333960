// Consumer groups over a coordinator whose log is slow, fails and crashes, with members that are lost, come back late and commit when
// they should not. OTTLA_SEEDS sets how many seeds are run, OTTLA_SEED the first one; a seed that fails is in the message. Held
// against a small model:
//   1. nobody is given a partition that somebody else has, whose session may still last,
//   2. committed offsets never go back,
//   3. once the world is quiet the group is stable and owns every partition,
//   4. no shard is dropped for a fault of its own.
import type { GroupCoordinator } from '../../../src/group-coordinator/index.ts';
import { Errors } from '../../../src/protocol/index.ts';
import type { ConsumerGroupHeartbeatResponse } from '../../../src/protocol/messages/68-consumer-group-heartbeat.ts';
import { assert, delay, type Logger, randomInt } from '../../../src/runtime/index.ts';
import { quickTurn } from '../../quick-turn.ts';
import { simulate, type Simulation } from '../../../src/runtime/sim/index.ts';
import { MetadataBench } from '../../api-handlers/metadata-bench.ts';
import { MemoryWriter } from '../../coordinator-common/memory-writer.ts';
import { commitRequest, context, coordinatorOver, fetchRequest } from '../coordinator-under-test.ts';
import { isAway } from '../sim-member.ts';

const seeds = Number(process.env['OTTLA_SEEDS'] ?? 10);
const firstSeed = Number(process.env['OTTLA_SEED'] ?? 1);
const STEPS = 60;
const PARTITIONS = 5;
const MOST_ALIVE = 6;
const SESSION_MS = 6_000;
const REBALANCE_MS = 8_000;
const HEARTBEAT_MS = 1_000;
const QUIET_MS = 60_000;
const HOUR_MS = 3_600_000;
const CONFIGS = {
  'group.consumer.session.timeout.ms': String(SESSION_MS),
  'group.consumer.assignment.interval.ms': '500',
};

class Member {
  readonly #world: World;
  readonly memberId: string;
  isAlive = true;
  #isLeaving = false;
  epoch = 0;
  owned: number[] = [];
  #given: number[] = [];
  #isUnsure = false;
  /** When it sent what was answered last: its session lasts from then on at least. */
  #heardOfMs = -SESSION_MS;

  constructor(world: World, memberId: string) {
    this.#world = world;
    this.memberId = memberId;
  }

  /** What it owns is its own for certain. Not once it leaves: that may be written, and the answer be lost. */
  get isSafe(): boolean {
    return this.isAlive && !this.#isLeaving && this.epoch > 0 && this.#world.nowMs < this.#heardOfMs + SESSION_MS;
  }
  leave(): void {
    this.#isLeaving = true;
  }

  async live(): Promise<void> {
    while (this.isAlive) {
      await this.#beat();
      if (!this.isAlive) return;
      if (this.owned.length > 0) await this.#commit();
      const pauseMs = this.#world.happens(0.05) ? SESSION_MS + 1_000 : this.#world.between(1, HEARTBEAT_MS);
      await delay(this.#world.simulation.clock, pauseMs);
    }
  }

  async #beat(): Promise<void> {
    const sentMs = this.#world.nowMs;
    const isLeaving = this.#isLeaving;
    const isFull = this.epoch === 0 || this.#isUnsure;
    const facts = isFull ? { rebalanceTimeoutMs: REBALANCE_MS, subscribedTopicNames: ['topic'] } : {};
    const { topicId } = this.#world;
    const topicPartitions = this.owned.length === 0 ? [] : [{ topicId, partitions: this.owned }];
    const part = isLeaving ? { memberEpoch: -1 } : { memberEpoch: this.epoch, topicPartitions, ...facts };
    const answer = await this.#world.beat({ memberId: this.memberId, ...part });
    if (!this.isAlive) return;
    if (isLeaving) {
      if (!isAway(answer.errorCode)) this.die();
    } else this.#onAnswer(answer, sentMs);
  }

  #onAnswer({ errorCode, memberEpoch, assignment }: ConsumerGroupHeartbeatResponse, sentMs: number): void {
    this.#isUnsure = errorCode !== Errors.NONE;
    if (errorCode === Errors.NONE) {
      this.#heardOfMs = sentMs;
      this.epoch = memberEpoch;
      if (assignment !== null && assignment !== undefined) {
        this.#given = assignment.topicPartitions.flatMap(({ partitions }) => partitions);
      }
      const taken = this.#given.filter((partition) => !this.owned.includes(partition));
      this.owned = [...this.#given];
      this.#world.taken(this, taken);
    } else if (!isAway(errorCode)) {
      assert(
        errorCode === Errors.FENCED_MEMBER_EPOCH ||
          errorCode === Errors.UNKNOWN_MEMBER_ID ||
          errorCode === Errors.GROUP_ID_NOT_FOUND ||
          errorCode === Errors.UNKNOWN_SERVER_ERROR,
        `${this.memberId} got ${errorCode}`,
      );
      this.owned = [];
      this.#given = [];
      this.epoch = 0;
    }
  }

  /** Whether or not it is still a member. */
  async #commit(): Promise<void> {
    const partitionIndex = this.owned[0] as number;
    const offset = this.#world.nextOffset++;
    const row = { partitionIndex, committedOffset: offset, committedLeaderEpoch: 0, committedMetadata: '' };
    const request = commitRequest('g', offset, {
      memberId: this.memberId,
      generationIdOrMemberEpoch: this.epoch,
      topics: [{ name: 'topic', topicId: '', partitions: [row] }],
    });
    const { topics } = await this.#world.coordinator.offsetCommit(request, context(9));
    if (topics[0]?.partitions[0]?.errorCode === Errors.NONE) this.#world.acknowledged(partitionIndex, offset);
  }

  die(): void {
    this.isAlive = false;
    this.owned = [];
  }
}

class World {
  readonly simulation: Simulation;
  readonly topicId: string;
  nextOffset = 1;
  coordinator: GroupCoordinator;
  readonly #writer: MemoryWriter;
  readonly #metadata = new MetadataBench();
  readonly #members: Member[] = [];
  readonly #acknowledged = new Map<number, number>();
  readonly #failures: unknown[] = [];
  readonly #logger: Logger = {
    log: (_level, _message, fields) => {
      const reason = String(fields?.['reason'] ?? '');
      if (/^\w*(Error|Failure): /.test(reason)) this.#failures.push(new Error(`a shard was dropped: ${reason}`));
    },
    child: () => this.#logger,
  };
  #isQuiet = false;
  #epoch = 0;
  #nextName = 1;

  constructor(simulation: Simulation) {
    this.simulation = simulation;
    this.topicId = this.#metadata.createTopic('topic', PARTITIONS);
    this.#writer = new MemoryWriter(simulation.clock);
    this.#writer.commitDelayMs = () => this.between(0, 30);
    this.coordinator = this.#start();
  }

  get nowMs(): number {
    return this.simulation.clock.monotonicMs();
  }
  between(low: number, high: number): number {
    return randomInt(this.simulation.random, low, high);
  }
  happens(chance: number): boolean {
    return !this.#isQuiet && this.simulation.random.next() < chance;
  }

  #start(): GroupCoordinator {
    const { clock, random } = this.simulation;
    const coordinator = coordinatorOver(this.#writer, clock, random, { configs: CONFIGS, logger: this.#logger });
    coordinator.onMetadata(this.#metadata.image, this.#metadata.createdTopic);
    return coordinator;
  }

  async beat(part: Record<string, unknown>): Promise<ConsumerGroupHeartbeatResponse> {
    const nothing = { instanceId: null, rackId: null, rebalanceTimeoutMs: -1, serverAssignor: null };
    const silent = { subscribedTopicNames: null, subscribedTopicRegex: null, topicPartitions: null };
    const request = { groupId: 'g', ...nothing, ...silent, ...part };
    return this.coordinator.consumerGroupHeartbeat(request as never, context(1));
  }

  taken(by: Member, partitions: readonly number[]): void {
    for (const partition of partitions) {
      const other = this.#members.find((one) => one !== by && one.isSafe && one.owned.includes(partition));
      if (other !== undefined)
        this.#failures.push(new Error(`${partition} is ${other.memberId}'s and given to ${by.memberId}`));
    }
  }
  acknowledged(partition: number, offset: number): void {
    this.#acknowledged.set(partition, Math.max(offset, this.#acknowledged.get(partition) ?? -1));
  }

  async live(): Promise<void> {
    for (let step = 0; step < STEPS; step++) {
      this.#act(this.between(0, 100));
      await delay(this.simulation.clock, this.between(1, 1_500));
      await this.#checkOffsets();
      this.#check();
    }
    await this.#settle();
    this.#check();
  }

  #act(choice: number): void {
    const { clock } = this.simulation;
    const alive = this.#members.filter(({ isAlive }) => isAlive);
    const someone = alive[this.between(0, Math.max(1, alive.length))];
    if (choice < 30 && alive.length < MOST_ALIVE) this.#join();
    else if (choice < 38) someone?.leave();
    else if (choice < 46) someone?.die();
    else if (choice < 52) this.#restart();
    else if (choice < 55) this.#changeLeader();
    else if (choice < 62) this.#writer.failNext = { errorCode: Errors.KAFKA_STORAGE_ERROR, isLate: this.happens(0.5) };
    else if (choice < 66) clock.jump(this.between(-HOUR_MS, HOUR_MS));
  }

  #join(): void {
    const member = new Member(this, `m${this.#nextName++}`);
    this.#members.push(member);
    member.live().catch((error: unknown) => this.#failures.push(error));
  }

  #restart(): void {
    this.coordinator.close();
    this.#writer.crash((uncommitted) => this.between(0, uncommitted + 1));
    this.coordinator = this.#start();
  }

  #changeLeader(): void {
    const { coordinator } = this;
    coordinator.onResigned(0);
    this.simulation.clock.schedule(this.between(0, 3_000), () => coordinator.onLeader(0, ++this.#epoch));
  }

  async #checkOffsets(): Promise<void> {
    const before = new Map(this.#acknowledged);
    const { groups } = await this.coordinator.offsetFetch(fetchRequest('g'), context(9));
    if (groups?.[0]?.errorCode !== Errors.NONE) return;
    const rows = groups[0].topics.flatMap(({ partitions }) => partitions);
    for (const [partition, least] of before) {
      const offset = rows.find(({ partitionIndex }) => partitionIndex === partition)?.committedOffset ?? -1;
      assert(offset >= least, `the offset of ${partition} went back from ${least} to ${offset}`);
    }
  }

  #check(): void {
    const [failure] = this.#failures;
    if (failure !== undefined) throw failure;
  }

  async #settle(): Promise<void> {
    this.#isQuiet = true;
    this.#writer.failNext = undefined;
    await delay(this.simulation.clock, QUIET_MS);
    await this.#checkOffsets();
    const alive = this.#members.filter(({ isAlive }) => isAlive);
    const request = { groupIds: ['g'], includeAuthorizedOperations: false };
    const { groups } = await this.coordinator.consumerGroupDescribe(request, context(1));
    const state = groups[0]?.groupState;
    assert(alive.length === 0 || state === 'Stable', `the group is ${state}`);
    const owned = alive.flatMap((member) => member.owned).sort((one, other) => one - other);
    assert(alive.length === 0 || owned.join() === '0,1,2,3,4', `the group owns ${owned.join()}`);
    for (const member of this.#members) member.die();
  }
}

describe('Consumer groups in a simulated world', function () {
  this.timeout(Math.max(180_000, seeds * 1_000));

  it('give a partition to one member at a time, keep offsets, and become stable', async () => {
    for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
      await simulate({ seed, nextTurn: quickTurn }, (simulation) => new World(simulation).live());
    }
  });
});
