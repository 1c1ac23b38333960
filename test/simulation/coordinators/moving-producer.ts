// A transactional producer that finds its coordinators again and again: it writes to partitions of the data, commits an offset of
// its group now and then, and knows what it was told.
import { Errors, type Int64, KafkaError } from '../../../src/protocol/index.ts';
import { assert, type Clock, delay, type Random, randomInt } from '../../../src/runtime/index.ts';
import type { Outcome, PartitionModel } from '../../transaction-coordinator/partition-model.ts';
import { OFFSETS, type SimBroker, TRANSACTIONS } from './sim-broker.ts';

export const DATA = 'data';
export const DATA_PARTITIONS = 3;
const TIMEOUT_MS = 3_000;
const RETRIABLE: ReadonlySet<number> = new Set([
  Errors.NETWORK_EXCEPTION,
  Errors.NOT_COORDINATOR,
  Errors.COORDINATOR_LOAD_IN_PROGRESS,
  Errors.COORDINATOR_NOT_AVAILABLE,
  Errors.CONCURRENT_TRANSACTIONS,
  Errors.NOT_LEADER_OR_FOLLOWER,
  Errors.REQUEST_TIMED_OUT,
  Errors.UNSTABLE_OFFSET_COMMIT,
]);

/** What a producer has to do with the world. */
export interface ProducerWorld {
  readonly random: Random;
  readonly clock: Clock;
  readonly brokers: ReadonlyMap<number, SimBroker>;
  readonly data: readonly PartitionModel[];
  readonly failures: string[];
  readonly isQuiet: boolean;
  someBroker(): SimBroker | undefined;
  leaderOfData(index: number): SimBroker | undefined;
  ask<T>(broker: SimBroker | undefined, request: (broker: SimBroker) => T | Promise<T>): Promise<T>;
}

interface Model {
  readonly name: string;
  readonly hasData: boolean;
  readonly hasOffset: boolean;
  /** undefined: it was not told. */
  readonly told: Outcome | undefined;
}

interface Identity {
  producerId: Int64;
  producerEpoch: number;
}

export class MovingProducer {
  readonly #world: ProducerWorld;
  readonly #id: string;
  readonly #groupId: string;
  /** By number, which is its offset. */
  readonly #transactions: Model[] = [];
  readonly given: string[] = [];
  #isRunning = false;
  #lastOffset = -1;

  constructor(world: ProducerWorld, id: string) {
    this.#world = world;
    this.#id = id;
    this.#groupId = `group of ${id}`;
  }

  get committed(): number {
    return this.#transactions.filter(({ told }) => told === 'commit').length;
  }

  start(): void {
    this.#isRunning = true;
    this.#live()
      .catch((error: unknown) => this.#world.failures.push(String(error)))
      .finally(() => (this.#isRunning = false));
  }

  /** One incarnation after the other. */
  async #live(): Promise<void> {
    const { random, clock } = this.#world;
    while (!this.#world.isQuiet) {
      const identity = await this.#init();
      if (identity === undefined) return;
      for (let count = randomInt(random, 1, 8); count > 0 && !this.#world.isQuiet; count--) {
        if (!(await this.#transact(identity))) break;
        await delay(clock, randomInt(random, 0, 40));
        await this.#readOffset();
      }
    }
  }

  /** Asks whoever coordinates until the answer is one that stays. */
  async #until<T extends { readonly errorCode: number }>(
    findBroker: () => SimBroker | undefined,
    ask: (broker: SimBroker) => Promise<T>,
  ): Promise<T> {
    const { random, clock } = this.#world;
    for (;;) {
      const answer = await this.#world.ask(findBroker(), ask).catch((error: unknown) => {
        if (error instanceof KafkaError) return { errorCode: error.code } as T;
        throw error;
      });
      if (!RETRIABLE.has(answer.errorCode)) return answer;
      await delay(clock, randomInt(random, 5, 60));
    }
  }

  #coordinator(topic: string, key: string): () => SimBroker | undefined {
    return () => this.#world.brokers.get(this.#world.someBroker()?.coordinatorOf(topic, key) ?? -1);
  }

