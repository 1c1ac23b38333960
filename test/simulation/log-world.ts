// One seed's life of a broker's logs on the simulated disk: random appends, rolls, flushes, retention, failures and
// crashes; after each restart everything is compared with the model.
import { expect } from 'chai';
import {
  defaultLogConfig,
  LogManager,
  type PartitionLog,
  type TopicLogConfig,
  topicLogConfig,
} from '../../src/log/index.ts';
import * as batch from '../../src/protocol/records/index.ts';
import { DiskError, type Durability, randomInt } from '../../src/runtime/index.ts';
import { type CrashMode, type SimMachine, type Simulation } from '../../src/runtime/sim/index.ts';
import { verification } from '../log/verified.ts';
import { partitionImage } from '../replication/partition-image.ts';
import { leadingReplica } from '../replication/leading-replica.ts';
import { LogJudge, type Partition, type Producer, readBatches } from './log-judge.ts';
import { type SentBatch, stateAfter } from './log-model.ts';

const TOPIC = 'orders';
const TOPIC_ID = 'VA9A0MIcSd-qs8EYDiQibQ';
const LOG_DIR = '/data';

export interface WorldOptions {
  readonly durability: Durability;
  readonly crash: CrashMode;
  /** EIO now and then, and a disk that runs full. */
  readonly hasFailures: boolean;
}

export class LogWorld {
  readonly #simulation: Simulation;
  readonly #machine: SimMachine;
  readonly #options: WorldOptions;
  readonly #judge: LogJudge;
  readonly #partitions: Partition[] = [];
  #manager: LogManager | undefined;
  #nextValue = 0;

  constructor(simulation: Simulation, options: WorldOptions) {
    this.#simulation = simulation;
    this.#machine = simulation.machine();
    this.#judge = new LogJudge(simulation);
    this.#options = options;
  }

  async live(steps: number): Promise<void> {
    await this.#open();
    for (let i = randomInt(this.#random, 1, 4); i > 0; i--) this.#create();
    for (let step = 0; step < steps; step++) await this.#step();
    await this.#crash('kill');
    await this.#stopCleanly();
  }

  get #random() {
    return this.#simulation.random;
  }

  #chance(probability: number): boolean {
    return this.#random.next() < probability;
  }

