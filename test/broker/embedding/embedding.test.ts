// A broker in somebody's process: started from code, used with a client off the shelf, many side by side, gone without a trace.
import { expect } from 'chai';
import { type Kafka as KafkaClient, logLevel } from 'kafkajs';
import kafkajs from 'kafkajs';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Broker, startBroker, StartError, type StartOptions } from '../../../src/index.ts';
import { buildBatch, Errors } from '../../../src/protocol/index.ts';
import { Produce } from '../../../src/protocol/messages/00-produce.ts';
import { ListOffsets } from '../../../src/protocol/messages/02-list-offsets.ts';
import { Metadata } from '../../../src/protocol/messages/03-metadata.ts';
import { nextTurn } from '../../../src/runtime/node/index.ts';
import { SimClock } from '../../../src/runtime/sim/index.ts';
import { eventually } from '../live-broker.ts';
import { RawClient } from '../raw-client.ts';

const HOUR_MS = 3_600_000;

function clientOf(broker: Broker): KafkaClient {
  return new kafkajs.Kafka({ brokers: [broker.bootstrapServers], logLevel: logLevel.NOTHING, retry: { retries: 2 } });
}

/** Earliest and next offset of a partition. */
async function offsetsOf(client: RawClient, topic: string): Promise<number[]> {
  const found: number[] = [];
  for (const timestamp of [-2, -1]) {
    const { topics } = await client.ask(ListOffsets, 7, {
      replicaId: -1,
      topics: [{ name: topic, partitions: [{ partitionIndex: 0, timestamp }] }],
    });
    found.push(topics[0]?.partitions[0]?.offset ?? -1);
  }
  return found;
}

async function produce(client: RawClient, topic: string, text: string, timestamp = Date.now()): Promise<number> {
  const records = buildBatch([{ value: Buffer.from(text), timestamp }]);
  const { responses } = await client.ask(Produce, 9, {
    acks: -1,
    timeoutMs: 1000,
    topicData: [{ name: topic, partitionData: [{ index: 0, records }] }],
  });
  const answer = responses[0]?.partitionResponses[0];
  expect(answer?.errorCode).to.equal(Errors.NONE);
  return answer?.baseOffset ?? -1;
}

