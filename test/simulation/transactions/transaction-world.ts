// A whole broker on a simulated machine that crashes, and transactional producers that live through it; held against the model of
// what they were told:
//   1. who reads what is committed sees each transaction whole or not at all, in the order of its producer, once,
//   2. what was answered as committed is there; what was aborted, or comes from a zombie, is not,
//   3. what has been read stays read: nothing comes before it later,
//   4. a group's offset comes with its transaction or not at all, and never goes back,
//   5. in the end every transaction is over: nothing is held back, nothing stays pending.
import { BrokerNode } from '../../../src/broker/node/broker-node.ts';
import { LoggerLevels } from '../../../src/broker/configs/logger-levels.ts';
import { settingsOf } from '../../../src/broker/configs/settings.ts';
import { OffsetFetch } from '../../../src/protocol/messages/09-offset-fetch.ts';
import { CreateTopics } from '../../../src/protocol/messages/19-create-topics.ts';
import { DescribeProducers } from '../../../src/protocol/messages/61-describe-producers.ts';
import { Errors } from '../../../src/protocol/index.ts';
import { assert, delay, type Logger, randomInt } from '../../../src/runtime/index.ts';
import type { CrashMode, SimMachine, Simulation } from '../../../src/runtime/sim/index.ts';
import { CommittedReader } from './committed-reader.ts';
import { BROKER, PORT, SimClient } from './sim-client.ts';
import { IN, type ModelTransaction, OUT, OUT_PARTITIONS, SimProducer } from './sim-producer.ts';

export interface TransactionWorldOptions {
  readonly durability: 'page-cache' | 'fsync';
  readonly crash: CrashMode;
}

const OF_A_FULL_DISK = /^a write failed/;
/** Whose writes find the disk full. */
const FULL = ['/out-', '/__consumer_offsets-', '/__transaction_state-'];
/** Longer than the longest transaction, and than the pause between two looks at them. */
const QUIET_MS = 40_000;
const PRODUCERS = 3;

