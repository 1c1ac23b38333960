// Clusters in one process whose clients use TLS and log in, and may do what the ACLs of the options allow.
import { expect } from 'chai';
import { Kafka, type KafkaConfig, logLevel } from 'kafkajs';
import { type Cluster, type ClusterOptions, startCluster, StartError } from '../../../src/index.ts';

const USERS = { alice: 'alice-secret', bob: 'bob-secret' };

async function withCluster(options: ClusterOptions, body: (cluster: Cluster) => Promise<void>): Promise<void> {
  const cluster = await startCluster({ topics: { orders: 3 }, ...options });
  try {
    await body(cluster);
  } finally {
    await cluster.close();
  }
}

function clientOf({ bootstrapServers, ca }: Cluster, user?: keyof typeof USERS): Kafka {
  const login: Partial<KafkaConfig> =
    user === undefined ? {} : { sasl: { mechanism: 'scram-sha-512', username: user, password: USERS[user] } };
  return new Kafka({
    brokers: bootstrapServers.split(','),
    logLevel: logLevel.NOTHING,
    retry: { retries: 2, initialRetryTime: 20 },
    ...(ca !== undefined && { ssl: { ca } }),
    ...login,
  });
}

async function send(kafka: Kafka, topic = 'orders'): Promise<number> {
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  await producer.connect();
  try {
    const messages = Array.from({ length: 12 }, (_, index) => ({ key: `${index}`, value: 'x', partition: index % 3 }));
    const sent = await producer.send({ topic, acks: -1, messages });
    return sent.filter(({ errorCode }) => errorCode === 0).length;
  } finally {
    await producer.disconnect();
  }
}

async function refusal(action: () => Promise<unknown>): Promise<unknown> {
  try {
    await action();
  } catch (error) {
    return error;
  }
  throw new Error('it was not refused');
}

describe('A cluster with TLS, users and ACLs in its options', function () {
  this.timeout(60_000);

  it('serves clients that trust its authority on every node, also when one has been restarted', async () => {
    await withCluster({ tls: true }, async (cluster) => {
      expect(cluster.ca).to.contain('BEGIN CERTIFICATE');
      expect(cluster.clientCertificate?.key).to.contain('PRIVATE KEY');
      expect(await send(clientOf(cluster))).to.equal(3);
      await cluster.kill(2);
      await cluster.awaitIsr('orders', 0, [1, 3]);
      await cluster.restart(2);
      for (const partition of [0, 1, 2]) await cluster.awaitIsr('orders', partition, [1, 2, 3]);
      await cluster.moveLeader('orders', 0, 2);
      expect(await send(clientOf(cluster))).to.equal(3);
      const plain = clientOf({ ...cluster, bootstrapServers: cluster.bootstrapServers, ca: undefined } as Cluster);
      await refusal(() => send(plain));
    });
  });

  it('lets its users do what the ACLs allow, wherever they ask, and its nodes replicate', async () => {
    const acls: ClusterOptions['acls'] = [{ principal: 'alice', operations: ['WRITE'], topic: 'orders' }];
    await withCluster({ users: USERS, acls }, async (cluster) => {
      expect(await send(clientOf(cluster, 'alice'))).to.equal(3);
      for (const partition of [0, 1, 2]) await cluster.awaitIsr('orders', partition, [1, 2, 3]);
      expect(String(await refusal(() => send(clientOf(cluster, 'bob'))))).to.match(/uthoriz/);
    });
  });

  it('lets nobody in for a node because it is anonymous', async () => {
    await withCluster({ acls: [{ principal: '*', operations: ['DESCRIBE'], topic: 'orders' }] }, async (cluster) => {
      for (const partition of [0, 1, 2]) await cluster.awaitIsr('orders', partition, [1, 2, 3]);
      expect(String(await refusal(() => send(clientOf(cluster))))).to.match(/uthoriz/);
    });
  });

  it('says that it makes its listeners itself', async () => {
    const config = { listeners: 'PLAINTEXT://127.0.0.1:0' };
    expect(await refusal(() => startCluster({ tls: true, config }))).to.be.instanceOf(StartError);
  });
});
