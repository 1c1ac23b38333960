import { expect } from 'chai';
import { metadata } from '../../src/api-handlers/03-metadata.ts';
import { AutoTopicCreation } from '../../src/api-handlers/index.ts';
import type { InternalTopicSettings } from '../../src/coordinator-common/index.ts';
import type { TopicToCreate } from '../../src/api-handlers/auto-topic-creation.ts';
import { Errors } from '../../src/protocol/index.ts';
import { silentLogger } from '../../src/runtime/index.ts';
import { MetadataBench } from './metadata-bench.ts';
import { answerOf, expectRecorded, recorded } from './recorded.ts';

const internal: InternalTopicSettings = {
  partitions: 50,
  replicationFactor: 1,
  configs: { 'cleanup.policy': 'compact' },
};

interface Topic {
  errorCode: number;
  name: string | null;
  topicId: string;
  topicAuthorizedOperations: number;
  partitions: {
    errorCode: number;
    leaderId: number;
    replicaNodes: number[];
    isrNodes: number[];
    offlineReplicas: number[];
  }[];
}

describe('Metadata', () => {
  let bench: MetadataBench;
  let asked: TopicToCreate[];
  let isEnabled: boolean;
  let finish: (() => void)[];
  let handler: ReturnType<typeof metadata>;

  beforeEach(() => {
    bench = new MetadataBench();
    asked = [];
    isEnabled = true;
    finish = [];
    const internalTopics = {
      __consumer_offsets: () => internal,
      __transaction_state: () => internal,
      __share_group_state: () => internal,
    };
    const creation = new AutoTopicCreation(
      { isEnabled: () => isEnabled, internalTopics },
      (topics) => {
        asked.push(...topics);
        return new Promise((resolve) => finish.push(() => resolve({ topics: [] })));
      },
      silentLogger,
    );
    handler = metadata(bench.identity, creation);
  });

  const ask = async (version: number, topics: object[] | null, flags: object = {}) => {
    const request = {
      topics,
      allowAutoTopicCreation: true,
      includeClusterAuthorizedOperations: false,
      includeTopicAuthorizedOperations: false,
      ...flags,
    };
    return (await answerOf(handler, version, request)) as unknown as {
      topics: Topic[];
      brokers: object[];
      controllerId: number;
    };
  };
  const byName = (name: string | null) => ({ name, topicId: 'AAAAAAAAAAAAAAAAAAAAAA' });

  it('answers as Apache Kafka does where there are no internal topics in the answer', async () => {
    bench.createTopic('meta', 2);
    const ids =
      /^(versions\.cluster-id|coord\.meta-before|metadata\.(unknown|null-name|name|id\.v10|by-id|auth-ops|collision\.auto)|create\.validate\.meta)/;
    const lines = recorded(ids).filter(({ api, id }) => api === 'Metadata' && !id.includes('later'));
    expect(lines.length).to.be.greaterThan(30);
    for (const line of lines) {
      await expectRecorded(handler, line, (request) => {
        if (!line.uses.some((use) => use.var === 'topicId:meta')) return;
        const [topic] = request['topics'] as { topicId: string }[];
        if (topic !== undefined) topic.topicId = bench.image.topics.byName.get('meta')?.id ?? '';
      });
    }
  });

  it('lists all topics for null, and none for an empty list but in version 0', async () => {
    bench.createTopic('a');
    bench.createTopic('b', 3);
    expect((await ask(1, null)).topics.map(({ name }) => name)).to.have.members(['a', 'b']);
    expect((await ask(0, [])).topics).to.have.length(2);
    for (const version of [1, 4, 9, 12, 13]) expect((await ask(version, [])).topics).to.deep.equal([]);
  });

  it('creates what is asked for once, with defaults, and answers unknown until it is there', async () => {
    for (let times = 0; times < 3; times++) {
      const { topics } = await ask(9, [byName('new')]);
      expect(topics[0]?.errorCode).to.equal(Errors.UNKNOWN_TOPIC_OR_PARTITION);
    }
    expect(asked).to.deep.equal([
      { name: 'new', numPartitions: -1, replicationFactor: -1, assignments: [], configs: [] },
    ]);
    for (const end of finish) end();
    await Promise.resolve();
    await ask(9, [byName('new')]);
    expect(asked).to.have.length(2);
  });

  it('creates an internal topic with the settings that it has of its own', async () => {
    await ask(12, [byName('__consumer_offsets')]);
    expect(asked[0]).to.deep.include({ name: '__consumer_offsets', numPartitions: 50, replicationFactor: 1 });
    expect(asked[0]?.configs).to.deep.equal([{ name: 'cleanup.policy', value: 'compact' }]);
  });

  it('creates nothing when the request, the broker or the name forbids it', async () => {
    await ask(4, [byName('x')], { allowAutoTopicCreation: false });
    await ask(4, [byName('a b')]);
    await ask(4, null);
    isEnabled = false;
    await ask(4, [byName('x')]);
    expect(asked).to.deep.equal([]);
  });

  it('asked by id looks at no name, and says which ids it does not know', async () => {
    const id = bench.createTopic('known');
    const unknown = 'tL0Yn4KbTHe2BQ1UQmTB7w';
    const { topics } = await ask(12, [
      { name: 'other', topicId: id },
      { name: null, topicId: unknown },
      byName('third'),
    ]);
    expect(topics.map(({ name, errorCode }) => [name, errorCode])).to.deep.equal([
      ['known', Errors.NONE],
      [null, Errors.UNKNOWN_TOPIC_ID],
    ]);
    expect(topics[1]?.topicId).to.equal(unknown);
    expect(asked).to.deep.equal([]);
  });

  it('tells brokers of its own listener only, and itself as controller', async () => {
    bench.addBroker(2, { rack: 'r2' });
    bench.addBroker(3, { listener: 'OTHER' });
    bench.addBroker(4, { isFenced: true });
    const { brokers, controllerId } = await ask(9, []);
    expect(brokers).to.deep.equal([
      { nodeId: 1, host: '127.0.0.1', port: 21092, rack: null },
      { nodeId: 2, host: 'host2', port: 9092, rack: 'r2' },
    ]);
    expect(controllerId).to.equal(1);
  });

  it('says of a leader without this listener LISTENER_NOT_FOUND from version 6 on, LEADER_NOT_AVAILABLE before', async () => {
    bench.addBroker(3, { listener: 'OTHER' });
    bench.createTopic('elsewhere', 1, [3, 1], 3);
    for (const [version, code] of [
      [5, Errors.LEADER_NOT_AVAILABLE],
      [6, Errors.LISTENER_NOT_FOUND],
      [12, Errors.LISTENER_NOT_FOUND],
    ] as const) {
      const partition = (await ask(version, [byName('elsewhere')])).topics[0]?.partitions[0];
      expect(partition).to.deep.include({ errorCode: code, leaderId: -1, offlineReplicas: [3] });
    }
  });

  it('says LEADER_NOT_AVAILABLE where the leader is fenced, gone or nobody', async () => {
    bench.addBroker(4, { isFenced: true });
    bench.createTopic('fenced', 1, [4], 4);
    bench.createTopic('gone', 1, [9], 9);
    bench.createTopic('nobody', 1, [1], -1);
    for (const name of ['fenced', 'gone', 'nobody']) {
      const partition = (await ask(9, [byName(name)])).topics[0]?.partitions[0];
      expect(partition).to.deep.include({ errorCode: Errors.LEADER_NOT_AVAILABLE, leaderId: -1 });
    }
  });

  it('leaves unreachable replicas out in version 0 and says so', async () => {
    bench.createTopic('half', 1, [1, 7]);
    const [topic] = (await ask(0, [byName('half')])).topics;
    expect(topic?.partitions[0]).to.deep.include({
      errorCode: Errors.REPLICA_NOT_AVAILABLE,
      replicaNodes: [1],
      isrNodes: [1],
    });
    const newer = (await ask(5, [byName('half')])).topics[0]?.partitions[0];
    expect(newer).to.deep.include({ errorCode: Errors.NONE, replicaNodes: [1, 7], offlineReplicas: [7] });
  });
});
