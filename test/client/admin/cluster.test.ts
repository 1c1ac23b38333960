// The cluster itself, by the Admin: nodes, quorum, features, transactions, directories on one broker; reassignments and elections on
// three.
import { expect } from 'chai';
import { Admin, allOf, type ClientError, ClusterClient, Producer, valueOf } from '../../../src/client/index.ts';
import { type Cluster, startBroker, startCluster } from '../../../src/index.ts';

type Broker = Awaited<ReturnType<typeof startBroker>>;

const PLACE = { topic: 'orders', partition: 0 };

describe('Admin: one broker', () => {
  let broker: Broker;
  let client: ClusterClient;
  let admin: Admin;

  before(async () => {
    broker = await startBroker({ port: 0, memory: true, topics: { orders: 2 } });
    client = new ClusterClient({ brokers: broker.bootstrapServers });
    admin = client.admin();
  });

  after(async () => {
    await client.close();
    await broker.close();
  });

  it('describes the quorum, and refuses voters that are not there', async () => {
    const quorum = await admin.describeMetadataQuorum();
    expect(quorum).to.deep.include({ leaderId: 1, observers: [] });
    expect(quorum.voters).to.have.length(1);
    expect(quorum.voters[0]?.logEndOffset).to.be.greaterThan(0);
    expect([...quorum.nodes.keys()]).to.deep.equal([1]);
    const directoryId = 'AAAAAAAAAAAAAAAAAAAAAg';
    const gone = await admin.removeRaftVoter({ voterId: 9, directoryId }).catch((error: unknown) => error);
    expect((gone as ClientError).code).to.be.oneOf(['VOTER_NOT_FOUND', 'UNSUPPORTED_VERSION']);
    const endpoints = [{ listener: 'CONTROLLER', host: 'localhost', port: 1 }];
    const double = await admin.addRaftVoter({ voterId: 1, directoryId }, endpoints).catch((error: unknown) => error);
    expect((double as ClientError).code).to.be.oneOf(['DUPLICATE_VOTER', 'UNSUPPORTED_VERSION']);
  });

  it('describes and changes features', async () => {
    const { finalized, supported, finalizedEpoch } = await admin.describeFeatures();
    const level = finalized.get('metadata.version')?.max ?? 0;
    expect(level).to.be.greaterThan(20);
    expect(supported.get('metadata.version')?.max).to.be.at.least(level);
    expect(finalizedEpoch).to.be.at.least(0);
    expect((await admin.describeFeatures({ nodeId: 1 })).finalized).to.deep.equal(finalized);
    const updated = await admin.updateFeatures({ 'share.version': { level: 99 } }, { validateOnly: true });
    expect((updated.get('share.version') as ClientError).code).to.equal('INVALID_UPDATE_VERSION');
    const same = await admin.updateFeatures({ 'metadata.version': { level } }, { validateOnly: true });
    expect(same.get('metadata.version')).not.to.be.instanceOf(TypeError);
  });

  it('refuses to unregister who is not registered', async () => {
    const error = await admin.unregisterBroker(42).catch((one: unknown) => one);
    expect((error as ClientError).code).to.equal('BROKER_ID_NOT_REGISTERED');
  });

  it('finds transactions and producers, fences and aborts', async () => {
    await using producer = new Producer({ client, transactionalId: 'tx' });
    await producer.initTransactions();
    producer.begin();
    await producer.send('orders', { value: 'x', partition: 0 });
    const described = allOf(await admin.describeTransactions(['tx'])).get('tx');
    expect(described).to.deep.include({ coordinatorId: 1, state: 'Ongoing', partitions: [PLACE] });
    expect(described?.startedAt).to.be.a('number');
    const listed = allOf(await admin.listTransactions({ states: ['Ongoing'], transactionalIdPattern: 't.*' })).get(1);
    expect(listed).to.deep.equal([{ transactionalId: 'tx', producerId: described?.producerId, state: 'Ongoing' }]);
    expect(allOf(await admin.listTransactions({ minDurationMs: 3_600_000 })).get(1)).to.deep.equal([]);
    const [found] = await admin.describeProducers([PLACE]);
    const [one] = valueOf(found?.result ?? []);
    expect(one).to.deep.include({ producerId: described?.producerId, currentTransactionStartOffset: 0 });
    const [elsewhere] = await admin.describeProducers([{ topic: 'orders', partition: 1 }], { brokerId: 1 });
    expect(elsewhere?.result).to.deep.equal([]);
    const fenced = allOf(await admin.fenceProducers(['tx'])).get('tx');
    expect(fenced?.producerEpoch).to.be.greaterThan(described?.producerEpoch ?? 0);
    await admin.forceTerminateTransaction('tx');
    expect(allOf(await admin.describeTransactions(['tx'])).get('tx')?.startedAt).to.equal(undefined);
    const unknown = (await admin.describeTransactions(['nobody'])).get('nobody');
    expect((unknown as ClientError).code).to.equal('TRANSACTIONAL_ID_NOT_FOUND');
  });

  it('ends a transaction that hangs in a partition', async () => {
    await using producer = new Producer({ client, transactionalId: 'hanging' });
    await producer.initTransactions();
    producer.begin();
    await producer.send('orders', { value: 'x', partition: 1 });
    const place = { topic: 'orders', partition: 1 };
    const [open] = valueOf((await admin.describeProducers([place]))[0]?.result ?? []);
    const { producerId = 0, producerEpoch = 0, coordinatorEpoch = 0 } = open ?? {};
    const hanging = { ...place, producerId, producerEpoch, coordinatorEpoch: Math.max(coordinatorEpoch, 0) };
    await admin.abortTransaction(hanging);
    const [ended] = valueOf((await admin.describeProducers([place]))[0]?.result ?? []);
    expect(ended?.currentTransactionStartOffset).to.equal(undefined);
    await admin.fenceProducers(['hanging']);
  });

  it('knows the directories of brokers', async () => {
    const dirs = allOf(await admin.describeLogDirs([1])).get(1);
    const replicas = [...(dirs?.values() ?? [])].flatMap((one) => one.replicas);
    expect(
      replicas
        .filter(({ topic }) => topic === 'orders')
        .map(({ partition }) => partition)
        .sort((a, b) => a - b),
    ).to.deep.equal([0, 1]);
    const [path] = [...(dirs?.keys() ?? [])];
    const [where] = await admin.describeReplicaLogDirs([{ ...PLACE, brokerId: 1 }]);
    expect(where?.result).to.deep.include({ currentLogDir: path, futureLogDir: undefined });
    const moves = [{ ...PLACE, brokerId: 1, logDir: '/nowhere' }];
    const [moved] = await admin.alterReplicaLogDirs(moves);
    expect((moved?.result as ClientError | undefined)?.code).to.equal('LOG_DIR_NOT_FOUND');
  });

  it('lists resources that have configs', async () => {
    const changes = [{ name: 'interval.ms', operation: 'SET', value: '1000' }] as const;
    await admin.incrementalAlterConfigs([{ type: 'CLIENT_METRICS', name: 'slow', changes }]);
    expect(await admin.listClientMetricsResources()).to.deep.equal(['slow']);
    const all = await admin.listConfigResources(['CLIENT_METRICS', 'TOPIC']);
    expect(all).to.deep.include({ type: 'CLIENT_METRICS', name: 'slow' });
    expect(all).to.deep.include({ type: 'TOPIC', name: 'orders' });
  });
});

