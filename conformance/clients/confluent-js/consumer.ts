// What one consumer of the API like kafkajs's does: batches, pausing, seeking, subscriptions, commits.

import { same, that } from '../../suite.ts';
import { type Checks, fresh, pause, RECENT_MS, until } from '../checks.ts';
import { committed, filled, made, Member, numbers, type Session } from './session.ts';

const NO_AUTO_COMMIT = { 'enable.auto.commit': false };

export const CONSUMER: Checks<Session> = {
  'consumer: keys, values, nulls, headers, timestamps come back': async (session) => {
    const topic = await made(session);
    const headers = { text: 'ä', bytes: Buffer.from([0, 255]), twice: ['1', '2'] };
    const messages = [
      { key: 'k', value: 'v', headers, timestamp: String(RECENT_MS) },
      { key: null, value: null },
    ];
    await session.producer.send({ topic, messages });
    const seen: unknown[] = [];
    const member = await Member.start(session, fresh('group'), {
      topics: [topic],
      run: {
        eachMessage: async ({ message: { key, value, timestamp, headers: read } }) => {
          const texts = Object.entries(read ?? {}).map(([name, text]) => [name, [text].flat().map(hex)]);
          seen.push([hex(key), hex(value), seen.length === 0 ? timestamp : '', texts]);
        },
      },
    });
    await until(() => seen.length === 2, 'both records');
    await member.stop();
    const told = Object.entries(headers).map(([name, text]) => [name, [text].flat().map(hex)]);
    same(
      seen,
      [
        [hex('k'), hex('v'), String(RECENT_MS), told],
        [null, null, '', []],
      ],
      'records',
    );
  },
  'consumer: auto.offset.reset latest starts at the end': async (session) => {
    const topic = await made(session);
    await filled(session, topic, 5);
    const member = await Member.start(session, fresh('group'), {
      topics: [topic],
      settings: { 'auto.offset.reset': 'latest' },
    });
    await until(async () => {
      await filled(session, topic, 6, 0, 5);
      return member.received.length > 0;
    }, 'a new record');
    await member.stop();
    that((member.received[0]?.offset ?? 0) >= 5, `began at ${member.received[0]?.offset}`);
  },
  'consumer: pause and resume': async (session) => {
    const topic = await made(session, 2);
    const member = await Member.start(session, fresh('group'), { topics: [topic] });
    await until(() => member.owned.length === 2, 'both partitions');
    member.consumer.pause([{ topic, partitions: [0] }]);
    same(member.consumer.paused(), [{ topic, partitions: [0] }], 'paused');
    await filled(session, topic, 5, 0);
    await filled(session, topic, 5, 1);
    await member.has(5);
    await pause(600);
    that(
      member.received.every((record) => record.partition === 1),
      'read from a paused partition',
    );
    member.consumer.resume([{ topic, partitions: [0] }]);
    await member.has(10);
    await member.stop();
  },
  'consumer: seek back, beyond the end': async (session) => {
    const topic = await made(session);
    await filled(session, topic, 20);
    const member = await Member.start(session, fresh('group'), { topics: [topic] });
    await member.has(20);
    member.consumer.seek({ topic, partition: 0, offset: '15' });
    await member.has(25);
    same(member.values.slice(20), numbers(20, 15), 'again from 15');
    member.consumer.seek({ topic, partition: 0, offset: '1000' });
    // OFFSET_OUT_OF_RANGE: it starts anew where auto.offset.reset says.
    await member.has(45);
    same(member.values.slice(25), numbers(20), 'from the beginning');
    await member.stop();
  },
  'consumer: eachBatch with resolveOffset': async (session) => {
    const [topic, group] = [await made(session), fresh('group')];
    await filled(session, topic, 10);
    const seen: string[] = [];
    let isFirst = true;
    const member = await Member.start(session, group, {
      topics: [topic],
      run: {
        eachBatchAutoResolve: false,
        eachBatch: async ({ batch, resolveOffset, heartbeat }) => {
          for (const message of batch.messages) {
            if (isFirst && message.offset === '6') {
              isFirst = false;
              throw new Error('in the middle');
            }
            seen.push(message.offset);
            resolveOffset(message.offset);
            await heartbeat();
          }
        },
      },
    });
    await until(
      () => seen.length >= 10,
      () => `all records, has ${seen.join()}`,
    );
    same(seen, numbers(10), 'what was resolved is not given again');
    await member.stop();
    same(await committed(session, group, topic), 10, 'committed');
  },
  'consumer: regular expression, and a topic that comes later': async (session) => {
    const prefix = fresh('regex');
    const topics = [`${prefix}-one`, `${prefix}-two`, `other-${prefix}`];
    await session.admin.createTopics({ topics: topics.slice(1).map((topic) => ({ topic, numPartitions: 1 })) });
    for (const topic of topics.slice(1)) await filled(session, topic, 3);
    const member = await Member.start(session, fresh('group'), {
      topics: [new RegExp(`^${prefix}-.*`)],
      settings: { 'topic.metadata.refresh.interval.ms': 300 },
    });
    await member.has(3);
    await session.admin.createTopics({ topics: [{ topic: topics[0] ?? '', numPartitions: 1 }] });
    await until(() => member.owned.length === 2, 'the new topic');
    await filled(session, topics[0] ?? '', 3);
    await member.has(6);
    await member.stop();
    same([...new Set(member.received.map((record) => record.topic))].sort(), topics.slice(0, 2), 'topics');
  },
  'consumer: the next member goes on where the last one stopped': async (session) => {
    const [topic, group] = [await made(session), fresh('group')];
    await filled(session, topic, 10);
    const first = await Member.start(session, group, { topics: [topic] });
    await first.has(10);
    await first.stop();
    same(await committed(session, group, topic), 10, 'committed');
    await filled(session, topic, 15, 0, 10);
    const second = await Member.start(session, group, { topics: [topic] });
    await second.has(5);
    await second.stop();
    same(second.values, numbers(15, 10), 'values');
  },
  'consumer: commitOffsets and committed': async (session) => {
    const [topic, group] = [await made(session), fresh('group')];
    await filled(session, topic, 10);
    const first = await Member.start(session, group, { topics: [topic], settings: NO_AUTO_COMMIT });
    await first.has(10);
    await first.consumer.commitOffsets([{ topic, partition: 0, offset: '4', metadata: 'até aqui' }]);
    const [stands] = await first.consumer.committed([{ topic, partition: 0 }], 5_000);
    same([stands?.offset, stands?.metadata], ['4', 'até aqui'], 'committed');
    await first.stop();
    const second = await Member.start(session, group, { topics: [topic], settings: NO_AUTO_COMMIT });
    await second.has(6);
    await second.consumer.commitOffsets();
    await second.stop();
    same([second.values, await committed(session, group, topic)], [numbers(10, 4), 10], 'values, committed');
  },
  'consumer: subscribe to more, and to something else': async (session) => {
    const [one, two] = [await made(session), await made(session)];
    await filled(session, one, 3);
    await filled(session, two, 3);
    const member = await Member.start(session, fresh('group'), { topics: [one] });
    await member.has(3);
    await member.consumer.subscribe({ topics: [two] });
    await until(() => member.owned.length === 2, 'both topics');
    await member.has(6);
    await member.consumer.subscribe({ topics: [two], replace: true });
    await until(() => member.owned.join() === `${two}:0`, 'only the second');
    await member.stop();
  },
};

function hex(bytes: Buffer | string | null | undefined): string | null {
  return bytes === null || bytes === undefined ? null : Buffer.from(bytes).toString('hex');
}
