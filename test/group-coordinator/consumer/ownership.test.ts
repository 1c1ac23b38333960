// Consumer groups under random members, topics, time-outs and restarts: a partition has one owner, and the log makes the same groups.
// OTTLA_SEEDS sets how many seeds are run, OTTLA_SEED the first one; a seed that fails is in the message.
import { expect } from 'chai';
import { Errors, KafkaError } from '../../../src/protocol/index.ts';
import { randomInt } from '../../../src/runtime/index.ts';
import { SeededRandom } from '../../../src/runtime/sim/index.ts';
import { GroupMachine } from './group-machine.ts';
import { statesOf } from './group-state.ts';

const seeds = Number(process.env['OTTLA_SEEDS'] ?? 20);
const firstSeed = Number(process.env['OTTLA_SEED'] ?? 1);
const STEPS = 120;
const MOST_MEMBERS = 6;
const TOPICS = ['one', 'two', 'three'];

/** A client as KIP-848 has it: it owns what it was last given, less what it has given up. */
class Client {
  readonly #machine: GroupMachine;
  readonly memberId: string;
  readonly instanceId: string | null;
  topics: readonly string[];
  epoch = 0;
  isAlive = true;
  /** An answer was lost: it says all of itself, to be told all again. */
  #isUnsure = false;
  #owned = new Map<string, Set<number>>();
  /** What it was given last. */
  #given = new Map<string, Set<number>>();

  constructor(machine: GroupMachine, memberId: string, instanceId: string | null, topics: readonly string[]) {
    this.#machine = machine;
    this.memberId = memberId;
    this.instanceId = instanceId;
    this.topics = topics;
  }

  get owned(): string[] {
    return [...this.#owned].flatMap(([topicId, all]) => Array.from(all, (partition) => `${topicId} ${partition}`));
  }

  /** Gives up what it was not given again, then takes what it was given. */
  reconcile(): void {
    this.#owned = new Map(Array.from(this.#given, ([topicId, all]) => [topicId, new Set(all)]));
  }

  /** `isLost`: the answer does not arrive. */
  beat(isLost: boolean): void {
    const { memberId, instanceId, epoch } = this;
    const isFull = epoch === 0 || this.#isUnsure;
    const rows = Array.from(this.#owned, ([topicId, all]) => ({ topicId, partitions: [...all] }));
    const facts = { rebalanceTimeoutMs: 20_000, subscribedTopicNames: [...this.topics] };
    try {
      const answer = this.#machine.beat({
        memberId,
        instanceId,
        memberEpoch: epoch,
        topicPartitions: rows,
        ...(isFull ? facts : { subscribedTopicNames: [...this.topics] }),
      });
      this.#isUnsure = isLost;
      if (isLost) return;
      this.epoch = answer.memberEpoch;
      if (answer.assignment !== null && answer.assignment !== undefined) {
        this.#given = new Map(answer.assignment.topicPartitions.map((row) => [row.topicId, new Set(row.partitions)]));
      }
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      this.#refused(error.code);
    }
  }

  #refused(code: number): void {
    this.abandon();
    const isOver = code === Errors.UNRELEASED_INSTANCE_ID || code === Errors.FENCED_INSTANCE_ID;
    if (isOver || code === Errors.GROUP_MAX_SIZE_REACHED) this.isAlive = false;
    else expect([Errors.FENCED_MEMBER_EPOCH, Errors.UNKNOWN_MEMBER_ID, Errors.GROUP_ID_NOT_FOUND]).to.include(code);
  }

  abandon(): void {
    this.#owned = new Map();
    this.#given = new Map();
    this.epoch = 0;
  }

  leave(epoch: -1 | -2): void {
    this.isAlive = false;
    this.#owned = new Map();
    if (this.epoch === 0) return;
    const { memberId, instanceId } = this;
    try {
      this.#machine.beat({ memberId, instanceId, memberEpoch: instanceId === null ? -1 : epoch });
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
    }
  }
}

