// Transactions as kafkajs speaks them (TV1: partitions are added before they are written to), and what its consumers see.

import type { EachBatchPayload, Producer } from 'kafkajs';
import { same, that } from '../../suite.ts';
import { isControl } from '../../wire/record-batch.ts';
import { type Checks, failureOf, fresh, pause, until } from '../checks.ts';
import { storedBatches } from '../stored.ts';
import { committed, filled, made, Member, numbers, type Session } from './session.ts';

/** A transactional producer, connected. */
async function transactional(
  { kafka }: Session,
  transactionalId = fresh('txn'),
  timeoutMs = 30_000,
): Promise<Producer> {
  const options = { transactionalId, idempotent: true, maxInFlightRequests: 1, transactionTimeout: timeoutMs };
  const producer = kafka.producer({ ...options, retry: { retries: 3 } });
  await producer.connect();
  return producer;
}

const records = (to: number, from = 0, partition = 0): { value: string; partition: number }[] =>
  numbers(to, from).map((value) => ({ value, partition }));

/** What a member that reads so gets within a moment after it has `count` records. */
async function read({ kafka }: Session, topic: string, count: number, readUncommitted = false): Promise<string[]> {
  const member = await Member.start(kafka, fresh('reader'), { topics: [topic], readUncommitted });
  await member.has(count);
  await pause(300);
  await member.stop();
  return member.values;
}

