// A group that migrates to and fro under load: members of both protocols come and go, are silent and come back, and the coordinator
// is started anew in the middle of it. OTTLA_SEEDS sets how many seeds are run, OTTLA_SEED the first one.
import { expect } from 'chai';
import { decodedAssignment } from '../../../src/group-coordinator/consumer/consumer-protocol.ts';
import { encodeVersioned, Errors, KafkaError } from '../../../src/protocol/index.ts';
import type { JoinGroupResponse } from '../../../src/protocol/messages/11-join-group.ts';
import type { SyncGroupResponse } from '../../../src/protocol/messages/14-sync-group.ts';
import {
  consumerProtocolAssignment,
  consumerProtocolSubscription,
} from '../../../src/protocol/messages/consumer-protocol.ts';
import { randomInt } from '../../../src/runtime/index.ts';
import { SeededRandom } from '../../../src/runtime/sim/index.ts';
import { GroupMachine } from './group-machine.ts';
import { statesOf } from './group-state.ts';

const seeds = Number(process.env['OTTLA_SEEDS'] ?? 15);
const firstSeed = Number(process.env['OTTLA_SEED'] ?? 1);
const STEPS = 150;
const PARTITIONS = 6;
const MOST_CLIENTS = 5;
const VERSION = 3;

interface Client {
  isAlive: boolean;
  readonly owned: readonly number[];
  step(): Promise<void>;
  leave(): void;
}

const topic = (partitions: readonly number[]) =>
  partitions.length === 0 ? [] : [{ topic: 'topic', partitions: [...partitions] }];

/** A classic consumer, eager or cooperative, that also leads and assigns when it is told to. */
class ClassicClient implements Client {
  readonly #machine: GroupMachine;
  readonly #isCooperative: boolean;
  isAlive = true;
  owned: number[] = [];
  #memberId = '';
  #generation = -1;
  #joining: { answer?: JoinGroupResponse } | undefined;
  #syncing: { answer?: SyncGroupResponse } | undefined;

  constructor(machine: GroupMachine, isCooperative: boolean) {
    this.#machine = machine;
    this.#isCooperative = isCooperative;
  }

  async step(): Promise<void> {
    if (this.#joining !== undefined) this.#onJoin(this.#joining.answer);
    else if (this.#syncing !== undefined) this.#onSync(this.#syncing.answer);
    else if (this.#generation < 0) this.#join();
    else this.#beat();
    await Promise.resolve();
  }

  #join(): void {
    const metadata = encodeVersioned(consumerProtocolSubscription, VERSION, {
      topics: ['topic'],
      ownedPartitions: topic(this.#isCooperative ? this.owned : []),
    });
    if (!this.#isCooperative) this.owned = [];
    const joining: { answer?: JoinGroupResponse } = {};
    this.#joining = joining;
    void this.#machine.joinClassic(this.#memberId, { protocols: [{ name: 'range', metadata }] }).then((answer) => {
      joining.answer = answer;
    });
  }

  #onJoin(answer: JoinGroupResponse | undefined): void {
    if (answer === undefined) return;
    this.#joining = undefined;
    if (answer.errorCode === Errors.MEMBER_ID_REQUIRED) this.#memberId = answer.memberId;
    else if (answer.errorCode !== Errors.NONE) this.#refused(answer.errorCode);
    else this.#sync(answer);
  }

  #sync({ memberId, generationId = -1, members }: JoinGroupResponse): void {
    this.#memberId = memberId;
    this.#generation = generationId;
    const assignments = members.map((member, index) => {
      const own = Array.from({ length: PARTITIONS }, (_, each) => each).filter(
        (each) => each % members.length === index,
      );
      const value = { assignedPartitions: topic(own), userData: null };
      return { memberId: member.memberId, assignment: encodeVersioned(consumerProtocolAssignment, VERSION, value) };
    });
    const syncing: { answer?: SyncGroupResponse } = {};
    this.#syncing = syncing;
    void this.#machine.syncClassic(memberId, generationId, assignments).then((answer) => {
      syncing.answer = answer;
    });
  }

  #onSync(answer: SyncGroupResponse | undefined): void {
    if (answer === undefined) return;
    this.#syncing = undefined;
    if (answer.errorCode !== Errors.NONE) return this.#refused(answer.errorCode);
    this.owned = decodedAssignment(answer.assignment)?.assignedPartitions.flatMap(({ partitions }) => partitions) ?? [];
  }

  #beat(): void {
    const code = this.#machine.beatClassic(this.#memberId, this.#generation);
    if (code !== Errors.NONE) this.#refused(code);
  }

  #refused(code: number): void {
    this.#generation = -1;
    if (code === Errors.REBALANCE_IN_PROGRESS) return;
    this.owned = [];
    if (code === Errors.UNKNOWN_MEMBER_ID) this.#memberId = '';
    else if (code === Errors.GROUP_MAX_SIZE_REACHED) this.isAlive = false;
    else expect(code).to.be.oneOf([Errors.ILLEGAL_GENERATION, Errors.INCONSISTENT_GROUP_PROTOCOL]);
  }

  leave(): void {
    this.isAlive = false;
    if (this.#memberId !== '') this.#machine.leaveClassic(this.#memberId);
  }

  /** The coordinator that it waits for is gone: its request fails, and it joins again. */
  lost(): void {
    this.#joining = undefined;
    this.#syncing = undefined;
    this.#generation = -1;
    this.owned = [];
  }
}

