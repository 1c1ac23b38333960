// Three nodes in one process, on real sockets: they form a cluster, and a topic on all of them lives through what befalls each.
import { expect } from 'chai';
import { Kafka, logLevel } from 'kafkajs';
import { type Cluster, startCluster } from '../../../src/index.ts';
import { Metadata } from '../../../src/protocol/messages/03-metadata.ts';
import { DescribeCluster } from '../../../src/protocol/messages/60-describe-cluster.ts';
import { RawClient } from '../raw-client.ts';

const ALL = [1, 2, 3];

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
  readonly acknowledged: string[] = [];
  readonly #kafka: Kafka;
  readonly #topic: string;

  constructor(cluster: Cluster, topic: string) {
    this.#topic = topic;
    this.#kafka = new Kafka({
      brokers: cluster.bootstrapServers.split(','),
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
      const value = `record ${this.acknowledged.length}`;
      await producer.send({ topic: this.#topic, acks: -1, messages: [{ key: value, value }] });
      this.acknowledged.push(value);
    }
    await producer.disconnect();
  }

  /** All values of the topic, as a consumer of a fresh group reads them. */
  async readAll(): Promise<string[]> {
    const consumer = this.#kafka.consumer({ groupId: `readers of ${this.#topic} ${this.acknowledged.length}` });
    const values: string[] = [];
    await consumer.connect();
    await consumer.subscribe({ topic: this.#topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      consumer
        .run({
          eachMessage: async ({ message }) => {
            values.push(String(message.value));
            if (new Set(values).size >= this.acknowledged.length) resolve();
          },
        })
        .catch(reject);
    });
    await consumer.disconnect();
    return values;
  }
}

describe('Three nodes', function () {
  this.timeout(120_000);
  let cluster: Cluster;

  before(async () => {
    cluster = await startCluster({
      topics: { orders: { partitions: 3, configs: { 'min.insync.replicas': 2 } } },
      config: { 'group.initial.rebalance.delay.ms': 0, 'offsets.topic.num.partitions': 3 },
    });
  });
  after(() => cluster?.close());

  const leads = (id: number): Promise<void> => cluster.moveLeader('orders', 0, id);
  const allInSync = async (ids: readonly number[] = ALL): Promise<void> => {
    for (const partition of [0, 1, 2]) await cluster.awaitIsr('orders', partition, ids);
  };

  it('are a cluster, and each tells of all', async () => {
    expect(cluster.nodes.map(({ id }) => id)).to.deep.equal(ALL);
    expect(cluster.controllerId).to.be.oneOf(ALL);
    for (const { port } of cluster.nodes) {
      const { brokers, partitions } = await metadataOf(port, 'orders');
      expect(brokers.map(({ nodeId }) => nodeId)).to.have.members(ALL);
      expect(brokers.map((broker) => broker.port)).to.have.members(cluster.nodes.map((node) => node.port));
      expect(partitions.map(({ replicaNodes }) => replicaNodes.toSorted())).to.deep.equal([ALL, ALL, ALL]);
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
    await allInSync();
    const writer = new Writer(cluster, 'orders');
    await writer.write(30);
    expect(await writer.readAll()).to.have.members(writer.acknowledged);
  });

  it('move a leader where it is wanted', async () => {
    for (const id of ALL) {
      await leads(id);
      expect(cluster.leaderOf('orders', 0)).to.equal(id);
    }
  });
});
