// Producers with transactions over a coordinator that is taken away at any moment, over a log that is slow and fails, and
// partitions whose markers fail, come late and come twice. What holds:
//   1. a transaction is committed on all of its partitions or on none, and as its producer was told,
//   2. when all is quiet nothing is open and nothing is being ended: what was left open has run out of time,
//   3. no two producers get one id and epoch,
//   4. a coordinator that is loaded anew says what the living one said; nobody waits for ever.
import { Errors, type Int64 } from '../../src/protocol/index.ts';
import { buildBatch } from '../../src/protocol/records/index.ts';
import { assert, delay, parseConfigs, randomInt, silentLogger } from '../../src/runtime/index.ts';
import type { Simulation } from '../../src/runtime/sim/index.ts';
import { type MarkerToWrite, ProducerIds, transactionConfig } from '../../src/transaction-coordinator/index.ts';
import { TransactionCoordinator } from '../../src/transaction-coordinator/transaction-coordinator.ts';
import { transactionRecordSerde } from '../../src/transaction-coordinator/transaction-record.ts';
import { MetadataBench } from '../api-handlers/metadata-bench.ts';
import { MemoryWriter } from '../coordinator-common/memory-writer.ts';
import { type Outcome, PartitionModel } from './partition-model.ts';
import { transaction } from './transactions.ts';

const TOPIC = 't';
const PARTITIONS = 3;
const TIMEOUT_MS = 3_000;
const QUIET_MS = 60_000;
const IDS = ['one', 'two', 'near the end'];
const RETRIABLE: ReadonlySet<number> = new Set([
  Errors.NOT_COORDINATOR,
  Errors.COORDINATOR_LOAD_IN_PROGRESS,
  Errors.COORDINATOR_NOT_AVAILABLE,
  Errors.CONCURRENT_TRANSACTIONS,
]);

interface Producer {
  producerId: Int64;
  producerEpoch: number;
}

export class TransactionWorld {
  readonly writer: MemoryWriter;
  readonly partitions = Array.from({ length: PARTITIONS }, () => new PartitionModel());
  readonly #simulation: Simulation;
  readonly #transactionVersion: number;
  readonly #metadata = new MetadataBench();
  readonly #producerIds: ProducerIds;
  #coordinator: TransactionCoordinator;
  #leaderEpoch = 0;
  #isQuiet = false;
  #running = 0;
  #next = 0;
  readonly #given = new Set<string>();
  /** What producers were told of their transactions. */
  readonly #told = new Map<string, Outcome>();
  committed = 0;
  aborted = 0;
  /** Partitions say that they have markers which they do not have. */
  losesMarkers = false;

