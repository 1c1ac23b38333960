// The Admin before brokers that are older: what they do not know is asked for in the older way, or refused.
import { expect } from 'chai';
import { Admin, allOf, type ClientError, Producer, valueOf } from '../../../src/client/index.ts';
import { startBroker } from '../../../src/index.ts';
import { OldBroker, type OldVersions } from './old-broker.ts';

type Broker = Awaited<ReturnType<typeof startBroker>>;

/** What Kafka 2.1 told of the APIs that the Admin asks for. */
const KAFKA_2_1: OldVersions = {
  0: 7,
  1: 10,
  2: 4,
  3: 7,
  8: 6,
  9: 5,
  10: 2,
  13: 2,
  15: 2,
  16: 2,
  18: 2,
  19: 3,
  20: 3,
  21: 1,
  22: 1,
  29: 1,
  30: 1,
  31: 1,
  32: 2,
  33: 1,
  34: 1,
  35: 1,
  37: 1,
  38: 1,
  39: 1,
  40: 1,
  41: 1,
  42: 1,
  43: -1,
  44: -1,
  45: -1,
  46: -1,
  47: -1,
  48: -1,
  49: -1,
  50: -1,
  51: -1,
  55: -1,
  57: -1,
  60: -1,
  61: -1,
  64: -1,
  65: -1,
  66: -1,
  68: -1,
  69: -1,
  74: -1,
  75: -1,
  76: -1,
  77: -1,
  80: -1,
  81: -1,
  88: -1,
  89: -1,
  90: -1,
  91: -1,
  92: -1,
};

const PLACE = { topic: 'orders', partition: 0 };