describe('startBroker', () => {
  let directory: string;
  const running: Broker[] = [];

  async function start(options: StartOptions): Promise<Broker> {
    const broker = await startBroker(options);
    running.push(broker);
    return broker;
  }

  /** What `options` are refused with: one line. */
  async function refusal(options: StartOptions): Promise<string> {
    try {
      await start(options);
    } catch (error) {
      expect(error, String(error)).to.be.instanceOf(StartError);
      expect((error as Error).message).to.not.contain('\n');
      return (error as Error).message;
    }
    throw new Error('it started');
  }

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'ottla-embedding-'));
  });
  afterEach(async () => {
    for (const broker of running.splice(0)) await broker.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('gives kafkajs a broker with the topics that it was told', async function () {
    this.timeout(20_000);
    const broker = await start({
      memory: true,
      topics: { orders: 3, log: { partitions: 1, configs: { 'retention.ms': 1000 } } },
    });
    const kafka = clientOf(broker);
    const admin = kafka.admin();
    const producer = kafka.producer();
    await Promise.all([admin.connect(), producer.connect()]);
    expect((await admin.listTopics()).sort()).to.deep.equal(['log', 'orders']);
    const { topics } = await admin.fetchTopicMetadata({ topics: ['orders'] });
    expect(topics[0]?.partitions).to.have.length(3);
    const messages = Array.from({ length: 30 }, (_, index) => ({ key: String(index), value: `order ${index}` }));
    await producer.send({ topic: 'orders', messages });
    await admin.createTopics({ topics: [{ topic: 'more', numPartitions: 2 }] });
    await producer.send({ topic: 'more', messages: [{ value: 'at once' }] });
    const offsets = await admin.fetchTopicOffsets('orders');
    expect(offsets.reduce((sum, { high }) => sum + Number(high), 0)).to.equal(30);
    await admin.deleteTopics({ topics: ['more'] });
    await Promise.all([admin.disconnect(), producer.disconnect()]);
    expect(broker).to.include({ dataDir: '', durability: 'memory' });
  });

  it('runs side by side with others, each for itself', async () => {
    const brokers = await Promise.all(['a', 'b', 'c'].map((name) => start({ memory: true, topics: { [name]: 1 } })));
    expect(new Set(brokers.map(({ port }) => port)).size).to.equal(3);
    expect(new Set(brokers.map(({ clusterId }) => clusterId)).size).to.equal(3);
    for (const [index, broker] of brokers.entries()) {
      const client = await RawClient.connect(broker.port);
      const { topics } = await client.ask(Metadata, 12, { topics: null });
      expect(topics.map(({ name }) => name)).to.deep.equal([['a', 'b', 'c'][index]]);
      client.destroy();
    }
  });

  it('closes at the end of a block', async () => {
    let port: number;
    {
      await using broker = await startBroker({ memory: true });
      port = broker.port;
      (await RawClient.connect(port)).destroy();
    }
    let refused: unknown;
    await RawClient.connect(port).catch((error: unknown) => (refused = error));
    expect(refused).to.include({ code: 'ECONNREFUSED' });
  });

  for (const what of ['memory', 'a directory'] as const) {
    it(`leaves nothing behind in the process, be it in ${what}`, async () => {
      // Loads what is loaded once.
      await (await startBroker({ memory: true, topics: { t: 1 } })).close();
      const resources = (): string[] =>
        process
          .getActiveResourcesInfo()
          .filter((name) => name !== 'Immediate')
          .sort();
      /** Another look is worth taking: what ends is given time to, and no timer of ours is among what is looked at. */
      const later = (): Promise<void> => new Promise<void>((resolve) => setTimeout(resolve, 5)).then(nextTurn);
      let before = resources();
      for (let looks = 0; looks < 5; looks++) {
        await later();
        if (resources().join() !== before.join()) [before, looks] = [resources(), -1];
      }
      const broker = await startBroker({
        ...(what === 'memory' ? { memory: true } : { dataDir: directory }),
        topics: { t: 3 },
      });
      const idle = await RawClient.connect(broker.port);
      await produce(idle, 't', 'x');
      await Promise.all([broker.close(), broker.close()]);
      await idle.ended();
      idle.destroy();
      for (let looks = 0; looks < 600 && resources().join() !== before.join(); looks++) await later();
      expect(resources()).to.deep.equal(before);
    });
  }

  it('finds its topics, ids and records again', async () => {
    const first = await start({ dataDir: directory, topics: { kept: 2 } });
    const before = await RawClient.connect(first.port);
    await produce(before, 'kept', 'one');
    await produce(before, 'kept', 'two');
    const idBefore = (await before.ask(Metadata, 12, { topics: [{ name: 'kept' }] })).topics[0]?.topicId;
    before.destroy();
    await first.close();
    const second = await start({ dataDir: directory, topics: { kept: 5, other: 1 } });
    expect(second.clusterId).to.equal(first.clusterId);
    const client = await RawClient.connect(second.port);
    const topic = (await client.ask(Metadata, 12, { topics: [{ name: 'kept' }] })).topics[0];
    expect(topic?.topicId).to.equal(idBefore);
    expect(topic?.partitions, 'a topic that exists is left as it is').to.have.length(2);
    expect(await offsetsOf(client, 'kept')).to.deep.equal([0, 2]);
    expect(await produce(client, 'kept', 'three')).to.equal(2);
    client.destroy();
  });

  it('says that a directory is in use, and that it can be used again afterwards', async () => {
    const first = await start({ dataDir: directory });
    const message = await refusal({ dataDir: directory });
    expect(message).to.contain(directory);
    await first.close();
    await start({ dataDir: directory });
  });

  it('says that a port is in use, and has touched no disk by then', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const dataDir = join(directory, 'new');
    let refused: unknown;
    await startBroker({ dataDir, port }).catch((error: unknown) => (refused = error));
    server.close();
    expect(refused).to.be.an('error');
    expect(String(refused)).to.contain(String(port));
    expect(existsSync(dataDir)).to.equal(false);
  });

  it('refuses topics that cannot be, and is closed then', async () => {
    const resources = process.getActiveResourcesInfo().filter((name) => /TCP/.test(name)).length;
    expect(await refusal({ memory: true, topics: { '../up': 1 } })).to.contain('../up');
    expect(await refusal({ memory: true, topics: { a: { configs: { 'no.such': 1 } } } })).to.contain('no.such');
    expect(await refusal({ memory: true, topics: { a: 0 } })).to.contain('a could not be created');
    await eventually(
      'it is closed',
      () => process.getActiveResourcesInfo().filter((name) => /TCP/.test(name)).length === resources,
    );
  });

  it('takes a server.properties file, and what stands beside it is stronger', async () => {
    const configFile = join(directory, 'server.properties');
    writeFileSync(
      configFile,
      [
        'process.roles=broker,controller',
        'node.id=7',
        'listeners=PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:0',
        'controller.listener.names=CONTROLLER',
        'num.partitions=4',
        `log.dirs=${join(directory, 'data')}`,
        'no.such.key=1',
      ].join('\n'),
    );
    const warnings: string[] = [];
    const broker = await start({
      configFile,
      config: { 'num.partitions': 2 },
      topics: { t: {} },
      onWarning: (line) => warnings.push(line),
    });
    expect(warnings.filter((line) => line.includes('no.such.key'))).to.have.length(1);
    expect(broker.warnings).to.deep.equal(warnings);
    expect(broker.dataDir).to.equal(join(directory, 'data'));
    const client = await RawClient.connect(broker.port);
    const { topics, brokers } = await client.ask(Metadata, 12, { topics: null });
    expect(topics[0]?.partitions).to.have.length(2);
    expect(brokers).to.have.length(1);
    expect(brokers[0]).to.include({ nodeId: 7, host: '127.0.0.1', port: broker.port });
    client.destroy();
  });

  it('tells clients the address that they came to, or the one that it was told to tell', async () => {
    const told = async (broker: Broker) => {
      const client = await RawClient.connect(broker.port);
      const { brokers } = await client.ask(Metadata, 12, { topics: [] });
      client.destroy();
      return brokers.map(({ host, port }) => `${host}:${port}`).join();
    };
    const every = await start({ memory: true, host: '0.0.0.0' });
    expect(await told(every)).to.equal(`127.0.0.1:${every.port}`);
    expect(every.bootstrapServers).to.equal(`127.0.0.1:${every.port}`);
    const explicit = await start({
      memory: true,
      config: { listeners: 'PLAINTEXT://127.0.0.1:0', 'advertised.listeners': 'PLAINTEXT://kafka.example:9094' },
    });
    expect(await told(explicit)).to.equal('kafka.example:9094');
  });

  it('lives in the time of the clock that it is given', async function () {
    this.timeout(20_000);
    const clock = new SimClock({ nextTurn, startMs: Date.UTC(2030, 0, 1) });
    const broker = await clock.run(
      startBroker({
        memory: true,
        clock,
        topics: { brief: { configs: { 'retention.ms': 1000, 'segment.ms': 1000 } } },
      }),
    );
    let isOver = false;
    const passing = (async () => {
      while (!isOver) await clock.settle();
    })();
    const client = await RawClient.connect(broker.port);
    await produce(client, 'brief', 'old', clock.nowMs());
    expect(await offsetsOf(client, 'brief')).to.deep.equal([0, 1]);
    isOver = true;
    await passing;
    await clock.advance(HOUR_MS);
    isOver = false;
    const passingOn = (async () => {
      while (!isOver) await clock.settle();
    })();
    // An hour without a word is more than a connection may be idle.
    expect(client.isClosed).to.equal(true);
    const later = await RawClient.connect(broker.port);
    expect(await offsetsOf(later, 'brief')).to.deep.equal([1, 1]);
    later.destroy();
    isOver = true;
    await passingOn;
    await clock.run(broker.close());
  });

  it('starts and stops fifty times within five seconds of processor time', async function () {
    this.timeout(60_000);
    const before = process.cpuUsage();
    for (let count = 0; count < 50; count++) {
      const broker = await startBroker({ memory: true, topics: { t: 1 } });
      await broker.close();
    }
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1e6).to.be.below(5);
  });
});
