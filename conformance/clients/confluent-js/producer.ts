// Records as the API like kafkajs's writes them.

import { same, that } from '../../suite.ts';
import { codecOf } from '../../wire/record-batch.ts';
import { type Checks, failureOf, fresh, RECENT_MS, until } from '../checks.ts';
import { storedBatches, storedRecords } from '../stored.ts';
import { filled, made, Member, numbers, type Session } from './session.ts';

const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

export const PRODUCER: Checks<Session> = {
  'producer: keys, values, nulls, headers, timestamps': async (session) => {
    const topic = await made(session);
    const messages = [
      { key: 'k', value: 'v', headers: { one: '1', two: ['a', 'b'] }, timestamp: String(RECENT_MS) },
      { key: null, value: null },
      { key: '', value: 'x' },
    ];
    const results = await session.producer.send({ topic, messages });
    same(
      results.map((result) => [result.errorCode, result.baseOffset]),
      [[0, '0']],
      'result',
    );
    const records = await storedRecords(session.wire, topic);
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
    same([records[2]?.key?.length, String(records[2]?.value)], [0, 'x'], 'empty key');
  },
  ...Object.fromEntries(
    [1, -1, 0].map((acks) => [
      `producer: acks ${acks}`,
      async (session: Session) => {
        const topic = await made(session);
        const producer = session.kafka.producer({ kafkaJS: { acks } });
        await producer.connect();
        await producer.send({ topic, messages: [{ value: 'a' }, { value: 'b' }] });
        await until(async () => (await storedRecords(session.wire, topic)).length === 2, 'both records');
        await producer.disconnect();
      },
    ]),
  ),
  ...Object.fromEntries(
    CODECS.map((compression, number) => [
      `producer: ${compression}, and back`,
      async (session: Session) => {
        const topic = await made(session);
        const producer = session.kafka.producer({ kafkaJS: { compression }, 'linger.ms': 50 });
        await producer.connect();
        const values = numbers(500).map((value) => value.padEnd(50, '.'));
        await producer.send({ topic, messages: values.map((value) => ({ value, partition: 0 })) });
        await producer.disconnect();
        same([...new Set((await storedBatches(session.wire, topic)).map(codecOf))], [number], 'codec');
        const member = await Member.start(session, fresh('group'), { topics: [topic] });
        await member.has(500);
        await member.stop();
        same(member.values, values, 'values');
      },
    ]),
  ),
  'producer: sendBatch to many topics and partitions': async (session) => {
    const topics = [await made(session, 3), await made(session, 3)];
    const messages = numbers(30).map((value) => ({ value, partition: Number(value) % 3 }));
    await session.producer.sendBatch({ topicMessages: topics.map((topic) => ({ topic, messages })) });
    for (const topic of topics) {
      for (const p of [0, 1, 2]) same((await storedRecords(session.wire, topic, p)).length, 10, `${topic} ${p}`);
    }
  },
  'producer: idempotent': async (session) => {
    const topic = await made(session);
    const producer = session.kafka.producer({ kafkaJS: { idempotent: true }, 'linger.ms': 0 });
    await producer.connect();
    for (let i = 0; i < 20; i++) await producer.send({ topic, messages: [{ value: `${i}` }] });
    await producer.disconnect();
    const batches = await storedBatches(session.wire, topic);
    same(
      batches.map((batch) => batch.baseSequence),
      Array.from({ length: 20 }, (_, i) => i),
      'sequences',
    );
    that(
      batches.every((batch) => batch.producerId >= 0 && batch.producerEpoch === 0),
      'producer id',
    );
  },
  'producer: many sends side by side, flush': async (session) => {
    const topic = await made(session, 4);
    const sends = numbers(200).map((n) => filled(session, topic, Number(n) + 1, Number(n) % 4, Number(n)));
    await session.producer.flush({ timeout: 10_000 });
    await Promise.all(sends);
    for (const p of [0, 1, 2, 3]) same((await storedRecords(session.wire, topic, p)).length, 50, `partition ${p}`);
  },
  'producer: to an auto-created topic': async (session) => {
    const topic = fresh('auto');
    const producer = session.kafka.producer({ kafkaJS: { allowAutoTopicCreation: true } });
    await producer.connect();
    await producer.send({ topic, messages: [{ value: 'first', partition: 3 }] });
    await producer.disconnect();
    same((await storedRecords(session.wire, topic, 3)).length, 1, 'records');
  },
  'producer: a partition that is not there': async (session) => {
    const topic = await made(session);
    const failure = await failureOf(session.producer.send({ topic, messages: [{ value: 'x', partition: 7 }] }));
    that(/unknown partition/i.test(failure), failure);
  },
  'producer: a record that is too large': async (session) => {
    const topic = await made(session);
    const producer = session.kafka.producer({ 'message.max.bytes': 5_000_000 });
    await producer.connect();
    const failure = await failureOf(producer.send({ topic, messages: [{ value: Buffer.alloc(1_200_000) }] }));
    that(/too large/i.test(failure), failure);
    await producer.disconnect();
  },
};
