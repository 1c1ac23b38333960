// What clients are told of a damaged directory, and that a broker outlives it: one partition's damage is that partition's.
import { expect } from 'chai';
import { BrokerNode } from '../../../src/broker/node/broker-node.ts';
import { LoggerLevels } from '../../../src/broker/configs/logger-levels.ts';
import { settingsOf } from '../../../src/broker/configs/settings.ts';
import { Errors } from '../../../src/protocol/index.ts';
import { Produce } from '../../../src/protocol/messages/00-produce.ts';
import { Fetch } from '../../../src/protocol/messages/01-fetch.ts';
import { ListOffsets } from '../../../src/protocol/messages/02-list-offsets.ts';
import { CreateTopics } from '../../../src/protocol/messages/19-create-topics.ts';
import { baseOffset, buildBatch } from '../../../src/protocol/records/index.ts';
import { silentLogger } from '../../../src/runtime/index.ts';
import { MemoryDisk } from '../../../src/runtime/memory/index.ts';
import { nodeRuntime } from '../../../src/runtime/node/index.ts';
import { RawClient } from '../raw-client.ts';

const DATA = '/disks/data';
const T = 1_795_000_000_000;

class DamagedNode {
  readonly disk = new MemoryDisk({ nowMs: () => T });
  readonly failures: Error[] = [];
  node!: BrokerNode;
  client!: RawClient;

  async start(): Promise<void> {
    const settings = settingsOf({ port: 0, config: { 'log.dirs': DATA } }, this.disk);
    this.node = await BrokerNode.start({
      runtime: { ...nodeRuntime({ logger: silentLogger }), disk: this.disk },
      settings,
      loggers: new LoggerLevels(),
      onFailure: (error) => this.failures.push(error),
    });
    this.client = await RawClient.connect(this.node.port);
  }

  async stop(): Promise<void> {
    this.client.destroy();
    await this.node.close();
  }

  async create(...names: string[]): Promise<void> {
    await this.node.controller.send(CreateTopics, {
      topics: names.map((name) => ({ name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] })),
      timeoutMs: 1000,
      validateOnly: false,
    });
  }

  async produce(name: string, records: Buffer): Promise<number | undefined> {
    const partitionData = [{ index: 0, records: [records] }];
    const answer = await this.client.ask(Produce, 7, {
      acks: -1,
      timeoutMs: 5000,
      topicData: [{ name, partitionData }],
    });
    return answer.responses[0]?.partitionResponses[0]?.errorCode;
  }

  /** Error code, and the first base offset. */
  async fetch(topic: string, fetchOffset: number): Promise<[number | undefined, number | undefined]> {
    const partitions = [{ partition: 0, fetchOffset, partitionMaxBytes: 1 << 20 }];
    const answer = await this.client.ask(Fetch, 4, {
      maxWaitMs: 0,
      minBytes: 1,
      maxBytes: 1 << 24,
      isolationLevel: 0,
      topics: [{ topic, partitions }],
    });
    const found = answer.responses[0]?.partitions[0];
    const bytes = Buffer.concat([found?.records ?? []].flat() as Uint8Array[]);
    return [found?.errorCode, bytes.length > 0 ? baseOffset(bytes) : undefined];
  }

  async offsetAt(name: string, timestamp: number): Promise<[number | undefined, number | undefined]> {
    const answer = await this.client.ask(ListOffsets, 1, {
      replicaId: -1,
      topics: [{ name, partitions: [{ partitionIndex: 0, timestamp }] }],
    });
    const found = answer.topics[0]?.partitions[0];
    return [found?.errorCode, found?.offset];
  }

  write(name: string, content: Uint8Array): void {
    this.disk.writeFileSync(`${DATA}/${name}`, content);
  }
}

function recordsAt(base: number, count: number, valueBytes = 1): Buffer {
  const records = Array.from({ length: count }, (_, i) => ({
    key: Buffer.from('k'),
    value: Buffer.alloc(valueBytes, 'v'),
    timestamp: T + base + i,
  }));
  return buildBatch(records, { baseOffset: base, leaderEpoch: 0 });
}

