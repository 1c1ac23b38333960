// A directory of logs that was closed in order, damaged at one place or two, and opened again. Whatever is asked of it then is
// answered as by the undamaged logs, or with an error that the log has a line for: never with other records, never by passing
// over what is missing. That stays so over another stop and start.
import { expect } from 'chai';
import { defaultLogConfig, LogManager, type TopicLogConfig, topicLogConfig } from '../../src/log/index.ts';
import { loadCodec } from '../../src/protocol/compression/index.ts';
import { type Logger, Metrics, type Random, randomInt } from '../../src/runtime/index.ts';
import { quickTurn } from '../quick-turn.ts';
import { SeededRandom, SimClock, SimDisk } from '../../src/runtime/sim/index.ts';
import { damage, DAMAGES } from './damage.ts';
import { Filler, GZIP, type Model, type ModelBatch, Reader, START_MS } from './damaged-log.ts';

const TOPIC_ID = 'VA9A0MIcSd-qs8EYDiQibQ';
const LOG_DIR = '/data';
const PARTITIONS = 2;

export class DamageWorld {
  readonly #random: Random;
  readonly #clock = new SimClock({ nextTurn: quickTurn, startMs: START_MS });
  readonly #disk: SimDisk;
  readonly #config: TopicLogConfig;
  readonly #models: Model[] = [];
  readonly #lines: string[] = [];
  readonly #done: string[] = [];
  #manager!: LogManager;
  #isClean = true;
  /** The checkpoints may not say any more where a log ended. */
  #isEndKnown = true;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed, 'damage');
    this.#disk = new SimDisk({ clock: this.#clock, random: this.#random });
    this.#config = {
      ...topicLogConfig(defaultLogConfig),
      segmentBytes: randomInt(this.#random, 1500, 6000),
      indexIntervalBytes: randomInt(this.#random, 0, 600),
    };
  }

  /** What has been done to the directory, for whoever looks into a failure. */
  get story(): string {
    return [...this.#done, ...this.#lines].join('\n    ');
  }

  async live(): Promise<void> {
    await loadCodec(GZIP);
    await this.#clock.run(this.#live());
  }

  async #live(): Promise<void> {
    await this.#open();
    for (let index = 0; index < PARTITIONS; index++) await this.#fill(index);
    await this.#manager.close(5);
    this.#damageSome();
    this.#lines.length = 0;
    await this.#open();
    await this.#check('after the damage');
    await this.#appendToAll();
    await this.#check('after an append');
    await this.#manager.close(6);
    await this.#open();
    await this.#check('after another start');
    this.#manager.abandon();
  }

