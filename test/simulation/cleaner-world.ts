// One seed's life of a compacted log on the simulated disk: producers of all kinds write a few keys over and over while the cleaner
// runs and the process is killed or the machine loses power. Each key always has the value that the uncompacted log gave it.
import { expect } from 'chai';
import {
  defaultLogConfig,
  LogManager,
  type PartitionLog,
  type TopicLogConfig,
  topicLogConfig,
} from '../../src/log/index.ts';
import { type CodecId, Codecs } from '../../src/protocol/index.ts';
import * as batch from '../../src/protocol/records/index.ts';
import type { Partition as Replica } from '../../src/replication/index.ts';
import { type Durability, randomInt } from '../../src/runtime/index.ts';
import type { CrashMode, SimMachine, Simulation } from '../../src/runtime/sim/index.ts';
import { leadingReplica } from '../replication/leading-replica.ts';
import { type SentBatch, stateAfter } from './log-model.ts';

const TOPIC = 'tables';
const TOPIC_ID = 'VA9A0MIcSd-qs8EYDiQibQ';
const LOG_DIR = '/data';
const KEYS = 12;
const CODECS: readonly CodecId[] = [Codecs.NONE, Codecs.NONE, Codecs.GZIP, Codecs.SNAPPY, Codecs.LZ4];

export interface CleanerWorldOptions {
  readonly durability: Durability;
  readonly crash: CrashMode;
  /** A disk that fails now and then. */
  readonly hasFailures: boolean;
}

interface Producer {
  readonly producerId: number;
  readonly isTransactional: boolean;
  epoch: number;
  nextSequence: number;
  isOpen: boolean;
}

export class CleanerWorld {
  readonly #simulation: Simulation;
  readonly #machine: SimMachine;
  readonly #options: CleanerWorldOptions;
  readonly #config: TopicLogConfig;
  readonly #producers: Producer[] = [];
  /** In the order of offsets; what a crash took is taken out. */
  #sent: SentBatch[] = [];
  #manager!: LogManager;
  #log!: PartitionLog;
  #replica!: Replica;
  #leaderEpoch = 0;
  /** A pass is under way. */
  #cleaning: Promise<unknown> = Promise.resolve();
  #passes = 0;
  #untilCut = -1;

