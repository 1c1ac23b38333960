// Groups of every kind on a broker of our own, by the Admin. Members are made of bare requests.
import { expect } from 'chai';
import { type Admin, allOf, type ClientError, ClusterClient, Producer, valueOf } from '../../../src/client/index.ts';
import { startBroker } from '../../../src/index.ts';
import { type ApiSchema, encodeVersioned, Errors, type Fields, type InputOf } from '../../../src/protocol/index.ts';
import { JoinGroup } from '../../../src/protocol/messages/11-join-group.ts';
import { SyncGroup } from '../../../src/protocol/messages/14-sync-group.ts';
import { ConsumerGroupHeartbeat } from '../../../src/protocol/messages/68-consumer-group-heartbeat.ts';
import { ShareGroupHeartbeat } from '../../../src/protocol/messages/76-share-group-heartbeat.ts';
import { StreamsGroupHeartbeat } from '../../../src/protocol/messages/88-streams-group-heartbeat.ts';
import {
  consumerProtocolAssignment,
  consumerProtocolSubscription,
} from '../../../src/protocol/messages/consumer-protocol.ts';

type Broker = Awaited<ReturnType<typeof startBroker>>;

const TOPIC = 'orders';
const PLACE = { topic: TOPIC, partition: 0 };

describe('Admin: groups', () => {
  let broker: Broker;
  let client: ClusterClient;
  let admin: Admin;

  before(async () => {
    broker = await startBroker({
      port: 0,
      memory: true,
      topics: { [TOPIC]: 2 },
      config: { 'group.initial.rebalance.delay.ms': 0, 'group.share.assignment.interval.ms': 0 },
    });
    client = new ClusterClient({ brokers: broker.bootstrapServers });
    admin = client.admin();
    await using producer = new Producer({ client });
    for (let index = 0; index < 4; index++) await producer.send(TOPIC, { value: `${index}`, partition: 0 });
  });

  after(async () => {
    await client.close();
    await broker.close();
  });

  /** The coordinator may have to be made first. */
  function atCoordinator<Q extends Fields, S extends Fields>(
    groupId: string,
    api: ApiSchema<Q, S>,
    request: InputOf<Q>,
  ) {
    const deadline = client.deadlineIn(10_000);
    return client.retrying(deadline, () => client.askCoordinator('group', groupId, api, request));
  }

  /** Until it is given something. */
  async function consumerMember(groupId: string, memberId: string) {
    let memberEpoch = 0;
    for (;;) {
      const answer = await atCoordinator(groupId, ConsumerGroupHeartbeat, {
        groupId,
        memberId,
        memberEpoch,
        rebalanceTimeoutMs: 60_000,
        ...(memberEpoch === 0 && { subscribedTopicNames: [TOPIC], topicPartitions: [] }),
      });
      expect(answer.errorCode).to.equal(Errors.NONE);
      memberEpoch = answer.memberEpoch;
      if ((answer.assignment?.topicPartitions.length ?? 0) > 0) return;
    }
  }

  async function classicMember(groupId: string, protocolType: string, groupInstanceId: string | null) {
    const metadata = Buffer.from(encodeVersioned(consumerProtocolSubscription, 3, { topics: [TOPIC] }));
    const join = (memberId: string) =>
      atCoordinator(groupId, JoinGroup, {
        groupId,
        memberId,
        groupInstanceId,
        protocolType,
        sessionTimeoutMs: 45_000,
        rebalanceTimeoutMs: 60_000,
        protocols: [{ name: 'range', metadata }],
      });
    let joined = await join('');
    if (joined.errorCode === Errors.MEMBER_ID_REQUIRED) joined = await join(joined.memberId);
    expect(joined.errorCode).to.equal(Errors.NONE);
    const assignment = Buffer.from(
      encodeVersioned(consumerProtocolAssignment, 3, { assignedPartitions: [{ topic: TOPIC, partitions: [0, 1] }] }),
    );
    const { generationId, memberId } = joined;
    await atCoordinator(groupId, SyncGroup, {
      groupId,
      memberId,
      groupInstanceId,
      generationId,
      protocolType,
      protocolName: 'range',
      assignments: [{ memberId, assignment }],
    });
    return memberId;
  }

  it('lists and describes groups of KIP-848, with members and epochs', async () => {
    await consumerMember('modern', 'AAAAAAAAAAAAAAAAAAAAAg');
    const { groups, errors } = await admin.listGroups({ types: ['Consumer'] });
    expect(errors).to.deep.equal([]);
    expect(groups).to.deep.equal([
      { groupId: 'modern', type: 'Consumer', protocol: 'consumer', state: 'Stable', isSimpleConsumerGroup: false },
    ]);
    const described = await admin.describeConsumerGroups(['modern', 'nobody'], { includeAuthorizedOperations: true });
    const group = valueOf(described.get('modern') as NonNullable<ReturnType<typeof described.get>>);
    expect(group).to.deep.include({ type: 'Consumer', state: 'Stable', partitionAssignor: 'uniform' });
    expect(group.groupEpoch).to.be.at.least(1);
    expect(group.coordinator).to.deep.include({ id: 1, port: broker.port });
    expect(group.authorizedOperations).to.include.members(['READ', 'DELETE', 'DESCRIBE']);
    expect(group.members[0]).to.deep.include({
      memberId: 'AAAAAAAAAAAAAAAAAAAAAg',
      memberEpoch: group.groupEpoch,
      isUpgraded: true,
      assignment: [PLACE, { topic: TOPIC, partition: 1 }],
    });
    expect((described.get('nobody') as ClientError).code).to.equal('GROUP_ID_NOT_FOUND');
  });

  it('describes classic groups, puts members out and deletes what is empty', async () => {
    const memberId = await classicMember('classic', 'consumer', 'one');
    const connect = await classicMember('workers', 'connect', null);
    const described = await admin.describeConsumerGroups(['classic', 'workers']);
    const group = valueOf(described.get('classic') as NonNullable<ReturnType<typeof described.get>>);
    expect(group).to.deep.include({
      type: 'Classic',
      state: 'Stable',
      partitionAssignor: 'range',
      groupEpoch: undefined,
    });
    expect(group.members).to.have.length(1);
    expect(group.members[0]).to.deep.include({
      memberId,
      groupInstanceId: 'one',
      assignment: [PLACE, { topic: TOPIC, partition: 1 }],
    });
    expect((described.get('workers') as ClientError).message).to.equal(
      'GroupId workers is not a consumer group (connect).',
    );
    const classic = allOf(await admin.describeClassicGroups(['workers'])).get('workers');
    expect(classic).to.deep.include({ protocol: 'connect', protocolData: 'range' });
    expect(classic?.members.map((member) => member.memberId)).to.deep.equal([connect]);
    const busy = await admin.deleteConsumerGroups(['classic', 'nobody']);
    expect([...busy].map(([id, error]) => [id, (error as ClientError).code])).to.deep.equal([
      ['classic', 'NON_EMPTY_GROUP'],
      ['nobody', 'GROUP_ID_NOT_FOUND'],
    ]);
    const removed = await admin.removeMembersFromConsumerGroup('classic', {
      members: [{ groupInstanceId: 'one' }, { groupInstanceId: 'two' }],
      reason: 'a test',
    });
    expect(removed.get('one')).to.equal(undefined);
    expect((removed.get('two') as ClientError).code).to.equal('UNKNOWN_MEMBER_ID');
    expect([...(await admin.deleteConsumerGroups(['classic']))]).to.deep.equal([['classic', undefined]]);
    await classicMember('classic', 'consumer', null);
    expect((await admin.removeMembersFromConsumerGroup('classic')).size).to.equal(1);
    expect((await admin.removeMembersFromConsumerGroup('classic')).size).to.equal(0);
  });

  it('reads, sets and deletes committed offsets', async () => {
    const offsets = [
      { ...PLACE, offset: 3, leaderEpoch: 0, metadata: 'note' },
      { topic: TOPIC, partition: 7, offset: 1 },
    ];
    const altered = await admin.alterConsumerGroupOffsets('simple', offsets);
    expect(altered[0]?.result).to.equal(undefined);
    expect((altered[1]?.result as ClientError | undefined)?.code).to.equal('UNKNOWN_TOPIC_OR_PARTITION');
    const listed = allOf(await admin.listConsumerGroupOffsets(['simple', { groupId: 'other', partitions: [PLACE] }]));
    expect(listed.get('simple')).to.deep.equal([{ ...PLACE, result: { offset: 3, leaderEpoch: 0, metadata: 'note' } }]);
    expect(listed.get('other')).to.deep.equal([{ ...PLACE, result: null }]);
    const [group] = (await admin.listGroups({ states: ['Empty'], protocols: [''] })).groups;
    expect(group).to.deep.include({ groupId: 'simple', type: 'Classic', isSimpleConsumerGroup: true });
    expect((await admin.deleteConsumerGroupOffsets('simple', [PLACE]))[0]?.result).to.equal(undefined);
    expect(allOf(await admin.listConsumerGroupOffsets(['simple'])).get('simple')).to.deep.equal([]);
    const gone = await admin.deleteConsumerGroupOffsets('nobody', [PLACE]).catch((error: unknown) => error);
    expect((gone as ClientError).code).to.equal('GROUP_ID_NOT_FOUND');
  });

  it('describes share groups and moves their offsets', async () => {
    const groupId = 'sharing';
    const memberId = 'AAAAAAAAAAAAAAAAAAAAAw';
    const beat = (memberEpoch: number) =>
      atCoordinator(groupId, ShareGroupHeartbeat, {
        groupId,
        memberId,
        memberEpoch,
        ...(memberEpoch === 0 && { subscribedTopicNames: [TOPIC] }),
      });
    let answer = await beat(0);
    while ((answer.assignment?.topicPartitions.length ?? 0) === 0) answer = await beat(answer.memberEpoch);
    const described = allOf(await admin.describeShareGroups([groupId])).get(groupId);
    expect(described).to.deep.include({ state: 'Stable', assignor: 'simple' });
    expect(described?.members[0]?.assignment).to.deep.equal([PLACE, { topic: TOPIC, partition: 1 }]);
    const refused = await admin
      .alterShareGroupOffsets(groupId, [{ ...PLACE, startOffset: 2 }])
      .catch((e: unknown) => e);
    expect((refused as ClientError).code).to.equal('NON_EMPTY_GROUP');
    await beat(-1);
    const moved = await admin.alterShareGroupOffsets(groupId, [{ ...PLACE, startOffset: 2 }]);
    expect(moved).to.deep.equal([{ ...PLACE, result: undefined }]);
    const offsets = allOf(await admin.listShareGroupOffsets([groupId])).get(groupId);
    const first = offsets?.find(({ partition }) => partition === 0);
    expect(first?.result).to.deep.include({ startOffset: 2, lag: 2 });
    expect([...(await admin.deleteShareGroupOffsets(groupId, [TOPIC]))]).to.deep.equal([[TOPIC, undefined]]);
    expect([...(await admin.deleteShareGroups([groupId]))]).to.deep.equal([[groupId, undefined]]);
  });

  it('describes streams groups with their topology', async () => {
    const groupId = 'streaming';
    const memberId = 'AAAAAAAAAAAAAAAAAAAABA';
    const subtopology = {
      subtopologyId: '0',
      sourceTopics: [TOPIC],
      sourceTopicRegex: [],
      stateChangelogTopics: [],
      repartitionSinkTopics: [],
      repartitionSourceTopics: [],
      copartitionGroups: [],
    };
    const { errorCode } = await atCoordinator(groupId, StreamsGroupHeartbeat, {
      groupId,
      memberId,
      memberEpoch: 0,
      endpointInformationEpoch: 0,
      rebalanceTimeoutMs: 60_000,
      topology: { epoch: 3, subtopologies: [subtopology] },
      activeTasks: [],
      standbyTasks: [],
      warmupTasks: [],
      processId: 'p',
      clientTags: [{ key: 'zone', value: 'a' }],
    });
    expect(errorCode).to.equal(Errors.NONE);
    const described = allOf(await admin.describeStreamsGroups([groupId])).get(groupId);
    expect(described).to.deep.include({ groupId, topologyEpoch: 3 });
    expect(described?.subtopologies[0]).to.deep.include({ subtopologyId: '0', sourceTopics: [TOPIC] });
    expect(described?.members[0]).to.deep.include({ memberId, processId: 'p', clientTags: { zone: 'a' } });
    const unknown = (await admin.describeStreamsGroups(['nobody'])).get('nobody');
    expect((unknown as ClientError).code).to.equal('GROUP_ID_NOT_FOUND');
  });
});
