// A broker on a directory that goes back to before Kafka 0.11 (../shared/faults/old-format-skipped), over the wire.
import { expect } from 'chai';
import { BrokerNode } from '../../../src/broker/node/broker-node.ts';
import { LoggerLevels } from '../../../src/broker/configs/logger-levels.ts';
import { settingsOf } from '../../../src/broker/configs/settings.ts';
import { Errors } from '../../../src/protocol/index.ts';
import { Produce } from '../../../src/protocol/messages/00-produce.ts';
import { Fetch } from '../../../src/protocol/messages/01-fetch.ts';
import { ListOffsets } from '../../../src/protocol/messages/02-list-offsets.ts';
import { CreateTopics } from '../../../src/protocol/messages/19-create-topics.ts';
import { AlterReplicaLogDirs } from '../../../src/protocol/messages/34-alter-replica-log-dirs.ts';
import { buildBatch } from '../../../src/protocol/records/index.ts';
import { silentLogger } from '../../../src/runtime/index.ts';
import { MemoryDisk } from '../../../src/runtime/memory/index.ts';
import { nodeRuntime } from '../../../src/runtime/node/index.ts';
import { oldMessage, oldWrapper } from '../../log/old-messages.ts';
import { eventually } from '../live-broker.ts';
import { RawClient } from '../raw-client.ts';

const A = '/disks/a';
const B = '/disks/b';
const T = 1_795_000_000_000;

const message = (offset: number) => ({ offset, timestamp: T + offset });
const current = (from: number, count: number): Buffer =>
  buildBatch(
    Array.from({ length: count }, (_, k) => ({
      key: Buffer.from('k'),
      value: Buffer.from('v'),
      timestamp: T + from + k,
    })),
    { baseOffset: from, leaderEpoch: 0 },
  );
const OLD = Buffer.concat([
  oldMessage({ magic: 1, ...message(0) }),
  oldWrapper({ magic: 1, codec: 2, messages: [1, 2, 3].map(message) }),
  oldMessage({ magic: 1, ...message(4) }),
]);
const NEW = current(5, 5);

class OldNode {
  readonly disk = new MemoryDisk({ nowMs: () => T });
  node!: BrokerNode;
  client!: RawClient;

  async start(): Promise<void> {
    this.node = await BrokerNode.start({
      runtime: { ...nodeRuntime({ logger: silentLogger }), disk: this.disk },
      settings: settingsOf({ port: 0, config: { 'log.dirs': `${A},${B}`, 'log.retention.ms': -1 } }, this.disk),
      loggers: new LoggerLevels(),
    });
    this.client = await RawClient.connect(this.node.port);
  }

  async stop(): Promise<void> {
    this.client.destroy();
    await this.node.close();
  }

  get directory(): string {
    return [A, B].find((one) => this.disk.existsSync(`${one}/orders-0`)) as string;
  }

  /** Ten records, of which the first five come to be of format 1. */
  async fill(isClean: boolean): Promise<void> {
    await this.start();
    const topic = { name: 'orders', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] };
    await this.node.controller.send(CreateTopics, { topics: [topic], timeoutMs: 1000, validateOnly: false });
    expect(await this.produce(current(0, 10))).to.equal(Errors.NONE);
    await this.stop();
    const partition = `${this.directory}/orders-0`;
    for (const { name } of this.disk.listSync(partition)) {
      if (/^\d{20}\./.test(name)) this.disk.removeSync(`${partition}/${name}`);
    }
    for (const [base, bytes] of [
      [0, OLD],
      [5, NEW],
    ] as const) {
      const file = `${partition}/${String(base).padStart(20, '0')}`;
      const time = Buffer.alloc(12);
      time.writeBigInt64BE(BigInt(T + base + 4));
      time.writeInt32BE(4, 8);
      this.disk.writeFileSync(`${file}.log`, bytes);
      this.disk.writeFileSync(`${file}.index`, Buffer.alloc(0));
      this.disk.writeFileSync(`${file}.timeindex`, time);
    }
    if (!isClean) this.disk.removeSync(`${this.directory}/.kafka_cleanshutdown`);
  }

  async produce(records: Buffer): Promise<number | undefined> {
    const topicData = [{ name: 'orders', partitionData: [{ index: 0, records: [records] }] }];
    const { responses } = await this.client.ask(Produce, 7, { acks: -1, timeoutMs: 5000, topicData });
    return responses[0]?.partitionResponses[0]?.errorCode;
  }

  async fetch(fetchOffset: number): Promise<Buffer> {
    const topics = [{ topic: 'orders', partitions: [{ partition: 0, fetchOffset, partitionMaxBytes: 1 << 20 }] }];
    const request = { maxWaitMs: 0, minBytes: 1, maxBytes: 1 << 24, isolationLevel: 0, topics };
    const answer = await this.client.ask(Fetch, 4, request);
    const found = answer.responses[0]?.partitions[0];
    expect(found?.errorCode).to.equal(Errors.NONE);
    const records = found?.records ?? [];
    return Buffer.isBuffer(records) ? records : Buffer.concat(records);
  }

  async offsetAt(timestamp: number): Promise<number | undefined> {
    const topics = [{ name: 'orders', partitions: [{ partitionIndex: 0, timestamp }] }];
    const answer = await this.client.ask(ListOffsets, 1, { replicaId: -1, topics });
    const found = answer.topics[0]?.partitions[0];
    expect(found?.errorCode).to.equal(Errors.NONE);
    return found?.offset;
  }

  /** Each record by offset and by time. */
  async expectAll(): Promise<void> {
    const first = await this.fetch(0);
    expect(first.subarray(0, OLD.length)).to.deep.equal(OLD);
    expect(await this.fetch(5)).to.deep.equal(NEW);
    for (let offset = 0; offset < 10; offset++) expect(await this.offsetAt(T + offset)).to.equal(offset);
    expect([await this.offsetAt(-2), await this.offsetAt(-1)]).to.deep.equal([0, 10]);
  }
}

describe('a directory with messages of before Kafka 0.11', () => {
  for (const isClean of [true, false]) {
    it(`is served as it is, ${isClean ? 'closed in order' : 'left in a crash'}`, async () => {
      const old = new OldNode();
      await old.fill(isClean);
      await old.start();
      await old.expectAll();
      expect(await old.produce(oldMessage({ magic: 1, offset: 0 }))).to.equal(Errors.INVALID_RECORD);
      await old.stop();
      await old.start();
      await old.expectAll();
      await old.stop();
    });
  }

  it('moves to another log directory', async () => {
    const old = new OldNode();
    await old.fill(true);
    await old.start();
    const [from, to] = old.directory === A ? [A, B] : [B, A];
    const dirs = [{ path: to, topics: [{ name: 'orders', partitions: [0] }] }];
    const { results } = await old.client.ask(AlterReplicaLogDirs, 2, { dirs });
    expect(results[0]?.partitions[0]?.errorCode).to.equal(Errors.NONE);
    await eventually('it has moved', () => !old.disk.existsSync(`${from}/orders-0`));
    await old.stop();
    await old.start();
    expect(Buffer.concat([await old.fetch(0)])).to.deep.equal(Buffer.concat([OLD, NEW]));
    for (let offset = 0; offset < 10; offset++) expect(await old.offsetAt(T + offset)).to.equal(offset);
    await old.stop();
  });
});
