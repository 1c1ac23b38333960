// A log manager on a disk in memory and a virtual clock, for the tests of this room.
import { cleaning } from '../../src/log/manager/lazy-cleaning.ts';
import {
  type AppendInfo,
  type AppendOptions,
  defaultLogConfig,
  LogManager,
  type PartitionLog,
  type TopicLogConfig,
  topicLogConfig,
} from '../../src/log/index.ts';
import type { Partition } from '../../src/replication/index.ts';
import { leadingReplica } from '../replication/leading-replica.ts';
import { type BatchOptions, buildBatch } from '../../src/protocol/records/index.ts';
import { type Durability, type LogFields, type Logger, type LogLevel, Metrics } from '../../src/runtime/index.ts';
import { quickTurn } from '../quick-turn.ts';
import { verified } from './verified.ts';
import { SeededRandom, SimClock, SimDisk } from '../../src/runtime/sim/index.ts';

export const TOPIC_ID = 'VA9A0MIcSd-qs8EYDiQibQ';
export const NOW = 1_767_225_600_000;
export const DIRECTORY = '/data/orders-0';

export class LogFixture {
  readonly clock = new SimClock({ nextTurn: quickTurn, startMs: NOW });
  readonly disk = new SimDisk({ clock: this.clock, random: new SeededRandom(1, 'disk') });
  readonly lines: { level: LogLevel; message: string; fields: LogFields | undefined }[] = [];
  config: TopicLogConfig;
  durability: Durability = 'page-cache';
  manager!: LogManager;
  log!: PartitionLog;
  /** Moves the high watermark, as the broker does. */
  replica!: Partition;

  constructor(config: Partial<TopicLogConfig> = {}) {
    this.config = { ...topicLogConfig(defaultLogConfig), ...config };
  }

  /** Opens the directory; makes partition 0 of topic `orders` if it is not there. */
  async open(): Promise<this> {
    // Virtual time does not wait for the disk of the machine.
    await cleaning();
    const logger: Logger = {
      log: (level, message, fields) => this.lines.push({ level, message, fields }),
      child: () => logger,
    };
    this.manager = await this.clock.run(
      LogManager.open({
        runtime: {
          disk: this.disk,
          clock: this.clock,
          random: new SeededRandom(2, 'log'),
          logger,
          metrics: new Metrics(),
        },
        logDirs: ['/data'],
        config: defaultLogConfig,
        durability: this.durability,
        topicConfig: () => this.config,
      }),
    );
    const existing = this.manager.getLog('orders', 0);
    this.use(
      existing ?? this.manager.createLog({ topic: 'orders', topicId: TOPIC_ID, partition: 0, config: this.config }),
    );
    return this;
  }

  /** From now on `append` and `log` are about this one. */
  use(log: PartitionLog): void {
    this.log = log;
    this.replica = leadingReplica(log, 0);
  }

  /** Stops cleanly and opens again. */
  async restart(): Promise<void> {
    await this.clock.run(this.manager.close(5));
    await this.open();
    this.log.updateHighWatermark(this.log.logEndOffset);
  }

  /** The process ends without a word; what it wrote stays. */
  async kill(): Promise<void> {
    this.manager.abandon();
    await this.open();
    this.log.updateHighWatermark(this.log.logEndOffset);
  }

  /** Appends one batch with a record per timestamp. */
  append(
    options: BatchOptions & {
      timestamps?: readonly number[];
      valueBytes?: number;
      origin?: 'client' | 'coordinator';
    } = {},
  ): AppendInfo {
    const records = (options.timestamps ?? [NOW]).map((timestamp) => ({
      key: Buffer.from('key'),
      value: Buffer.alloc(options.valueBytes ?? 10),
      timestamp,
    }));
    return this.send(buildBatch(records, options), options.origin);
  }

  /** A transactional batch is verified before, unless `options` say otherwise. */
  send(
    bytes: Buffer,
    origin: 'client' | 'coordinator' = 'client',
    leaderEpoch = 0,
    options: Pick<AppendOptions, 'guard' | 'transactionVersion'> = { guard: verified(this.log, bytes) },
  ): AppendInfo {
    return this.replica.append(bytes, {
      origin,
      leaderEpoch,
      now: this.clock.nowMs(),
      validation: 'header',
      ...options,
    });
  }

  /** Lets writes and timers of the next milliseconds happen. */
  settle(durationMs = 50): Promise<void> {
    return this.clock.advance(durationMs);
  }

  /** Names in the partition's directory, sorted. */
  files(directory = DIRECTORY): string[] {
    return this.disk
      .listSync(directory)
      .map((entry) => entry.name)
      .sort();
  }

  text(path: string): string {
    return Buffer.from(this.disk.readFileSync(path)).toString('utf8');
  }
}