class World {
  readonly #random: SeededRandom;
  readonly machine = new GroupMachine({ 'group.consumer.max.size': '5' });
  readonly #topicIds = new Map<string, string>();
  clients: Client[] = [];
  #nextName = 1;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
  }

  #between(low: number, high: number): number {
    return randomInt(this.#random, low, high);
  }
  #someTopics(): string[] {
    const some = TOPICS.filter(() => this.#random.next() < 0.6);
    return some.length > 0 ? some : TOPICS.slice(0, 1);
  }

  step(): void {
    const choice = this.#between(0, 100);
    const client = this.clients[this.#between(0, Math.max(1, this.clients.length))];
    if (choice < 10 && this.clients.length < MOST_MEMBERS) this.#join();
    else if (choice < 14) client?.leave(this.#random.next() < 0.5 ? -1 : -2);
    else if (choice < 17 && client !== undefined) client.topics = this.#someTopics();
    else if (choice < 22) this.#changeTopic();
    else if (choice < 28) this.machine.advance(this.#between(1, 30_000));
    else if (choice < 30) this.machine.restart();
    else if (choice < 33) client?.abandon();
    else if (choice < 50) client?.reconcile();
    else client?.beat(this.#random.next() < 0.1);
    this.clients = this.clients.filter(({ isAlive }) => isAlive);
  }

  #join(): void {
    const instance = this.#random.next() < 0.3 ? `i${this.#between(0, 2)}` : null;
    const client = new Client(this.machine, `m${this.#nextName++}`, instance, this.#someTopics());
    this.clients.push(client);
    client.beat(false);
  }

  #changeTopic(): void {
    const name = TOPICS[this.#between(0, TOPICS.length)] as string;
    const topicId = this.#topicIds.get(name);
    if (topicId === undefined) this.#topicIds.set(name, this.machine.createTopic(name, this.#between(1, 6)));
    else if (this.#random.next() < 0.5) {
      this.machine.deleteTopic(topicId);
      this.#topicIds.delete(name);
    }
  }

  /** A partition belongs to one member, and nobody has what the group does not know of. */
  check(): void {
    const group = this.machine.groups.consumer('g');
    if (group === undefined) return;
    const owners = new Map<string, string>();
    for (const { memberId, assigned, pendingRevocation } of group.members) {
      for (const all of [assigned, pendingRevocation]) {
        for (const [topicId, epochs] of all) {
          for (const partition of epochs.keys()) {
            const place = `${topicId} ${partition}`;
            expect(owners.get(place), `${place} of ${memberId}`).to.equal(undefined);
            owners.set(place, memberId);
          }
        }
      }
    }
    for (const { memberId, epoch, owned } of this.clients) {
      // One whose epoch the group does not know any more is told so at its next heartbeat.
      if (epoch === 0 || group.member(memberId)?.memberEpoch !== epoch) continue;
      for (const place of owned) expect(owners.get(place), `${place}, which ${memberId} has`).to.equal(memberId);
    }
  }

  /** Once nothing happens any more everybody has what it is to have, and all that is read is had. */
  settle(): void {
    for (let round = 0; round < 12; round++) {
      for (const client of this.clients) {
        client.beat(false);
        client.reconcile();
      }
      this.clients = this.clients.filter(({ isAlive }) => isAlive);
      this.machine.advance(6_000);
      this.check();
    }
    const group = this.machine.groups.consumer('g');
    if (group === undefined || group.isEmpty) return;
    expect(group.state).to.equal('Stable');
    const read = new Set(this.clients.flatMap(({ topics }) => topics));
    const all = [...read].flatMap((name) => {
      const topic = this.machine.metadata.image.topics.byName.get(name);
      return topic?.partitions.map(({ partition }) => `${topic.id} ${partition}`) ?? [];
    });
    expect(this.clients.flatMap(({ owned }) => owned).sort()).to.deep.equal(all.sort());
  }
}

describe('Consumer groups under random members', function () {
  this.timeout(Math.max(180_000, seeds * 500));

  it('give a partition to one member at a time, and are in the log what they are in memory', () => {
    for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
      try {
        const world = new World(seed);
        for (let step = 0; step < STEPS; step++) {
          world.step();
          world.check();
        }
        expect(statesOf(world.machine.replayed())).to.deep.equal(statesOf(world.machine.groups));
        world.settle();
        expect(statesOf(world.machine.replayed())).to.deep.equal(statesOf(world.machine.groups));
      } catch (error) {
        throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
      }
    }
  });
});
