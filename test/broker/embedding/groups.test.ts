// groups(): groups of every kind as whoever embeds a broker asserts on them.
import { expect } from 'chai';
import kafkajs, { logLevel } from 'kafkajs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Broker, type GroupSnapshot, startBroker } from '../../../src/index.ts';
import { buildBatch, Errors } from '../../../src/protocol/index.ts';
import { Produce } from '../../../src/protocol/messages/00-produce.ts';
import { OffsetCommit } from '../../../src/protocol/messages/08-offset-commit.ts';
import { FindCoordinator } from '../../../src/protocol/messages/10-find-coordinator.ts';
import { IncrementalAlterConfigs } from '../../../src/protocol/messages/44-incremental-alter-configs.ts';
import { ConsumerGroupHeartbeat } from '../../../src/protocol/messages/68-consumer-group-heartbeat.ts';
import { ShareGroupHeartbeat } from '../../../src/protocol/messages/76-share-group-heartbeat.ts';
import { StreamsGroupHeartbeat } from '../../../src/protocol/messages/88-streams-group-heartbeat.ts';
import { AlterShareGroupOffsets } from '../../../src/protocol/messages/91-alter-share-group-offsets.ts';
import { subtopology, topologyOf } from '../../group-coordinator/streams/streams-bench.ts';
import { Patience } from '../patience.ts';
import { RawClient } from '../raw-client.ts';

const CONFIG = {
  'group.consumer.assignment.interval.ms': 0,
  'group.share.assignment.interval.ms': 0,
  'group.streams.assignment.interval.ms': 0,
  'group.streams.initial.rebalance.delay.ms': 0,
};
const GROUP_RESOURCE = 32;
const CLIENT = { clientId: 'raw', clientHost: '/127.0.0.1' };

