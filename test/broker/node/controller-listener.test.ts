// A listener of the controller (KIP-919), for tools with --bootstrap-controller.
import { expect } from 'chai';
import { Errors } from '../../../src/protocol/index.ts';
import { Metadata } from '../../../src/protocol/messages/03-metadata.ts';
import { ApiVersions } from '../../../src/protocol/messages/18-api-versions.ts';
import { CreateTopics } from '../../../src/protocol/messages/19-create-topics.ts';
import { DescribeCluster } from '../../../src/protocol/messages/60-describe-cluster.ts';
import { LiveBroker } from '../live-broker.ts';
import { RawClient } from '../raw-client.ts';

const LISTENERS = {
  listeners: 'PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:0',
  'controller.listener.names': 'CONTROLLER',
};

describe('A listener of the controller', () => {
  let broker: LiveBroker;
  let client: RawClient;
  let port: number;

  before(async () => {
    broker = await LiveBroker.start(LISTENERS);
    port = broker.node.image.cluster.controllers.get(1)?.listeners[0]?.port ?? 0;
    client = await RawClient.connect(port);
  });
  after(async () => {
    client.destroy();
    await broker.close();
  });

  it('is registered with the port that it has', () => {
    expect(port).to.be.greaterThan(0);
    expect(port).to.not.equal(broker.port);
  });

  it('describes controllers, not brokers', async () => {
    const ask = (endpointType: number) =>
      client.ask(DescribeCluster, 1, { includeClusterAuthorizedOperations: false, endpointType });
    const answer = await ask(2);
    expect(answer).to.deep.include({ errorCode: Errors.NONE, endpointType: 2, controllerId: 1 });
    expect(answer.brokers).to.deep.equal([{ brokerId: 1, host: '127.0.0.1', port, rack: null, isFenced: false }]);
    expect((await ask(1)).errorCode).to.equal(Errors.MISMATCHED_ENDPOINT_TYPE);
  });

  it('changes the cluster', async () => {
    const { topics } = await client.ask(CreateTopics, 7, {
      topics: [{ name: 'via', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
      timeoutMs: 1000,
      validateOnly: false,
    });
    expect(topics[0]?.errorCode).to.equal(Errors.NONE);
    expect(broker.node.image.topics.byName.has('via')).to.equal(true);
  });

  it('serves what it announces, and nothing of brokers', async () => {
    const { apiKeys } = await client.ask(ApiVersions, 4, { clientSoftwareName: 'a', clientSoftwareVersion: '1' });
    expect(apiKeys.map(({ apiKey }) => apiKey)).to.deep.equal([
      1, 17, 18, 19, 20, 29, 30, 31, 32, 33, 36, 37, 38, 39, 40, 43, 44, 45, 46, 49, 51, 52, 53, 54, 55, 56, 57, 58, 59,
      60, 62, 63, 64, 67, 70, 73, 80, 81, 82,
    ]);
    const other = await RawClient.connect(port);
    const asked = other.ask(Metadata, 12, {
      topics: [],
      allowAutoTopicCreation: false,
      includeTopicAuthorizedOperations: false,
    });
    expect(await asked.catch(() => 'closed')).to.equal('closed');
    other.destroy();
  });
});