  async #open(): Promise<void> {
    const logger: Logger = {
      log: (level, message, fields) => {
        if (level === 'warn' || level === 'error')
          this.#lines.push(`${level} ${message} ${JSON.stringify(fields ?? {})}`);
      },
      child: () => logger,
    };
    this.#manager = await LogManager.open({
      runtime: { disk: this.#disk, clock: this.#clock, random: this.#random, logger, metrics: new Metrics() },
      logDirs: [LOG_DIR],
      config: defaultLogConfig,
      durability: 'page-cache',
      topicConfig: () => this.#config,
    });
    for (const log of this.#manager.logs()) log.updateHighWatermark(log.logEndOffset);
  }

  async #fill(index: number): Promise<void> {
    const config = this.#config;
    const log = this.#manager.createLog({ topic: 'orders', topicId: TOPIC_ID, partition: index, config });
    const filler = new Filler(log, this.#random);
    const count = randomInt(this.#random, 20, 50);
    for (let i = 0; i < count; i++) {
      if (i % 16 === 0) filler.elect();
      filler.append(START_MS + i * 1000 - randomInt(this.#random, 0, 3000));
      if (i % 8 === 0) await this.#clock.advance(1);
    }
    await this.#clock.advance(10);
    log.updateHighWatermark(log.writtenEndOffset);
    if (this.#random.next() < 0.3) log.deleteRecordsBefore(randomInt(this.#random, 0, log.logEndOffset >> 1));
    const batches = filler.batches;
    const aborted = log.abortedTransactions(0, log.logEndOffset);
    this.#models.push({ batches, logStartOffset: log.logStartOffset, aborted });
  }

  #damageSome(): void {
    if (this.#random.next() < 0.4) {
      this.#disk.removeSync(`${LOG_DIR}/.kafka_cleanshutdown`);
      this.#done.push('without the marker of a clean shutdown');
      this.#isClean = false;
    }
    const count = this.#random.next() < 0.7 ? 1 : 2;
    for (let i = 0; i < count; i++) {
      const files = this.#files();
      const path = files[randomInt(this.#random, 0, files.length)] as string;
      const kind = DAMAGES[randomInt(this.#random, 0, DAMAGES.length)] as (typeof DAMAGES)[number];
      if (/recovery-point|replication-offset/.test(path)) this.#isEndKnown = false;
      this.#done.push(damage(this.#disk, path, kind, this.#random));
    }
  }

  #files(): string[] {
    const isWanted = (name: string): boolean => name !== '.lock' && name !== '.kafka_cleanshutdown';
    const found: string[] = [];
    for (const { name, isDirectory } of this.#disk.listSync(LOG_DIR)) {
      const path = `${LOG_DIR}/${name}`;
      if (isDirectory) for (const inner of this.#disk.listSync(path)) found.push(`${path}/${inner.name}`);
      else if (isWanted(name)) found.push(path);
    }
    return found.sort();
  }

  async #appendToAll(): Promise<void> {
    for (let index = 0; index < PARTITIONS; index++) {
      const log = this.#manager.getLog('orders', index);
      if (log === undefined) continue;
      const model = this.#models[index] as Model;
      log.becomeLeader(9);
      const filler = new Filler(log, this.#random, 9);
      filler.append(START_MS + 1_000_000);
      await this.#clock.advance(10);
      log.updateHighWatermark(log.writtenEndOffset);
      const appended = filler.batches[0] as ModelBatch;
      const kept = model.batches.filter((one) => one.firstOffset < appended.firstOffset);
      // A log that was cut gives the offsets to others, as after every crash.
      if (!this.#mayBeCut) expect(kept.length, 'batches before the new one').to.equal(model.batches.length);
      const aborted = model.aborted.filter((one) => one.lastOffset < appended.firstOffset);
      this.#models[index] = { ...model, batches: [...kept, appended], aborted };
    }
  }

  get #mayBeCut(): boolean {
    return !this.#isClean || (!this.#isEndKnown && this.#done.length > 1);
  }

  async #check(when: string): Promise<void> {
    for (let index = 0; index < PARTITIONS; index++) {
      const log = this.#manager.getLog('orders', index);
      const model = this.#models[index] as Model;
      const where = `partition ${index} ${when}`;
      if (log === undefined) {
        const isTold =
          this.#manager.isUnusable('orders', index) || !this.#disk.existsSync(`${LOG_DIR}/orders-${index}`);
        expect(isTold, `${where} is gone without a word`).to.equal(true);
        continue;
      }
      const reader = new Reader(log, model, where, this.#mayBeCut);
      await reader.readAll();
      for (let i = 0; i < 6; i++) await reader.readAt(this.#random);
      for (let i = 0; i < 6; i++) await reader.lookUp(START_MS + randomInt(this.#random, -3000, 70_000));
      if (!this.#done.some((one) => /txnindex/.test(one) && /missing|empty|cut|removed/.test(one)))
        reader.checkAborted();
      // A log start that has become another number within the log is believed, as by Kafka.
      const mayStartLater = this.#done.some((one) => one.includes('log-start-offset'));
      if (reader.errors > 0 && !mayStartLater)
        expect(this.#lines, `${where} has errors and no line in the log`).to.not.deep.equal([]);
    }
  }
}