export const TRANSACTIONS: Checks<Session> = {
  'transactions: what was committed is read, in order': async (session) => {
    const topic = await made(session.admin, 2);
    const producer = await transactional(session);
    for (let round = 0; round < 3; round++) {
      const transaction = await producer.transaction();
      for (const partition of [0, 1]) {
        await transaction.send({ topic, messages: records(round * 5 + 5, round * 5, partition) });
      }
      await transaction.commit();
    }
    await producer.disconnect();
    const values = await read(session, topic, 30);
    same(
      values.map(Number).sort((a, b) => a - b),
      numbers(15).flatMap((n) => [Number(n), Number(n)]),
      'values',
    );
    // Three transactions: a batch and a marker each.
    same((await storedBatches(session.wire, topic)).map(isControl), [false, true, false, true, false, true], 'markers');
  },
  'transactions: what was aborted is not': async (session) => {
    const topic = await made(session.admin);
    const producer = await transactional(session);
    const aborted = await producer.transaction();
    await aborted.send({ topic, messages: records(5) });
    await aborted.abort();
    const kept = await producer.transaction();
    await kept.send({ topic, messages: records(10, 5) });
    await kept.commit();
    await producer.disconnect();
    same(await read(session, topic, 5), numbers(10, 5), 'read_committed');
    same(await read(session, topic, 10, true), numbers(10), 'read_uncommitted');
  },
  'transactions: an open one hides what comes after it': async (session) => {
    const topic = await made(session.admin);
    const producer = await transactional(session);
    await filled(session.producer, topic, 2);
    const open = await producer.transaction();
    await open.send({ topic, messages: records(4, 2) });
    await filled(session.producer, topic, 6, 0, 4);
    const member = await Member.start(session.kafka, fresh('reader'), { topics: [topic] });
    await member.has(2);
    await pause(500);
    same(member.values, numbers(2), 'before the commit');
    same(await read(session, topic, 6, true), numbers(6), 'read_uncommitted');
    await open.commit();
    await member.has(6);
    same(member.values, numbers(6), 'after it');
    await member.stop();
    await producer.disconnect();
  },
  'transactions: empty ones': async (session) => {
    const producer = await transactional(session);
    for (const end of ['commit', 'abort', 'commit'] as const) await (await producer.transaction())[end]();
    await producer.disconnect();
  },
  'transactions: offsets come with the commit': async (session) => {
    const { kafka, admin } = session;
    const [topic, consumerGroupId] = [await made(admin), fresh('group')];
    const producer = await transactional(session);
    const sendOffsets = (offset: string) => ({
      consumerGroupId,
      topics: [{ topic, partitions: [{ partition: 0, offset }] }],
    });
    const aborted = await producer.transaction();
    await aborted.send({ topic, messages: records(3) });
    await aborted.sendOffsets(sendOffsets('2'));
    await aborted.abort();
    same(await committed(admin, consumerGroupId, topic), -1, 'after the abort');
    const kept = await producer.transaction();
    await kept.send({ topic, messages: records(6, 3) });
    await kept.sendOffsets(sendOffsets('4'));
    same(await committed(admin, consumerGroupId, topic), -1, 'while it is open');
    await kept.commit();
    await until(async () => (await committed(admin, consumerGroupId, topic)) === 4, 'the offset');
    await producer.disconnect();
    // 0-2 aborted, 3 its marker, 4-6 the values 3-5.
    const member = await Member.start(kafka, consumerGroupId, { topics: [topic] });
    await member.has(3);
    await member.stop();
    same(member.values, numbers(6, 3), 'values');
  },
  'transactions: consume, transform, produce': async (session) => {
    const { kafka, admin, wire } = session;
    const [source, sink, group] = [await made(admin), await made(admin), fresh('group')];
    await filled(session.producer, source, 20);
    const producer = await transactional(session);
    const failed = new Set<string>();
    const run = {
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: async (payload: EachBatchPayload) => {
        const { batch } = payload;
        for (const message of batch.messages) {
          if (payload.isStale()) return;
          const transaction = await producer.transaction();
          await transaction.send({ topic: sink, messages: [{ value: `${String(message.value)}!`, partition: 0 }] });
          const offset = `${Number(message.offset) + 1}`;
          const partitions = [{ partition: batch.partition, offset }];
          await transaction.sendOffsets({ consumerGroupId: group, topics: [{ topic: source, partitions }] });
          // Every seventh is done over again.
          if (Number(message.value) % 7 === 3 && !failed.has(message.offset)) {
            failed.add(message.offset);
            await transaction.abort();
            member.consumer.seek({ topic: source, partition: batch.partition, offset: message.offset });
            return;
          }
          await transaction.commit();
          payload.resolveOffset(message.offset);
          if (Number(offset) === 20) done = true;
        }
      },
    };
    let done = false;
    const member = await Member.start(kafka, group, { topics: [source], run });
    await until(() => done, 'the last record');
    await member.stop();
    await producer.disconnect();
    same(await committed(admin, group, source), 20, 'committed');
    same(
      await read(session, sink, 20),
      numbers(20).map((n) => `${n}!`),
      'values',
    );
    same((await storedBatches(wire, sink)).filter(isControl).length, 23, 'markers');
  },
  'transactions: a second producer with the id fences the first': async (session) => {
    const [topic, id] = [await made(session.admin), fresh('txn')];
    const zombie = await transactional(session, id);
    const open = await zombie.transaction();
    await open.send({ topic, messages: records(3) });
    const living = await transactional(session, id);
    const next = await living.transaction();
    await next.send({ topic, messages: records(6, 3) });
    const failure = await failureOf(open.send({ topic, messages: records(9, 6) }));
    that(/older epoch|newer producer|invalid.*epoch|fenced/i.test(failure), failure);
    that((await failureOf(open.commit())) !== 'no error', 'the zombie has committed');
    await next.commit();
    same(await read(session, topic, 3), numbers(6, 3), 'values');
    const batches = await storedBatches(session.wire, topic);
    same(batches.map(isControl), [false, true, false, true], 'markers');
    that((batches[2]?.producerEpoch ?? 0) > (batches[0]?.producerEpoch ?? 0), 'a newer epoch');
    await living.disconnect();
    await zombie.disconnect();
  },
  'transactions: one that takes too long is aborted': async (session) => {
    const topic = await made(session.admin);
    const producer = await transactional(session, fresh('txn'), 1_000);
    const open = await producer.transaction();
    await open.send({ topic, messages: records(3) });
    const isAborted = async (): Promise<boolean> => (await storedBatches(session.wire, topic)).some(isControl);
    await until(isAborted, 'the marker', 30_000);
    that((await failureOf(open.commit())) !== 'no error', 'it was committed');
    same(await read(session, topic, 3, true), numbers(3), 'read_uncommitted');
    await filled(session.producer, topic, 4, 0, 3);
    same(await read(session, topic, 1), ['3'], 'read_committed');
  },
  'transactions: a time-out beyond transaction.max.timeout.ms': async (session) => {
    const producer = await transactional(session, fresh('txn'), 900_001);
    const failure = await failureOf(producer.transaction());
    await producer.disconnect();
    that(/timeout is larger than the maximum value|INVALID_TRANSACTION_TIMEOUT/i.test(failure), failure);
  },
};
