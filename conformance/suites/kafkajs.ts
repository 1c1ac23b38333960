// kafkajs 2.2.4: the oldest band of versions, none of them flexible. Producer and admin; its consumer needs a group, so
// that records are read back by the suites' own client until groups are served.

import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import type { Admin, Kafka as KafkaClient, Producer } from 'kafkajs';
import { type Suite, type SuiteContext, same, that } from '../suite.ts';
import { WireConnection } from '../wire/connection.ts';
import { batchesOf, codecOf, type RecordView, recordsOf } from '../wire/record-batch.ts';
import { fetch } from '../wire/requests.ts';

const require = createRequire(import.meta.url);
// CommonJS whose names Node cannot see from an ES module.
const { CompressionTypes, ConfigResourceTypes, Kafka, logLevel } = require('kafkajs') as typeof import('kafkajs');

export const kafkajs: Suite = {
  name: 'kafkajs',
  isBlackBox: true,
  available: () => Promise.resolve({ version: (require('kafkajs/package.json') as { version: string }).version }),
  run,
};

interface Session {
  readonly kafka: KafkaClient;
  readonly admin: Admin;
  readonly producer: Producer;
  readonly wire: WireConnection;
}

async function run({ target, scratch, cases }: SuiteContext): Promise<void> {
  const broker = await target.start({ dataDirectory: `${scratch}/broker` });
  const kafka = new Kafka({ brokers: [broker.bootstrap], clientId: 'conformance', logLevel: logLevel.NOTHING });
  const session: Session = {
    kafka,
    admin: kafka.admin(),
    producer: kafka.producer({ allowAutoTopicCreation: false }),
    wire: await WireConnection.open(broker.bootstrap),
  };
  await session.admin.connect();
  await session.producer.connect();
  for (const [name, check] of Object.entries({ ...PRODUCER, ...ADMIN })) {
    await cases.run(name, () => check(session), 40_000);
  }
  await session.producer.disconnect();
  await session.admin.disconnect();
  await session.wire.close();
}

type Checks = Readonly<Record<string, (session: Session) => Promise<void>>>;

const name = (prefix: string): string => `${prefix}-${randomBytes(6).toString('hex')}`;

async function made(admin: Admin, numPartitions = 1): Promise<string> {
  const topic = name('kafkajs');
  same(await admin.createTopics({ topics: [{ topic, numPartitions }], waitForLeaders: true }), true, 'created');
  return topic;
}

async function read(wire: WireConnection, topic: string, partition = 0): Promise<RecordView[]> {
  const { errorCode, records } = await fetch(wire, { topic, partition, offset: 0 });
  same(errorCode, 0, 'fetch');
  return [...batchesOf(records)].flatMap((batch) => [...recordsOf(batch)]);
}

const PRODUCER: Checks = {
  'producer: keys, values, nulls, headers, timestamps': async ({ admin, producer, wire }) => {
    const topic = await made(admin);
    const messages = [
      { key: 'k', value: 'v', headers: { one: '1', two: ['a', 'b'] }, timestamp: '1700000000000' },
      { key: null, value: null },
      { key: '', value: '' },
    ];
    const [result] = await producer.send({ topic, messages });
    same([result?.errorCode, result?.baseOffset], [0, '0'], 'result');
    const records = await read(wire, topic);
    same([String(records[0]?.key), String(records[0]?.value), records[0]?.timestamp], ['k', 'v', 1.7e12], 'first');
    const headers = records[0]?.headers.map((h) => [h.key, String(h.value)]);
    same(
      headers,
      [
        ['one', '1'],
        ['two', 'a'],
        ['two', 'b'],
      ],
      'headers',
    );
    same([records[1]?.key, records[1]?.value], [null, null], 'nulls');
    same([records[2]?.key?.length, records[2]?.value?.length], [0, 0], 'empty');
  },
  ...Object.fromEntries(
    [1, -1].map((acks) => [
      `producer: acks ${acks}`,
      async ({ admin, producer, wire }: Session) => {
        const topic = await made(admin);
        await producer.send({ topic, acks, messages: [{ value: 'a' }, { value: 'b' }] });
        same((await read(wire, topic)).length, 2, 'records');
      },
    ]),
  ),
  'producer: acks 0': async ({ admin, producer, wire }) => {
    const topic = await made(admin);
    await producer.send({ topic, acks: 0, messages: [{ value: 'a' }] });
    for (let left = 100; left > 0 && (await read(wire, topic)).length === 0; left--) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    same((await read(wire, topic)).length, 1, 'records');
  },
  'producer: gzip': async ({ admin, producer, wire }) => {
    const topic = await made(admin);
    const messages = Array.from({ length: 500 }, (_, i) => ({ value: `value ${i} ${'y'.repeat(100)}` }));
    await producer.send({ topic, compression: CompressionTypes.GZIP, messages });
    const { records } = await fetch(wire, { topic, partition: 0, offset: 0 });
    same([...batchesOf(records)].map(codecOf), [1], 'codec');
    same(
      (await read(wire, topic)).map((r) => String(r.value)),
      messages.map((m) => m.value),
      'values',
    );
  },
  'producer: sendBatch to many partitions': async ({ admin, producer, wire }) => {
    const topic = await made(admin, 6);
    const messages = Array.from({ length: 60 }, (_, i) => ({ value: `${i}`, partition: i % 6 }));
    const results = await producer.sendBatch({ topicMessages: [{ topic, messages }] });
    same(results.length, 6, 'partitions answered');
    for (let p = 0; p < 6; p++) same((await read(wire, topic, p)).length, 10, `partition ${p}`);
  },
  'producer: idempotent': async ({ kafka, admin, wire }) => {
    const topic = await made(admin);
    const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    for (let i = 0; i < 20; i++) await producer.send({ topic, messages: [{ value: `${i}` }] });
    await producer.disconnect();
    const { records } = await fetch(wire, { topic, partition: 0, offset: 0 });
    const batches = [...batchesOf(records)];
    same(
      batches.map((b) => b.baseSequence),
      Array.from({ length: 20 }, (_, i) => i),
      'sequences',
    );
    that(
      batches.every((b) => b.producerId >= 0 && b.producerEpoch === 0),
      'producer id',
    );
  },
  'producer: to an auto-created topic': async ({ kafka, wire }) => {
    const topic = name('auto');
    const producer = kafka.producer({ allowAutoTopicCreation: true });
    await producer.connect();
    await producer.send({ topic, messages: [{ value: 'first', partition: 3 }] });
    await producer.disconnect();
    same((await read(wire, topic, 3)).length, 1, 'records');
  },
  'producer: a topic that is not there': async ({ producer }) => {
    const failure = await producer.send({ topic: name('absent'), messages: [{ value: 'x' }] }).then(
      () => 'no error',
      (error: Error) => error.message,
    );
    that(/does not host this topic-partition/.test(failure), failure);
  },
  'producer: a record that is too large': async ({ admin, producer }) => {
    const topic = await made(admin);
    const messages = [{ value: Buffer.alloc(1_200_000) }];
    const failure = await producer.send({ topic, messages }).then(
      () => 'no error',
      (error: Error) => error.message,
    );
    that(/larger than the max message size|too large/i.test(failure), failure);
  },
};

