// Records as @platformatic/kafka writes them.

import { same, that } from '../../suite.ts';
import { codecOf } from '../../wire/record-batch.ts';
import { type Checks, failureOf, fresh, RECENT_MS, until } from '../checks.ts';
import { storedBatches, storedRecords } from '../stored.ts';
import type { Codec } from './api.ts';
import { filled, made, Member, numbers, type Session } from './session.ts';

const CODECS: readonly Codec[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

const count = async ({ wire }: Session, topic: string, partition = 0): Promise<number> =>
  (await storedRecords(wire, topic, partition)).length;

export const PRODUCER: Checks<Session> = {
  'producer: keys, values, nulls, headers, timestamps': async (session) => {
    const topic = await made(session);
    const headers = new Map([
      [Buffer.from('one'), Buffer.from('1')],
      [Buffer.from('ä'), Buffer.from([0, 255])],
    ]);
    const result = await session.producer.send({
      messages: [
        { topic, key: Buffer.from('k'), value: Buffer.from('v'), headers, timestamp: BigInt(RECENT_MS) },
        { topic, key: null, value: null },
        { topic, key: Buffer.alloc(0), value: Buffer.alloc(0) },
      ],
    });
    same(
      result.offsets?.map((place) => Number(place.offset)),
      [0],
      'offsets',
    );
    const read = await storedRecords(session.wire, topic);
    same([String(read[0]?.key), String(read[0]?.value), read[0]?.timestamp], ['k', 'v', RECENT_MS], 'first');
    same(
      read[0]?.headers.map((h) => [h.key, h.value?.toString('hex')]),
      [
        ['one', '31'],
        ['ä', '00ff'],
      ],
      'headers',
    );
    same([read[1]?.key, read[1]?.value], [null, null], 'nulls');
    same([read[2]?.key?.length, read[2]?.value?.length], [0, 0], 'empty');
  },
  ...Object.fromEntries(
    [1, -1, 0].map((acks) => [
      `producer: acks ${acks}`,
      async (session: Session) => {
        const topic = await made(session);
        await filled(session, topic, 2, 0, { acks });
        await until(async () => (await count(session, topic)) === 2, 'both records');
      },
    ]),
  ),
  ...Object.fromEntries(
    CODECS.map((compression, number) => [
      `producer: ${compression}, and back`,
      async (session: Session) => {
        const topic = await made(session);
        await filled(session, topic, 500, 0, { compression });
        same([...new Set((await storedBatches(session.wire, topic)).map(codecOf))], [number], 'codec');
        const member = await Member.start(session, fresh('group'), { topics: [topic], mode: 'earliest' });
        await member.has(500);
        await member.stop();
        same(member.values, numbers(500), 'values');
      },
    ]),
  ),
  'producer: many partitions in one call': async (session) => {
    const topic = await made(session, 6);
    const messages = numbers(60).map((n) => ({ topic, partition: Number(n) % 6, value: Buffer.from(n) }));
    const { offsets } = await session.producer.send({ messages });
    same(offsets?.map((place) => place.partition).sort(), [0, 1, 2, 3, 4, 5], 'partitions answered');
    for (let p = 0; p < 6; p++) same(await count(session, topic, p), 10, `partition ${p}`);
  },
  'producer: idempotent': async (session) => {
    const topic = await made(session);
    const producer = new session.kafka.Producer({ ...session.base, idempotent: true });
    for (let i = 0; i < 20; i++) {
      await producer.send({ messages: [{ topic, partition: 0, value: Buffer.from(`${i}`) }], acks: -1 });
    }
    const batches = await storedBatches(session.wire, topic);
    same(
      batches.map((batch) => `${batch.baseSequence}`),
      numbers(20),
      'sequences',
    );
    that(
      batches.every((batch) => BigInt(batch.producerId) === producer.producerId),
      'producer id',
    );
    await producer.close();
  },
  'producer: requests side by side': async (session) => {
    const topic = await made(session, 3);
    await Promise.all(
      numbers(30).map((n) => filled(session, topic, Number(n) + 1, Number(n) % 3, { from: Number(n) })),
    );
    for (const p of [0, 1, 2]) same(await count(session, topic, p), 10, `partition ${p}`);
  },
  'producer: as a stream': async (session) => {
    const topic = await made(session);
    const stream = session.producer.asStream({ batchSize: 10, batchTime: 50, reportMode: 'batch' });
    const reported: number[] = [];
    stream.on('delivery-report', (report: { count: number }) => void reported.push(report.count));
    for (const n of numbers(100)) stream.write({ topic, partition: 0, value: Buffer.from(n) });
    await until(async () => (await count(session, topic)) === 100, 'a hundred records');
    await stream.close();
    same(
      reported.reduce((sum, n) => sum + n, 0),
      100,
      'reported',
    );
  },
  'producer: to an auto-created topic': async (session) => {
    const topic = fresh('auto');
    await filled(session, topic, 1, 3, { autocreateTopics: true });
    // With acks 1, which is what it asks for, a follower may still have to fetch it.
    await until(async () => (await count(session, topic, 3)) === 1, 'the record');
  },
  'producer: a topic that is not there': async (session) => {
    const producer = new session.kafka.Producer({ ...session.base, retries: 1 });
    const messages = [{ topic: fresh('absent'), value: Buffer.from('x') }];
    const failure = await failureOf(producer.send({ messages }));
    that(/does not host this topic-partition|Unknown topic/.test(failure), failure);
    await producer.close();
  },
  'producer: a record that is too large': async (session) => {
    const topic = await made(session);
    const failure = await failureOf(session.producer.send({ messages: [{ topic, value: Buffer.alloc(1_200_000) }] }));
    that(/larger than the max message size/i.test(failure), failure);
  },
};
