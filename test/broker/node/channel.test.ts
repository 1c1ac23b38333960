// A channel to a broker on real sockets: the same code as in the simulation, the network of the operating system.
import { expect } from 'chai';
import { Channel, ChannelError, Errors } from '../../../src/protocol/index.ts';
import { Metadata } from '../../../src/protocol/messages/03-metadata.ts';
import { ApiVersions } from '../../../src/protocol/messages/18-api-versions.ts';
import { CreateTopics } from '../../../src/protocol/messages/19-create-topics.ts';
import { DescribeCluster } from '../../../src/protocol/messages/60-describe-cluster.ts';
import { BrokerRegistration } from '../../../src/protocol/messages/62-broker-registration.ts';
import { silentLogger } from '../../../src/runtime/index.ts';
import { nodeRuntime } from '../../../src/runtime/node/index.ts';
import { LiveBroker } from '../live-broker.ts';

const ALL_TOPICS = { topics: null, allowAutoTopicCreation: false, includeTopicAuthorizedOperations: false };

describe('A channel on real sockets', () => {
  let broker: LiveBroker;
  const channels: Channel[] = [];
  const channelTo = (port: number): Channel => {
    const { clock, random, network } = nodeRuntime({ logger: silentLogger });
    const software = { name: 'ottla', version: '1' };
    const channel = new Channel({
      clock,
      random,
      network,
      logger: silentLogger,
      host: '127.0.0.1',
      port,
      clientId: 'c',
      software,
    });
    channels.push(channel);
    return channel;
  };

  beforeEach(async () => {
    broker = await LiveBroker.start();
  });
  afterEach(async () => {
    for (const channel of channels.splice(0)) channel.destroy();
    await broker.close();
  });

  it('asks a broker one thing after the other, in the newest versions', async () => {
    const channel = channelTo(broker.port);
    const names = Array.from({ length: 20 }, (_, index) => `topic${index}`);
    const created = await Promise.all(
      names.map((name) =>
        channel.ask(CreateTopics, {
          topics: [{ name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
          timeoutMs: 5000,
        }),
      ),
    );
    expect(created.map(({ topics }) => topics[0]?.name)).to.deep.equal(names);
    const { topics } = await channel.ask(Metadata, ALL_TOPICS);
    expect(topics.map(({ name }) => name)).to.have.members(names);
    const { clusterId } = await channel.ask(DescribeCluster, { includeClusterAuthorizedOperations: false });
    expect(clusterId).to.equal(broker.node.clusterId);
    expect(broker.node.connectionCount).to.equal(1);
  });

  it('is told what a broker does not serve, without asking for it', async () => {
    const refused = channelTo(broker.port).ask(BrokerRegistration, {
      brokerId: 2,
      clusterId: '',
      incarnationId: 'DDDDDDDDQw2CCCCCCCCCCA',
      listeners: [],
      features: [],
      rack: null,
    });
    const error = await refused.catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(ChannelError);
    expect(error).to.include({ fault: 'unsupported version', code: Errors.UNSUPPORTED_VERSION });
    expect(broker.lines).to.deep.equal([]);
  });

  it('closes in order, so that the broker has no connection left', async () => {
    const channel = channelTo(broker.port);
    const asked = channel.ask(Metadata, ALL_TOPICS);
    await channel.ask(ApiVersions, { clientSoftwareName: 'a', clientSoftwareVersion: '1' });
    await channel.close();
    expect((await asked).clusterId).to.equal(broker.node.clusterId);
    while (broker.node.connectionCount > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  it('says at last that nobody is there', async () => {
    const { port } = broker;
    await broker.close();
    const channel = channelTo(port);
    const error = await channel.ask(Metadata, ALL_TOPICS, { timeoutMs: 200 }).catch((reason: unknown) => reason);
    expect(error).to.include({ fault: 'timed out', code: Errors.REQUEST_TIMED_OUT });
  });
});
