// Topics, configs, offsets and the cluster, as kafkajs's admin client asks for them.

import { same, that } from '../../suite.ts';
import { type Checks, failureOf, fresh, RECENT_MS, soonSame } from '../checks.ts';
import { filled, kafkajs, made, numbers, type Session } from './session.ts';

export const ADMIN: Checks<Session> = {
  'admin: createTopics, listTopics, deleteTopics': async ({ admin }) => {
    const topic = await made(admin, 2);
    that((await admin.listTopics()).includes(topic), 'not listed');
    same(await admin.createTopics({ topics: [{ topic }] }), false, 'created again');
    await admin.deleteTopics({ topics: [topic] });
    await soonSame(async () => (await admin.listTopics()).includes(topic), false, 'listed after deletion');
  },
  'admin: createTopics refuses': async ({ admin }) => {
    const failure = (topic: string, replicationFactor: number): Promise<string> =>
      admin.createTopics({ topics: [{ topic, replicationFactor }] }).then(
        () => 'no error',
        (error: { errors?: { type: string }[]; message: string }) => error.errors?.[0]?.type ?? error.message,
      );
    same(await failure(fresh('factor'), 2), 'INVALID_REPLICATION_FACTOR', 'factor 2');
    same(await failure('bad name!', 1), 'INVALID_TOPIC_EXCEPTION', 'bad name');
  },
  'admin: createTopics validateOnly': async ({ admin }) => {
    const topic = fresh('only');
    same(
      await admin.createTopics({ topics: [{ topic }], validateOnly: true, waitForLeaders: false }),
      true,
      'validated',
    );
    that(!(await admin.listTopics()).includes(topic), 'created all the same');
  },
  'admin: createPartitions': async ({ admin }) => {
    const topic = await made(admin);
    await admin.createPartitions({ topicPartitions: [{ topic, count: 4 }] });
    const leaders = async (): Promise<unknown> => {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      return topics[0]?.partitions.map((p) => `${p.partitionId} led by ${p.leader}`).sort();
    };
    await soonSame(leaders, ['0 led by 0', '1 led by 0', '2 led by 0', '3 led by 0'], 'leaders');
    const failure = await failureOf(admin.createPartitions({ topicPartitions: [{ topic, count: 2 }] }));
    same(failure, 'Number of partitions is invalid', 'fewer');
  },
  'admin: describeConfigs and alterConfigs': async ({ admin }) => {
    const topic = await made(admin);
    const type = kafkajs.ConfigResourceTypes.TOPIC;
    const configEntries = [{ name: 'retention.ms', value: '3600000' }];
    await admin.alterConfigs({ validateOnly: false, resources: [{ type, name: topic, configEntries }] });
    const values = async (): Promise<unknown> => {
      const { resources } = await admin.describeConfigs({
        includeSynonyms: true,
        resources: [{ type, name: topic, configNames: ['retention.ms', 'segment.bytes'] }],
      });
      return resources[0]?.configEntries.map((e) => `${e.configName}=${e.configValue}, ${e.isDefault}`).sort();
    };
    await soonSame(values, ['retention.ms=3600000, false', 'segment.bytes=1073741824, true'], 'entries');
  },
  'admin: describeConfigs of the broker': async ({ admin }) => {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: kafkajs.ConfigResourceTypes.BROKER, name: '0' }],
    });
    const value = resources[0]?.configEntries.find((entry) => entry.configName === 'num.partitions');
    same([value?.configValue, value?.readOnly], ['4', true], 'num.partitions');
  },
  'admin: fetchTopicOffsets, ByTimestamp, deleteTopicRecords': async ({ admin, producer }) => {
    const topic = await made(admin);
    const messages = Array.from({ length: 10 }, (_, i) => ({
      value: `${i}`,
      timestamp: String(RECENT_MS + i),
    }));
    await producer.send({ topic, messages });
    const ends = { partition: 0, offset: '10', high: '10', low: '0' };
    same(await admin.fetchTopicOffsets(topic), [ends], 'offsets');
    const found = await admin.fetchTopicOffsetsByTimestamp(topic, RECENT_MS + 4);
    same(found, [{ partition: 0, offset: '4' }], 'by timestamp');
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '7' }] });
    same(await admin.fetchTopicOffsets(topic), [{ ...ends, low: '7' }], 'after deletion');
  },
  'admin: describeCluster': async ({ admin }) => {
    const cluster = await admin.describeCluster();
    same([cluster.brokers.map((b) => b.nodeId), cluster.controller], [[0], 0], 'brokers, controller');
    that(cluster.clusterId.length === 22, cluster.clusterId);
  },
  'admin: createTopics with assignment and configs': async ({ admin }) => {
    const topic = fresh('assigned');
    const replicaAssignment = [0, 1, 2].map((partition) => ({ partition, replicas: [0] }));
    const configEntries = [
      { name: 'cleanup.policy', value: 'compact' },
      { name: 'max.message.bytes', value: '2000000' },
    ];
    await admin.createTopics({ topics: [{ topic, replicaAssignment, configEntries }] });
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    same(
      topics[0]?.partitions.map((p) => p.replicas),
      [[0], [0], [0]],
      'replicas',
    );
    const configNames = ['cleanup.policy', 'max.message.bytes'];
    const type = kafkajs.ConfigResourceTypes.TOPIC;
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type, name: topic, configNames }],
    });
    same(resources[0]?.configEntries.map((e) => e.configValue).sort(), ['2000000', 'compact'], 'configs');
  },
  'admin: createPartitions with assignments': async ({ admin, producer }) => {
    const topic = await made(admin);
    const fails = failureOf(
      admin.createPartitions({ topicPartitions: [{ topic, count: 3, assignments: [[0], [7]] }] }),
    );
    that((await fails) !== 'no error', 'a broker that is not there was accepted');
    await admin.createPartitions({ topicPartitions: [{ topic, count: 3, assignments: [[0], [0]] }] });
    await soonSame(async () => (await admin.fetchTopicOffsets(topic)).length, 3, 'partitions');
    await filled(producer, topic, 5, 2);
  },
  'admin: createPartitions validateOnly': async ({ admin }) => {
    const topic = await made(admin);
    await admin.createPartitions({ validateOnly: true, topicPartitions: [{ topic, count: 4 }] });
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    same(topics[0]?.partitions.length, 1, 'partitions');
  },
  'admin: alterConfigs refuses, validateOnly alters nothing': async ({ admin }) => {
    const topic = await made(admin);
    const alter = (name: string, value: string, validateOnly: boolean): Promise<unknown> =>
      admin.alterConfigs({
        validateOnly,
        resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configEntries: [{ name, value }] }],
      });
    that((await failureOf(alter('retention.ms', 'soon', false))) !== 'no error', 'a word for a number');
    that((await failureOf(alter('no.such.config', '1', false))) !== 'no error', 'an unknown config');
    await alter('retention.ms', '5000', true);
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configNames: ['retention.ms'] }],
    });
    same(resources[0]?.configEntries[0]?.configValue, '604800000', 'retention.ms');
  },
  'admin: describeConfigs with synonyms': async ({ admin }) => {
    const topic = fresh('synonyms');
    await admin.createTopics({ topics: [{ topic, configEntries: [{ name: 'max.message.bytes', value: '9000' }] }] });
    const type = kafkajs.ConfigResourceTypes.TOPIC;
    const { resources } = await admin.describeConfigs({
      includeSynonyms: true,
      resources: [{ type, name: topic, configNames: ['max.message.bytes'] }],
    });
    const { TOPIC_CONFIG, DEFAULT_CONFIG } = kafkajs.ConfigSource;
    const expected = [
      ['max.message.bytes', '9000', TOPIC_CONFIG],
      ['message.max.bytes', '1048588', DEFAULT_CONFIG],
    ];
    const synonyms = resources[0]?.configEntries[0]?.configSynonyms;
    same(
      synonyms?.map((s) => [s.configName, s.configValue, s.configSource]),
      expected,
      'synonyms',
    );
  },
  'admin: describeConfigs of a topic that is not there': async ({ admin }) => {
    const type = kafkajs.ConfigResourceTypes.TOPIC;
    const asked = admin.describeConfigs({ includeSynonyms: false, resources: [{ type, name: fresh('absent') }] });
    that(/does not host this topic-partition/.test(await failureOf(asked)), await failureOf(asked));
  },
  'admin: fetchTopicMetadata of all topics': async ({ admin }) => {
    const made3 = await made(admin, 3);
    const { topics } = await admin.fetchTopicMetadata();
    const found = topics.find((entry) => entry.name === made3);
    same(
      found?.partitions.map((p) => [p.leader, p.isr, p.partitionErrorCode]),
      Array(3).fill([0, [0], 0]),
      'topic',
    );
  },
  'admin: deleteTopics that are not there': async ({ kafka }) => {
    const admin = kafka.admin({ retry: { retries: 1 } });
    await admin.connect();
    const failure = await failureOf(admin.deleteTopics({ topics: [fresh('absent')], timeout: 2_000 }));
    await admin.disconnect();
    that(/does not host this topic-partition/.test(failure), failure);
  },
  'admin: deleteTopicRecords beyond the end; to the end': async ({ admin, producer }) => {
    const topic = await made(admin);
    await filled(producer, topic, 10);
    const beyond = await failureOf(admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '11' }] }));
    that(beyond !== 'no error', 'beyond the end');
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '-1' }] });
    same(await admin.fetchTopicOffsets(topic), [{ partition: 0, offset: '10', high: '10', low: '10' }], 'offsets');
  },
  'admin: fetchTopicOffsetsByTimestamp past the end, over partitions': async ({ admin, producer }) => {
    const topic = await made(admin, 2);
    const messages = numbers(6).map((value) => ({
      value,
      partition: Number(value) % 2,
      timestamp: String(RECENT_MS + Number(value)),
    }));
    await producer.send({ topic, messages });
    const by = async (time?: number): Promise<string[]> =>
      (await admin.fetchTopicOffsetsByTimestamp(topic, time))
        .sort((a, b) => a.partition - b.partition)
        .map((entry) => entry.offset);
    same(await by(RECENT_MS + 3), ['2', '1'], 'by time');
    same(await by(RECENT_MS + 1_000_000), ['3', '3'], 'later than all');
    same(await by(), ['3', '3'], 'without a time');
  },
  'admin: partition reassignments': async ({ admin }) => {
    const topic = await made(admin, 2);
    const move = (replicas: number[]): Promise<void> =>
      admin.alterPartitionReassignments({
        topics: [{ topic, partitionAssignment: [{ partition: 0, replicas }] }],
      });
    await move([0]);
    that((await failureOf(move([0, 9]))) !== 'no error', 'a broker that is not there');
    same(await admin.listPartitionReassignments({}), { topics: [] }, 'ongoing');
  },
};
