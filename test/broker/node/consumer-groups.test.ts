// Consumer groups of KIP-848 end to end, over the socket of a whole broker: joins and heartbeats, what is found after a start, the
// feature that turns them on, and the groups of many members.
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { type Broker, startBroker } from '../../../src/index.ts';
import { Errors } from '../../../src/protocol/index.ts';
import { OffsetCommit } from '../../../src/protocol/messages/08-offset-commit.ts';
import { OffsetFetch } from '../../../src/protocol/messages/09-offset-fetch.ts';
import { FindCoordinator } from '../../../src/protocol/messages/10-find-coordinator.ts';
import { ListGroups } from '../../../src/protocol/messages/16-list-groups.ts';
import { ApiVersions } from '../../../src/protocol/messages/18-api-versions.ts';
import { CreateTopics } from '../../../src/protocol/messages/19-create-topics.ts';
import { UpdateFeatures } from '../../../src/protocol/messages/57-update-features.ts';
import { ConsumerGroupHeartbeat } from '../../../src/protocol/messages/68-consumer-group-heartbeat.ts';
import { ConsumerGroupDescribe } from '../../../src/protocol/messages/69-consumer-group-describe.ts';
import { eventually } from '../live-broker.ts';
import { RawClient } from '../raw-client.ts';

const CONFIG = {
  'offsets.topic.num.partitions': 2,
  'ottla.coordinator.topic.wait': true,
  'group.consumer.assignment.interval.ms': 0,
};
const UPGRADE = 1;
const SAFE_DOWNGRADE = 2;

