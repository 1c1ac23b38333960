// Three nodes in one process, on real sockets: they form a cluster, and a topic on all of them lives through what befalls each.
import { expect } from 'chai';
import { Kafka, logLevel } from 'kafkajs';
import { ConfigOperation } from '../../../src/kraft/controller/index.ts';
import { RESOURCE_BROKER } from '../../../src/kraft/metadata/index.ts';
import { type Cluster, startCluster } from '../../../src/index.ts';
import { Metadata } from '../../../src/protocol/messages/03-metadata.ts';
import { DeleteRecords } from '../../../src/protocol/messages/21-delete-records.ts';
import { IncrementalAlterConfigs } from '../../../src/protocol/messages/44-incremental-alter-configs.ts';
import { DescribeCluster } from '../../../src/protocol/messages/60-describe-cluster.ts';
import { eventually } from '../live-broker.ts';
import { RawClient } from '../raw-client.ts';

const ALL = [1, 2, 3];
/** A consumer of kafkajs sleeps so long for each node that leads none of its partitions, also when it is to end. */
const SLEEP_MS = 100;

async function metadataOf(port: number, topic: string) {
  const client = await RawClient.connect(port);
  const { brokers, topics } = await client.ask(Metadata, 12, {
    topics: [{ topicId: 'AAAAAAAAAAAAAAAAAAAAAA', name: topic }],
    allowAutoTopicCreation: false,
    includeTopicAuthorizedOperations: false,
  });
  client.destroy();
  return { brokers, partitions: topics[0]?.partitions ?? [] };
}

/** A client of the cluster that sends numbered records, one at a time, each acknowledged by all in sync. */
class Writer {
  static #count = 0;
  readonly #name = `writer ${++Writer.#count}`;
  readonly acknowledged: string[] = [];
  readonly #kafka: Kafka;
  readonly #topic: string;

  constructor(cluster: Cluster, topic: string, ids: readonly number[] = ALL) {
    this.#topic = topic;
    this.#kafka = new Kafka({
      brokers: ids.map((id) => `127.0.0.1:${cluster.nodes[id - 1]?.port}`),
      logLevel: logLevel.NOTHING,
      retry: { initialRetryTime: 30, retries: 60, maxRetryTime: 300 },
      requestTimeout: 3000,
      connectionTimeout: 1000,
    });
  }

  async write(count: number): Promise<void> {
    const producer = this.#kafka.producer({ allowAutoTopicCreation: false, idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    for (let index = 0; index < count; index++) {
      const value = `${this.#name}: ${this.acknowledged.length}`;
      await producer.send({ topic: this.#topic, acks: -1, messages: [{ key: value, value }] });
      this.acknowledged.push(value);
    }
    await producer.disconnect();
  }

  /** The values of the topic, as a consumer of a fresh group reads them until it has what this one wrote. */
  async readAll(): Promise<string[]> {
    const consumer = this.#kafka.consumer({ groupId: `reader of ${this.#name}`, maxWaitTimeInMs: SLEEP_MS });
    const values: string[] = [];
    const missing = new Set(this.acknowledged);
    await consumer.connect();
    await consumer.subscribe({ topic: this.#topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      consumer
        .run({
          eachMessage: async ({ message }) => {
            values.push(String(message.value));
            missing.delete(String(message.value));
            if (missing.size === 0) resolve();
          },
        })
        .catch(reject);
    });
    await consumer.disconnect();
    return values;
  }
}

const startThree = (config: Readonly<Record<string, number>> = {}): Promise<Cluster> =>
  startCluster({
    topics: { orders: { partitions: 3, configs: { 'min.insync.replicas': 2 } } },
    config: { 'group.initial.rebalance.delay.ms': 0, 'offsets.topic.num.partitions': 3, ...config },
  });

async function allInSync(cluster: Cluster, ids: readonly number[] = ALL): Promise<void> {
  for (const partition of [0, 1, 2]) await cluster.awaitIsr('orders', partition, ids);
}

