// What one consumer does with what it fetches: batches, pausing, seeking, subscriptions.

import { same, that } from '../../suite.ts';
import { type Checks, failureOf, fresh, pause, RECENT_MS, until } from '../checks.ts';
import { committed, filled, kafkajs, made, Member, numbers, type Session } from './session.ts';

export const CONSUMER: Checks<Session> = {
  'consumer: keys, values, nulls, headers, timestamps come back': async ({ kafka, admin, producer }) => {
    const topic = await made(admin);
    const headers = { text: 'ä', bytes: Buffer.from([0, 255]), twice: ['1', '2'] };
    const messages = [
      { key: 'k', value: 'v', headers, timestamp: String(RECENT_MS) },
      { key: null, value: null },
      { key: '', value: '' },
    ];
    await producer.send({ topic, messages });
    const seen: unknown[] = [];
    const member = await Member.start(kafka, fresh('group'), {
      topics: [topic],
      run: {
        eachMessage: async ({ message: { key, value, timestamp, headers: read } }) => {
          const texts = Object.entries(read ?? {}).map(([name, text]) => [name, [text].flat().map(hex)]);
          seen.push([hex(key), hex(value), seen.length === 0 ? timestamp : '', texts]);
        },
      },
    });
    await until(() => seen.length === 3, 'three records');
    await member.stop();
    const told = Object.entries(headers).map(([name, text]) => [name, [text].flat().map(hex)]);
    same(
      seen,
      [
        [hex('k'), hex('v'), String(RECENT_MS), told],
        [null, null, '', []],
        ['', '', '', []],
      ],
      'records',
    );
  },
  'consumer: gzip batches, many partitions': async ({ kafka, admin, producer }) => {
    const topic = await made(admin, 4);
    const messages = numbers(400).map((value) => ({ value, partition: Number(value) % 4 }));
    await producer.send({ topic, messages, compression: kafkajs.CompressionTypes.GZIP });
    const member = await Member.start(kafka, fresh('group'), { topics: [topic] });
    await member.has(400);
    await member.stop();
    for (let p = 0; p < 4; p++) {
      const values = member.received.filter((record) => record.partition === p).map((record) => record.value);
      same(
        values,
        numbers(400).filter((value) => Number(value) % 4 === p),
        `partition ${p}, in order`,
      );
    }
  },
  'consumer: fromBeginning false starts at the end': async ({ kafka, admin, producer }) => {
    const topic = await made(admin);
    await filled(producer, topic, 5);
    const member = await Member.start(kafka, fresh('group'), { topics: [topic], fromBeginning: false });
    // Where the end is shows with the first fetch: records written before that are not waited for.
    await until(async () => {
      await filled(producer, topic, 1, 0, 0);
      return member.received.length > 0;
    }, 'a new record');
    await member.stop();
    that((member.received[0]?.offset ?? 0) >= 5, `began at ${member.received[0]?.offset}`);
  },
  'consumer: a record larger than maxBytesPerPartition': async ({ kafka, admin, producer }) => {
    const topic = await made(admin);
    await producer.send({ topic, messages: [{ value: 'x'.repeat(200_000) }] });
    await filled(producer, topic, 3);
    const member = await Member.start(kafka, fresh('group'), { topics: [topic], maxBytesPerPartition: 1_000 });
    await member.has(4);
    await member.stop();
    same(member.received[0]?.value.length, 200_000, 'the large one');
  },
  'consumer: pause and resume': async ({ kafka, admin, producer }) => {
    const topic = await made(admin, 2);
    const member = await Member.start(kafka, fresh('group'), { topics: [topic] });
    member.consumer.pause([{ topic, partitions: [0] }]);
    same(member.consumer.paused(), [{ topic, partitions: [0] }], 'paused');
    await filled(producer, topic, 5, 0);
    await filled(producer, topic, 5, 1);
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
  'consumer: pause from inside eachMessage': async ({ kafka, admin, producer }) => {
    const topic = await made(admin);
    await filled(producer, topic, 4);
    const seen: string[] = [];
    const resumes: (() => void)[] = [];
    const member = await Member.start(kafka, fresh('group'), {
      topics: [topic],
      run: {
        eachMessage: async (payload) => {
          if (payload.message.offset === '2' && resumes.length === 0) {
            resumes.push(payload.pause());
            throw new Error('not now');
          }
          seen.push(payload.message.offset);
        },
      },
    });
    await until(() => resumes.length === 1, 'the pause');
    await pause(600);
    same(seen, ['0', '1'], 'before');
    resumes[0]?.();
    await until(() => seen.length === 4, 'the rest');
    await member.stop();
    same(seen, ['0', '1', '2', '3'], 'after');
  },
  'consumer: seek back, forward, beyond the end': async ({ kafka, admin, producer }) => {
    const topic = await made(admin);
    await filled(producer, topic, 20);
    const member = await Member.start(kafka, fresh('group'), { topics: [topic] });
    await member.has(20);
    member.consumer.seek({ topic, partition: 0, offset: '15' });
    await member.has(25);
    same(member.values.slice(20), numbers(20, 15), 'again from 15');
    member.consumer.seek({ topic, partition: 0, offset: '1000' });
    // OFFSET_OUT_OF_RANGE: it starts anew where fromBeginning says.
    await member.has(45);
    same(member.values.slice(25), numbers(20), 'from the beginning');
    await member.stop();
  },
  'consumer: eachBatch with resolveOffset': async ({ kafka, admin, producer }) => {
    const [topic, group] = [await made(admin), fresh('group')];
    await filled(producer, topic, 10);
    const seen: string[] = [];
    let isFirst = true;
    const member = await Member.start(kafka, group, {
      topics: [topic],
      run: {
        eachBatchAutoResolve: false,
        eachBatch: async (payload) => {
          for (const message of payload.batch.messages) {
            if (isFirst && message.offset === '6') {
              isFirst = false;
              throw new Error('in the middle');
            }
            seen.push(message.offset);
            payload.resolveOffset(message.offset);
            await payload.heartbeat();
          }
          await payload.commitOffsetsIfNecessary();
        },
      },
    });
    await until(() => seen.length >= 10, 'all records');
    same(seen, numbers(10), 'what was resolved is not given again');
    await member.stop();
    same(await committed(admin, group, topic), 10, 'committed');
  },
  'consumer: batches say where they stand': async ({ kafka, admin, producer }) => {
    const topic = await made(admin);
    await filled(producer, topic, 10);
    const seen: string[][] = [];
    const member = await Member.start(kafka, fresh('group'), {
      topics: [topic],
      run: {
        eachBatch: async ({ batch }) => {
          seen.push([batch.firstOffset() ?? '', batch.lastOffset(), batch.highWatermark, batch.offsetLag()]);
        },
      },
    });
    await until(() => seen.length > 0, 'a batch');
    await member.stop();
    same(seen[0], ['0', '9', '10', '0'], 'first, last, high watermark, lag');
  },
  'consumer: partitionsConsumedConcurrently': async ({ kafka, admin, producer }) => {
    const topic = await made(admin, 3);
    for (const p of [0, 1, 2]) await filled(producer, topic, 2, p);
    const running = new Set<number>();
    const done = new Set<number>();
    const member = await Member.start(kafka, fresh('group'), {
      topics: [topic],
      run: {
        partitionsConsumedConcurrently: 3,
        eachMessage: async ({ partition }) => {
          running.add(partition);
          await until(() => running.size === 3, 'the other two', 10_000);
          done.add(partition);
        },
      },
    });
    await until(() => done.size === 3, 'all partitions at the same time');
    await member.stop();
  },
  'consumer: regular expression': async ({ kafka, admin, producer }) => {
    const prefix = fresh('regex');
    const topics = [`${prefix}-one`, `${prefix}-two`, `other-${prefix}`];
    await admin.createTopics({ topics: topics.map((topic) => ({ topic })), waitForLeaders: true });
    for (const topic of topics) await filled(producer, topic, 3);
    const member = await Member.start(kafka, fresh('group'), { topics: [new RegExp(`^${prefix}-.*`)] });
    await member.has(6);
    await pause(300);
    await member.stop();
    same([...new Set(member.received.map((record) => record.topic))].sort(), topics.slice(0, 2), 'topics');
  },
  'consumer: subscribing creates a topic': async ({ kafka, admin, producer }) => {
    const topic = fresh('auto');
    const early = kafka.consumer({ groupId: fresh('group'), allowAutoTopicCreation: true });
    await early.connect();
    // The answer that it is not there comes with its creation; kafkajs does not ask again by itself.
    const failure = await failureOf(early.subscribe({ topic }));
    that(/does not host this topic-partition|leadership election/.test(failure), failure);
    await early.disconnect();
    await until(async () => (await admin.listTopics()).includes(topic), 'the topic');
    const member = await Member.start(kafka, fresh('group'), { topics: [topic] });
    same(member.owned.length, 4, 'partitions');
    await filled(producer, topic, 3, 2);
    await member.has(3);
    await member.stop();
  },
  'consumer: stop, and run again': async ({ kafka, admin, producer }) => {
    const topic = await made(admin);
    await filled(producer, topic, 3);
    const member = await Member.start(kafka, fresh('group'), { topics: [topic] });
    await member.has(3);
    await member.consumer.stop();
    await filled(producer, topic, 6, 0, 3);
    await member.run();
    await member.has(6);
    await member.stop();
    same(member.values, numbers(6), 'values');
  },
};

function hex(bytes: Buffer | string | null | undefined): string | null {
  return bytes === null || bytes === undefined ? null : Buffer.from(bytes).toString('hex');
}