describe('Admin: three nodes', function () {
  this.timeout(120_000);
  let cluster: Cluster;
  let admin: Admin;

  before(async () => {
    cluster = await startCluster({ nodes: 3, config: { 'offsets.topic.num.partitions': 3 } });
    admin = new Admin({ brokers: cluster.bootstrapServers });
    await admin.createTopics([{ name: 'orders', assignments: { 0: [1, 2], 1: [2, 3] } }]);
  });

  after(async () => {
    await admin.close();
    await cluster.close();
  });

  async function until(
    place: typeof PLACE,
    isSo: (one: { leader: number | undefined; replicas: readonly number[]; isr: readonly number[] }) => boolean,
  ) {
    for (;;) {
      const topic = allOf(await admin.describeTopics([place.topic])).get(place.topic);
      const partition = topic?.partitions[place.partition];
      if (partition !== undefined && isSo(partition)) return partition;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  it('moves replicas, and calls it off', async () => {
    const [begun, refused] = await admin.alterPartitionReassignments([
      { ...PLACE, replicas: [3, 1] },
      { topic: 'orders', partition: 1, replicas: [9] },
    ]);
    expect(begun?.result).to.equal(undefined);
    expect((refused?.result as ClientError | undefined)?.code).to.equal('INVALID_REPLICA_ASSIGNMENT');
    await until(PLACE, ({ replicas }) => replicas.join() === '3,1');
    expect(await admin.listPartitionReassignments([PLACE])).to.deep.equal([]);
    expect(await admin.listPartitionReassignments()).to.deep.equal([]);
    const [none] = await admin.alterPartitionReassignments([{ ...PLACE, replicas: null }]);
    expect((none?.result as ClientError | undefined)?.code).to.equal('NO_REASSIGNMENT_IN_PROGRESS');
  });

  it('has the preferred replica lead', async () => {
    await until(PLACE, ({ isr }) => isr.includes(3));
    const results = await admin.electLeaders('PREFERRED', [PLACE, { topic: 'orders', partition: 9 }]);
    const codes = new Map(
      results.map(({ partition, result }) => [partition, (result as ClientError | undefined)?.code]),
    );
    expect(codes.get(0)).to.be.oneOf([undefined, 'ELECTION_NOT_NEEDED']);
    expect(codes.get(9)).to.equal('UNKNOWN_TOPIC_OR_PARTITION');
    await until(PLACE, ({ leader }) => leader === 3);
    const [unclean] = await admin.electLeaders('UNCLEAN', [PLACE]);
    expect((unclean?.result as ClientError | undefined)?.code).to.equal('ELECTION_NOT_NEEDED');
  });

  it('asks every broker for its groups, transactions and directories', async () => {
    const groups = ['a', 'b', 'c', 'd', 'e', 'f'];
    for (const group of groups) await admin.alterConsumerGroupOffsets(group, [{ ...PLACE, offset: 0 }]);
    expect((await admin.listGroups()).groups.map(({ groupId }) => groupId).sort()).to.deep.equal(groups);
    const described = allOf(await admin.describeConsumerGroups(groups));
    expect(new Set([...described.values()].map(({ coordinator }) => coordinator.id)).size).to.be.greaterThan(1);
    expect(allOf(await admin.listConsumerGroupOffsets(groups)).size).to.equal(6);
    expect([...(await admin.listTransactions()).keys()].sort((a, b) => a - b)).to.deep.equal([1, 2, 3]);
    expect(allOf(await admin.describeLogDirs([1, 2, 3])).size).to.equal(3);
    expect([...(await admin.deleteConsumerGroups(groups)).values()]).to.deep.equal(groups.map(() => undefined));
  });

  it('goes on when a broker has gone', async () => {
    await cluster.kill(2);
    const created = await admin.createTopics([{ name: 'after', partitions: 2, replicationFactor: 2 }]);
    expect(allOf(created).get('after')).to.deep.include({ partitions: 2 });
    const places = [0, 1].map((partition) => ({ topic: 'after', partition, spec: 'latest' as const }));
    const offsets = await admin.listOffsets(places);
    expect(offsets.map(({ result }) => valueOf(result).offset)).to.deep.equal([0, 0]);
  });
});
