// Nodes in worker threads: to clients, and to whoever stops, kills and cuts off nodes, a cluster like any other. The threads run what
// has been built (dist/).
import { expect } from 'chai';
import { Kafka, logLevel } from 'kafkajs';
import { type Cluster, startCluster, StartError } from '../../../src/index.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ALL = [1, 2, 3];
/** A consumer of kafkajs sleeps so long for each node that leads none of its partitions, also when it is to end. */
const SLEEP_MS = 100;

const clientOf = ({ bootstrapServers }: Cluster): Kafka =>
  new Kafka({
    brokers: bootstrapServers.split(','),
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 30, retries: 60, maxRetryTime: 300 },
    requestTimeout: 3000,
    connectionTimeout: 1000,
  });

async function write(kafka: Kafka, values: readonly string[]): Promise<void> {
  const producer = kafka.producer({ allowAutoTopicCreation: false, idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  for (const value of values) await producer.send({ topic: 'orders', acks: -1, messages: [{ key: value, value }] });
  await producer.disconnect();
}

async function readAll(kafka: Kafka, groupId: string, count: number): Promise<string[]> {
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: SLEEP_MS });
  const values: string[] = [];
  await consumer.connect();
  await consumer.subscribe({ topic: 'orders', fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    const eachMessage = async ({ message }: { message: { value: Buffer | null } }): Promise<void> => {
      if (values.push(String(message.value)) === count) resolve();
    };
    consumer.run({ eachMessage }).catch(reject);
  });
  await consumer.disconnect();
  return values;
}

const numbered = (name: string, count: number): string[] => Array.from({ length: count }, (_, at) => `${name} ${at}`);

async function refusal(action: () => Promise<unknown>): Promise<Error> {
  try {
    await action();
  } catch (error) {
    return error as Error;
  }
  throw new Error('it was not refused');
}

describe('Nodes in threads of their own', function () {
  this.timeout(90_000);
  let cluster: Cluster;
  const written: string[] = [];

  const wrote = async (name: string, count = 10): Promise<void> => {
    const values = numbered(name, count);
    await write(clientOf(cluster), values);
    written.push(...values);
  };
  const allInSync = async (ids: readonly number[] = ALL): Promise<void> => {
    for (const partition of [0, 1, 2]) await cluster.awaitIsr('orders', partition, ids);
  };

  before(async () => {
    cluster = await startCluster({
      threads: true,
      topics: { orders: { partitions: 3, configs: { 'min.insync.replicas': 2 } } },
      config: {
        'group.initial.rebalance.delay.ms': 0,
        'offsets.topic.num.partitions': 1,
        'broker.session.timeout.ms': 2_000,
        'broker.heartbeat.interval.ms': 300,
      },
    });
  });
  after(() => cluster?.close());

  it('serve records and groups', async () => {
    await allInSync();
    await wrote('first');
    expect(cluster.controllerId).to.be.oneOf(ALL);
    expect(cluster.nodes.map(({ isRunning }) => isRunning)).to.deep.equal([true, true, true]);
    expect(await readAll(clientOf(cluster), 'readers', written.length)).to.have.members(written);
  });

  it('are stopped, killed and started again, and lose nothing', async () => {
    await cluster.stop(1);
    await allInSync([2, 3]);
    await wrote('while one was stopped');
    await cluster.restart(1);
    await allInSync();
    await cluster.kill(2);
    expect(cluster.nodes[1]?.isRunning).to.equal(false);
    await allInSync([1, 3]);
    await wrote('while one was dead');
    await cluster.restart(2);
    await allInSync();
    await cluster.moveLeader('orders', 1, 2);
    expect(cluster.leaderOf('orders', 1)).to.equal(2);
    expect(await readAll(clientOf(cluster), 'other readers', written.length)).to.have.members(written);
  });

  it('are cut off from each other, and find each other again', async () => {
    await cluster.moveLeader('orders', 0, 1);
    const cut = cluster.controllerId === 3 ? 2 : 3;
    cluster.partition(
      ALL.filter((id) => id !== cut),
      [cut],
    );
    await cluster.awaitIsr(
      'orders',
      0,
      ALL.filter((id) => id !== cut),
    );
    cluster.heal();
    await allInSync();
  });

  it('say what cannot be asked of them, and what there is not', async () => {
    expect(() => cluster.nodes[0]?.broker).to.throw('thread of its own');
    expect((await refusal(() => cluster.moveLeader('nothing', 0, 1))).message).to.contain('no partition nothing-0');
    expect(await refusal(() => startCluster({ threads: true, history: true }))).to.be.instanceOf(StartError);
    const config = { 'log.segment.bytes': 'many' };
    const wrong = await refusal(() => startCluster({ threads: true, config }));
    expect(wrong).to.be.instanceOf(StartError);
    expect(wrong.message).to.contain('log.segment.bytes');
  });

  it('keep their records in their directories from one cluster to the next', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'ottla-threads-'));
    try {
      const config = { 'offsets.topic.num.partitions': 1, 'group.initial.rebalance.delay.ms': 0 };
      const first = await startCluster({ threads: true, nodes: 2, dataDir, topics: { orders: 2 }, config });
      const values = numbered('kept', 10);
      await write(clientOf(first), values);
      await first.close();
      const second = await startCluster({ nodes: 2, dataDir, config });
      expect(await readAll(clientOf(second), 'late readers', values.length)).to.have.members(values);
      await second.close();
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  });
});
