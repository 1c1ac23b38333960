// A broker that is looked at from outside: files on a disk in memory, a clock that a test moves on, clients on a real socket.
import { cleaning } from '../../../../src/log/manager/lazy-cleaning.ts';
import { BrokerNode } from '../../../../src/broker/node/broker-node.ts';
import { LoggerLevels } from '../../../../src/broker/configs/logger-levels.ts';
import { settingsOf } from '../../../../src/broker/configs/settings.ts';
import { Produce } from '../../../../src/protocol/messages/00-produce.ts';
import { Fetch } from '../../../../src/protocol/messages/01-fetch.ts';
import { ListOffsets } from '../../../../src/protocol/messages/02-list-offsets.ts';
import { Metadata } from '../../../../src/protocol/messages/03-metadata.ts';
import { CreateTopics } from '../../../../src/protocol/messages/19-create-topics.ts';
import { IncrementalAlterConfigs } from '../../../../src/protocol/messages/44-incremental-alter-configs.ts';
import { attributes, type BatchOptions, buildBatch, type RecordInput } from '../../../../src/protocol/records/index.ts';
import type { Clock, DiskFile, Timer } from '../../../../src/runtime/index.ts';
import { silentLogger } from '../../../../src/runtime/index.ts';
import { MemoryDisk } from '../../../../src/runtime/memory/index.ts';
import { nextTurn, nodeDisk, nodeRuntime } from '../../../../src/runtime/node/index.ts';
import { RawClient } from '../../raw-client.ts';

/** What a config is set to; undefined: not at all. */
export type Config = Readonly<Record<string, string | undefined>>;

/** The real clock, and what a test adds to it: timers that are due by then fire at once. */
class MovedClock implements Clock {
  readonly #real = nodeRuntime({ logger: silentLogger }).clock;
  readonly #waiting = new Set<{ readonly atMs: number; readonly fire: () => void }>();
  #addedMs = 0;