function timeEntry(timestamp: number, offset: number): Buffer {
  const entry = Buffer.alloc(12);
  entry.writeBigInt64BE(BigInt(timestamp));
  entry.writeInt32BE(offset, 8);
  return entry;
}

const segmentName = (base: number): string => `orders-0/${String(base).padStart(20, '0')}`;

describe('a broker on a damaged directory', () => {
  let broker: DamagedNode;

  beforeEach(async () => {
    broker = new DamagedNode();
    await broker.start();
    await broker.create('orders', 'other');
  });
  afterEach(async () => {
    await broker.stop();
    expect(broker.failures).to.deep.equal([]);
  });

  it('answers CORRUPT_MESSAGE where a page of zeros stands in an older segment', async () => {
    await broker.produce('orders', recordsAt(0, 20));
    await broker.stop();
    const zeros = Buffer.alloc(recordsAt(5, 5).length);
    broker.write(`${segmentName(0)}.log`, Buffer.concat([recordsAt(0, 5), zeros, recordsAt(10, 5)]));
    broker.write(`${segmentName(15)}.log`, recordsAt(15, 5));
    for (const base of [0, 15]) {
      broker.write(`${segmentName(base)}.index`, Buffer.alloc(0));
      const last = base === 0 ? 14 : 4;
      broker.write(`${segmentName(base)}.timeindex`, timeEntry(T + base + last, last));
    }
    await broker.start();
    expect(await broker.fetch('orders', 0)).to.deep.equal([0, 0]);
    expect(await broker.fetch('orders', 5)).to.deep.equal([Errors.CORRUPT_MESSAGE, undefined]);
    expect(await broker.fetch('orders', 10)).to.deep.equal([Errors.CORRUPT_MESSAGE, undefined]);
    expect(await broker.fetch('orders', 15)).to.deep.equal([0, 15]);
    expect(await broker.offsetAt('orders', T + 3)).to.deep.equal([0, 3]);
    expect((await broker.offsetAt('orders', T + 11))[0]).to.equal(Errors.CORRUPT_MESSAGE);
    expect(await broker.offsetAt('orders', T + 17)).to.deep.equal([0, 17]);
  });

  it('serves what a damaged index of an old segment leads astray from, start after start', async () => {
    await broker.produce('orders', recordsAt(0, 80));
    await broker.stop();
    for (const [base, count] of [
      [0, 12],
      [60, 4],
    ] as const) {
      const batches: Buffer[] = [];
      const index: number[] = [];
      for (let k = 0; k < count; k++) {
        if (k > 0 && k % 2 === 0) index.push(5 * k + 4, base === 0 ? -5000 : Buffer.concat(batches).length);
        batches.push(recordsAt(base + 5 * k, 5, 900));
      }
      const entries = Buffer.alloc(index.length * 4);
      index.forEach((value, i) => entries.writeInt32BE(value, i * 4));
      broker.write(`${segmentName(base)}.log`, Buffer.concat(batches));
      broker.write(`${segmentName(base)}.index`, entries);
      broker.write(`${segmentName(base)}.timeindex`, timeEntry(T + base + 5 * count - 1, 5 * count - 1));
    }
    for (let life = 0; life < 2; life++) {
      await broker.start();
      expect(await broker.fetch('orders', 22)).to.deep.equal([0, 20]);
      expect(await broker.fetch('orders', 71)).to.deep.equal([0, 70]);
      if (life === 0) await broker.stop();
    }
  });

  it('keeps a partition offline alone that does not tell whose it is, and serves the others', async () => {
    await broker.produce('orders', recordsAt(0, 3));
    await broker.produce('other', recordsAt(0, 3));
    await broker.stop();
    broker.write('orders-0/partition.metadata', Buffer.from('version: 0\ntopic_id: \u0001'));
    await broker.start();
    expect(await broker.fetch('orders', 0)).to.deep.equal([Errors.KAFKA_STORAGE_ERROR, undefined]);
    expect(await broker.produce('orders', recordsAt(0, 1))).to.equal(Errors.KAFKA_STORAGE_ERROR);
    expect(await broker.fetch('other', 0)).to.deep.equal([0, 0]);
    expect(broker.disk.existsSync(`${DATA}/${segmentName(0)}.log`)).to.equal(true);
  });
});