  constructor(simulation: Simulation, options: CleanerWorldOptions) {
    this.#simulation = simulation;
    this.#machine = simulation.machine();
    this.#options = options;
    this.#config = {
      ...topicLogConfig(defaultLogConfig),
      cleanupPolicy: ['compact'],
      minCleanableDirtyRatio: 0,
      minCompactionLagMs: randomInt(this.#random, 0, 3) * 20,
      deleteRetentionMs: randomInt(this.#random, 0, 300),
      fileDeleteDelayMs: randomInt(this.#random, 0, 200),
      segmentBytes: randomInt(this.#random, 700, 3000),
      indexIntervalBytes: randomInt(this.#random, 0, 500),
      segmentIndexBytes: randomInt(this.#random, 100, 600),
    };
    for (let i = 0; i < 4; i++) {
      this.#producers.push({ producerId: i, isTransactional: i > 1, epoch: 0, nextSequence: 0, isOpen: false });
    }
  }

  async live(steps: number): Promise<void> {
    await this.#open();
    for (let step = 0; step < steps; step++) await this.#step();
    await this.#crash('kill');
    await this.#clean();
    this.#check();
    await this.#stopCleanly();
  }

  /** One pass. The machine ends in the middle of the disk's `cutAt`-th change since it began. False: it had fewer changes. */
  async passAcross(cutAt: number): Promise<boolean> {
    await this.#open();
    for (let i = 0; i < 30; i++) this.#append();
    for (const producer of this.#producers) if (producer.isOpen) this.#endTransaction(producer);
    await this.#simulation.clock.advance(100);
    await this.#log.flush();
    this.#untilCut = cutAt;
    await this.#clean();
    await this.#simulation.clock.advance(300);
    const isCut = this.#untilCut === 0;
    this.#untilCut = -1;
    if (isCut) await this.#reopen();
    else await this.#stopCleanly();
    this.#check();
    // The pass is made once more, or the next one, over what the crash has left.
    await this.#clean();
    this.#check();
    await this.#stopCleanly();
    this.#checkDirectory();
    return isCut;
  }

  /** The disk tells of each change. */
  diskChanged(): void {
    if (this.#untilCut > 0 && --this.#untilCut === 0) this.#machine.crash(this.#options.crash);
  }

  /** How many passes have cleaned something. */
  get passes(): number {
    return this.#passes;
  }

  get #random() {
    return this.#simulation.random;
  }

  #chance(probability: number): boolean {
    return this.#random.next() < probability;
  }

  async #step(): Promise<void> {
    const dice = this.#random.next();
    if (dice < 0.55) for (let i = randomInt(this.#random, 1, 6); i > 0; i--) this.#append();
    else if (dice < 0.7) await this.#simulation.clock.advance(this.#random.next() * 20);
    else if (dice < 0.8) void this.#clean();
    else if (dice < 0.88) await this.#clean();
    else if (dice < 0.9) this.#log.flush().catch(() => undefined);
    else if (dice < 0.91) this.#check();
    else if (dice < 0.92) this.#deleteRecords();
    else if (dice < 0.94) this.#fail();
    else if (dice < 0.97) await this.#crash(this.#chance(0.4) ? 'kill' : this.#options.crash);
    else await this.#stopCleanly();
  }

  /** DeleteRecords: whole segments go, and the cleaner begins behind what is left of a batch. */
  #deleteRecords(): void {
    const { logStartOffset, lastStableOffset } = this.#log;
    this.#log.deleteRecordsBefore(randomInt(this.#random, logStartOffset, lastStableOffset + 1));
  }

  #clean(): Promise<unknown> {
    const { clock } = this.#simulation;
    this.#cleaning = this.#manager.cleanOnce().then(
      (wasCleaned) => wasCleaned && this.#passes++,
      () => undefined,
    );
    const isOver = this.#cleaning.then(() => true);
    return Promise.race([isOver, clock.advance(500)]);
  }

  #append(): void {
    const producer = this.#producers[randomInt(this.#random, 0, this.#producers.length + 2)];
    if (producer?.isOpen === true && this.#chance(0.4)) this.#endTransaction(producer);
    else this.#appendData(producer);
  }

  #appendData(producer: Producer | undefined): void {
    const count = this.#chance(0.6) ? 1 : randomInt(this.#random, 2, 7);
    const timestamp = this.#simulation.clock.nowMs();
    const records = Array.from({ length: count }, (_, i) => ({
      key: Buffer.from(`key ${randomInt(this.#random, 0, KEYS)}`),
      value: this.#chance(0.15) ? null : Buffer.from(`value ${this.#random.next()}`),
      timestamp: timestamp + randomInt(this.#random, 0, 3) * i,
    }));
    const bytes = batch.buildBatch(records, {
      codec: CODECS[randomInt(this.#random, 0, CODECS.length)] as CodecId,
      ...(producer !== undefined && {
        producerId: producer.producerId,
        producerEpoch: producer.epoch,
        baseSequence: producer.nextSequence,
        isTransactional: producer.isTransactional,
      }),
    });
    if (!this.#send(bytes, 'client') || producer === undefined) return;
    producer.nextSequence += count;
    producer.isOpen = producer.isTransactional;
  }

  #endTransaction(producer: Producer): void {
    const raises = this.#chance(0.5) ? 1 : 0;
    const bytes = batch.buildEndTransactionMarker({
      isCommit: this.#chance(0.5),
      producerId: producer.producerId,
      producerEpoch: producer.epoch + raises,
      coordinatorEpoch: 3,
      timestamp: this.#simulation.clock.nowMs(),
    });
    if (!this.#send(bytes, 'coordinator')) return;
    producer.isOpen = false;
    producer.epoch += raises;
    if (raises === 1) producer.nextSequence = 0;
  }

  #send(bytes: Buffer, origin: 'client' | 'coordinator'): boolean {
    const now = this.#simulation.clock.nowMs();
    const info = this.#replica.append(bytes, { origin, leaderEpoch: this.#leaderEpoch, now, validation: 'header' });
    if (info.errorCode !== 0) return false;
    const { firstOffset, lastOffset } = info;
    this.#sent.push({ firstOffset, lastOffset, bytes: Buffer.from(bytes), fate: 'pending' });
    return true;
  }

  /** Where the cleaner reads and writes: a failure elsewhere is the business of log-world.ts. */
  #fail(): void {
    if (!this.#options.hasFailures) return;
    const code = this.#chance(0.7) ? 'ENOSPC' : 'EIO';
    const call = this.#chance(0.5) ? 'write' : 'sync';
    this.#machine.disk.failNext({ call, path: '.cleaned', code });
  }

  async #crash(mode: CrashMode): Promise<void> {
    this.#machine.crash(mode);
    await this.#reopen();
  }

  async #reopen(): Promise<void> {
    const flushedTo = this.#log.recoveryPoint;
    await this.#open();
    const found = new Set(readBatches(this.#log).map((bytes) => batch.baseOffset(bytes)));
    // What was not flushed is not compacted either: it is there, or it is lost.
    this.#sent = this.#sent.filter(
      ({ firstOffset, lastOffset }) =>
        lastOffset < flushedTo || lastOffset < this.#log.logStartOffset || found.has(firstOffset),
    );
    this.#takeProducers();
    this.#check();
  }

  async #stopCleanly(): Promise<void> {
    await this.#simulation.clock.advance(100);
    await this.#manager.close(7);
    await this.#reopen();
  }

  async #open(): Promise<void> {
    const { runtime } = this.#machine;
    this.#manager = await LogManager.open({
      runtime,
      logDirs: [LOG_DIR],
      config: {
        ...defaultLogConfig,
        cleanerDedupeBufferSize: 24 * randomInt(this.#random, 4, 40),
        cleanerIoBufferSize: randomInt(this.#random, 200, 4000),
      },
      durability: this.#options.durability,
      topicConfig: () => this.#config,
    });
    const options = { topic: TOPIC, topicId: TOPIC_ID, partition: 0, config: this.#config };
    this.#log = this.#manager.getLog(TOPIC, 0) ?? this.#manager.createLog(options);
    this.#replica = leadingReplica(this.#log, ++this.#leaderEpoch);
    this.#log.updateHighWatermark(this.#log.logEndOffset);
  }

  /** What the producers may go on with is what the log knows. */
  #takeProducers(): void {
    const rows = stateAfter(this.#sent).producers;
    for (const producer of this.#producers) {
      const row = rows.get(producer.producerId);
      producer.epoch = row?.producerEpoch ?? 0;
      producer.nextSequence = (row?.lastSequence ?? -1) + 1;
      producer.isOpen = (row?.currentTxnStartOffset ?? -1) >= 0;
    }
  }

  #check(): void {
    const log = this.#log;
    const found = readBatches(log);
    const byOffset = new Map(this.#sent.flatMap(({ bytes, firstOffset }) => recordsAt(bytes, firstOffset)));
    for (const bytes of found) {
      for (const record of batch.recordsOf(bytes)) {
        const sent = byOffset.get(record.offset);
        expect(describe(record), `what stands at ${record.offset}`).to.equal(sent === undefined ? '' : describe(sent));
      }
    }
    expect(valuesOf(found, log), 'the values of the keys').to.deep.equal(this.#expectedValues());
    this.#checkProducers();
  }

  #expectedValues(): Record<string, string> {
    const upTo = this.#log.lastStableOffset;
    const { aborted } = stateAfter(this.#sent);
    const values: Record<string, string> = {};
    for (const { bytes, firstOffset, lastOffset } of this.#sent) {
      if (lastOffset >= upTo || batch.isControl(bytes)) continue;
      const producerId = batch.producerId(bytes);
      const isOf = (one: (typeof aborted)[number]): boolean =>
        one.producerId === producerId && one.firstOffset <= firstOffset && firstOffset < one.lastOffset;
      if (batch.isTransactional(bytes) && aborted.some(isOf)) continue;
      for (const [offset, record] of recordsAt(bytes, firstOffset)) {
        if (offset >= this.#log.logStartOffset) setValue(values, record);
      }
    }
    return values;
  }

  #checkProducers(): void {
    const rows = new Map(this.#log.producers().map((row) => [row.producerId, row]));
    for (const [producerId, expected] of stateAfter(this.#sent).producers) {
      const found = rows.get(producerId);
      // A power failure may have taken the first batch of a transaction from the middle of what was not flushed.
      const isOpen = (start: number | undefined): boolean => (start ?? -1) >= 0;
      expect(
        [found?.producerEpoch, found?.lastSequence, isOpen(found?.currentTxnStartOffset)],
        `producer ${producerId}`,
      ).to.deep.equal([expected.producerEpoch, expected.lastSequence, isOpen(expected.currentTxnStartOffset)]);
    }
  }

  #checkDirectory(): void {
    const names = this.#machine.disk.listSync(`${LOG_DIR}/${TOPIC}-0`).map(({ name }) => name);
    expect(names.filter((name) => /\.(cleaned|swap)$/.test(name))).to.deep.equal([]);
  }
}

type Values = Record<string, string>;

function setValue(values: Values, { key, value }: batch.BatchRecord): void {
  const name = Buffer.from(key ?? []).toString();
  if (value === null) delete values[name];
  else values[name] = Buffer.from(value).toString();
}

const describe = ({ key, value, timestamp }: batch.BatchRecord): string =>
  `${timestamp} ${Buffer.from(key ?? []).toString()}=${value === null ? 'null' : Buffer.from(value).toString()}`;

const recordsAt = (bytes: Buffer, firstOffset: number): [number, batch.BatchRecord][] =>
  [...batch.recordsOf(bytes)].map((record, i) => [firstOffset + i, record]);

/** What a consumer that reads committed records sees, from the log start on. */
function valuesOf(found: readonly Buffer[], log: PartitionLog): Values {
  const upTo = log.lastStableOffset;
  const ahead = log.abortedTransactions(log.logStartOffset, upTo).sort((a, b) => a.firstOffset - b.firstOffset);
  const aborted = new Set<unknown>();
  const values: Values = {};
  for (const bytes of found) {
    if (batch.lastOffset(bytes) >= upTo) break;
    while (ahead[0] !== undefined && ahead[0].firstOffset <= batch.lastOffset(bytes)) {
      aborted.add(ahead.shift()?.producerId);
    }
    const producerId = batch.producerId(bytes);
    if (batch.isControl(bytes)) {
      const [marker] = batch.recordsOf(bytes);
      if (marker !== undefined && batch.controlRecordType(marker.key) === batch.ControlRecordType.ABORT) {
        aborted.delete(producerId);
      }
    } else if (!batch.isTransactional(bytes) || !aborted.has(producerId)) {
      for (const record of batch.recordsOf(bytes)) if (record.offset >= log.logStartOffset) setValue(values, record);
    }
  }
  return values;
}

/** All whole batches that are written, in order. */
function readBatches(log: PartitionLog): Buffer[] {
  const found: Buffer[] = [];
  let before = -1;
  for (let at = log.logStartOffset; at < log.writtenEndOffset; ) {
    const slice = log.read(at, 4000, { upTo: log.writtenEndOffset, minOneBatch: true });
    const bytes = Buffer.concat(slice.readSync());
    if (bytes.length === 0) break;
    for (const position of batch.batchesOf(bytes)) {
      const one = bytes.subarray(position, position + batch.sizeInBytes(bytes, position));
      expect(
        batch.isBatchValid(one),
        `the checksum at ${batch.baseOffset(one)}, recovery point ${log.recoveryPoint}`,
      ).to.equal(true);
      expect(batch.baseOffset(one)).to.be.greaterThan(before);
      before = batch.lastOffset(one);
      found.push(one);
      at = before + 1;
    }
  }
  return found;
}