class ModernClient implements Client {
  readonly #machine: GroupMachine;
  readonly #memberId: string;
  isAlive = true;
  owned: number[] = [];
  #epoch = 0;

  constructor(machine: GroupMachine, memberId: string) {
    this.#machine = machine;
    this.#memberId = memberId;
  }

  async step(): Promise<void> {
    const topicId = this.#machine.metadata.image.topics.byName.get('topic')?.id ?? '';
    const part = { memberId: this.#memberId, memberEpoch: this.#epoch };
    const topicPartitions = this.owned.length === 0 ? [] : [{ topicId, partitions: this.owned }];
    const facts = this.#epoch === 0 ? { rebalanceTimeoutMs: 5_000, subscribedTopicNames: ['topic'] } : {};
    try {
      const { memberEpoch, assignment } = this.#machine.beat({ ...part, topicPartitions, ...facts });
      this.#epoch = memberEpoch;
      if (assignment) this.owned = assignment.topicPartitions.flatMap(({ partitions }) => partitions);
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      this.owned = [];
      this.#epoch = 0;
    }
    await Promise.resolve();
  }

  leave(): void {
    this.isAlive = false;
    if (this.#epoch === 0) return;
    try {
      this.#machine.beat({ memberId: this.#memberId, memberEpoch: -1 });
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
    }
  }
}

class World {
  readonly #random: SeededRandom;
  readonly machine = new GroupMachine();
  clients: Client[] = [];
  /** Kinds that the group has been of. */
  readonly kinds = new Set<string>();
  #nextName = 1;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
    this.machine.createTopic('topic', PARTITIONS);
  }

  async act(): Promise<void> {
    const choice = randomInt(this.#random, 0, 100);
    const client = this.clients[randomInt(this.#random, 0, Math.max(1, this.clients.length))];
    if (choice < 6 && this.clients.length < MOST_CLIENTS) this.clients.push(this.#newClient());
    else if (choice < 10) client?.leave();
    // It ends without a word.
    else if (choice < 11 && client !== undefined) client.isAlive = false;
    else if (choice < 20) this.machine.advance(randomInt(this.#random, 1, 4_000));
    else if (choice < 21) this.#restart();
    else await client?.step();
    this.clients = this.clients.filter(({ isAlive }) => isAlive);
    this.check();
  }

  #newClient(): Client {
    const chance = this.#random.next();
    if (chance < 0.4) return new ModernClient(this.machine, `m${this.#nextName++}`);
    return new ClassicClient(this.machine, chance < 0.7);
  }

  #restart(): void {
    this.machine.restart();
    for (const client of this.clients) if (client instanceof ClassicClient) client.lost();
  }

  check(): void {
    const kind = this.machine.groups.get('g')?.type;
    if (kind !== undefined) this.kinds.add(kind);
    const group = this.machine.groups.consumer('g');
    const owners = new Map<number, string>();
    for (const { memberId, assigned, pendingRevocation } of group?.members ?? []) {
      for (const all of [assigned, pendingRevocation]) {
        for (const epochs of all.values()) {
          for (const partition of epochs.keys()) {
            expect(owners.get(partition), `partition ${partition} of ${memberId}`).to.equal(undefined);
            owners.set(partition, memberId);
          }
        }
      }
    }
  }

  /** When nobody comes and goes any more, everybody has a part, and together they have all. */
  async settle(): Promise<void> {
    for (let round = 0; round < 40; round++) {
      for (const client of this.clients) await client.step();
      this.machine.advance(1_000);
      this.check();
    }
    for (let round = 0; round < 100; round++) {
      for (const client of this.clients) await client.step();
      this.machine.advance(500);
    }
    if (this.clients.length === 0) return;
    const owned = this.clients.flatMap((client) => client.owned);
    expect([...owned].sort((one, other) => one - other)).to.deep.equal(
      Array.from({ length: PARTITIONS }, (_, partition) => partition),
    );
  }
}

describe('A group with members of both protocols', function () {
  this.timeout(Math.max(180_000, seeds * 500));

  it('has one owner for each partition, and is whole when it comes to rest, whatever it has become', async () => {
    const kinds = new Set<string>();
    for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
      try {
        const world = new World(seed);
        for (let step = 0; step < STEPS; step++) await world.act();
        await world.settle();
        expect(statesOf(world.machine.replayed())).to.deep.equal(statesOf(world.machine.groups));
        for (const kind of world.kinds) kinds.add(kind);
      } catch (error) {
        throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
      }
    }
    if (seeds > 10) expect([...kinds]).to.have.members(['classic', 'consumer']);
  });
});