describe('groups', function () {
  this.timeout(60_000);
  let broker: Broker;
  let client: RawClient;

  beforeEach(async () => {
    broker = await startBroker({ profile: 'test', topics: { orders: 3, other: 1 }, config: CONFIG });
    client = await RawClient.connect(broker.port);
  });
  afterEach(async () => {
    client.destroy();
    await broker.close();
  });

  const find = (groupId: string) => client.ask(FindCoordinator, 4, { keyType: 0, coordinatorKeys: [groupId] });
  const only = async (): Promise<GroupSnapshot> => {
    const groups = await broker.groups();
    expect(groups).to.have.length(1);
    return groups[0] as GroupSnapshot;
  };
  const consumerBeat = async (memberId: string, memberEpoch: number, part = {}): Promise<number> => {
    const asked = { groupId: 'modern', memberId, memberEpoch, rebalanceTimeoutMs: 30_000, ...part };
    const answer = await client.ask(ConsumerGroupHeartbeat, 1, asked);
    expect(answer.errorCode).to.equal(Errors.NONE);
    return answer.memberEpoch;
  };

  it('are none before somebody uses one, and none again after a reset', async () => {
    expect(await broker.groups()).to.deep.equal([]);
    await find('g');
    expect(await broker.groups()).to.deep.equal([]);
    await client.ask(OffsetCommit, 9, commitOf('simple', -1, '', 7));
    expect(await only()).to.deep.equal({
      groupId: 'simple',
      type: 'classic',
      state: 'Empty',
      protocolType: '',
      assignor: undefined,
      epoch: 0,
      assignmentEpoch: 0,
      members: [],
      offsets: [{ partition: 'orders-1', offset: 7, metadata: 'note' }],
      pendingOffsets: [],
      startOffsets: [],
    });
    await broker.reset();
    expect(await broker.groups()).to.deep.equal([]);
  });

  it('of classic consumers: what they agreed on, what they have, and offsets of an open transaction apart', async () => {
    const kafka = new kafkajs.Kafka({
      clientId: 'shop',
      brokers: [broker.bootstrapServers],
      logLevel: logLevel.NOTHING,
    });
    const consumer = kafka.consumer({ groupId: 'billing', maxWaitTimeInMs: 100 });
    const producer = kafka.producer({ transactionalId: 'tx', idempotent: true, maxInFlightRequests: 1 });
    try {
      await Promise.all([consumer.connect(), producer.connect()]);
      await consumer.subscribe({ topics: ['orders', 'other'] });
      await consumer.run({ autoCommit: false, eachMessage: async () => undefined });
      await until(async () => (await only()).state === 'Stable');
      await consumer.commitOffsets([{ topic: 'orders', partition: 2, offset: '4' }]);
      const transaction = await producer.transaction();
      const topics = [{ topic: 'orders', partitions: [{ partition: 2, offset: '9' }] }];
      await transaction.sendOffsets({ consumerGroupId: 'billing', topics });

      const group = await only();
      expect(group).to.include({ groupId: 'billing', type: 'classic', protocolType: 'consumer', epoch: 1 });
      expect(group.assignor).to.equal('RoundRobinAssigner');
      expect(group.members[0]).to.deep.include({
        clientId: 'shop',
        clientHost: '/127.0.0.1',
        epoch: undefined,
        instanceId: undefined,
        subscribedTopics: ['orders', 'other'],
        assignment: ['orders-0', 'orders-1', 'orders-2', 'other-0'],
        target: undefined,
      });
      const committed = { partition: 'orders-2', offset: 4, metadata: '' };
      expect(group.offsets).to.deep.equal([committed]);
      const [{ producerId } = { producerId: -1 }] = await broker.transactions();
      expect(group.pendingOffsets).to.deep.include({ partition: 'orders-2', offset: 9, metadata: '', producerId });

      await transaction.commit();
      await until(async () => (await only()).pendingOffsets.length === 0);
      expect((await only()).offsets).to.deep.equal([{ ...committed, offset: 9 }]);
    } finally {
      await Promise.all([consumer.disconnect(), producer.disconnect()]);
    }
  });

  it('of KIP-848: what a member has, what it still has to give up, and what it is to have', async () => {
    await find('modern');
    const joining = { subscribedTopicNames: ['orders'], topicPartitions: [], instanceId: 'first' };
    const epoch = await consumerBeat('a', 0, joining);
    await consumerBeat('b', 0, { ...joining, instanceId: null });
    const before = await only();
    expect(before).to.include({ groupId: 'modern', type: 'consumer', state: 'Reconciling', assignor: 'uniform' });
    const first = { ...CLIENT, memberId: 'a', instanceId: 'first', subscribedTopics: ['orders'], epoch };
    const all = ['orders-0', 'orders-1', 'orders-2'];
    const a = before.members.find(({ memberId }) => memberId === 'a');
    expect(a).to.deep.include({ ...first, assignment: all, target: ['orders-0', 'orders-1'] });

    await client.ask(OffsetCommit, 9, commitOf('modern', epoch, 'a', 3));
    const { members, offsets } = await only();
    expect(offsets).to.deep.equal([{ partition: 'orders-1', offset: 3, metadata: 'note' }]);
    expect(members.find(({ memberId }) => memberId === 'b')).to.deep.include({ assignment: [], target: ['orders-2'] });
  });

  it('of KIP-932: where each share partition begins, and how much is left', async () => {
    await find('readers');
    const configs = [{ name: 'share.auto.offset.reset', configOperation: 0, value: 'earliest' }];
    const resources = [{ resourceType: GROUP_RESOURCE, resourceName: 'readers', configs }];
    await client.ask(IncrementalAlterConfigs, 1, { resources, validateOnly: false });
    const records = buildBatch([{ value: Buffer.from('one'), timestamp: 1 }]);
    const topicData = [{ name: 'other', partitionData: [{ index: 0, records }] }];
    await client.ask(Produce, 9, { acks: -1, timeoutMs: 1000, topicData });
    let memberEpoch = 0;
    const beat = async (): Promise<void> => {
      const subscribedTopicNames = memberEpoch === 0 ? ['other'] : null;
      const asked = { groupId: 'readers', memberId: 'a', memberEpoch, subscribedTopicNames };
      const answer = await client.ask(ShareGroupHeartbeat, 1, asked);
      expect(answer.errorCode).to.equal(Errors.NONE);
      memberEpoch = answer.memberEpoch;
    };
    await until(async () => {
      await beat();
      return (await only()).members[0]?.assignment.join() === 'other-0';
    });
    const group = await only();
    expect(group).to.deep.include({ type: 'share', state: 'Stable', assignor: 'simple', offsets: [] });
    expect(group.members[0]).to.deep.include({ ...CLIENT, epoch: memberEpoch, target: ['other-0'] });
    // Nothing has been fetched: nobody knows yet where the group begins.
    expect(group.startOffsets).to.deep.equal([{ partition: 'other-0', offset: undefined, lag: undefined }]);

    await client.ask(ShareGroupHeartbeat, 1, { groupId: 'readers', memberId: 'a', memberEpoch: -1 });
    const topics = [{ topicName: 'other', partitions: [{ partitionIndex: 0, startOffset: 0 }] }];
    expect(await client.ask(AlterShareGroupOffsets, 0, { groupId: 'readers', topics })).to.include({ errorCode: 0 });
    const emptied = await only();
    expect(emptied).to.deep.include({ state: 'Empty', members: [] });
    expect(emptied.startOffsets).to.deep.equal([{ partition: 'other-0', offset: 0, lag: 1 }]);
  });

  it('of KIP-1071: tasks by subtopology', async () => {
    await find('app');
    const beat = (memberEpoch: number) =>
      client.ask(StreamsGroupHeartbeat, 0, {
        groupId: 'app',
        memberId: 'a',
        memberEpoch,
        endpointInformationEpoch: 0,
        rebalanceTimeoutMs: 60_000,
        topology: topologyOf(subtopology('0', { sourceTopics: ['orders'] })),
        activeTasks: [],
        standbyTasks: [],
        warmupTasks: [],
        processId: 'p',
      });
    const { errorCode, memberEpoch } = await beat(0);
    expect(errorCode).to.equal(Errors.NONE);
    const group = await only();
    expect(group).to.include({ type: 'streams', state: 'Stable', assignor: 'sticky', epoch: memberEpoch });
    expect(group.members[0]).to.deep.include({
      ...CLIENT,
      memberId: 'a',
      epoch: memberEpoch,
      assignment: ['0_0', '0_1', '0_2'],
      target: ['0_0', '0_1', '0_2'],
      standbyTasks: [],
      warmupTasks: [],
    });
  });

  it('stand in the order of their ids, and outlive the broker', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'ottla-groups-'));
    const start = () => startBroker({ dataDir, topics: { orders: 3 }, config: { 'offsets.topic.num.partitions': 4 } });
    let durable = await start();
    try {
      const raw = await RawClient.connect(durable.port);
      const ids = ['c', 'a', 'b'];
      for (const id of ids) {
        await until(async () => {
          await raw.ask(FindCoordinator, 4, { keyType: 0, coordinatorKeys: [id] });
          const { topics } = await raw.ask(OffsetCommit, 9, commitOf(id, -1, '', 1));
          return topics[0]?.partitions[0]?.errorCode === Errors.NONE;
        });
      }
      raw.destroy();
      await durable.close();
      durable = await start();
      // While they are being loaded this rejects.
      await until(() =>
        durable.groups().then(
          (groups) => groups.map(({ groupId }) => groupId).join() === 'a,b,c',
          ({ message }: Error) => {
            expect(message).to.equal('groups cannot be told now: COORDINATOR_LOAD_IN_PROGRESS');
            return false;
          },
        ),
      );
    } finally {
      await durable.close();
      rmSync(dataDir, { recursive: true, force: true });
    }
  });
});

/** Asks again until it is so. A refusal comes in the same turn: between two questions the broker gets one of its own. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  const patience = new Patience(5000, () => undefined);
  try {
    while (!(await isSo())) {
      if (patience.isOver) throw new Error('it never came to be so');
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    patience.stop();
  }
}

function commitOf(groupId: string, generationIdOrMemberEpoch: number, memberId: string, committedOffset: number) {
  const partitions = [{ partitionIndex: 1, committedOffset, committedLeaderEpoch: -1, committedMetadata: 'note' }];
  return { groupId, generationIdOrMemberEpoch, memberId, topics: [{ name: 'orders', partitions }] };
}
