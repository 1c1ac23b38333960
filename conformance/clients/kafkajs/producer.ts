// Records as kafkajs writes them, read back from the log by the suites' own client.

import { same, that } from '../../suite.ts';
import { codecOf } from '../../wire/record-batch.ts';
import { type Checks, failureOf, fresh, RECENT_MS, until } from '../checks.ts';
import { storedBatches, storedRecords } from '../stored.ts';
import { kafkajs, made, type Session } from './session.ts';

export const PRODUCER: Checks<Session> = {
  'producer: keys, values, nulls, headers, timestamps': async ({ admin, producer, wire }) => {
    const topic = await made(admin);
    const messages = [
      { key: 'k', value: 'v', headers: { one: '1', two: ['a', 'b'] }, timestamp: String(RECENT_MS) },
      { key: null, value: null },
      { key: '', value: '' },
    ];
    const [result] = await producer.send({ topic, messages });
    same([result?.errorCode, result?.baseOffset], [0, '0'], 'result');
    const records = await storedRecords(wire, topic);
    same([String(records[0]?.key), String(records[0]?.value), records[0]?.timestamp], ['k', 'v', RECENT_MS], 'first');
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
        // With acks 1 a follower may still have to fetch them.
        await until(async () => (await storedRecords(wire, topic)).length === 2, 'both records');
      },
    ]),
  ),
  'producer: acks 0': async ({ admin, producer, wire }) => {
    const topic = await made(admin);
    await producer.send({ topic, acks: 0, messages: [{ value: 'a' }] });
    await until(async () => (await storedRecords(wire, topic)).length === 1, 'the record');
  },
  'producer: gzip': async ({ admin, producer, wire }) => {
    const topic = await made(admin);
    const messages = Array.from({ length: 500 }, (_, i) => ({ value: `value ${i} ${'y'.repeat(100)}` }));
    await producer.send({ topic, compression: kafkajs.CompressionTypes.GZIP, messages });
    same((await storedBatches(wire, topic)).map(codecOf), [1], 'codec');
    same(
      (await storedRecords(wire, topic)).map((r) => String(r.value)),
      messages.map((m) => m.value),
      'values',
    );
  },
  'producer: sendBatch to many partitions': async ({ admin, producer, wire }) => {
    const topic = await made(admin, 6);
    const messages = Array.from({ length: 60 }, (_, i) => ({ value: `${i}`, partition: i % 6 }));
    const results = await producer.sendBatch({ topicMessages: [{ topic, messages }] });
    same(results.length, 6, 'partitions answered');
    for (let p = 0; p < 6; p++) same((await storedRecords(wire, topic, p)).length, 10, `partition ${p}`);
  },
  'producer: idempotent': async ({ kafka, admin, wire }) => {
    const topic = await made(admin);
    const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    for (let i = 0; i < 20; i++) await producer.send({ topic, messages: [{ value: `${i}` }] });
    await producer.disconnect();
    const batches = await storedBatches(wire, topic);
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
    const topic = fresh('auto');
    const producer = kafka.producer({ allowAutoTopicCreation: true });
    await producer.connect();
    await producer.send({ topic, messages: [{ value: 'first', partition: 3 }] });
    await producer.disconnect();
    same((await storedRecords(wire, topic, 3)).length, 1, 'records');
  },
  'producer: a topic that is not there': async ({ kafka }) => {
    const producer = kafka.producer({ allowAutoTopicCreation: false, retry: { retries: 1 } });
    await producer.connect();
    const failure = await failureOf(producer.send({ topic: fresh('absent'), messages: [{ value: 'x' }] }));
    await producer.disconnect();
    that(/does not host this topic-partition/.test(failure), failure);
  },
  'producer: a record that is too large': async ({ admin, producer }) => {
    const topic = await made(admin);
    const messages = [{ value: Buffer.alloc(1_200_000) }];
    const failure = await failureOf(producer.send({ topic, messages }));
    that(/larger than the max message size|too large/i.test(failure), failure);
  },
};
