// reset(): the broker is as new, behind the same address, and clients off the shelf find their way.
import { FindCoordinator } from '../../../src/protocol/messages/10-find-coordinator.ts';
import { OffsetCommit } from '../../../src/protocol/messages/08-offset-commit.ts';
import type { Int64 } from '../../../src/protocol/index.ts';
import { expect } from 'chai';
import kafkajs, { logLevel } from 'kafkajs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Broker, startBroker } from '../../../src/index.ts';
import { Metadata } from '../../../src/protocol/messages/03-metadata.ts';
import { InitProducerId } from '../../../src/protocol/messages/22-init-producer-id.ts';
import { RawClient } from '../raw-client.ts';

const clientOf = (broker: Broker) =>
  new kafkajs.Kafka({
    brokers: [broker.bootstrapServers],
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 20 },
  });

/** Where a group stands in partition 0; kafkajs would join the group for it, and wait for records. */
async function commit({ port }: Broker, groupId: string, name: string, committedOffset: number): Promise<void> {
  const client = await RawClient.connect(port);
  await client.ask(FindCoordinator, 4, { keyType: 0, coordinatorKeys: [groupId] });
  const { topics } = await client.ask(OffsetCommit, 8, {
    groupId,
    memberId: '',
    topics: [{ name, partitions: [{ partitionIndex: 0, committedOffset, committedMetadata: '' }] }],
  });
  expect(topics[0]?.partitions[0]?.errorCode).to.equal(0);
  client.destroy();
}

describe('reset', () => {
  const running: Broker[] = [];
  afterEach(async () => {
    for (const broker of running.splice(0)) await broker.close();
  });
  async function start(): Promise<Broker> {
    const broker = await startBroker({
      profile: 'test',
      history: true,
      topics: { orders: { partitions: 3, configs: { 'retention.ms': 5000 } } },
    });
    running.push(broker);
    return broker;
  }

  it('leaves topics of the start, no others, no records, groups, offsets or configs', async () => {
    const broker = await start();
    const { bootstrapServers, clusterId, port } = broker;
    const kafka = clientOf(broker);
    const admin = kafka.admin();
    const producer = kafka.producer();
    await Promise.all([admin.connect(), producer.connect()]);
    await admin.createTopics({ topics: [{ topic: 'more' }] });
    await producer.send({ topic: 'orders', messages: [{ value: 'x' }] });
    await commit(broker, 'billing', 'orders', 1);
    const resource = { type: 2, name: 'orders', configEntries: [{ name: 'retention.ms', value: '7000' }] };
    await admin.alterConfigs({ validateOnly: false, resources: [resource] });
    expect((await admin.listGroups()).groups).to.have.length(1);
    const plan = broker.failNext({ api: 'Produce' }, 'NOT_LEADER_OR_FOLLOWER');

    const startedMs = performance.now();
    await broker.reset();
    console.log(`      reset in ${(performance.now() - startedMs).toFixed(1)} ms`);

    expect(plan.remaining).to.equal(0);
    expect(broker.requests()).to.deep.equal([]);
    expect(broker).to.include({ bootstrapServers, clusterId, port });
    expect(await admin.listTopics()).to.deep.equal(['orders']);
    expect((await admin.fetchTopicMetadata({ topics: ['orders'] })).topics[0]?.partitions).to.have.length(3);
    const offsets = await admin.fetchTopicOffsets('orders');
    expect(offsets.map(({ high }) => high)).to.deep.equal(['0', '0', '0']);
    expect((await admin.listGroups()).groups).to.deep.equal([]);
    expect((await admin.fetchOffsets({ groupId: 'billing', topics: ['orders'] }))[0]?.partitions[0]?.offset).to.equal(
      '-1',
    );
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: 2, name: 'orders', configNames: ['retention.ms'] }],
    });
    expect(resources[0]?.configEntries[0]?.configValue).to.equal('5000');
    await producer.send({ topic: 'orders', messages: [{ value: 'y' }] });
    await Promise.all([admin.disconnect(), producer.disconnect()]);
  });

  it('is survived by a consumer of kafkajs in a group', async function () {
    this.timeout(60_000);
    const broker = await start();
    const kafka = clientOf(broker);
    const producer = kafka.producer();
    const consumer = kafka.consumer({
      groupId: 'billing',
      heartbeatInterval: 100,
      retry: { retries: 20, initialRetryTime: 20 },
    });
    const values: string[] = [];
    await Promise.all([producer.connect(), consumer.connect()]);
    await consumer.subscribe({ topic: 'orders', fromBeginning: true });
    const waiting = new Map<string, () => void>();
    await consumer.run({
      eachMessage: async ({ message }) => {
        const value = String(message.value);
        values.push(value);
        waiting.get(value)?.();
      },
    });
    const arrived = (value: string): Promise<void> => new Promise((resolve) => void waiting.set(value, resolve));
    for (const value of ['one', 'two', 'three']) {
      const arrival = arrived(value);
      await producer.send({ topic: 'orders', messages: [{ value }] });
      await arrival;
      await broker.reset();
    }
    expect(values).to.deep.equal(['one', 'two', 'three']);
    await Promise.all([consumer.disconnect(), producer.disconnect()]);
  });

  it('gives producer ids anew', async () => {
    const broker = await start();
    const ids: Int64[] = [];
    for (let round = 0; round < 2; round++) {
      const client = await RawClient.connect(broker.port);
      ids.push((await client.ask(InitProducerId, 4, { transactionalId: null, transactionTimeoutMs: 0 })).producerId);
      client.destroy();
      await broker.reset();
    }
    expect(ids[0]).to.equal(ids[1]);
  });

  it('closes connections, and takes new ones all the while', async () => {
    const broker = await start();
    const before = await RawClient.connect(broker.port);
    const resetting = broker.reset();
    expect(broker.reset()).to.be.instanceOf(Promise);
    const during = await RawClient.connect(broker.port);
    const { topics } = await during.ask(Metadata, 9, { topics: null });
    expect(topics.map(({ partitions }) => partitions.length)).to.deep.equal([3]);
    await resetting;
    await before.ended();
    before.destroy();
    during.destroy();
  });

  it('can be closed in the middle, and not reset afterwards', async () => {
    const broker = await start();
    await Promise.all([broker.reset(), broker.close()]);
    let refused: unknown;
    await broker.reset().catch((error: unknown) => (refused = error));
    expect(String(refused)).to.contain('closed');
  });

  it('says what to do for a broker with a directory, and leaves it as it is', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'ottla-reset-'));
    const broker = await startBroker({ dataDir, topics: { kept: 1 } });
    let refused: unknown;
    await broker.reset().catch((error: unknown) => (refused = error));
    expect(String(refused)).to.contain(dataDir).and.contain('remove the directory');
    const client = await RawClient.connect(broker.port);
    expect((await client.ask(Metadata, 9, { topics: null })).topics.map(({ name }) => name)).to.deep.equal(['kept']);
    client.destroy();
    await broker.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
});
