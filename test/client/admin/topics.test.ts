// Topics, configs and offsets of a broker of our own, by the Admin.
import { expect } from 'chai';
import { Admin, allOf, ClientError, ClusterClient, Producer, valueOf } from '../../../src/client/index.ts';
import { startBroker } from '../../../src/index.ts';

type Broker = Awaited<ReturnType<typeof startBroker>>;

describe('Admin: topics', () => {
  let broker: Broker;
  let client: ClusterClient;
  let admin: Admin;

  before(async () => {
    broker = await startBroker({ port: 0, memory: true });
    client = new ClusterClient({ brokers: broker.bootstrapServers });
    admin = client.admin();
  });

  after(async () => {
    await admin.close();
    await client.close();
    await broker.close();
  });

  it('makes topics, says what came of each, and tells of them', async () => {
    const made = await admin.createTopics([
      { name: 'plain', partitions: 3, replicationFactor: 1, configs: { 'retention.ms': '1000' } },
      { name: 'placed', assignments: { 0: [1], 1: [1] } },
      { name: 'no/name' },
    ]);
    const plain = valueOf(made.get('plain') as NonNullable<ReturnType<typeof made.get>>);
    expect(plain).to.deep.include({ partitions: 3, replicationFactor: 1 });
    expect(plain.configs?.find(({ name }) => name === 'retention.ms')).to.deep.include({
      value: '1000',
      source: 'DYNAMIC_TOPIC_CONFIG',
    });
    const refused = made.get('no/name');
    expect(refused).to.be.instanceOf(ClientError);
    expect(refused).to.deep.include({ code: 'INVALID_TOPIC_EXCEPTION', retriable: false });
    expect((await admin.listTopics()).map(({ name }) => name).sort()).to.deep.equal(['placed', 'plain']);
    const described = allOf(await admin.describeTopics(['placed'], { includeAuthorizedOperations: true })).get(
      'placed',
    );
    expect(
      described?.partitions.map(({ partition, leader, replicas, isr }) => [partition, leader, replicas, isr]),
    ).to.deep.equal([
      [0, 1, [1], [1]],
      [1, 1, [1], [1]],
    ]);
    const byId = allOf(await admin.describeTopicsById([described?.topicId ?? '']));
    expect([...byId.values()][0]?.name).to.equal('placed');
  });

  it('describes topics page by page', async () => {
    const described = allOf(await admin.describeTopics(['plain', 'placed'], { partitionsPerAnswer: 2 }));
    expect([...described].map(([name, { partitions }]) => [name, partitions.length])).to.deep.equal([
      ['plain', 3],
      ['placed', 2],
    ]);
    const unknown = (await admin.describeTopics(['nowhere'])).get('nowhere');
    expect((unknown as ClientError).code).to.equal('UNKNOWN_TOPIC_OR_PARTITION');
  });

  it('only says whether it would work', async () => {
    const made = await admin.createTopics([{ name: 'dry' }], { validateOnly: true });
    expect(made.get('dry')).not.to.be.instanceOf(ClientError);
    expect((await admin.listTopics()).map(({ name }) => name)).not.to.include('dry');
  });

  it('grows topics', async () => {
    const grown = await admin.createPartitions({ placed: { totalCount: 3 }, plain: { totalCount: 1 } });
    expect(grown.get('placed')).to.equal(undefined);
    expect((grown.get('plain') as ClientError).code).to.equal('INVALID_PARTITIONS');
    expect(allOf(await admin.describeTopics(['placed'])).get('placed')?.partitions).to.have.length(3);
  });

  it('tells where partitions begin and end, and deletes records before an offset', async () => {
    await using producer = new Producer({ client });
    for (let index = 0; index < 5; index++) {
      await producer.send('plain', { value: `${index}`, partition: 0, timestamp: 1000 + index });
    }
    const at = { topic: 'plain', partition: 0 };
    const offsetsOf = async () =>
      (
        await admin.listOffsets([
          { ...at, spec: 'earliest' },
          { ...at, spec: 'latest' },
          { ...at, spec: 'maxTimestamp' },
          { ...at, spec: { timestamp: 1003 } },
          { topic: 'plain', partition: 1, spec: 'latest' },
        ])
      ).map(({ result }) => valueOf(result).offset);
    expect(await offsetsOf()).to.deep.equal([0, 5, 4, 3, 0]);
    const [deleted] = await admin.deleteRecords([{ ...at, beforeOffset: 2 }]);
    expect(deleted?.result).to.deep.equal({ lowWatermark: 2 });
    expect(await offsetsOf()).to.deep.equal([2, 5, 4, 3, 0]);
    const [missing] = await admin
      .listOffsets([{ topic: 'nowhere', partition: 0, spec: 'latest' }], { timeoutMs: 50 })
      .catch((error: unknown) => [{ result: error }]);
    expect(missing?.result).to.be.instanceOf(ClientError);
  });

  it('reads and changes configs key by key', async () => {
    const topic = { type: 'TOPIC', name: 'plain' } as const;
    const [changed, refused] = await admin.incrementalAlterConfigs([
      {
        ...topic,
        changes: [
          { name: 'cleanup.policy', operation: 'APPEND', value: 'compact' },
          { name: 'retention.ms', operation: 'DELETE' },
        ],
      },
      { type: 'TOPIC', name: 'nowhere', changes: [{ name: 'retention.ms', operation: 'SET', value: '1' }] },
    ]);
    expect(changed?.result).to.equal(undefined);
    expect((refused?.result as ClientError | undefined)?.code).to.equal('UNKNOWN_TOPIC_OR_PARTITION');
    const [described] = await admin.describeConfigs([{ ...topic, keys: ['cleanup.policy', 'retention.ms'] }], {
      includeSynonyms: true,
      includeDocumentation: true,
    });
    const entries = valueOf(described?.result ?? []);
    const policy = entries.find(({ name }) => name === 'cleanup.policy');
    expect(policy).to.deep.include({
      value: 'delete,compact',
      source: 'DYNAMIC_TOPIC_CONFIG',
      type: 'LIST',
      isDefault: false,
    });
    expect(policy?.synonyms[0]).to.deep.equal({
      name: 'cleanup.policy',
      value: 'delete,compact',
      source: 'DYNAMIC_TOPIC_CONFIG',
    });
    expect(policy?.documentation).to.be.a('string');
    expect(entries.find(({ name }) => name === 'retention.ms')?.isDefault).to.equal(true);
    const [ofBroker] = await admin.describeConfigs([{ type: 'BROKER', name: '1', keys: ['log.retention.ms'] }]);
    expect(valueOf(ofBroker?.result ?? []).map(({ name }) => name)).to.deep.equal(['log.retention.ms']);
  });

  it('deletes topics by name and by id', async () => {
    const id = allOf(await admin.describeTopics(['placed'])).get('placed')?.topicId ?? '';
    const deleted = await admin.deleteTopics(['plain', { topicId: id }, 'nowhere']);
    expect([deleted.get('plain'), deleted.get(id)]).to.deep.equal([undefined, undefined]);
    expect((deleted.get('nowhere') as ClientError).code).to.equal('UNKNOWN_TOPIC_OR_PARTITION');
    expect(await admin.listTopics()).to.deep.equal([]);
  });

  it('describes the cluster, and rejects with typed errors', async () => {
    const { nodes, controllerId, clusterId } = await admin.describeCluster();
    expect(nodes).to.deep.equal([{ id: 1, host: '127.0.0.1', port: broker.port, rack: undefined, isFenced: false }]);
    expect([controllerId, typeof clusterId]).to.deep.equal([1, 'string']);
    const closed = client.admin();
    await closed.close();
    expect(await closed.listTopics().catch((error: unknown) => error)).to.deep.include({ name: 'ClosedError' });
    const reason = new Error('enough');
    expect(await admin.listTopics({ signal: AbortSignal.abort(reason) }).catch((error: unknown) => error)).to.equal(
      reason,
    );
  });
});