  async #step(): Promise<void> {
    const partition = this.#partitions[randomInt(this.#random, 0, this.#partitions.length)] as Partition;
    const dice = this.#random.next();
    if (dice < 0.55) this.#append(partition);
    else if (dice < 0.75) await this.#simulation.clock.advance(this.#random.next() * 8);
    else if (dice < 0.8) partition.log.flush().catch(() => undefined);
    else if (dice < 0.84) await this.#elect(partition);
    else if (dice < 0.88) await this.#deleteRecords(partition);
    else if (dice < 0.9) this.#checkRetention();
    else if (dice < 0.93) this.#fail();
    else if (dice < 0.95) this.#writeCheckpoints();
    else if (dice < 0.97) await this.#checkReads(partition);
    else if (dice < 0.99) await this.#crash(this.#chance(0.3) ? 'kill' : this.#options.crash);
    else await this.#stopCleanly();
  }

  #create(): void {
    const config: TopicLogConfig = {
      ...topicLogConfig(defaultLogConfig),
      segmentBytes: randomInt(this.#random, 2000, 40_000),
      indexIntervalBytes: randomInt(this.#random, 0, 1000),
      segmentIndexBytes: randomInt(this.#random, 60, 600),
      retentionBytes: this.#chance(0.5) ? -1 : randomInt(this.#random, 0, 60_000),
      retentionMs: this.#chance(0.7) ? -1 : randomInt(this.#random, 10, 2000),
      flushMessages: this.#chance(0.5) ? Number.MAX_SAFE_INTEGER : randomInt(this.#random, 1, 50),
    };
    const index = this.#partitions.length;
    const log = (this.#manager as LogManager).createLog({ topic: TOPIC, topicId: TOPIC_ID, partition: index, config });
    const partition: Partition = {
      index,
      config,
      log,
      replica: leadingReplica(log, 0),
      batches: [],
      doubtful: [],
      producers: [],
      leaderEpoch: 0,
      logStartOffset: 0,
      deletedUpTo: 0,
    };
    for (let i = 0; i < 3; i++) {
      const producerId = index * 10 + i;
      partition.producers.push({ producerId, isTransactional: i > 0, epoch: 0, nextSequence: 0, isOpen: false });
    }
    this.#partitions.push(partition);
  }

  #append(partition: Partition): void {
    for (let i = randomInt(this.#random, 1, 4); i > 0; i--) {
      const producer = this.#chance(0.5) ? partition.producers[randomInt(this.#random, 0, 3)] : undefined;
      if (producer?.isOpen === true && this.#chance(0.4)) this.#endTransaction(partition, producer);
      else this.#appendData(partition, producer);
    }
  }

  #appendData(partition: Partition, producer: Producer | undefined): void {
    const count = this.#chance(0.8) ? 1 : randomInt(this.#random, 2, 6);
    const sizeBytes =
      count === 1 && this.#chance(0.05) ? randomInt(this.#random, 500, 1800) : randomInt(this.#random, 0, 200);
    const timestamp = this.#simulation.clock.nowMs() - randomInt(this.#random, 0, 1000);
    const records = Array.from({ length: count }, (_, i) => ({
      key: Buffer.from(`key ${this.#nextValue++}`),
      value: Buffer.alloc(sizeBytes, this.#nextValue),
      timestamp: timestamp + i,
    }));
    const bytes = batch.buildBatch(
      records,
      producer && {
        producerId: producer.producerId,
        producerEpoch: producer.epoch,
        baseSequence: producer.nextSequence,
        isTransactional: producer.isTransactional,
      },
    );
    if (!this.#send(partition, bytes, 'client') || producer === undefined) return;
    producer.nextSequence += count;
    producer.isOpen = producer.isTransactional;
  }

  #endTransaction(partition: Partition, producer: Producer): void {
    // TV2: the marker raises the epoch (KIP-890); before it, it kept it.
    const raises = this.#chance(0.5);
    const bytes = batch.buildEndTransactionMarker({
      isCommit: this.#chance(0.5),
      producerId: producer.producerId,
      producerEpoch: producer.epoch + (raises ? 1 : 0),
      coordinatorEpoch: 3,
      timestamp: this.#simulation.clock.nowMs(),
    });
    if (!this.#send(partition, bytes, 'coordinator')) return;
    producer.isOpen = false;
    if (!raises) return;
    producer.epoch++;
    producer.nextSequence = 0;
  }

  /** False when it was refused at once. */
  #send(partition: Partition, bytes: Buffer, origin: 'client' | 'coordinator'): boolean {
    const { log, replica } = partition;
    const now = this.#simulation.clock.nowMs();
    const { leaderEpoch } = partition;
    const guard = origin === 'client' ? verification(log, bytes) : 0;
    if (typeof guard === 'number' && guard !== 0) return this.#isRefused(guard);
    const verified = typeof guard === 'number' ? undefined : guard;
    const info = replica.append(bytes, { origin, leaderEpoch, now, validation: 'header', guard: verified });
    if (info.errorCode !== 0) return this.#isRefused(info.errorCode);
    expect(info.isDuplicate).to.equal(false);
    const sent: SentBatch = {
      firstOffset: info.firstOffset,
      lastOffset: info.lastOffset,
      bytes: Buffer.from(bytes),
      fate: 'pending',
    };
    const previous = partition.batches.at(-1);
    expect(info.firstOffset).to.equal(previous === undefined ? 0 : previous.lastOffset + 1);
    partition.batches.push(sent);
    log.onWritten(info.lastOffset + 1, { written: (errorCode) => this.#settled(partition, sent, errorCode) });
    return true;
  }

  #isRefused(errorCode: number): false {
    expect(errorCode, 'a refusal without a failing disk').to.equal(this.#options.hasFailures ? 56 : 0);
    return false;
  }

  #settled(partition: Partition, sent: SentBatch, errorCode: number): void {
    if (errorCode === 0) {
      sent.fate = 'acknowledged';
      return;
    }
    expect(errorCode).to.equal(56);
    sent.fate = 'refused';
    partition.doubtful.push(sent);
    partition.batches = partition.batches.filter((one) => one !== sent);
    // All of a failed write are refused one after the other: the last one finds the log as it was before.
    if (partition.batches.every((one) => one.fate === 'acknowledged')) this.#resumeProducers(partition);
  }

  /** Producers go on from what the log has of them, as after a KIP-360 reset. */
  #resumeProducers(partition: Partition): void {
    const { producers } = stateAfter(partition.batches);
    const rows = new Map(partition.log.producers().map((row) => [row.producerId, row]));
    for (const row of producers.values()) this.#judge.checkProducer(partition, rows.get(row.producerId), row);
    for (const producer of partition.producers) {
      const row = rows.get(producer.producerId);
      producer.epoch = row?.producerEpoch ?? producer.epoch;
      producer.nextSequence = row === undefined ? 0 : row.lastSequence + 1;
      producer.isOpen = (row?.currentTxnStartOffset ?? -1) >= 0;
    }
  }

  async #elect(partition: Partition): Promise<void> {
    await this.#simulation.clock.advance(20);
    partition.leaderEpoch += randomInt(this.#random, 1, 3);
    partition.replica.update(partitionImage({ leaderEpoch: partition.leaderEpoch }));
  }

  async #deleteRecords(partition: Partition): Promise<void> {
    await this.#simulation.clock.advance(20);
    const { log } = partition;
    const offset = randomInt(this.#random, log.logStartOffset, log.highWatermark + 1);
    partition.logStartOffset = log.deleteRecordsBefore(offset);
    partition.deletedUpTo = Math.max(partition.deletedUpTo, offset);
    expect(partition.logStartOffset).to.equal(offset);
  }

  #checkRetention(): void {
    (this.#manager as LogManager).checkRetention();
    for (const partition of this.#partitions) {
      partition.logStartOffset = partition.log.logStartOffset;
      partition.deletedUpTo = Math.max(partition.deletedUpTo, partition.logStartOffset);
    }
  }

  #writeCheckpoints(): void {
    try {
      (this.#manager as LogManager).writeCheckpoints();
    } catch (error) {
      if (!(error instanceof DiskError) || !this.#options.hasFailures) throw error;
    }
  }

  #fail(): void {
    if (!this.#options.hasFailures) return;
    const { disk } = this.#machine;
    const kinds = ['write', 'sync', 'open', 'read'] as const;
    const dice = this.#random.next();
    if (dice < 0.2) disk.capacityBytes = disk.usedBytes() + randomInt(this.#random, 0, 3000);
    else if (dice < 0.4)
      disk.failureChance[kinds[randomInt(this.#random, 0, 4)] as 'write'] = this.#random.next() * 0.3;
    else this.#heal();
  }

  async #checkReads(partition: Partition): Promise<void> {
    this.#heal();
    await this.#judge.checkReads(partition);
  }

  #heal(): void {
    const { disk } = this.#machine;
    disk.capacityBytes = Number.POSITIVE_INFINITY;
    for (const call of ['write', 'sync', 'open', 'read'] as const) disk.failureChance[call] = 0;
  }

  async #crash(mode: CrashMode): Promise<void> {
    this.#heal();
    this.#machine.crash(mode);
    await this.#open();
    for (const partition of this.#partitions) this.#reopened(partition, mode);
    for (const partition of this.#partitions) await this.#judge.check(partition);
  }

  async #stopCleanly(): Promise<void> {
    this.#heal();
    await this.#simulation.clock.advance(100);
    await (this.#manager as LogManager).close(7);
    await this.#open();
    for (const partition of this.#partitions) this.#reopened(partition, 'kill');
    for (const partition of this.#partitions) await this.#judge.check(partition);
  }

  async #open(): Promise<void> {
    this.#manager = await LogManager.open({
      runtime: this.#machine.runtime,
      logDirs: [LOG_DIR],
      config: defaultLogConfig,
      durability: this.#options.durability,
      topicConfig: () => (this.#partitions[0] as Partition).config,
    });
  }

  /** The log of `partition` after a restart: what it has is settled, what it lacks must not have been promised. */
  #reopened(partition: Partition, mode: CrashMode): void {
    const manager = this.#manager as LogManager;
    let log = manager.getLog(TOPIC, partition.index);
    if (log === undefined || log.topicId === undefined) {
      // Kafka makes a partition anew that it finds without its metadata: nothing in it was ever promised.
      expect(
        partition.batches.filter((one) => one.fate === 'acknowledged'),
        'acknowledged, but the partition is gone',
      ).to.deep.equal([]);
      log = this.#makeAgain(partition, log);
    }
    partition.log = log;
    log.updateConfig(partition.config);
    this.#keepSurvivors(partition);
    this.#resumeProducers(partition);
    partition.leaderEpoch += mode === 'kill' ? 1 : 2;
    partition.replica = leadingReplica(log, partition.leaderEpoch);
  }

  #makeAgain(partition: Partition, found: PartitionLog | undefined): PartitionLog {
    const manager = this.#manager as LogManager;
    if (found !== undefined) manager.deleteLog(TOPIC, partition.index);
    partition.batches = [];
    partition.doubtful = [];
    partition.logStartOffset = 0;
    partition.deletedUpTo = 0;
    return manager.createLog({ topic: TOPIC, topicId: TOPIC_ID, partition: partition.index, config: partition.config });
  }

  /** Every batch in the log must be one that was sent; every acknowledged one must be in it. */
  #keepSurvivors(partition: Partition): void {
    const { log } = partition;
    expect(log.logStartOffset, 'the log start').to.be.at.most(partition.logStartOffset);
    const known = new Map<number, SentBatch[]>();
    for (const sent of [...partition.batches, ...partition.doubtful]) {
      known.set(sent.firstOffset, [...(known.get(sent.firstOffset) ?? []), sent]);
    }
    const found = readBatches(log, log.logStartOffset);
    const first = found[0] === undefined ? log.logEndOffset : batch.baseOffset(found[0]);
    const survivors = partition.batches.filter((sent) => sent.lastOffset < first);
    for (const bytes of found) {
      const sent = known.get(batch.baseOffset(bytes))?.find((one) => one.bytes.equals(bytes));
      expect(sent, `what stands at offset ${batch.baseOffset(bytes)} was never sent`).to.not.equal(undefined);
      survivors.push(sent as SentBatch);
    }
    for (const sent of partition.batches) {
      const isLost = sent.fate === 'acknowledged' && sent.lastOffset >= log.logStartOffset && !survivors.includes(sent);
      expect(
        isLost,
        `acknowledged batch at ${sent.firstOffset} of partition ${partition.index} is gone; the log ends at ${log.logEndOffset}`,
      ).to.equal(false);
    }
    for (const sent of survivors) sent.fate = 'acknowledged';
    partition.deletedUpTo = Math.min(partition.deletedUpTo, log.logEndOffset);
    partition.batches = survivors;
    partition.doubtful = [];
    partition.logStartOffset = log.logStartOffset;
  }
}
