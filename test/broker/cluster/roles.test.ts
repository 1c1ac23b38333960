// Nodes of one role: controllers apart from brokers, which only observe the metadata log and hand on what clients want changed.
import { expect } from 'chai';
import { type Cluster, startCluster } from '../../../src/index.ts';
import { Errors } from '../../../src/protocol/index.ts';
import { CreateTopics } from '../../../src/protocol/messages/19-create-topics.ts';
import { IncrementalAlterConfigs } from '../../../src/protocol/messages/44-incremental-alter-configs.ts';
import { DescribeQuorum } from '../../../src/protocol/messages/55-describe-quorum.ts';
import { DescribeCluster } from '../../../src/protocol/messages/60-describe-cluster.ts';
import { RawClient } from '../raw-client.ts';

describe('A controller and brokers apart', function () {
  this.timeout(60_000);
  let cluster: Cluster;

  before(async () => {
    cluster = await startCluster({ nodes: 2, controllers: 1 });
  });
  after(() => cluster?.close());

  const connect = (id: number): Promise<RawClient> => RawClient.connect(cluster.nodes[id - 1]?.port ?? 0);

  it('are told apart', () => {
    expect(cluster.nodes.map(({ id, roles }) => [id, roles.join()])).to.deep.equal([
      [1, 'broker'],
      [2, 'broker'],
      [3, 'controller'],
    ]);
    expect(cluster.controllerId).to.equal(3);
    expect(cluster.bootstrapServers.split(',')).to.have.length(2);
    expect(() => cluster.nodes[2]?.broker).to.throw('node 3 is a controller alone');
  });

  it('make what a client asks a broker for, in the version in which it asked', async () => {
    for (const [id, version] of [
      [1, 5],
      [2, 7],
    ] as const) {
      const client = await connect(id);
      const { topics } = await client.ask(CreateTopics, version, {
        topics: [{ name: `by-${id}`, numPartitions: 2, replicationFactor: 2, assignments: [], configs: [] }],
        timeoutMs: 5000,
        validateOnly: false,
      });
      expect(topics[0]).to.include({ errorCode: Errors.NONE, numPartitions: 2, replicationFactor: 2 });
      await cluster.awaitIsr(`by-${id}`, 0, [1, 2]);
      const again = await client.ask(CreateTopics, version, {
        topics: [{ name: `by-${id}`, numPartitions: 2, replicationFactor: 2, assignments: [], configs: [] }],
        timeoutMs: 5000,
        validateOnly: false,
      });
      expect(again.topics[0]).to.include({ errorCode: Errors.TOPIC_ALREADY_EXISTS });
      expect(again.topics[0]?.errorMessage).to.equal(`Topic 'by-${id}' already exists.`);
      client.destroy();
    }
  });

  it('tell of the quorum and of configs by way of a broker', async () => {
    const client = await connect(2);
    const quorum = await client.ask(DescribeQuorum, 2, {
      topics: [{ topicName: '__cluster_metadata', partitions: [{ partitionIndex: 0 }] }],
    });
    const [partition] = quorum.topics[0]?.partitions ?? [];
    expect(partition).to.include({ errorCode: Errors.NONE, leaderId: 3 });
    expect(partition?.currentVoters.map(({ replicaId }) => replicaId)).to.deep.equal([3]);
    expect(partition?.observers.map(({ replicaId }) => replicaId)).to.have.members([1, 2]);
    const { responses } = await client.ask(IncrementalAlterConfigs, 1, {
      resources: [
        {
          resourceType: 2,
          resourceName: 'by-1',
          configs: [{ name: 'retention.ms', configOperation: 0, value: '5000' }],
        },
      ],
      validateOnly: false,
    });
    expect(responses[0]?.errorCode).to.equal(Errors.NONE);
    client.destroy();
  });

  it('describe the controllers on the listener of the controller', async () => {
    const client = await connect(3);
    const { brokers, controllerId } = await client.ask(DescribeCluster, 1, {
      includeClusterAuthorizedOperations: false,
      endpointType: 2,
    });
    client.destroy();
    expect(controllerId).to.equal(3);
    expect(brokers.map(({ brokerId, port }) => [brokerId, port])).to.deep.equal([[3, cluster.nodes[2]?.port]]);
  });

  it('go on when the controller has been away', async () => {
    await cluster.kill(3);
    const client = await connect(1);
    const creation = client.ask(CreateTopics, 7, {
      topics: [{ name: 'patient', numPartitions: 1, replicationFactor: 2, assignments: [], configs: [] }],
      timeoutMs: 30_000,
      validateOnly: false,
    });
    await cluster.restart(3);
    expect((await creation).topics[0]?.errorCode).to.equal(Errors.NONE);
    await cluster.awaitIsr('patient', 0, [1, 2]);
    client.destroy();
  });
});