export class TransactionWorld {
  readonly #simulation: Simulation;
  readonly #options: TransactionWorldOptions;
  readonly #machine: SimMachine;
  readonly #faults: string[] = [];
  readonly #producers: SimProducer[];
  readonly #observer: SimClient;
  readonly #readers: CommittedReader[];
  /** Group → the offset that was last seen. */
  readonly #offsets = new Map<string, number>();
  readonly #logger: Logger = {
    log: (level, message, fields) => {
      if (level === 'error' && !OF_A_FULL_DISK.test(message)) this.#faults.push(`${message} ${JSON.stringify(fields)}`);
    },
    child: () => this.#logger,
  };

  constructor(simulation: Simulation, options: TransactionWorldOptions) {
    this.#simulation = simulation;
    this.#options = options;
    this.#machine = simulation.machine(BROKER);
    this.#observer = new SimClient(simulation, 'observer');
    this.#producers = Array.from(
      { length: PRODUCERS },
      (_, index) => new SimProducer(simulation, `t${index}`, (simulation.seed + index) % 2 === 0),
    );
    this.#readers = Array.from({ length: OUT_PARTITIONS }, (_, index) => new CommittedReader(this.#observer, index));
  }

  async live(lives: number): Promise<void> {
    await this.#start();
    await this.#createTopics();
    let isOver = false;
    const ends = this.#producers.map((producer) => producer.live(() => isOver));
    for (let life = 0; life < lives; life++) {
      for (let step = randomInt(this.#random, 1, 8); step > 0; step--) {
        await delay(this.#clock, this.#random.next() * 1_500);
        await this.#look();
      }
      await this.#crash();
    }
    isOver = true;
    await Promise.all(ends);
    await delay(this.#clock, QUIET_MS);
    await this.#judge();
    await this.#crash();
    await delay(this.#clock, 1_000);
    await this.#readAgain();
    assert(this.#faults.length === 0, `the broker has told of a fault: ${this.#faults[0]}`);
    this.#observer.close();
  }

  get #random() {
    return this.#simulation.random;
  }
  get #clock() {
    return this.#simulation.clock;
  }

  async #start(): Promise<void> {
    const runtime = { ...this.#machine.runtime, logger: this.#logger };
    const config = {
      'log.dirs': '/data',
      'ottla.durability': this.#options.durability,
      'offsets.topic.num.partitions': '2',
      'transaction.state.log.num.partitions': '2',
      'transaction.abort.timed.out.transaction.cleanup.interval.ms': '700',
      'log.flush.scheduler.interval.ms': '1000',
    };
    const settings = settingsOf({ port: PORT, config }, runtime.disk);
    await BrokerNode.start({ runtime, settings, loggers: new LoggerLevels() });
  }

  /** In the middle of whatever it does; another process goes on with what is left of the disk. */
  async #crash(): Promise<void> {
    this.#machine.crash(this.#options.crash);
    if (this.#random.next() < 0.2) this.#clock.jump(randomInt(this.#random, -60_000, 60_000));
    await delay(this.#clock, this.#random.next() * 500);
    await this.#start();
  }

  async #createTopics(): Promise<void> {
    const topics = [
      { name: OUT, numPartitions: OUT_PARTITIONS, configs: [{ name: 'segment.ms', value: '700' }] },
      { name: IN, numPartitions: 1, configs: [] },
    ].map((topic) => ({ ...topic, replicationFactor: 1, assignments: [] }));
    const answer = await this.#observer.insist(CreateTopics, 5, { topics, timeoutMs: 1_000, validateOnly: false });
    const codes = answer.topics.map(({ errorCode }) => errorCode);
    assert(
      codes.every((code) => code === Errors.NONE),
      `topics cannot be made: ${codes.join()}`,
    );
  }

  async #look(): Promise<void> {
    if (this.#random.next() < 0.15) {
      const path = FULL[randomInt(this.#random, 0, FULL.length)] as string;
      this.#machine.disk.failNext({ call: 'write', path, code: 'ENOSPC' });
    }
    const reader = this.#readers[randomInt(this.#random, 0, OUT_PARTITIONS)] as CommittedReader;
    await reader.poll(randomInt(this.#random, 1, 2_000));
    const producer = this.#producers[randomInt(this.#random, 0, PRODUCERS)] as SimProducer;
    const least = Math.max(...numbersOf(producer, ({ fate, hasOffset }) => hasOffset && fate === 'committed'), -1);
    const offset = await this.#stableOffset(producer);
    if (offset === undefined) return;
    assert(offset >= least, `the offset of ${producer.groupId} is ${offset}, behind the committed ${least}`);
    this.#checkOffset(producer, offset);
  }

  #checkOffset({ groupId, transactions }: SimProducer, offset: number): void {
    const before = this.#offsets.get(groupId) ?? -1;
    assert(offset >= before, `the offset of ${groupId} goes back from ${before} to ${offset}`);
    this.#offsets.set(groupId, offset);
    const transaction = transactions[offset];
    assert(offset === -1 || (transaction !== undefined && mayCommit(transaction)), `${groupId} has offset ${offset}`);
  }

  /** undefined while it is not known. */
  async #stableOffset({ groupId }: SimProducer): Promise<number | undefined> {
    const groups = [{ groupId, topics: [{ name: IN, partitionIndexes: [0] }] }];
    const answer = await this.#observer.insist(OffsetFetch, 8, { groups, requireStable: true });
    const group = answer.groups[0];
    const found = group?.topics[0]?.partitions[0];
    return group?.errorCode === Errors.NONE && found?.errorCode === Errors.NONE
      ? Number(found.committedOffset)
      : undefined;
  }

  /** The world is quiet: what is there now is there for ever. */
  async #judge(): Promise<void> {
    for (const reader of this.#readers) await this.#readAll(reader);
    await this.#checkNothingIsOpen();
    for (const producer of this.#producers) {
      const offset = await this.#stableOffset(producer);
      assert(offset !== undefined, `the offset of ${producer.groupId} is not stable`);
      this.#checkOffset(producer, offset);
      this.#checkTransactions(producer, offset);
    }
    for (const { partition, values } of this.#readers) {
      assert(new Set(values).size === values.length, `a record is there twice in ${partition}`);
      const strangers = values.filter((value) => value.startsWith('zombie'));
      assert(strangers.length === 0, `a zombie has written to ${partition}`);
    }
  }

  #checkTransactions({ transactionalId, transactions }: SimProducer, offset: number): void {
    const seen = this.#readers.map(({ values }) => values.filter((value) => value.startsWith(`${transactionalId} `)));
    const expected: string[][] = this.#readers.map(() => []);
    let lastOffset = -1;
    for (const transaction of transactions) {
      const name = `transaction ${transaction.number} of ${transactionalId}, ${transaction.fate}`;
      const own = `${transactionalId} ${transaction.number} `;
      const count = seen.reduce((sum, values) => sum + values.filter((value) => value.startsWith(own)).length, 0);
      const isSeen = count > 0 || (transaction.hasOffset && transaction.values.size === 0 && mayCommit(transaction));
      if (count > 0) assert(mayCommit(transaction), `records are seen of ${name}`);
      if (transaction.fate === 'committed' && transaction.values.size > 0)
        assert(count > 0, `nothing is seen of ${name}`);
      if (count > 0) for (const [partition, values] of transaction.values) expected[partition]?.push(...values);
      const hasOffset = transaction.hasOffset && isSeen;
      // Whether a transaction of an offset alone was committed, only the offset tells.
      if (hasOffset && (transaction.values.size > 0 || transaction.number <= offset)) lastOffset = transaction.number;
    }
    seen.forEach((values, partition) => {
      const text = expected[partition]?.join('\n');
      assert(
        values.join('\n') === text,
        `${transactionalId} has in ${partition}:\n${values.join('\n')}\nand not\n${text}`,
      );
    });
    assert(offset === lastOffset, `the offset of ${transactionalId} is ${offset} and not ${lastOffset}`);
  }

  async #checkNothingIsOpen(): Promise<void> {
    const topics = [
      { name: OUT, partitionIndexes: this.#readers.map(({ partition }) => partition) },
      { name: '__consumer_offsets', partitionIndexes: [0, 1] },
    ];
    const answer = await this.#observer.insist(DescribeProducers, 0, { topics });
    const partitions = answer.topics.flatMap((topic) => topic.partitions);
    assert(partitions.length === OUT_PARTITIONS + 2, 'the producers of all partitions are told');
    for (const { activeProducers } of partitions) {
      for (const { currentTxnStartOffset, producerId } of activeProducers) {
        assert(currentTxnStartOffset === -1, `a transaction of producer ${producerId} is open for ever`);
      }
    }
  }

  async #readAll(reader: CommittedReader): Promise<void> {
    for (let idle = 0; idle < 8; ) idle = (await reader.poll(randomInt(this.#random, 1, 4_000))) ? 0 : idle + 1;
    assert(reader.isAtEnd, 'a consumer comes to the end');
  }

  /** Another consumer, from the beginning, behind another crash. */
  async #readAgain(): Promise<void> {
    for (const { partition, values } of this.#readers) {
      const again = new CommittedReader(this.#observer, partition);
      await this.#readAll(again);
      assert(again.values.join('\n') === values.join('\n'), `${partition} reads otherwise from the beginning`);
    }
  }
}

const mayCommit = ({ fate }: ModelTransaction): boolean => fate === 'committed' || fate === 'unknown';

function numbersOf({ transactions }: SimProducer, isWanted: (transaction: ModelTransaction) => boolean): number[] {
  return transactions.filter(isWanted).map(({ number }) => number);
}