const ADMIN: Checks = {
  'admin: createTopics, listTopics, deleteTopics': async ({ admin }) => {
    const topic = await made(admin, 2);
    that((await admin.listTopics()).includes(topic), 'not listed');
    same(await admin.createTopics({ topics: [{ topic }] }), false, 'created again');
    await admin.deleteTopics({ topics: [topic] });
    that(!(await admin.listTopics()).includes(topic), 'listed after deletion');
  },
  'admin: createTopics refuses': async ({ admin }) => {
    const failure = (topic: string, replicationFactor: number): Promise<string> =>
      admin.createTopics({ topics: [{ topic, replicationFactor }] }).then(
        () => 'no error',
        (error: { errors?: { type: string }[]; message: string }) => error.errors?.[0]?.type ?? error.message,
      );
    same(await failure(name('factor'), 2), 'INVALID_REPLICATION_FACTOR', 'factor 2');
    same(await failure('bad name!', 1), 'INVALID_TOPIC_EXCEPTION', 'bad name');
  },
  'admin: createTopics validateOnly': async ({ admin }) => {
    const topic = name('only');
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
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    same(
      topics[0]?.partitions.map((p) => [p.partitionId, p.leader]).sort(),
      [
        [0, 0],
        [1, 0],
        [2, 0],
        [3, 0],
      ],
      'leaders',
    );
    const failure = await admin.createPartitions({ topicPartitions: [{ topic, count: 2 }] }).then(
      () => 'no error',
      (error: Error) => error.message,
    );
    same(failure, 'Number of partitions is invalid', 'fewer');
  },
  'admin: describeConfigs and alterConfigs': async ({ admin }) => {
    const topic = await made(admin);
    const type = ConfigResourceTypes.TOPIC;
    const configEntries = [{ name: 'retention.ms', value: '3600000' }];
    await admin.alterConfigs({ validateOnly: false, resources: [{ type, name: topic, configEntries }] });
    const { resources } = await admin.describeConfigs({
      includeSynonyms: true,
      resources: [{ type, name: topic, configNames: ['retention.ms', 'segment.bytes'] }],
    });
    const values = resources[0]?.configEntries.map((entry) => [entry.configName, entry.configValue, entry.isDefault]);
    same(
      values?.sort(),
      [
        ['retention.ms', '3600000', false],
        ['segment.bytes', '1073741824', true],
      ],
      'entries',
    );
  },
  'admin: describeConfigs of the broker': async ({ admin }) => {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: ConfigResourceTypes.BROKER, name: '0' }],
    });
    const value = resources[0]?.configEntries.find((entry) => entry.configName === 'num.partitions');
    same([value?.configValue, value?.readOnly], ['4', true], 'num.partitions');
  },
  'admin: fetchTopicOffsets, ByTimestamp, deleteTopicRecords': async ({ admin, producer }) => {
    const topic = await made(admin);
    const messages = Array.from({ length: 10 }, (_, i) => ({
      value: `${i}`,
      timestamp: String(1_700_000_000_000 + i),
    }));
    await producer.send({ topic, messages });
    const ends = { partition: 0, offset: '10', high: '10', low: '0' };
    same(await admin.fetchTopicOffsets(topic), [ends], 'offsets');
    const found = await admin.fetchTopicOffsetsByTimestamp(topic, 1_700_000_000_004);
    same(found, [{ partition: 0, offset: '4' }], 'by timestamp');
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '7' }] });
    same(await admin.fetchTopicOffsets(topic), [{ ...ends, low: '7' }], 'after deletion');
  },
  'admin: describeCluster': async ({ admin }) => {
    const cluster = await admin.describeCluster();
    same([cluster.brokers.map((b) => b.nodeId), cluster.controller], [[0], 0], 'brokers, controller');
    that(cluster.clusterId.length === 22, cluster.clusterId);
  },
};
