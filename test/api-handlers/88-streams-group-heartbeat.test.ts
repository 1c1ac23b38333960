// Streams groups over the socket: the topics of an application are made behind its heartbeats, and where the protocol ends.
import { expect } from 'chai';
import { Errors } from '../../src/protocol/index.ts';
import { Metadata } from '../../src/protocol/messages/03-metadata.ts';
import { FindCoordinator } from '../../src/protocol/messages/10-find-coordinator.ts';
import { UpdateFeatures } from '../../src/protocol/messages/57-update-features.ts';
import {
  StreamsGroupHeartbeat,
  type StreamsGroupHeartbeatRequest,
} from '../../src/protocol/messages/88-streams-group-heartbeat.ts';
import { StreamsGroupDescribe } from '../../src/protocol/messages/89-streams-group-describe.ts';
import { LiveBroker } from '../broker/live-broker.ts';
import type { RawClient } from '../broker/raw-client.ts';
import { subtopology, topic, topologyOf } from '../group-coordinator/streams/streams-bench.ts';

const CONFIG = {
  'ottla.coordinator.topic.wait': 'true',
  'offsets.topic.num.partitions': '1',
  'group.streams.initial.rebalance.delay.ms': '0',
  'group.streams.assignment.interval.ms': '0',
};
type Topology = NonNullable<StreamsGroupHeartbeatRequest['topology']>;

const withChangelog = (name: string, configs: Record<string, string> = {}): Topology => {
  const entries = Object.entries(configs).map(([key, value]) => ({ key, value }));
  return topologyOf(subtopology('0', { sourceTopics: ['in'], stateChangelogTopics: [topic(name, 0, entries)] }));
};

describe('StreamsGroupHeartbeat over the socket', () => {
  let broker: LiveBroker;
  let client: RawClient;

  async function start(config: Readonly<Record<string, string>> = {}): Promise<void> {
    broker = await LiveBroker.start({ ...CONFIG, ...config });
    client = await broker.connect();
    await client.ask(FindCoordinator, 6, { keyType: 0, coordinatorKeys: ['g'] });
  }
  afterEach(async () => {
    client.destroy();
    await broker.close();
  });

  const beat = (memberEpoch: number, topology: Topology | null = null, groupId = 'g') => {
    const tasks = topology === null ? null : [];
    return client.ask(StreamsGroupHeartbeat, 0, {
      groupId,
      memberId: 'm',
      memberEpoch,
      endpointInformationEpoch: 0,
      rebalanceTimeoutMs: topology === null ? -1 : 60_000,
      topology,
      activeTasks: tasks,
      standbyTasks: tasks,
      warmupTasks: tasks,
      processId: 'p',
    });
  };
  const describeGroup = async () =>
    (await client.ask(StreamsGroupDescribe, 0, { groupIds: ['g'], includeAuthorizedOperations: true })).groups[0];

  /** Beats until the status is `wanted`. */
  async function until(memberEpoch: number, wanted: RegExp) {
    for (let turn = 0; turn < 200; turn++) {
      const answer = await beat(memberEpoch);
      expect(answer.errorCode).to.equal(Errors.NONE);
      if (wanted.test(answer.status?.[0]?.statusDetail ?? '')) return answer;
      memberEpoch = answer.memberEpoch;
      await new Promise((resolve) => setImmediate(resolve));
    }
    throw new Error(`no status like ${wanted}`);
  }

  it('makes the internal topics, and gives the tasks', async () => {
    await start();
    await broker.createTopic('in', {}, 3);
    const joined = await beat(0, withChangelog('g-s-changelog', { 'cleanup.policy': 'compact' }));
    expect(joined.status?.[0]?.statusDetail).to.equal('Internal topics are missing: g-s-changelog');
    const ready = await until(joined.memberEpoch, /^$/);
    expect(ready.memberEpoch).to.equal(3);
    const { topics } = await client.ask(Metadata, 9, {
      topics: [{ name: 'g-s-changelog' }],
      allowAutoTopicCreation: false,
    });
    expect(topics[0]?.partitions.length).to.equal(3);
    const group = await describeGroup();
    expect(group?.members[0]?.assignment.activeTasks).to.deep.equal([{ subtopologyId: '0', partitions: [0, 1, 2] }]);
    expect(group?.authorizedOperations).not.to.equal(-2147483648);
  });

  it('tells why an internal topic cannot be made', async () => {
    await start();
    await broker.createTopic('in');
    const { memberEpoch } = await beat(0, withChangelog('g-s-changelog', { 'no.such.config': 'x' }));
    const told = await until(memberEpoch, /Creation failed/);
    expect(told.status?.[0]).to.deep.equal({
      statusCode: 3,
      statusDetail:
        'Internal topics are missing: g-s-changelog; Creation failed: g-s-changelog (Unknown topic config name: no.such.config).',
    });
  });

  it('refuses topics that are the broker’s own, and names that no topic can have', async () => {
    await start();
    const own = await beat(0, withChangelog('__consumer_offsets'));
    expect([own.errorCode, own.errorMessage]).to.deep.equal([
      Errors.STREAMS_INVALID_TOPOLOGY,
      'Use of Kafka internal topics __consumer_offsets in a Kafka Streams topology is prohibited.',
    ]);
    const impossible = await beat(0, withChangelog('a b'));
    expect(impossible.errorMessage).to.equal('Topic names a b are not valid topic names.');
  });

  it('is not served where the configs do not have it', async () => {
    await start({ 'group.coordinator.rebalance.protocols': 'classic,consumer' });
    expect((await beat(0, withChangelog('c'))).errorCode).to.equal(Errors.UNSUPPORTED_VERSION);
    expect((await describeGroup())?.errorCode).to.equal(Errors.UNSUPPORTED_VERSION);
  });

  it('is served from streams.version 1 on, which a fresh cluster has and which goes down and up', async () => {
    await start();
    await broker.createTopic('in');
    await broker.createTopic('c');
    const set = async (maxVersionLevel: number, upgradeType: number): Promise<number> => {
      const featureUpdates = [{ feature: 'streams.version', maxVersionLevel, upgradeType }];
      const request = { timeoutMs: 1000, featureUpdates, validateOnly: false };
      return (await client.ask(UpdateFeatures, 2, request)).errorCode;
    };
    expect((await beat(0, withChangelog('c'))).errorCode).to.equal(Errors.NONE);
    expect(await set(0, 2)).to.equal(Errors.NONE);
    expect((await beat(2)).errorCode).to.equal(Errors.UNSUPPORTED_VERSION);
    expect(await set(1, 1)).to.equal(Errors.NONE);
    expect((await beat(2)).errorCode).to.equal(Errors.NONE);
  });
});
