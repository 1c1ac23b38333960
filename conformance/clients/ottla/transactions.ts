// Transactions of our producer, and what readers see of them.

import { type ClientError, Consumer, Producer, TransactionError } from '../../../src/client/index.ts';
import { same, that } from '../../suite.ts';
import { isControl } from '../../wire/record-batch.ts';
import { type Checks, fresh, until } from '../checks.ts';
import { storedBatches } from '../stored.ts';
import { filled, made, numbers, type Session, valuesIn } from './session.ts';

const transactional = ({ cluster }: Session, transactionalId = fresh('txn'), transactionTimeoutMs = 30_000): Producer =>
  new Producer({ client: cluster, transactionalId, transactionTimeoutMs });

const records = (to: number, from = 0, partition = 0) => numbers(to, from).map((value) => ({ value, partition }));

async function committedOf({ cluster }: Session, group: string, topic: string): Promise<number> {
  await using consumer = new Consumer({ client: cluster, group });
  const [found] = await consumer.committed([{ topic, partition: 0 }]);
  return Number(found?.offset ?? -1);
}

export const TRANSACTIONS: Checks<Session> = {
  'transactions: what was committed is read, in order': async (session) => {
    const topic = await made(session);
    await using producer = transactional(session);
    for (let round = 0; round < 3; round++) {
      const count = await producer.transaction(async (tx) => {
        await tx.send(topic, records(round * 5 + 5, round * 5));
        return round;
      });
      same(count, round, 'what the body answers');
    }
    same(await valuesIn(session, topic), numbers(15), 'values');
    same((await storedBatches(session.wire, topic)).map(isControl), [false, true, false, true, false, true], 'markers');
  },
  'transactions: what was aborted is not, and its error comes back': async (session) => {
    const topic = await made(session);
    await using producer = transactional(session);
    const failure = new Error('not this one');
    const came = await producer
      .transaction(async (tx) => {
        await tx.send(topic, records(5));
        throw failure;
      })
      .catch((error: unknown) => error);
    same(came === failure, true, 'the error');
    await producer.transaction((tx) => tx.send(topic, records(10, 5)));
    same(await valuesIn(session, topic), numbers(10, 5), 'read_committed');
    same(await valuesIn(session, topic, 'read_uncommitted'), numbers(10), 'read_uncommitted');
  },
  'transactions: sends that nobody waited for are in it': async (session) => {
    const topic = await made(session, 3);
    await using producer = transactional(session);
    await producer.transaction(async (tx) => {
      for (let partition = 0; partition < 3; partition++) void tx.send(topic, records(20, 0, partition));
    });
    same(await valuesIn(session, topic), numbers(20), 'values');
  },
  'transactions: empty ones': async (session) => {
    await using producer = transactional(session);
    await producer.initTransactions();
    for (const end of ['commit', 'abort', 'commit'] as const) {
      producer.begin();
      await producer[end]();
    }
  },
  'transactions: an open one hides what comes after it': async (session) => {
    const topic = await made(session);
    await using producer = transactional(session);
    await producer.initTransactions();
    await filled(session, topic, 2);
    producer.begin();
    await producer.send(topic, records(4, 2));
    await filled(session, topic, 6, 0, 4);
    same(await valuesIn(session, topic), numbers(2), 'before the commit');
    await producer.commit();
    await until(async () => (await valuesIn(session, topic)).length === 6, 'all six');
  },
  'transactions: offsets come with the commit': async (session) => {
    const [topic, group] = [await made(session), fresh('group')];
    await using producer = transactional(session);
    await producer.initTransactions();
    producer.begin();
    await producer.send(topic, records(3));
    await producer.sendOffsets([{ topic, partition: 0, offset: 2 }], { groupId: group });
    await producer.abort();
    same(await committedOf(session, group, topic), -1, 'after the abort');
    await producer.transaction(async (tx) => {
      await tx.send(topic, records(6, 3));
      await tx.sendOffsets([{ topic, partition: 0, offset: 4 }], { groupId: group });
    });
    await until(async () => (await committedOf(session, group, topic)) === 4, 'the offset');
  },
  'transactions: a second producer with the id fences the first': async (session) => {
    const [topic, id] = [await made(session), fresh('txn')];
    const zombie = transactional(session, id);
    await zombie.initTransactions();
    zombie.begin();
    await zombie.send(topic, records(3));
    await using living = transactional(session, id);
    await living.transaction((tx) => tx.send(topic, records(6, 3)));
    const sent = await zombie.send(topic, records(9, 6)).catch((error: unknown) => error);
    that(sent instanceof Error, 'the zombie has written');
    const ended = await zombie.commit().catch((error: unknown) => error);
    that(ended instanceof TransactionError, `the zombie has committed: ${String(ended)}`);
    await zombie.close();
    same(await valuesIn(session, topic), numbers(6, 3), 'values');
    const batches = await storedBatches(session.wire, topic);
    same(batches.map(isControl), [false, true, false, true], 'markers');
    that((batches[2]?.producerEpoch ?? 0) > (batches[0]?.producerEpoch ?? 0), 'a newer epoch');
  },
  'transactions: a record that is refused breaks it; aborted, the producer goes on': async (session) => {
    const topic = await made(session, 1, { 'max.message.bytes': '1000' });
    await using producer = transactional(session);
    await producer.initTransactions();
    producer.begin();
    await producer.send(topic, records(1));
    const refused = (await producer
      .send(topic, { value: Buffer.alloc(2_000) })
      .catch((error: unknown) => error)) as ClientError;
    same(refused.code, 'MESSAGE_TOO_LARGE', 'the record');
    const ended = (await producer.commit().catch((error: unknown) => error)) as TransactionError;
    same(
      [ended.name, ended.code, ended.fatal, ended.canBeAborted],
      ['TransactionError', 'MESSAGE_TOO_LARGE', false, true],
      'commit',
    );
    await producer.abort();
    await producer.transaction((tx) => tx.send(topic, records(2, 1)));
    same(await valuesIn(session, topic), ['1'], 'values');
  },
  'transactions: one that takes too long is aborted': async (session) => {
    const topic = await made(session);
    const producer = transactional(session, fresh('txn'), 1_000);
    await producer.initTransactions();
    producer.begin();
    await producer.send(topic, records(3));
    await until(async () => (await storedBatches(session.wire, topic)).some(isControl), 'the marker', 30_000);
    that((await producer.commit().catch((error: unknown) => error)) instanceof TransactionError, 'it was committed');
    await producer.close();
    same(await valuesIn(session, topic), [], 'values');
  },
  'transactions: a time-out beyond transaction.max.timeout.ms': async (session) => {
    await using producer = transactional(session, fresh('txn'), 900_001);
    const failure = (await producer.initTransactions().catch((error: unknown) => error)) as ClientError;
    same(failure.code, 'INVALID_TRANSACTION_TIMEOUT', 'code');
  },
};
