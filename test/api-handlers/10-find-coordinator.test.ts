// FindCoordinator before and after the internal topic exists.
import { expect } from 'chai';
import { findCoordinator } from '../../src/api-handlers/10-find-coordinator.ts';
import { AutoTopicCreation } from '../../src/api-handlers/auto-topic-creation.ts';
import { partitionForId } from '../../src/protocol/index.ts';
import { silentLogger } from '../../src/runtime/index.ts';
import { nextTurn } from '../../src/runtime/node/index.ts';
import { MetadataBench } from './metadata-bench.ts';
import { answerOf, expectRecorded, recorded } from './recorded.ts';

const kinds = [
  { keyType: 0, topic: '__consumer_offsets', isServed: true },
  { keyType: 1, topic: '__transaction_state', isServed: false },
  { keyType: 2, topic: '__share_group_state', isServed: false },
];

function bench(waitsForInternalTopics = false) {
  const metadata = new MetadataBench();
  const created: string[] = [];
  const own = () => ({ partitions: 50, replicationFactor: 1, configs: {} });
  const internalTopics = { __consumer_offsets: own, __transaction_state: own, __share_group_state: own };
  const creation = new AutoTopicCreation(
    { isEnabled: () => false, internalTopics, waitsForInternalTopics },
    async (topics) => {
      created.push(...topics.map(({ name }) => name));
      await nextTurn();
      if (waitsForInternalTopics) for (const { name } of topics) metadata.createTopic(name, 50);
      return { topics: [] };
    },
    silentLogger,
  );
  return { metadata, created, handler: findCoordinator(metadata.identity, creation, kinds) };
}

describe('FindCoordinator', () => {
  it('sends the first asker away and makes the internal topic', async () => {
    const { created, handler } = bench();
    for (const line of recorded(/^coord\.(group\.v0|group\.v4|txn\.v1|share\.v6)$/))
      await expectRecorded(handler, line);
    expect([...new Set(created)]).to.deep.equal(['__consumer_offsets', '__transaction_state', '__share_group_state']);
  });

  it('has the first askers wait for the topic when it is told to, all for the same', async () => {
    const { created, handler } = bench(true);
    const asked = { keyType: 0, coordinatorKeys: ['g'] };
    const answers = await Promise.all([answerOf(handler, 6, asked), answerOf(handler, 6, asked)]);
    for (const { coordinators } of answers) {
      expect((coordinators as object[])[0]).to.include({ key: 'g', nodeId: 1, errorCode: 0 });
    }
    expect(created).to.deep.equal(['__consumer_offsets']);
  });

  it('names the leader of the partition of each group once the topic is there', async () => {
    const { metadata, created, handler } = bench();
    metadata.createTopic('__consumer_offsets', 50);
    for (const line of recorded(/^coord\.group\..*ready$/)) await expectRecorded(handler, line);
    expect(created).to.deep.equal([]);
  });

  it('names nobody for a partition without a leader', async () => {
    const { metadata, handler } = bench();
    metadata.createTopic('__consumer_offsets', 50, [1], -1);
    const { coordinators } = await answerOf(handler, 6, { keyType: 0, coordinatorKeys: ['g'] });
    expect(coordinators).to.deep.equal([{ key: 'g', nodeId: -1, host: '', port: -1, errorCode: 15, errorMessage: '' }]);
  });

  it('refuses what is no key, and creates nothing for it', async () => {
    const { created, handler } = bench();
    for (const line of recorded(/^coord\.(share\.v5|share\.badkey|type9|none)$/)) await expectRecorded(handler, line);
    for (const key of [':AAAAAAAAAAAAAAAAAAAAAQ:0', 'g:AAAA:0', 'g:AAAAAAAAAAAAAAAAAAAAAQ:x', 'g:b:c:d']) {
      const { coordinators } = await answerOf(handler, 6, { keyType: 2, coordinatorKeys: [key] });
      expect((coordinators as { errorCode: number }[])[0]?.errorCode, key).to.equal(42);
    }
    expect(created).to.deep.equal([]);
  });

  it('finds the partition as Java does, the smallest hash included', () => {
    expect(partitionForId('polygenelubricants', 50)).to.equal(0);
    expect(partitionForId('simple8', 50)).to.be.within(0, 49);
  });
});