  nowMs(): number {
    return this.#real.nowMs() + this.#addedMs;
  }
  monotonicMs(): number {
    return this.#real.monotonicMs() + this.#addedMs;
  }
  schedule(delayMs: number, action: () => void): Timer {
    const waiting = {
      atMs: this.monotonicMs() + delayMs,
      fire: () => {
        if (this.#waiting.delete(waiting)) action();
      },
    };
    this.#waiting.add(waiting);
    const timer = this.#real.schedule(delayMs, waiting.fire);
    return {
      cancel: () => {
        timer.cancel();
        this.#waiting.delete(waiting);
      },
    };
  }
  endOfTurn(action: () => void): void {
    this.#real.endOfTurn(action);
  }
  add(ms: number): void {
    this.#addedMs += ms;
    const due = [...this.#waiting].filter(({ atMs }) => atMs <= this.monotonicMs());
    for (const waiting of due.sort((one, other) => one.atMs - other.atMs)) waiting.fire();
  }
}

/** Remembers which files were flushed, and how much was read at a time. */
class WatchedDisk extends MemoryDisk {
  readonly flushed = new Set<string>();
  readonly reads: { readonly path: string; readonly length: number }[] = [];

  override openSync(path: string, mode: 'read' | 'write' | 'create'): DiskFile {
    const file = super.openSync(path, mode);
    const flushed = () => this.flushed.add(path);
    const read = (length: number) => this.reads.push({ path, length });
    return {
      path,
      sizeSync: () => file.sizeSync(),
      readSync: (target, offset, length, position) => {
        read(length);
        return file.readSync(target, offset, length, position);
      },
      read: (target, offset, length, position) => {
        read(length);
        return file.read(target, offset, length, position);
      },
      writevSync: (buffers, position) => file.writevSync(buffers, position),
      writev: (buffers, position) => file.writev(buffers, position),
      truncateSync: (sizeBytes) => file.truncateSync(sizeBytes),
      syncSync: () => {
        flushed();
        file.syncSync();
      },
      sync: () => {
        flushed();
        return file.sync();
      },
      closeSync: () => file.closeSync(),
    };
  }
}

/** Bits of a batch's attributes. */
const CODEC_BITS = 7;
export const TOPIC = 2;
export const BROKER = 4;
export const DATA = '/data';
const STEP_MS = 100;

export class ProbedBroker {
  readonly disk: WatchedDisk;
  readonly clock: MovedClock;
  readonly #config: Config;
  node: BrokerNode;
  client: RawClient;

  private constructor(parts: Pick<ProbedBroker, 'disk' | 'clock' | 'node' | 'client'>, config: Config) {
    this.disk = parts.disk;
    this.clock = parts.clock;
    this.node = parts.node;
    this.client = parts.client;
    this.#config = config;
  }

  /** Rejects with StartError for what cannot be. */
  static async start(config: Config): Promise<ProbedBroker> {
    // What time starts comes to its end without waiting for files of the program.
    await cleaning();
    const clock = new MovedClock();
    const disk = new WatchedDisk({ nowMs: () => clock.nowMs() });
    const node = await startNode(config, disk, clock);
    const client = await RawClient.connect(node.port);
    return new ProbedBroker({ disk, clock, node, client }, config);
  }

  async restart(): Promise<void> {
    await this.close();
    this.node = await startNode(this.#config, this.disk, this.clock);
    this.client = await RawClient.connect(this.node.port);
  }

  async close(): Promise<void> {
    this.client.destroy();
    await this.node.close();
  }

  /** Time goes on, and what it starts comes to its end. */
  async wait(ms: number): Promise<void> {
    this.clock.add(ms);
    await this.settle();
  }

  /** As `wait`, in steps: no timer comes as late as if the process had been held up. */
  async pass(ms: number): Promise<void> {
    for (let leftMs = ms; leftMs > 0; leftMs -= STEP_MS) await this.wait(Math.min(leftMs, STEP_MS));
  }

  /** Answers that need no time have come. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 3; turn++) {
      await this.client.ask(Metadata, 1, { topics: [] });
      await nextTurn();
    }
  }

  connect(): Promise<RawClient> {
    return RawClient.connect(this.node.port);
  }

  async createTopic(name: string, options: { count?: number; factor?: number; configs?: Config } = {}) {
    const { count = 1, factor = 1, configs = {} } = options;
    const entries = Object.entries(configs).map(([key, value]) => ({ name: key, value: value ?? null }));
    const topic = { name, numPartitions: count, replicationFactor: factor, assignments: [], configs: entries };
    const request = { topics: [topic], timeoutMs: 5000, validateOnly: false };
    const { topics } = await this.client.ask(CreateTopics, 7, request);
    return topics[0];
  }

  /** The answer to a batch of these records. */
  async produce(name: string, records: readonly RecordInput[], options: BatchOptions = {}) {
    const partitionData = [{ index: 0, records: buildBatch(records, options) }];
    const request = { transactionalId: null, acks: -1, timeoutMs: 1000, topicData: [{ name, partitionData }] };
    const { responses } = await this.client.ask(Produce, 9, request);
    return responses[0]?.partitionResponses[0];
  }

  async fetch(topic: string, options: { sessionEpoch?: number } = {}) {
    const { sessionEpoch = -1 } = options;
    const partition = { partition: 0, fetchOffset: 0, partitionMaxBytes: 10_000_000 };
    const topics = [{ topic, partitions: [partition] }];
    const asked = { maxWaitMs: 0, minBytes: 0, maxBytes: 10_000_000, sessionId: 0, sessionEpoch };
    const answer = await this.client.ask(Fetch, 11, { ...asked, topics, forgottenTopicsData: [], rackId: '' });
    const records = answer.responses[0]?.partitions[0]?.records ?? null;
    return {
      sessionId: answer.sessionId,
      records: records === null ? Buffer.alloc(0) : Buffer.from(records as Buffer),
    };
  }

  /** The codec of the first batch of a topic. */
  async codec(topic: string): Promise<number> {
    return attributes((await this.fetch(topic)).records) & CODEC_BITS;
  }

  /** Where a topic begins (-2) or ends (-1). */
  async offset(name: string, timestamp: -1 | -2): Promise<number> {
    const partitions = [{ partitionIndex: 0, timestamp }];
    const request = { replicaId: -1, isolationLevel: 0, topics: [{ name, partitions }] };
    const { topics } = await this.client.ask(ListOffsets, 7, request);
    return Number(topics[0]?.partitions[0]?.offset);
  }

  async topic(name: string, allowAutoTopicCreation = false) {
    const { topics } = await this.client.ask(Metadata, 9, { topics: [{ name }], allowAutoTopicCreation });
    return topics[0];
  }

  async topicId(name: string): Promise<string> {
    const request = { topics: [{ name }], allowAutoTopicCreation: false };
    return (await this.client.ask(Metadata, 12, request)).topics[0]?.topicId ?? '';
  }

  async brokers() {
    return (await this.client.ask(Metadata, 9, { topics: [], allowAutoTopicCreation: false })).brokers;
  }

  async set(resourceType: number, resourceName: string, entries: Readonly<Record<string, string>>): Promise<void> {
    const configs = Object.entries(entries).map(([name, value]) => ({ name, configOperation: 0, value }));
    const resources = [{ resourceType, resourceName, configs }];
    await this.client.ask(IncrementalAlterConfigs, 1, { resources, validateOnly: false });
  }

  /** Names in a directory that end so, in order. */
  files(directory: string, suffix = ''): string[] {
    if (!this.disk.existsSync(directory)) return [];
    const names = this.disk.listSync(directory).map(({ name }) => name);
    return names.filter((name) => name.endsWith(suffix)).sort();
  }

  text(path: string): string {
    return this.disk.existsSync(path) ? Buffer.from(this.disk.readFileSync(path)).toString() : '';
  }
}

async function startNode(config: Config, disk: WatchedDisk, clock: MovedClock): Promise<BrokerNode> {
  const runtime = nodeRuntime({ logger: silentLogger, clock });
  const given = Object.entries({ 'log.dirs': DATA, ...config }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  const port = config['listeners'] === undefined ? { port: 0 } : {};
  const settings = settingsOf({ ...port, config: Object.fromEntries(given) as Record<string, string> }, disk);
  // Key stores are files of the machine.
  return BrokerNode.start({
    runtime: { ...runtime, disk },
    configDisk: nodeDisk,
    settings,
    loggers: new LoggerLevels(),
  });
}