  async #init(): Promise<Identity | undefined> {
    const request = {
      transactionalId: this.#id,
      timeoutMs: TIMEOUT_MS,
      expected: undefined,
      enable2Pc: false,
      keepPreparedTxn: false,
    };
    const answer = await this.#until(this.#coordinator(TRANSACTIONS, this.#id), async (broker) =>
      (await broker.transactions.coordinator()).initProducerId(request),
    );
    assert(answer.errorCode === Errors.NONE, `a producer is not initialised: ${answer.errorCode}`);
    const { producerId, producerEpoch } = answer;
    this.given.push(`${producerId}:${producerEpoch}`);
    return { producerId, producerEpoch };
  }

  /** false: its producer has to begin anew. */
  async #transact(identity: Identity): Promise<boolean> {
    const { random } = this.#world;
    const number = this.#transactions.length;
    const name = `transaction ${number} of ${this.#id}`;
    const model = { name, hasData: random.next() < 0.9, hasOffset: random.next() < 0.6 };
    const remember = (told: Outcome | undefined): void => void (this.#transactions[number] = { ...model, told });
    remember(undefined);
    for (let count = model.hasData ? randomInt(random, 1, 4) : 0; count > 0; count--) {
      if (!(await this.#write(identity, randomInt(random, 0, DATA_PARTITIONS), name))) return false;
    }
    if (model.hasOffset && !(await this.#commitOffset(identity, number))) return false;
    if (!model.hasData && !model.hasOffset) return true;
    // Some are left to the clock.
    if (random.next() < 0.05) return false;
    const isCommit = random.next() < 0.7;
    const code = await this.#end(identity, isCommit);
    if (code === Errors.NONE) remember(isCommit ? 'commit' : 'abort');
    return code === Errors.NONE;
  }

  async #write(identity: Identity, index: number, name: string): Promise<boolean> {
    const world = this.#world;
    const partition = world.data[index] as PartitionModel;
    const { producerId, producerEpoch } = identity;
    const { errorCode } = await this.#until(
      () => world.leaderOfData(index),
      async (broker) => {
        const guard = partition.guard(producerId);
        const named = { topic: DATA, index } as never;
        const asked = { transactionalId: this.#id, producerId, producerEpoch, partition: named, addsPartition: true };
        const verdict = await broker.verifier.verify(asked);
        if (verdict !== Errors.NONE) return { errorCode: verdict };
        if (world.leaderOfData(index) !== broker) return { errorCode: Errors.NOT_LEADER_OR_FOLLOWER };
        const isTaken = partition.append(producerId, producerEpoch, name, guard);
        return { errorCode: isTaken ? Errors.NONE : Errors.INVALID_PRODUCER_EPOCH };
      },
    );
    return errorCode === Errors.NONE;
  }

  async #commitOffset({ producerId, producerEpoch }: Identity, number: number): Promise<boolean> {
    const partitions = [
      { partitionIndex: 0, committedOffset: number, committedLeaderEpoch: -1, committedMetadata: null },
    ];
    const request = {
      transactionalId: this.#id,
      groupId: this.#groupId,
      producerId,
      producerEpoch,
      generationId: -1,
      memberId: '',
      groupInstanceId: null,
      topics: [{ name: DATA, partitions }],
    };
    const { errorCode } = await this.#until(this.#coordinator(OFFSETS, this.#groupId), async (broker) => {
      const groups = await broker.groups.coordinator();
      const answer = await groups.txnOffsetCommit(request, { ...CONTEXT, apiVersion: 5 });
      return { errorCode: answer.topics[0]?.partitions[0]?.errorCode ?? Errors.UNKNOWN_SERVER_ERROR };
    });
    return errorCode === Errors.NONE;
  }

  async #end(identity: Identity, isCommit: boolean): Promise<number> {
    const end = { ...identity, transactionalId: this.#id, isCommit, clientTransactionVersion: 2 };
    const answer = await this.#until(this.#coordinator(TRANSACTIONS, this.#id), async (broker) =>
      (await broker.transactions.coordinator()).endTxn(end),
    );
    if (answer.errorCode !== Errors.NONE) return answer.errorCode;
    identity.producerId = answer.producerId;
    identity.producerEpoch = answer.producerEpoch;
    return Errors.NONE;
  }

  /** The stable offset of the group: it never goes back, and is of a transaction that may have been committed. */
  async #readOffset(): Promise<number> {
    const groups = [
      {
        groupId: this.#groupId,
        memberId: null,
        memberEpoch: -1,
        topics: [{ name: DATA, topicId: '', partitionIndexes: [0] }],
      },
    ];
    const request = { groupId: '', topics: null, groups, requireStable: true };
    const { offset } = await this.#until(this.#coordinator(OFFSETS, this.#groupId), async (broker) => {
      const coordinator = await broker.groups.coordinator();
      const answer = await coordinator.offsetFetch(request as never, { ...CONTEXT, apiVersion: 8 });
      const group = answer.groups?.[0];
      const partition = group?.topics[0]?.partitions?.[0];
      const errorCode = group?.errorCode || (partition?.errorCode ?? Errors.NONE);
      return { errorCode, offset: Number(partition?.committedOffset ?? -1) };
    });
    assert(
      offset >= this.#lastOffset,
      `the offset of ${this.#groupId} goes back from ${this.#lastOffset} to ${offset}`,
    );
    this.#lastOffset = offset;
    const model = this.#transactions[offset];
    const isPossible = offset === -1 || (model?.hasOffset === true && model.told !== 'abort');
    assert(isPossible, `${this.#groupId} has the offset ${offset}, which was not committed`);
    return offset;
  }

  /** The world is quiet. */
  async check(): Promise<void> {
    assert(!this.#isRunning, `${this.#id} waits for ever`);
    const offset = await this.#readOffset();
    let lastCommitted = -1;
    for (const [number, { name, hasData, hasOffset, told }] of this.#transactions.entries()) {
      const outcomes = new Set(this.#world.data.flatMap((one: PartitionModel) => [...(one.outcomes.get(name) ?? [])]));
      assert(outcomes.size < 2, `${name} was both committed and aborted`);
      const [outcome] = outcomes;
      assert(
        told === undefined || outcome === undefined || outcome === told,
        `${name} was told ${told}, not ${outcome}`,
      );
      assert(!hasData || told === undefined || outcome === told, `${name} has no outcome, and was told ${told}`);
      if (!hasOffset) continue;
      const isCommitted = outcome === 'commit' || told === 'commit' || (!hasData && number === offset);
      if (isCommitted) lastCommitted = number;
    }
    assert(offset === lastCommitted, `the offset of ${this.#groupId} is ${offset}, not ${lastCommitted}`);
  }

  /** As the coordinators have it. */
  async describe(): Promise<unknown> {
    const { transaction } = await this.#until(this.#coordinator(TRANSACTIONS, this.#id), async (broker) => {
      const coordinator = await broker.transactions.coordinator();
      const [one] = await coordinator.describeTransactions([this.#id]);
      return { errorCode: one?.errorCode ?? Errors.NONE, transaction: one };
    });
    return [transaction, await this.#readOffset()];
  }
}

const CONTEXT = { clientId: 'producer', clientHost: '/127.0.0.1' };
