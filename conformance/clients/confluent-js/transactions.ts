// Transactions through both faces of the client, and what its consumers see of them.

import { same, that } from '../../suite.ts';
import { isControl } from '../../wire/record-batch.ts';
import { type Checks, failureOf, fresh, pause, until } from '../checks.ts';
import { storedBatches } from '../stored.ts';
import type { Producer, RdProducer, Settings } from './api.ts';
import { connected, settingsOf } from './rdkafka.ts';
import { called, committed, filled, made, Member, numbers, type Session } from './session.ts';

/** Connected, and known to the coordinator. */
async function transactional({ kafka }: Session, id = fresh('txn'), more: Settings = {}): Promise<Producer> {
  const producer = kafka.producer({ 'transactional.id': id, 'linger.ms': 0, ...more });
  await producer.connect();
  return producer;
}

const records = (to: number, from = 0, partition = 0): { value: string; partition: number }[] =>
  numbers(to, from).map((value) => ({ value, partition }));

const reading = (session: Session, topic: string, isolation: string): Promise<Member> =>
  Member.start(session, fresh('reader'), { topics: [topic], settings: { 'isolation.level': isolation } });

/** What a consumer is given within a moment after it has `count` records. */
async function read(session: Session, topic: string, count: number, isolation = 'read_committed'): Promise<string[]> {
  const member = await reading(session, topic, isolation);
  await member.has(count);
  await pause(500);
  await member.stop();
  return member.values;
}

async function rdTransactional(session: Session, id = fresh('txn')): Promise<RdProducer> {
  const producer = await connected(new session.rd.Producer(settingsOf(session, { 'transactional.id': id })));
  await called(producer, 'initTransactions', 10_000);
  return producer;
}

export const TRANSACTIONS: Checks<Session> = {
  'transactions: commit, abort, commit': async (session) => {
    const topic = await made(session, 2);
    const producer = await transactional(session);
    const ends = ['commit', 'abort', 'commit'] as const;
    for (const [round, end] of ends.entries()) {
      const transaction = await producer.transaction();
      for (const partition of [0, 1]) {
        await transaction.send({ topic, messages: records(round * 5 + 5, round * 5, partition) });
      }
      await transaction[end]();
    }
    await producer.disconnect();
    const twice = (values: string[]): number[] => values.flatMap((n) => [Number(n), Number(n)]);
    const sorted = (values: string[]): number[] => values.map(Number).sort((a, b) => a - b);
    same(sorted(await read(session, topic, 20)), twice([...numbers(5), ...numbers(15, 10)]), 'read_committed');
    same(sorted(await read(session, topic, 30, 'read_uncommitted')), twice(numbers(15)), 'read_uncommitted');
    const last = (await storedBatches(session.wire, topic)).filter(isControl).length;
    same(last, 3, 'markers');
  },
  'transactions: an open one hides what comes after it': async (session) => {
    const topic = await made(session);
    const producer = await transactional(session);
    await filled(session, topic, 2);
    const open = await producer.transaction();
    await open.send({ topic, messages: records(4, 2) });
    await filled(session, topic, 6, 0, 4);
    const member = await reading(session, topic, 'read_committed');
    await member.has(2);
    await pause(500);
    same(member.values, numbers(2), 'before the commit');
    await open.commit();
    await member.has(6);
    same(member.values, numbers(6), 'after it');
    await member.stop();
    await producer.disconnect();
  },
  'transactions: offsets come with the commit': async (session) => {
    const [source, group] = [await made(session), fresh('group')];
    await filled(session, source, 6);
    const producer = await transactional(session);
    const settings = { 'enable.auto.commit': false };
    const first = await Member.start(session, group, { topics: [source], settings });
    await first.has(6);
    for (const [end, offset, expected] of [
      ['abort', '5', -1],
      ['commit', '4', 4],
    ] as const) {
      const transaction = await producer.transaction();
      const topics = [{ topic: source, partitions: [{ partition: 0, offset }] }];
      await transaction.sendOffsets({ consumer: first.consumer, topics });
      same(await committed(session, group, source), -1, `before ${end}`);
      await transaction[end]();
      await until(async () => (await committed(session, group, source)) === expected, `offset ${expected}`);
    }
    await first.stop();
    const second = await Member.start(session, group, { topics: [source], settings });
    await second.has(2);
    await second.stop();
    same(second.values, numbers(6, 4), 'values');
    await producer.disconnect();
  },
  'transactions: a second producer with the id fences the first': async (session) => {
    const [topic, id] = [await made(session), fresh('txn')];
    const zombie = await transactional(session, id);
    const open = await zombie.transaction();
    await open.send({ topic, messages: records(3) });
    const living = await transactional(session, id);
    const next = await living.transaction();
    await next.send({ topic, messages: records(6, 3) });
    const failure = await failureOf(open.commit());
    that(/fenced/i.test(failure), failure);
    await next.commit();
    same(await read(session, topic, 3), numbers(6, 3), 'values');
    await Promise.allSettled([zombie.disconnect(), living.disconnect()]);
  },
  'rdkafka: transactions, commit and abort': async (session) => {
    const topic = await made(session);
    const producer = await rdTransactional(session);
    for (const [round, end] of (['abortTransaction', 'commitTransaction'] as const).entries()) {
      await called(producer, 'beginTransaction');
      for (const value of numbers(round * 3 + 3, round * 3)) producer.produce(topic, 0, Buffer.from(value), null);
      // What is still to be sent when a transaction is aborted is not sent.
      await called(producer, 'flush', 10_000);
      await called(producer, end, 10_000);
    }
    await called(producer, 'disconnect');
    same(await read(session, topic, 3), numbers(6, 3), 'read_committed');
    same(await read(session, topic, 6, 'read_uncommitted'), numbers(6), 'read_uncommitted');
  },
};