describe('Admin: older brokers', () => {
  let old: OldBroker;
  let broker: Broker;
  let admin: Admin;
  let brokers: string;

  before(async () => {
    old = new OldBroker();
    const port = await old.listen();
    old.versions = KAFKA_2_1;
    brokers = `127.0.0.1:${port}`;
    broker = await startBroker({ port: 0, memory: true, topics: { orders: 2 } });
    old.target = broker.port;
    admin = new Admin({ brokers });
  });

  after(async () => {
    await admin.close();
    await old.close();
    await broker.close();
  });

  const codeOf = async (work: Promise<unknown>) => ((await work.catch((error: unknown) => error)) as ClientError).code;

  it('describes topics and the cluster by Metadata', async () => {
    const topics = allOf(await admin.describeTopics(['orders'], { includeAuthorizedOperations: true }));
    expect(topics.get('orders')).to.deep.include({ topicId: undefined, authorizedOperations: undefined });
    expect(topics.get('orders')?.partitions).to.have.length(2);
    expect((await admin.describeTopics(['nowhere'])).get('nowhere')).to.deep.include({
      code: 'UNKNOWN_TOPIC_OR_PARTITION',
    });
    const { nodes } = await admin.describeCluster({ includeAuthorizedOperations: true });
    expect(nodes.map(({ host, port }) => `${host}:${port}`)).to.deep.equal([brokers]);
    expect(await codeOf(admin.describeTopicsById(['AAAAAAAAAAAAAAAAAAAAAg']))).to.equal('UNSUPPORTED_VERSION');
    expect(await codeOf(admin.describeCluster({ includeFencedBrokers: true }))).to.equal('UNSUPPORTED_VERSION');
  });

  it('makes, grows and deletes topics', async () => {
    const made = allOf(await admin.createTopics([{ name: 'made', partitions: 1, replicationFactor: 1 }]));
    expect(made.get('made')).to.deep.equal({
      topicId: undefined,
      partitions: undefined,
      replicationFactor: undefined,
      configs: undefined,
    });
    allOf(await admin.createPartitions({ made: { totalCount: 2 } }));
    expect(await codeOf(admin.deleteTopics([{ topicId: 'AAAAAAAAAAAAAAAAAAAAAg' }]))).to.equal('UNSUPPORTED_VERSION');
    allOf(await admin.deleteTopics(['made']));
    expect((await admin.listTopics()).map(({ name }) => name)).to.deep.equal(['orders']);
  });

  it('changes configs one by one by writing all of them', async () => {
    const topic = { type: 'TOPIC', name: 'orders' } as const;
    const alter = async (name: string, operation: 'SET' | 'DELETE' | 'APPEND' | 'SUBTRACT', value?: string) => {
      const change = { name, operation, ...(value !== undefined && { value }) };
      const [altered] = await admin.incrementalAlterConfigs([{ ...topic, changes: [change] }]);
      expect(altered?.result).to.equal(undefined);
    };
    const own = async () => {
      const [described] = await admin.describeConfigs([topic], { includeDocumentation: true });
      const entries = valueOf(described?.result ?? []).filter(({ source }) => source === 'DYNAMIC_TOPIC_CONFIG');
      return Object.fromEntries(entries.map(({ name, value }) => [name, value]));
    };
    const before = await own();
    await alter('retention.ms', 'SET', '1000');
    await alter('cleanup.policy', 'APPEND', 'compact');
    expect(await own()).to.deep.equal({ ...before, 'retention.ms': '1000', 'cleanup.policy': 'delete,compact' });
    await alter('cleanup.policy', 'SUBTRACT', 'delete');
    await alter('retention.ms', 'DELETE');
    expect(await own()).to.deep.equal({ ...before, 'cleanup.policy': 'compact' });
    await alter('cleanup.policy', 'DELETE');
  });

  it('asks for coordinators and offsets one by one', async () => {
    for (const group of ['one', 'two']) await admin.alterConsumerGroupOffsets(group, [{ ...PLACE, offset: 1 }]);
    const offsets = allOf(await admin.listConsumerGroupOffsets(['one', 'two']));
    expect([...offsets.values()].map(([first]) => first?.result)).to.deep.equal([
      { offset: 1, leaderEpoch: undefined, metadata: '' },
      { offset: 1, leaderEpoch: undefined, metadata: '' },
    ]);
    const described = allOf(await admin.describeConsumerGroups(['one', 'two'], { includeAuthorizedOperations: true }));
    expect([...described.values()].map(({ type, state }) => [type, state])).to.deep.equal([
      ['Classic', 'Empty'],
      ['Classic', 'Empty'],
    ]);
    const { groups } = await admin.listGroups();
    expect(groups[0]).to.deep.include({ type: undefined, state: undefined, isSimpleConsumerGroup: true });
    const { groups: none, errors } = await admin.listGroups({ types: ['Share'] });
    expect([none, errors[0]?.code]).to.deep.equal([[], 'UNSUPPORTED_VERSION']);
    const leaving = { members: [{ memberId: 'm' }] };
    expect(await codeOf(admin.removeMembersFromConsumerGroup('one', leaving))).to.equal('UNSUPPORTED_VERSION');
    allOf(await admin.deleteConsumerGroups(['one', 'two']));
  });

  it('reads and deletes records, and refuses offsets that the broker cannot tell', async () => {
    await using producer = new Producer({ brokers });
    await producer.send('orders', { value: 'x', partition: 0 });
    const [latest, largest] = await admin.listOffsets([
      { ...PLACE, spec: 'latest' },
      { ...PLACE, spec: 'maxTimestamp' },
    ]);
    expect(latest?.result).to.deep.include({ offset: 1 });
    expect((largest?.result as ClientError | undefined)?.code).to.equal('UNSUPPORTED_VERSION');
    const [deleted] = await admin.deleteRecords([{ ...PLACE, beforeOffset: 1 }]);
    expect(deleted?.result).to.deep.equal({ lowWatermark: 1 });
  });

  it('refuses what came later', async () => {
    const codes = await Promise.all([
      codeOf(admin.electLeaders('PREFERRED')),
      codeOf(admin.listPartitionReassignments()),
      codeOf(admin.describeClientQuotas()),
      codeOf(admin.describeUserScramCredentials()),
      codeOf(admin.describeMetadataQuorum()),
      codeOf(admin.unregisterBroker(1)),
      codeOf(admin.listClientMetricsResources()),
      codeOf(admin.updateFeatures({ 'metadata.version': { level: 7 } })),
      codeOf(admin.createDelegationToken({ owner: { type: 'User', name: 'bob' } })),
      codeOf(admin.deleteConsumerGroupOffsets('g', [PLACE])),
    ]);
    expect(new Set(codes)).to.deep.equal(new Set(['UNSUPPORTED_VERSION']));
    const [producers] = await admin.describeProducers([PLACE]);
    expect((producers?.result as ClientError | undefined)?.name).to.equal('UnsupportedVersionError');
    expect([...(await admin.listTransactions()).values()][0]).to.deep.include({ code: 'UNSUPPORTED_VERSION' });
  });
});
