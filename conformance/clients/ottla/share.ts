// Share groups (KIP-932): what members are given, and what becomes of what they say of it.

import type { ShareConsumer, ShareConsumerOptions, ShareRecord } from '../../../src/client/index.ts';
import { same, that } from '../../suite.ts';
import { type Checks, fresh, until } from '../checks.ts';
import { text } from './member.ts';
import { filled, made, numbers, type Session } from './session.ts';

type Given = ShareRecord<Uint8Array | null, Uint8Array | null>;

async function groupFromStart({ admin }: Session): Promise<string> {
  const name = fresh('share');
  const changes = [{ name: 'share.auto.offset.reset', operation: 'SET', value: 'earliest' }] as const;
  await admin.incrementalAlterConfigs([{ type: 'GROUP', name, changes }]);
  return name;
}

const member = ({ cluster }: Session, options: ShareConsumerOptions): ShareConsumer =>
  cluster.shareConsumer({ maxWaitMs: 100, ...options });

async function some(consumer: ShareConsumer, count: number): Promise<Given[]> {
  const records: Given[] = [];
  await until(
    async () => {
      records.push(...(await consumer.poll(500)));
      return records.length >= count;
    },
    () => `${count} records, has ${records.length}`,
  );
  return records;
}

export const SHARE: Checks<Session> = {
  'share: accepted by asking for more, and by the end': async (session) => {
    const [topic, group] = [await made(session, 2), await groupFromStart(session)];
    await filled(session, topic, 10, 0);
    await filled(session, topic, 10, 1);
    await using first = member(session, { group, topics: [topic] });
    same(
      (await some(first, 20)).map(({ deliveryCount }) => deliveryCount),
      numbers(20).map(() => 1),
      'deliveries',
    );
    const outcomes = await first.commit();
    that(
      outcomes.every(({ error }) => error === undefined),
      JSON.stringify(outcomes),
    );
    await first.close();
    await using second = member(session, { group, topics: [topic] });
    await filled(session, topic, 11, 0, 10);
    same(
      (await some(second, 1)).map(({ value }) => text(value)),
      ['10'],
      'of the next member',
    );
  },
  'share: accept, release, reject of single records': async (session) => {
    const [topic, group] = [await made(session), await groupFromStart(session)];
    await filled(session, topic, 6);
    await using consumer = member(session, { group, topics: [topic], acknowledgementMode: 'explicit' });
    for (const record of await some(consumer, 6)) {
      consumer.acknowledge(record, record.offset === 2 ? 'release' : record.offset === 3 ? 'reject' : 'accept');
    }
    const outcomes = await consumer.commit();
    same(outcomes, [{ topic, partition: 0, records: 6, error: undefined }], 'outcomes');
    const [again] = await some(consumer, 1);
    same([again?.offset, again?.deliveryCount], [2, 2], 'released');
    consumer.acknowledge(again as Given);
  },
  'share: a lock that is renewed': async (session) => {
    const [topic, group] = [await made(session), await groupFromStart(session)];
    await filled(session, topic, 1);
    await using consumer = member(session, { group, topics: [topic], acknowledgementMode: 'explicit' });
    const [record] = await some(consumer, 1);
    for (const type of ['renew', 'accept'] as const) {
      consumer.acknowledge(record as Given, type);
      same(await consumer.commit(), [{ topic, partition: 0, records: 1, error: undefined }], type);
    }
  },
  'share: what was not come to goes to others': async (session) => {
    const [topic, group] = [await made(session), await groupFromStart(session)];
    await filled(session, topic, 10);
    const first = member(session, { group, topics: [topic], maxPollRecords: 4, acquireMode: 'record_limit' });
    same((await some(first, 4)).length, 4, 'at most');
    await first.close();
    await using second = member(session, { group, topics: [topic] });
    const offsets = (await some(second, 10)).map(({ offset }) => offset);
    same(offsets, numbers(10).map(Number), 'offsets');
  },
  'share: members of one partition, each record once': async (session) => {
    const [topic, group] = [await made(session), await groupFromStart(session)];
    const seen: string[] = [];
    const common = { group, topics: [topic], maxPollRecords: 5 };
    const members = [member(session, common), member(session, common)];
    const reading = members.map(async (one) => {
      for await (const { value } of one) seen.push(text(value));
    });
    for (let round = 0; round < 10; round++) await filled(session, topic, 20 * (round + 1), 0, 20 * round);
    await until(
      () => seen.length >= 200,
      () => `200 records, has ${seen.length}`,
    );
    await Promise.all(members.map((one) => one.close()));
    await Promise.all(reading);
    same(
      seen.map(Number).sort((a, b) => a - b),
      numbers(200).map(Number),
      'values',
    );
  },
  'share: markers of transactions are passed over': async (session) => {
    const [topic, group] = [await made(session), await groupFromStart(session)];
    await using producer = session.cluster.producer({ transactionalId: fresh('tx') });
    await producer.initTransactions();
    for (const value of ['a', 'b', 'c']) {
      producer.begin();
      await producer.send(topic, { value, partition: 0 });
      await producer.commit();
    }
    await using consumer = member(session, { group, topics: [topic] });
    same(
      (await some(consumer, 3)).map(({ value }) => text(value)),
      ['a', 'b', 'c'],
      'values',
    );
    const outcomes = await consumer.commit();
    that(
      outcomes.every(({ error }) => error === undefined),
      JSON.stringify(outcomes),
    );
  },
};