  constructor(simulation: Simulation, transactionVersion: number) {
    this.#simulation = simulation;
    this.#transactionVersion = transactionVersion;
    const { random, clock } = simulation;
    this.#metadata.replay([
      { type: 'FeatureLevelRecord', version: 0, name: 'transaction.version', featureLevel: transactionVersion },
    ]);
    this.#metadata.createTopic(TOPIC, PARTITIONS);
    this.writer = new MemoryWriter(clock);
    this.writer.commitDelayMs = () => randomInt(random, 0, 30);
    let start = 100;
    this.#producerIds = new ProducerIds(async () => {
      await delay(clock, randomInt(random, 0, 20));
      return { start: (start += 3), length: 3 };
    });
    this.#almostExhausted();
    this.#coordinator = this.#startCoordinator();
  }

  /** One transactional id has few epochs left. */
  #almostExhausted(): void {
    const transactionalId = 'near the end';
    const metadata = transaction({ transactionalId, producerId: 50, producerEpoch: 32_763 });
    const record = transactionRecordSerde.encode({ transactionalId, metadata, valueVersion: 1 });
    this.writer.append(0, buildBatch([{ ...record, timestamp: 0 }]));
    this.writer.commit(0);
  }

  #startCoordinator(): TransactionCoordinator {
    const config = parseConfigs(
      transactionConfig,
      new Map([['transaction.abort.timed.out.transaction.cleanup.interval.ms', '500']]),
    );
    const coordinator = new TransactionCoordinator({
      runtime: { clock: this.#simulation.clock, logger: silentLogger },
      config: () => config,
      writer: this.writer,
      partitionCount: () => 1,
      producerIds: this.#producerIds,
      markers: { write: (_topic, partition, marker) => this.#mark(partition, marker) },
    });
    coordinator.onMetadata(this.#metadata.image, this.#metadata.createdTopic);
    coordinator.onLeader(0, ++this.#leaderEpoch);
    return coordinator;
  }

  async #mark(index: number, marker: MarkerToWrite): Promise<number> {
    const { random, clock } = this.#simulation;
    const fate = this.#isQuiet ? 1 : random.next();
    if (fate < 0.1) return Errors.NOT_LEADER_OR_FOLLOWER;
    const isLost = this.losesMarkers && fate > 0.9;
    const code = isLost ? Errors.NONE : (this.partitions[index] as PartitionModel).mark(marker);
    await delay(clock, randomInt(random, 0, 30));
    return fate < 0.2 ? Errors.REQUEST_TIMED_OUT : code;
  }

  /** The random life of a seed. */
  async live(steps: number): Promise<void> {
    const { random, clock } = this.#simulation;
    for (const id of IDS) this.#start(id);
    for (let step = 0; step < steps; step++) {
      await delay(clock, randomInt(random, 1, 120));
      this.strike(random.next());
    }
    this.#isQuiet = true;
    this.writer.failNext = undefined;
    await delay(clock, QUIET_MS);
    await this.#check();
  }

  /**
   * A life in which every state is entered, and the coordinator crashes behind the append with the number `moment`, which is
   * found again or not. How many appends there were.
   */
  async script(moment: number, isFound: boolean): Promise<number> {
    const { clock } = this.#simulation;
    const append = this.writer.append.bind(this.writer);
    let appends = 0;
    this.writer.append = (...batch) => {
      if (++appends === moment) clock.endOfTurn(() => this.#crash((uncommitted) => (isFound ? uncommitted : 0)));
      return append(...batch);
    };
    this.#running++;
    await this.#everyState().finally(() => this.#running--);
    this.#isQuiet = true;
    await delay(clock, QUIET_MS);
    await this.#check();
    return appends;
  }

  async #everyState(): Promise<void> {
    const [id] = IDS as [string];
    for (const isCommit of [true, false]) {
      const producer = await this.#init(id);
      if (producer === undefined) continue;
      for (const isSecond of [false, true]) {
        const name = `transaction ${this.#next++}`;
        const isWritten = (await this.#write(id, producer, 0, name)) && (await this.#write(id, producer, 1, name));
        if (!isWritten || !(await this.#end(id, producer, name, isCommit !== isSecond))) break;
      }
      await this.#write(id, producer, 2, `transaction ${this.#next++}`);
    }
  }

  #crash(kept: (uncommitted: number) => number): void {
    this.#coordinator.close();
    this.writer.crash(kept);
    this.#coordinator = this.#startCoordinator();
  }

  strike(fate: number): void {
    const { random } = this.#simulation;
    if (fate < 0.1) {
      this.#crash((uncommitted) => randomInt(random, 0, uncommitted + 1));
    } else if (fate < 0.2) {
      this.#coordinator.onResigned(0);
      this.#coordinator.onLeader(0, ++this.#leaderEpoch);
    } else if (fate < 0.3) {
      this.writer.failNext = { errorCode: Errors.NOT_ENOUGH_REPLICAS_AFTER_APPEND, isLate: fate < 0.25 };
    } else if (fate < 0.33) {
      // Replicas are missing for a while.
      this.writer.refusedWith = Errors.NOT_ENOUGH_REPLICAS;
      this.#simulation.clock.schedule(randomInt(random, 1, 1_500), () => {
        this.writer.refusedWith = Errors.NONE;
      });
    } else if (fate < 0.4) {
      // Somebody else with the same id.
      this.#start(IDS[randomInt(random, 0, IDS.length)] as string);
    }
  }

  #start(transactionalId: string): void {
    this.#running++;
    void this.#run(transactionalId).finally(() => this.#running--);
  }

  /** The life of a producer, until it is fenced. */
  async #run(transactionalId: string): Promise<void> {
    const { random, clock } = this.#simulation;
    const producer = await this.#init(transactionalId);
    while (producer !== undefined && !this.#isQuiet) {
      if (!(await this.#transact(transactionalId, producer))) return;
      await delay(clock, randomInt(random, 0, 20));
    }
  }

  async #init(transactionalId: string): Promise<Producer | undefined> {
    const expected = undefined;
    const request = { transactionalId, timeoutMs: TIMEOUT_MS, expected, enable2Pc: false, keepPreparedTxn: false };
    const answer = await this.#until(() => this.#coordinator.initProducerId(request));
    if (answer.errorCode !== Errors.NONE) return undefined;
    const name = `${answer.producerId}:${answer.producerEpoch}`;
    assert(!this.#given.has(name), `${name} is given to two producers`);
    this.#given.add(name);
    return answer;
  }

  /** false: the producer has been replaced. */
  async #transact(transactionalId: string, producer: Producer): Promise<boolean> {
    const { random, clock } = this.#simulation;
    const name = `transaction ${this.#next++}`;
    for (let count = randomInt(random, 1, 4); count > 0; count--) {
      if (!(await this.#write(transactionalId, producer, randomInt(random, 0, PARTITIONS), name))) return false;
    }
    // Some are never ended by their producer.
    if (random.next() < 0.05) return false;
    if (random.next() < 0.05) await delay(clock, TIMEOUT_MS);
    return this.#end(transactionalId, producer, name, random.next() < 0.7);
  }

  async #end(transactionalId: string, producer: Producer, name: string, isCommit: boolean): Promise<boolean> {
    const end = { ...producer, transactionalId, isCommit, clientTransactionVersion: this.#transactionVersion };
    const answer = await this.#until(() => this.#coordinator.endTxn(end));
    if (answer.errorCode !== Errors.NONE) return false;
    this.#told.set(name, isCommit ? 'commit' : 'abort');
    if (this.#transactionVersion >= 2) {
      producer.producerId = answer.producerId;
      producer.producerEpoch = answer.producerEpoch;
    }
    return true;
  }

  async #write(transactionalId: string, producer: Producer, index: number, name: string): Promise<boolean> {
    const partition = this.partitions[index] as PartitionModel;
    const asked = { transactionalId, ...producer, topics: [{ topic: TOPIC, partitions: [index] }] };
    const version = this.#transactionVersion;
    if (version < 2) {
      const added = await this.#until(async () => ({ errorCode: await this.#coordinator.addPartitions(asked, 0) }));
      if (added.errorCode !== Errors.NONE) return false;
    }
    let guard = 0;
    const { errorCode } = await this.#until(async () => {
      guard = partition.guard(producer.producerId);
      if (version >= 2) return { errorCode: await this.#coordinator.addPartitions(asked, version) };
      return { errorCode: (await this.#coordinator.verifyPartitions(asked))(TOPIC, index) };
    });
    return errorCode === Errors.NONE && partition.append(producer.producerId, producer.producerEpoch, name, guard);
  }

  /** Asks until the answer is one that stays. */
  async #until<T extends { readonly errorCode: number }>(ask: () => T | Promise<T>): Promise<T> {
    const { random, clock } = this.#simulation;
    for (;;) {
      const answer = await ask();
      if (!RETRIABLE.has(answer.errorCode)) return answer;
      await delay(clock, randomInt(random, 5, 40));
    }
  }

  async #check(): Promise<void> {
    assert(this.#running === 0, `${this.#running} wait for ever`);
    for (const { failures, open } of this.partitions) {
      assert(failures.length === 0, failures.join());
      assert(open.length === 0, `${open.join()} are open for ever`);
    }
    const names = new Set(this.partitions.flatMap(({ outcomes }) => [...outcomes.keys()]));
    for (const name of names) {
      const outcomes = new Set(this.partitions.flatMap((partition) => [...(partition.outcomes.get(name) ?? [])]));
      assert(outcomes.size === 1, `${name} was both committed and aborted`);
      const told = this.#told.get(name);
      assert(told === undefined || outcomes.has(told), `${name} did not ${told}, as was told`);
      if (outcomes.has('commit')) this.committed++;
      else this.aborted++;
    }
    const living = JSON.stringify(await this.#coordinator.describeTransactions(IDS));
    assert(!/Prepare|Ongoing/.test(living), `something is being ended for ever: ${living}`);
    this.#coordinator.close();
    this.#coordinator = this.#startCoordinator();
    await delay(this.#simulation.clock, 1_000);
    const loaded = JSON.stringify(await this.#coordinator.describeTransactions(IDS));
    assert(living === loaded, `loaded was ${loaded}, and not ${living}`);
    this.#coordinator.close();
  }
}
