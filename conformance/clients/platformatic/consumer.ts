// Streams of one consumer: where they begin, what they commit, what the consumer can be asked.

import { same, that } from '../../suite.ts';
import { metadata } from '../../wire/requests.ts';
import { type Checks, failureOf, fresh, pause, RECENT_MS, until } from '../checks.ts';
import { committed, filled, made, Member, numbers, type Session } from './session.ts';

const EARLIEST = -2n;
const MAX_TIMESTAMP = -3n;

export const CONSUMER: Checks<Session> = {
  'stream: keys, values, nulls, headers, timestamps come back': async (session) => {
    const topic = await made(session);
    const headers = new Map([
      [Buffer.from('one'), Buffer.from('1')],
      [Buffer.from('ä'), Buffer.from([0, 255])],
    ]);
    await session.producer.send({
      messages: [
        { topic, key: Buffer.from('k'), value: Buffer.from('v'), headers, timestamp: BigInt(RECENT_MS) },
        { topic, key: null, value: null },
      ],
    });
    const member = await Member.start(session, fresh('group'), { topics: [topic], mode: 'earliest' });
    await member.has(2);
    await member.stop();
    const [first, second] = member.received;
    same([String(first?.key), String(first?.value), Number(first?.timestamp)], ['k', 'v', RECENT_MS], 'first');
    const read = [...(first?.headers ?? [])].map(([name, value]) => [String(name), value.toString('hex')]);
    same(
      read,
      [
        ['one', '31'],
        ['ä', '00ff'],
      ],
      'headers',
    );
    same([second?.key ?? null, second?.value ?? null], [null, null], 'nulls');
  },
  'stream: mode earliest': async (session) => {
    const topic = await made(session, 2);
    await filled(session, topic, 5, 0);
    await filled(session, topic, 5, 1);
    const member = await Member.start(session, fresh('group'), { topics: [topic], mode: 'earliest' });
    await member.has(10);
    await member.stop();
  },
  'stream: mode latest': async (session) => {
    const topic = await made(session);
    await filled(session, topic, 5);
    const member = await Member.start(session, fresh('group'), { topics: [topic], mode: 'latest' });
    // Where the end is, the stream asks after it is given out.
    await until(async () => {
      await filled(session, topic, 6, 0, { from: 5 });
      return member.received.length > 0;
    }, 'a new record');
    await member.stop();
    that((member.received[0]?.offset ?? 0n) >= 5n, `began at ${member.received[0]?.offset}`);
  },
  'stream: mode manual': async (session) => {
    const topic = await made(session, 2);
    await filled(session, topic, 5, 0);
    await filled(session, topic, 5, 1);
    const offsets = [
      { topic, partition: 0, offset: 3n },
      { topic, partition: 1, offset: 1n },
    ];
    const member = await Member.start(session, fresh('group'), { topics: [topic], mode: 'manual', offsets });
    await member.has(6);
    await member.stop();
    const at = (p: number): string[] => member.received.filter((m) => m.partition === p).map((m) => String(m.value));
    same([at(0), at(1)], [numbers(5, 3), numbers(5, 1)], 'values');
  },
  'stream: mode committed goes on where the last one stopped': async (session) => {
    const [topic, group] = [await made(session), fresh('group')];
    await filled(session, topic, 10);
    const first = await Member.start(session, group, { topics: [topic], autocommit: true });
    await first.has(10);
    await first.stop();
    same(await committed(session, group, topic), 10, 'committed');
    await filled(session, topic, 15, 0, { from: 10 });
    const second = await Member.start(session, group, { topics: [topic] });
    await second.has(5);
    await second.stop();
    same(second.values, numbers(15, 10), 'values');
  },
  'stream: mode committed without a commit falls back': async (session) => {
    const topic = await made(session);
    await filled(session, topic, 3);
    const late = await Member.start(session, fresh('group'), { topics: [topic], fallbackMode: 'latest' });
    const failing = await failureOf(
      Member.start(session, fresh('group'), { topics: [topic], fallbackMode: 'fail' }).then(async (member) => {
        await until(() => member.errors.length > 0, 'an error');
        throw new Error(member.errors[0]);
      }),
    );
    that(/no committed offset/i.test(failing), failing);
    await until(async () => {
      await filled(session, topic, 4, 0, { from: 3 });
      return late.received.length > 0;
    }, 'a new record');
    await late.stop();
    same(late.values[0], '3', 'latest');
  },
  'stream: autocommit off, messages commit themselves': async (session) => {
    const [topic, group] = [await made(session), fresh('group')];
    await filled(session, topic, 10);
    const member = await Member.start(session, group, { topics: [topic], autocommit: false });
    await member.has(10);
    same(await committed(session, group, topic), -1, 'committed before');
    await member.received[6]?.commit();
    same(await committed(session, group, topic), 7, 'committed after');
    await member.stop();
  },
  'stream: autocommit by time': async (session) => {
    const [topic, group] = [await made(session), fresh('group')];
    await filled(session, topic, 10);
    const member = await Member.start(session, group, { topics: [topic], autocommit: 200 });
    await member.has(10);
    await until(async () => (await committed(session, group, topic)) === 10, 'the commit');
    await member.stop();
  },
  'stream: pause and resume': async (session) => {
    const topic = await made(session);
    const member = await Member.start(session, fresh('group'), { topics: [topic], mode: 'earliest' });
    await filled(session, topic, 3);
    await member.has(3);
    member.stream.pause();
    // The fetch that was under way may still bring what is written now.
    await pause(400);
    await filled(session, topic, 6, 0, { from: 3 });
    await pause(600);
    same(member.received.length, 3, 'records while paused');
    member.stream.resume();
    await member.has(6);
    await member.stop();
    same(member.values, numbers(6), 'values');
  },
  'stream: for await': async (session) => {
    const topic = await made(session);
    await filled(session, topic, 20);
    const consumer = new session.kafka.Consumer({ ...session.base, groupId: fresh('group') });
    const stream = await consumer.consume({ topics: [topic], mode: 'earliest', maxWaitTime: 200 });
    const values: string[] = [];
    for await (const message of stream) {
      values.push(String(message.value));
      if (values.length === 20) break;
    }
    await consumer.close(true);
    same(values, numbers(20), 'values');
  },
  'stream: small maxBytes, large records': async (session) => {
    const topic = await made(session);
    for (let i = 0; i < 4; i++) {
      await session.producer.send({ messages: [{ topic, partition: 0, value: Buffer.alloc(100_000, i) }] });
    }
    const member = await Member.start(session, fresh('group'), { topics: [topic], mode: 'earliest', maxBytes: 5_000 });
    await member.has(4);
    await member.stop();
    same(
      member.received.map((message) => message.value?.[99_999]),
      [0, 1, 2, 3],
      'records',
    );
  },
  'stream: two topics, two streams of one consumer': async (session) => {
    const [one, two] = [await made(session), await made(session)];
    await filled(session, one, 3);
    await filled(session, two, 4);
    const consumer = new session.kafka.Consumer({ ...session.base, groupId: fresh('group'), maxWaitTime: 200 });
    const counts = new Map<string, number>();
    for (const topic of [one, two]) {
      const stream = await consumer.consume({ topics: [topic], mode: 'earliest', maxWaitTime: 200 });
      stream.on('data', () => void counts.set(topic, (counts.get(topic) ?? 0) + 1));
    }
    await until(
      () => counts.get(one) === 3 && counts.get(two) === 4,
      () => JSON.stringify([...counts]),
    );
    await consumer.close(true);
  },
  'consumer: listOffsets, earliest, latest, by time, with timestamps': async (session) => {
    const topic = await made(session);
    const messages = numbers(10).map((n) => ({
      topic,
      partition: 0,
      value: Buffer.from(n),
      timestamp: BigInt(RECENT_MS) + BigInt(n),
    }));
    await session.producer.send({ messages });
    const consumer = new session.kafka.Consumer({ ...session.base, groupId: fresh('group') });
    const at = async (timestamp?: bigint): Promise<number> => {
      const asked = { topics: [topic], ...(timestamp !== undefined && { timestamp }) };
      return Number((await consumer.listOffsets(asked)).get(topic)?.[0]);
    };
    same([await at(), await at(EARLIEST), await at(BigInt(RECENT_MS + 4))], [10, 0, 4], 'latest, earliest, by time');
    const found = await consumer.listOffsetsWithTimestamps({ topics: [topic], timestamp: MAX_TIMESTAMP });
    const newest = found.get(topic)?.get(0);
    same([Number(newest?.offset), Number(newest?.timestamp)], [9, RECENT_MS + 9], 'with the largest timestamp');
    await consumer.close();
  },
  'consumer: commit, listCommittedOffsets, getLag': async (session) => {
    const [topic, group] = [await made(session), fresh('group')];
    await filled(session, topic, 10);
    const member = await Member.start(session, group, { topics: [topic], autocommit: false });
    await member.has(10);
    const { consumer } = member;
    await consumer.commit({ offsets: [{ topic, partition: 0, offset: 4n, leaderEpoch: 0 }] });
    const stands = await consumer.listCommittedOffsets({ topics: [{ topic, partitions: [0] }] });
    same(Number(stands.get(topic)?.[0]), 4, 'committed');
    same(Number((await consumer.getLag({ topics: [topic] })).get(topic)?.[0]), 6, 'lag');
    const { brokers } = await metadata(session.wire, []);
    const coordinator = await consumer.findGroupCoordinator();
    that(
      brokers.some(({ id }) => id === coordinator),
      `coordinator ${coordinator}`,
    );
    await member.stop();
  },
};