describe('Consumer groups of KIP-848', function () {
  this.timeout(60_000);
  let broker: Broker;
  let client: RawClient;

  const start = async (options: Parameters<typeof startBroker>[0]): Promise<void> => {
    broker = await startBroker({ config: CONFIG, ...options });
    client = await RawClient.connect(broker.port);
  };
  const stop = async (): Promise<void> => {
    client.destroy();
    await broker.close();
  };
  const createTopic = async (name: string, numPartitions: number): Promise<void> => {
    const topics = [{ name, numPartitions, replicationFactor: 1, assignments: [], configs: [] }];
    await client.ask(CreateTopics, 7, { topics, timeoutMs: 5_000, validateOnly: false });
  };
  const beat = async (groupId: string, memberId: string, memberEpoch: number, part = {}) => {
    await client.ask(FindCoordinator, 4, { keyType: 0, coordinatorKeys: [groupId] });
    for (;;) {
      const answer = await client.ask(ConsumerGroupHeartbeat, 1, { groupId, memberId, memberEpoch, ...part });
      if (answer.errorCode !== Errors.COORDINATOR_LOAD_IN_PROGRESS && answer.errorCode !== Errors.NOT_COORDINATOR) {
        return answer;
      }
    }
  };
  const join = (groupId: string, memberId: string, topics: string[], part = {}) =>
    beat(groupId, memberId, 0, {
      rebalanceTimeoutMs: 30_000,
      subscribedTopicNames: topics,
      topicPartitions: [],
      ...part,
    });
  const describe_ = async (groupId: string) =>
    (await client.ask(ConsumerGroupDescribe, 1, { groupIds: [groupId], includeAuthorizedOperations: true })).groups[0];

  it('are joined, described, listed, committed to and left', async () => {
    await start({ memory: true });
    try {
      await createTopic('orders', 3);
      const joined = await join('g', 'a', ['orders']);
      expect(joined).to.include({ errorCode: 0, memberEpoch: 2 });
      expect(joined.assignment?.topicPartitions[0]?.partitions).to.deep.equal([0, 1, 2]);
      const described = await describe_('g');
      expect(described).to.include({ groupState: 'Stable', groupEpoch: 2, assignorName: 'uniform' });
      expect(described?.authorizedOperations).to.be.greaterThan(0);
      expect(described?.members[0]).to.include({ memberId: 'a', memberType: 1, subscribedTopicRegex: '' });
      const { groups } = await client.ask(ListGroups, 5, { statesFilter: [], typesFilter: ['consumer'] });
      expect(groups.map(({ groupId, groupState }) => [groupId, groupState])).to.deep.equal([['g', 'Stable']]);
      const commit = async (epoch: number, version: number): Promise<number | undefined> => {
        const partitions = [{ partitionIndex: 0, committedOffset: 7, committedMetadata: '' }];
        const who = { groupId: 'g', generationIdOrMemberEpoch: epoch, memberId: 'a' };
        const answer = await client.ask(OffsetCommit, version, { ...who, topics: [{ name: 'orders', partitions }] });
        return answer.topics[0]?.partitions[0]?.errorCode;
      };
      expect(await commit(2, 9)).to.equal(Errors.NONE);
      expect(await commit(3, 9)).to.equal(Errors.STALE_MEMBER_EPOCH);
      expect(await commit(2, 8)).to.equal(Errors.UNSUPPORTED_VERSION);
      const fetch = async (memberEpoch: number): Promise<number | undefined> => {
        const asked = [{ groupId: 'g', memberId: 'a', memberEpoch, topics: null }];
        return (await client.ask(OffsetFetch, 9, { groups: asked, requireStable: false })).groups?.[0]?.errorCode;
      };
      expect([await fetch(2), await fetch(1)]).to.deep.equal([Errors.NONE, Errors.STALE_MEMBER_EPOCH]);
      expect(await beat('g', 'a', -1)).to.include({ errorCode: 0, memberEpoch: -1 });
      expect((await describe_('g'))?.groupState).to.equal('Empty');
    } finally {
      await stop();
    }
  });

  it('give a member that read other topics its partitions by a regular expression, once it is resolved', async () => {
    await start({ memory: true });
    try {
      await createTopic('logs-1', 1);
      await createTopic('logs-2', 1);
      const joined = await join('g', 'a', [], { subscribedTopicRegex: 'logs-.*' });
      expect(joined).to.include({ errorCode: 0, memberEpoch: 1 });
      let answer = joined;
      await eventually('the expression is resolved', async () => {
        answer = await beat('g', 'a', 1);
        return answer.memberEpoch !== 1;
      });
      expect(answer.assignment?.topicPartitions).to.have.length(2);
      expect((await join('h', 'a', [], { subscribedTopicRegex: '(' })).errorCode).to.equal(
        Errors.INVALID_REGULAR_EXPRESSION,
      );
    } finally {
      await stop();
    }
  });

  it('are what they were after the broker was started anew', async () => {
    const directory = mkdtempSync(joinPath(tmpdir(), 'ottla-kip848-'));
    try {
      await start({ dataDir: directory });
      await createTopic('orders', 2);
      await join('g', 'a', ['orders']);
      await join('g', 'b', ['orders']);
      const before = await describe_('g');
      await stop();
      await start({ dataDir: directory });
      await beat('g', 'nobody', 5);
      expect(await describe_('g')).to.deep.equal(before);
      const topicId = before?.members[0]?.assignment.topicPartitions[0]?.topicId ?? '';
      const gave = await beat('g', 'a', 2, { topicPartitions: [{ topicId, partitions: [0] }] });
      expect(gave).to.include({ errorCode: 0, memberEpoch: 3 });
      await stop();
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  it('are served while group.version is 1, which it is on a fresh broker', async () => {
    await start({ memory: true });
    try {
      const level = async (): Promise<number | undefined> => {
        const { finalizedFeatures } = await client.ask(ApiVersions, 4, {
          clientSoftwareName: 'x',
          clientSoftwareVersion: '1',
        });
        return finalizedFeatures.find(({ name }) => name === 'group.version')?.maxVersionLevel;
      };
      const update = async (maxVersionLevel: number, upgradeType: number): Promise<number> => {
        const featureUpdates = [{ feature: 'group.version', maxVersionLevel, upgradeType }];
        return (await client.ask(UpdateFeatures, 1, { timeoutMs: 5_000, featureUpdates, validateOnly: false }))
          .errorCode;
      };
      expect(await level()).to.equal(1);
      expect(await update(0, SAFE_DOWNGRADE)).to.equal(Errors.NONE);
      expect(await level()).to.equal(undefined);
      expect((await join('g', 'a', ['t'])).errorCode).to.equal(Errors.UNSUPPORTED_VERSION);
      expect((await describe_('g'))?.errorCode).to.equal(Errors.UNSUPPORTED_VERSION);
      expect(await update(1, UPGRADE)).to.equal(Errors.NONE);
      expect((await join('g', 'a', ['t'])).errorCode).to.equal(Errors.NONE);
    } finally {
      await stop();
    }
  });
});
