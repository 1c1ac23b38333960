// Transactions of @platformatic/kafka, and what its streams see of them.

import { same, that } from '../../suite.ts';
import { isControl } from '../../wire/record-batch.ts';
import { type Checks, failureOf, fresh, pause, until } from '../checks.ts';
import { storedBatches } from '../stored.ts';
import type { Producer, ToProduce } from './api.ts';
import { committed, filled, made, Member, type MemberOptions, numbers, type Session } from './session.ts';

/** How a transaction ends, the record whose offset goes with it, and where the group stands then. */
const ENDS = [
  ['abort', 5, -1],
  ['commit', 3, 4],
] as const;
const READ_UNCOMMITTED = 0;
const READ_COMMITTED = 1;

const transactional = ({ kafka, base }: Session, transactionalId = fresh('txn')): Producer =>
  new kafka.Producer({ ...base, transactionalId, idempotent: true, retries: 3 });

const records = (topic: string, to: number, from = 0, partition = 0): ToProduce[] =>
  numbers(to, from).map((value) => ({ topic, partition, value: Buffer.from(value) }));

const reading = (session: Session, topic: string, isolationLevel = READ_COMMITTED): Promise<Member> =>
  Member.start(session, fresh('reader'), { topics: [topic], mode: 'earliest', isolationLevel });

/** What a stream gives within a moment after it has given `count` records. */
async function read(
  session: Session,
  topic: string,
  count: number,
  isolationLevel = READ_COMMITTED,
): Promise<string[]> {
  const member = await reading(session, topic, isolationLevel);
  await member.has(count);
  await pause(500);
  await member.stop();
  return member.values;
}

export const TRANSACTIONS: Checks<Session> = {
  'transactions: commit, abort, commit': async (session) => {
    const topic = await made(session, 2);
    const producer = transactional(session);
    const ends = ['commit', 'abort', 'commit'] as const;
    for (const [round, end] of ends.entries()) {
      const transaction = await producer.beginTransaction();
      for (const partition of [0, 1]) {
        await transaction.send({ messages: records(topic, round * 5 + 5, round * 5, partition) });
      }
      await transaction[end]();
    }
    await producer.close();
    const twice = (values: string[]): number[] => values.flatMap((n) => [Number(n), Number(n)]);
    const sorted = (values: string[]): number[] => values.map(Number).sort((a, b) => a - b);
    same(sorted(await read(session, topic, 20)), twice([...numbers(5), ...numbers(15, 10)]), 'read_committed');
    same(sorted(await read(session, topic, 30, READ_UNCOMMITTED)), twice(numbers(15)), 'read_uncommitted');
    const batches = await storedBatches(session.wire, topic);
    same(batches.map(isControl), [false, true, false, true, false, true], 'markers');
  },
  'transactions: an open one hides what comes after it': async (session) => {
    const topic = await made(session);
    const producer = transactional(session);
    await filled(session, topic, 2);
    const open = await producer.beginTransaction();
    await open.send({ messages: records(topic, 4, 2) });
    await filled(session, topic, 6, 0, { from: 4 });
    const member = await reading(session, topic);
    await member.has(2);
    await pause(500);
    same(member.values, numbers(2), 'before the commit');
    await open.commit();
    await member.has(6);
    same(member.values, numbers(6), 'after it');
    await member.stop();
    await producer.close();
  },
  'transactions: offsets come with the commit': async (session) => {
    const [source, sink, group] = [await made(session), await made(session), fresh('group')];
    await filled(session, source, 6);
    const producer = transactional(session);
    const options: MemberOptions = { topics: [source], autocommit: false };
    const first = await Member.start(session, group, options);
    await first.has(6);
    for (const [end, at, expected] of ENDS) {
      const transaction = await producer.beginTransaction();
      await transaction.addConsumer(first.consumer);
      await transaction.send({ messages: records(sink, at + 1, at) });
      const message = first.received[at];
      that(message !== undefined, 'a record');
      if (message !== undefined) await transaction.addOffset(message);
      same(await committed(session, group, source), -1, `before ${end}`);
      await transaction[end]();
      await until(async () => (await committed(session, group, source)) === expected, `offset ${expected}`);
    }
    await first.stop();
    const second = await Member.start(session, group, options);
    await second.has(2);
    await second.stop();
    same(second.values, numbers(6, 4), 'values');
    same(await read(session, sink, 1), ['3'], 'written');
    await producer.close();
  },
  'transactions: a second producer with the id fences the first': async (session) => {
    const [topic, id] = [await made(session), fresh('txn')];
    const zombie = transactional(session, id);
    const open = await zombie.beginTransaction();
    await open.send({ messages: records(topic, 3) });
    const living = transactional(session, id);
    const next = await living.beginTransaction({ producerId: -1n, producerEpoch: -1 });
    await next.send({ messages: records(topic, 6, 3) });
    that((await failureOf(open.send({ messages: records(topic, 9, 6) }))) !== 'no error', 'the zombie has written');
    that((await failureOf(open.commit())) !== 'no error', 'the zombie has committed');
    await next.commit();
    same(await read(session, topic, 3), numbers(6, 3), 'values');
    same((await storedBatches(session.wire, topic)).map(isControl), [false, true, false, true], 'markers');
    await Promise.allSettled([zombie.close(true), living.close(true)]);
  },
};