describe('Three nodes', function () {
  this.timeout(120_000);
  let cluster: Cluster;

  before(async () => {
    cluster = await startThree();
  });
  after(() => cluster?.close());

  const leads = (id: number): Promise<void> => cluster.moveLeader('orders', 0, id);

  it('are a cluster, and each tells of all', async () => {
    expect(cluster.nodes.map(({ id }) => id)).to.deep.equal(ALL);
    expect(cluster.controllerId).to.be.oneOf(ALL);
    for (const { port } of cluster.nodes) {
      const { brokers, partitions } = await metadataOf(port, 'orders');
      expect(brokers.map(({ nodeId }) => nodeId)).to.have.members(ALL);
      expect(brokers.map((broker) => broker.port)).to.have.members(cluster.nodes.map((node) => node.port));
      expect(partitions.map(({ replicaNodes }) => replicaNodes.toSorted((one, other) => one - other))).to.deep.equal([
        ALL,
        ALL,
        ALL,
      ]);
      const client = await RawClient.connect(port);
      const described = await client.ask(DescribeCluster, 2, {
        includeClusterAuthorizedOperations: false,
        endpointType: 1,
        includeFencedBrokers: false,
      });
      client.destroy();
      expect(described).to.deep.include({ clusterId: cluster.clusterId });
      expect(described.brokers.map(({ brokerId }) => brokerId)).to.deep.equal(ALL);
    }
  });

  it('keep what is acknowledged by all in sync, and give it to a group', async () => {
    await allInSync(cluster);
    const writer = new Writer(cluster, 'orders');
    await writer.write(30);
    expect(await writer.readAll()).to.have.members(writer.acknowledged);
  });

  it('delete records everywhere before they say so, and tell it without a record that comes after', async () => {
    await allInSync(cluster);
    await leads(1);
    await new Writer(cluster, 'orders').write(20);
    const client = await RawClient.connect(cluster.nodes[0]?.port ?? 0);
    // Up to the high watermark.
    const partitions = [{ partitionIndex: 0, offset: -1 }];
    const answer = await client.ask(DeleteRecords, 2, { topics: [{ name: 'orders', partitions }], timeoutMs: 20_000 });
    client.destroy();
    const [deleted] = answer.topics[0]?.partitions ?? [];
    expect(deleted?.errorCode).to.equal(0);
    expect(Number(deleted?.lowWatermark)).to.be.above(0);
  });

  it('take the configs of each broker, wherever the active controller is', async () => {
    for (const { id, port } of cluster.nodes) {
      const client = await RawClient.connect(port);
      const configs = [
        { name: 'leader.replication.throttled.rate', configOperation: ConfigOperation.SET, value: '5000000' },
      ];
      const resources = [{ resourceType: RESOURCE_BROKER, resourceName: String(id), configs }];
      const { responses } = await client.ask(IncrementalAlterConfigs, 1, { resources, validateOnly: false });
      client.destroy();
      expect(responses.map(({ errorCode, errorMessage }) => [errorCode, errorMessage])).to.deep.equal([[0, null]]);
    }
  });

  it('move a leader where it is wanted', async () => {
    for (const id of ALL) {
      await leads(id);
      expect(cluster.leaderOf('orders', 0)).to.equal(id);
    }
  });

  it('go on without a leader that is killed, and take it back when it starts again', async () => {
    await allInSync(cluster);
    await leads(1);
    const writer = new Writer(cluster, 'orders');
    const writing = writer.write(40);
    await cluster.kill(1);
    // Its port refuses: nobody waits for its session, which is of 9 s.
    await eventually('another leads', () => cluster.leaderOf('orders', 0) !== 1, 6000);
    await writing;
    await allInSync(cluster, [2, 3]);
    expect(cluster.nodes[0]?.isRunning).to.equal(false);
    await cluster.restart(1);
    await allInSync(cluster);
    expect(await writer.readAll()).to.include.members(writer.acknowledged);
  });

  it('give the leaderships of one that stops away before it goes', async () => {
    await allInSync(cluster);
    await leads(2);
    const writer = new Writer(cluster, 'orders');
    const writing = writer.write(30);
    await cluster.stop(2);
    expect(cluster.leaderOf('orders', 0)).to.be.oneOf([1, 3]);
    await writing;
    await cluster.restart(2);
    await allInSync(cluster);
    expect(await writer.readAll()).to.include.members(writer.acknowledged);
  });

  it('are restarted one after the other, and nothing that was acknowledged is lost', async () => {
    const writer = new Writer(cluster, 'orders');
    const writing = writer.write(120);
    for (const id of ALL) {
      await cluster.restart(id);
      await allInSync(cluster);
    }
    await writing;
    expect(await writer.readAll()).to.include.members(writer.acknowledged);
  });
});

describe('Three nodes whose sessions are short', function () {
  this.timeout(120_000);
  let cluster: Cluster;

  before(async () => {
    cluster = await startThree({ 'broker.session.timeout.ms': 2_000, 'broker.heartbeat.interval.ms': 300 });
  });
  after(() => cluster?.close());

  it('are more than the one that is cut off', async () => {
    await allInSync(cluster);
    await cluster.moveLeader('orders', 0, 3);
    cluster.partition([3], [1, 2]);
    // Not the death of a process: its session has to run out.
    await allInSync(cluster, [1, 2]);
    expect(cluster.leaderOf('orders', 0)).to.be.oneOf([1, 2]);
    const writer = new Writer(cluster, 'orders', [1, 2]);
    await writer.write(10);
    cluster.heal();
    await allInSync(cluster);
    expect(await writer.readAll()).to.include.members(writer.acknowledged);
  });
});
