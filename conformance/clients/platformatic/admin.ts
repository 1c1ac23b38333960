// Topics, configs, offsets, log directories and the cluster, as the admin client of @platformatic/kafka asks for them.

import { same, that } from '../../suite.ts';
import { type Checks, failureOf, fresh, RECENT_MS, soonSame } from '../checks.ts';
import type { DescribedConfig } from './api.ts';
import { filled, made, numbers, type Session } from './session.ts';

const TOPIC = 2;
const BROKER = 4;
const [SET, DELETE, APPEND, SUBTRACT] = [0, 1, 2, 3];
const [DYNAMIC_TOPIC_CONFIG, DEFAULT_CONFIG] = [1, 5];
const LONG = 5;
const [LATEST, EARLIEST] = [-1n, -2n];

async function config({ admin }: Session, topic: string, name: string): Promise<DescribedConfig | undefined> {
  const resources = [{ resourceType: TOPIC, resourceName: topic, configurationKeys: [name] }];
  const [described] = await admin.describeConfigs({ resources, includeSynonyms: true, includeDocumentation: true });
  return described?.configs.find((entry) => entry.name === name);
}

export const ADMIN: Checks<Session> = {
  'admin: listApis': async ({ admin }) => {
    const apis = await admin.listApis();
    const produce = apis.find((api) => api.name === 'Produce');
    that((produce?.maxVersion ?? 0) >= 11 && apis.length > 30, JSON.stringify(produce));
  },
  'admin: metadata': async (session) => {
    const topic = await made(session, 3);
    const { id, brokers, controllerId, topics } = await session.admin.metadata({ topics: [topic], forceUpdate: true });
    const address = brokers.get(0);
    same([`${address?.host}:${address?.port}`, controllerId], [session.bootstrap, 0], 'broker, controller');
    that(id.length === 22, id);
    const found = topics.get(topic);
    same(
      found?.partitions.map((p) => [p.leader, p.isr]),
      Array(3).fill([0, [0]]),
      'partitions',
    );
    that(/^[0-9a-f-]{36}$/.test(found?.id ?? ''), `topic id ${found?.id}`);
  },
  'admin: createTopics, listTopics, deleteTopics': async (session) => {
    const { admin } = session;
    const topic = fresh('platformatic');
    const configs = [{ name: 'retention.ms', value: '5000' }];
    const [created] = await admin.createTopics({ topics: [topic], partitions: 2, replicas: 1, configs });
    same([created?.name, created?.partitions, created?.replicas], [topic, 2, 1], 'created');
    same(created?.configuration['retention.ms'], '5000', 'its configs');
    await soonSame(async () => (await admin.listTopics()).includes(topic), true, 'listed');
    const again = await failureOf(admin.createTopics({ topics: [topic] }));
    that(/already exists/.test(again), again);
    await admin.deleteTopics({ topics: [topic] });
    await soonSame(async () => (await admin.listTopics()).includes(topic), false, 'listed after deletion');
  },
  'admin: createTopics with assignments; refusals': async ({ admin }) => {
    const topic = fresh('assigned');
    const assignments = [0, 1].map((partition) => ({ partition, brokers: [0] }));
    await admin.createTopics({ topics: [{ topic, assignments }] });
    const count = async (): Promise<unknown> =>
      (await admin.metadata({ topics: [topic], forceUpdate: true })).topics.get(topic)?.partitionsCount;
    await soonSame(count, 2, 'partitions');
    const factor = await failureOf(admin.createTopics({ topics: [fresh('factor')], partitions: 1, replicas: 3 }));
    that(/replication.?factor/i.test(factor), factor);
    const name = await failureOf(admin.createTopics({ topics: ['bad*name'], partitions: 1, replicas: 1 }));
    that(/invalid/i.test(name), name);
  },
  'admin: listTopics with internal ones': async (session) => {
    await session.admin.findCoordinator({ keyType: 0, keys: [fresh('group')] }).catch(() => undefined);
    const all = await session.admin.listTopics({ includeInternals: true });
    that(all.includes('__consumer_offsets'), all.join());
    that(!(await session.admin.listTopics()).includes('__consumer_offsets'), 'listed without being asked for');
  },
  'admin: createPartitions': async (session) => {
    const { admin } = session;
    const topic = await made(session);
    await admin.createPartitions({ topics: [{ name: topic, count: 5 }], validateOnly: true });
    await admin.createPartitions({
      topics: [{ name: topic, count: 3, assignments: [{ brokerIds: [0] }, { brokerIds: [0] }] }],
    });
    const count = async (): Promise<unknown> =>
      (await admin.metadata({ topics: [topic], forceUpdate: true })).topics.get(topic)?.partitionsCount;
    await soonSame(count, 3, 'partitions');
    const fewer = await failureOf(admin.createPartitions({ topics: [{ name: topic, count: 2 }] }));
    that(/partition/i.test(fewer), fewer);
  },
  'admin: describeConfigs, alterConfigs': async (session) => {
    const topic = await made(session);
    const alter = (value: string, validateOnly: boolean): Promise<void> =>
      session.admin.alterConfigs({
        resources: [{ resourceType: TOPIC, resourceName: topic, configs: [{ name: 'retention.ms', value }] }],
        validateOnly,
      });
    await alter('4000', true);
    same((await config(session, topic, 'retention.ms'))?.value, '604800000', 'validated only');
    await alter('4000', false);
    const altered = async (): Promise<unknown> => {
      const entry = await config(session, topic, 'retention.ms');
      return [entry?.value, entry?.configSource, entry?.configType];
    };
    await soonSame(altered, ['4000', DYNAMIC_TOPIC_CONFIG, LONG], 'altered');
    const { documentation } = (await config(session, topic, 'retention.ms')) ?? {};
    that((documentation ?? '').length > 20, 'documentation');
    that((await failureOf(alter('soon', false))) !== 'no error', 'a word for a number');
  },
  'admin: incrementalAlterConfigs': async (session) => {
    const topic = await made(session);
    const alter = (name: string, configOperation: number, value?: string): Promise<void> =>
      session.admin.incrementalAlterConfigs({
        resources: [
          {
            resourceType: TOPIC,
            resourceName: topic,
            configs: [{ name, configOperation, ...(value !== undefined && { value }) }],
          },
        ],
      });
    const policy = async (): Promise<string | null | undefined> =>
      (await config(session, topic, 'cleanup.policy'))?.value;
    await alter('max.message.bytes', SET, '9000');
    const synonyms = async (): Promise<unknown> =>
      (await config(session, topic, 'max.message.bytes'))?.synonyms.map((s) => [s.name, s.value, s.source]);
    const expected = [
      ['max.message.bytes', '9000', DYNAMIC_TOPIC_CONFIG],
      ['message.max.bytes', '1048588', DEFAULT_CONFIG],
    ];
    await soonSame(synonyms, expected, 'synonyms');
    await alter('cleanup.policy', APPEND, 'compact');
    await soonSame(policy, 'delete,compact', 'appended');
    await alter('cleanup.policy', SUBTRACT, 'delete');
    await soonSame(policy, 'compact', 'subtracted');
    await alter('cleanup.policy', DELETE);
    await soonSame(policy, 'delete', 'deleted');
  },
  'admin: describeConfigs of the broker': async ({ admin }) => {
    const [broker] = await admin.describeConfigs({ resources: [{ resourceType: BROKER, resourceName: '0' }] });
    const value = broker?.configs.find((entry) => entry.name === 'num.partitions');
    same([value?.value, value?.readOnly], ['4', true], 'num.partitions');
    that((broker?.configs.length ?? 0) > 150, `${broker?.configs.length} configs`);
  },
  'admin: listOffsets, deleteRecords': async (session) => {
    const { admin } = session;
    const topic = await made(session, 2);
    const messages = numbers(10).map((n) => ({
      topic,
      partition: 0,
      value: Buffer.from(n),
      timestamp: BigInt(RECENT_MS) + BigInt(n),
    }));
    await session.producer.send({ messages });
    const at = async (timestamp: bigint): Promise<number[]> => {
      const partitions = [0, 1].map((partitionIndex) => ({ partitionIndex, timestamp }));
      const [listed] = await admin.listOffsets({ topics: [{ name: topic, partitions }] });
      return (listed?.partitions ?? [])
        .sort((a, b) => a.partitionIndex - b.partitionIndex)
        .map((p) => Number(p.offset));
    };
    same(
      [await at(EARLIEST), await at(LATEST), await at(BigInt(RECENT_MS + 6))],
      [
        [0, 0],
        [10, 0],
        [6, -1],
      ],
      'offsets',
    );
    const [deleted] = await admin.deleteRecords({
      topics: [{ name: topic, partitions: [{ partition: 0, offset: 7n }] }],
    });
    same(
      deleted?.partitions.map((p) => [p.partition, Number(p.lowWatermark)]),
      [[0, 7]],
      'low watermark',
    );
    same(await at(EARLIEST), [7, 0], 'earliest afterwards');
    const beyond = admin.deleteRecords({ topics: [{ name: topic, partitions: [{ partition: 0, offset: 11n }] }] });
    that(/not within the range|out of range/i.test(await failureOf(beyond)), await failureOf(beyond));
  },
  'admin: describeLogDirs': async (session) => {
    const topic = await made(session, 2);
    await filled(session, topic, 100, 1);
    const [broker] = await session.admin.describeLogDirs({ topics: [{ name: topic, partitions: [0, 1] }] });
    const found = broker?.results.flatMap((dir) => dir.topics).find((entry) => entry.name === topic);
    const sizes = found?.partitions
      .sort((a, b) => a.partitionIndex - b.partitionIndex)
      .map((p) => Number(p.partitionSize));
    same([broker?.broker, sizes?.length, sizes?.[0]], [0, 2, 0], 'broker, partitions, size of the empty one');
    that((sizes?.[1] ?? 0) > 500, `${sizes?.[1]} bytes`);
    that((broker?.results[0]?.totalBytes ?? 0n) > 0n, 'size of the volume');
  },
};
