// The API like node-rdkafka's: delivery reports, streams, consumers that flow, ask or assign themselves.

import { same, that } from '../../suite.ts';
import { type Checks, failureOf, fresh, pause, RECENT_MS, until } from '../checks.ts';
import type { RdClient, RdConsumer, RdMessage, Settings } from './api.ts';
import { storedRecords } from '../stored.ts';
import { called, committed, filled, made, numbers, type Session } from './session.ts';

export async function connected<Client extends RdClient>(client: Client): Promise<Client> {
  client.on('event.error', () => undefined);
  await called(client as RdClient, 'connect', {});
  return client;
}

export const settingsOf = ({ bootstrap }: Session, more: Settings = {}): Settings => ({
  'bootstrap.servers': bootstrap,
  'client.id': 'conformance',
  ...more,
});

function consumerOf(session: Session, group: string, more: Settings = {}): Promise<RdConsumer> {
  const settings = settingsOf(session, {
    'group.id': group,
    'enable.auto.commit': false,
    'fetch.wait.max.ms': 100,
    'heartbeat.interval.ms': 250,
    'session.timeout.ms': 10_000,
    ...more,
  });
  return connected(new session.rd.KafkaConsumer(settings, { 'auto.offset.reset': 'earliest' }));
}

const closed = (client: RdClient): Promise<unknown> => called(client, 'disconnect');

/** Asks for records until there are so many. */
async function read(consumer: RdConsumer, count: number): Promise<RdMessage[]> {
  const messages: RdMessage[] = [];
  consumer.setDefaultConsumeTimeout(200);
  await until(
    async () => {
      messages.push(...(await called(consumer, 'consume', count - messages.length)));
      return messages.length >= count;
    },
    () => `${count} records, has ${messages.length}`,
  );
  return messages;
}

const valuesOf = (messages: readonly RdMessage[]): string[] => messages.map((message) => String(message.value));

export const RDKAFKA: Checks<Session> = {
  'rdkafka: producer with delivery reports, headers, nulls': async (session) => {
    const topic = await made(session);
    const producer = await connected(new session.rd.Producer(settingsOf(session, { dr_cb: true, 'linger.ms': 50 })));
    const reports: [number, unknown][] = [];
    producer.on('delivery-report', (_error, report: { offset: number; opaque: unknown }) => {
      reports.push([report.offset, report.opaque]);
    });
    producer.setPollInterval(20);
    producer.produce(topic, 0, Buffer.from('v'), 'k', RECENT_MS, 'first', [{ one: '1' }, { two: Buffer.from('2') }]);
    producer.produce(topic, 0, null, null, null, 'second');
    await called(producer, 'flush', 10_000);
    await until(() => reports.length === 2, 'both reports');
    same(
      reports,
      [
        [0, 'first'],
        [1, 'second'],
      ],
      'reports',
    );
    const [first, second] = await storedRecords(session.wire, topic);
    same([String(first?.key), String(first?.value), first?.timestamp], ['k', 'v', RECENT_MS], 'first');
    same(
      first?.headers.map((h) => [h.key, String(h.value)]),
      [
        ['one', '1'],
        ['two', '2'],
      ],
      'headers',
    );
    same([second?.key, second?.value], [null, null], 'nulls');
    await closed(producer);
  },
  'rdkafka: a thousand records through four codecs': async (session) => {
    for (const codec of ['gzip', 'snappy', 'lz4', 'zstd']) {
      const topic = await made(session);
      const settings = settingsOf(session, { dr_cb: true, 'compression.codec': codec, 'enable.idempotence': true });
      const producer = await connected(new session.rd.Producer(settings));
      producer.setPollInterval(20);
      for (const n of numbers(1_000)) producer.produce(topic, 0, Buffer.from(n));
      await called(producer, 'flush', 10_000);
      await closed(producer);
      const consumer = await consumerOf(session, fresh('group'));
      consumer.assign([{ topic, partition: 0, offset: 0 }]);
      same(valuesOf(await read(consumer, 1_000)), numbers(1_000), codec);
      await closed(consumer);
    }
  },
  'rdkafka: high-level producer with a serializer': async (session) => {
    const topic = await made(session);
    const producer = await connected(new session.rd.HighLevelProducer(settingsOf(session)));
    producer.setValueSerializer((value) => Buffer.from(JSON.stringify(value)));
    const send = (value: unknown): Promise<number | null | undefined> =>
      called(producer, 'produce', topic, 0, value, 'k', Date.now());
    same([await send({ a: 1 }), await send([2])], [0, 1], 'offsets');
    same(
      (await storedRecords(session.wire, topic)).map((record) => String(record.value)),
      ['{"a":1}', '[2]'],
      'values',
    );
    await closed(producer);
  },
  'rdkafka: write stream and read stream': async (session) => {
    const topic = await made(session);
    const writer = session.rd.createWriteStream(settingsOf(session), {}, { topic });
    for (const n of numbers(50)) writer.write(Buffer.from(n));
    await until(async () => (await storedRecords(session.wire, topic)).length === 50, 'fifty records');
    await new Promise<void>((resolve) => writer.close(resolve));
    const settings = settingsOf(session, { 'group.id': fresh('group'), 'fetch.wait.max.ms': 100 });
    const reader = session.rd.KafkaConsumer.createReadStream(
      settings,
      { 'auto.offset.reset': 'earliest' },
      { topics: [topic] },
    );
    const values: string[] = [];
    reader.on('data', (message: RdMessage) => void values.push(String(message.value)));
    await until(
      () => values.length === 50,
      () => `fifty values, has ${values.length}`,
    );
    await new Promise<void>((resolve) => reader.close(resolve));
    same(values, numbers(50), 'values');
  },
  'rdkafka: a consumer that flows, with rebalance and commit events': async (session) => {
    const [topic, group] = [await made(session, 2), fresh('group')];
    for (const p of [0, 1]) await filled(session, topic, 5, p);
    const consumer = await consumerOf(session, group, { rebalance_cb: true, offset_commit_cb: true });
    const seen: RdMessage[] = [];
    const events: string[] = [];
    consumer.on('data', (message: RdMessage) => void seen.push(message));
    consumer.on(
      'rebalance',
      (error: { code: number }, places: unknown[]) => void events.push(`${error.code} ${places.length}`),
    );
    consumer.on('offset.commit', () => void events.push('commit'));
    consumer.subscribe([topic]);
    same(consumer.subscription(), [topic], 'subscription');
    consumer.consume();
    await until(() => seen.length === 10, 'ten records');
    consumer.commit([0, 1].map((partition) => ({ topic, partition, offset: 5 })));
    await until(() => events.includes('commit'), 'the commit');
    same([await committed(session, group, topic, 0), await committed(session, group, topic, 1)], [5, 5], 'committed');
    consumer.unsubscribe();
    await until(
      () => events.includes('-174 2'),
      () => `a revocation, has ${events.join()}`,
    );
    same(events[0], '-175 2', 'the assignment');
    await closed(consumer);
  },
  'rdkafka: assign, position, commitSync, committed, seek': async (session) => {
    const [topic, group] = [await made(session), fresh('group')];
    await filled(session, topic, 10);
    const consumer = await consumerOf(session, group);
    consumer.assign([{ topic, partition: 0, offset: 3 }]);
    same(
      consumer.assignments().map((place) => [place.topic, place.partition]),
      [[topic, 0]],
      'assignments',
    );
    same(valuesOf(await read(consumer, 4)), numbers(7, 3), 'from 3');
    same(consumer.position([{ topic, partition: 0 }])[0]?.offset, 7, 'position');
    consumer.commitSync({ topic, partition: 0, offset: 5, metadata: 'até aqui' });
    const [stands] = await called(consumer, 'committed', [{ topic, partition: 0 }], 5_000);
    same([stands?.offset, stands?.metadata], [5, 'até aqui'], 'committed');
    await called(consumer, 'seek', { topic, partition: 0, offset: 8 }, 5_000);
    const after = await read(consumer, 2);
    same(valuesOf(after), numbers(10, 8), 'from 8');
    consumer.commitMessageSync({ topic, partition: 0, offset: 9 });
    same(await committed(session, group, topic), 10, 'a message is committed as the next offset');
    consumer.unassign();
    same(consumer.assignments(), [], 'unassigned');
    await closed(consumer);
  },
  'rdkafka: pause and resume': async (session) => {
    const topic = await made(session, 2);
    for (const p of [0, 1]) await filled(session, topic, 5, p);
    const consumer = await consumerOf(session, fresh('group'));
    consumer.assign([0, 1].map((partition) => ({ topic, partition, offset: 0 })));
    consumer.pause([{ topic, partition: 0 }]);
    const first = await read(consumer, 5);
    that(
      first.every((message) => message.partition === 1),
      'read from a paused partition',
    );
    await pause(300);
    consumer.resume([{ topic, partition: 0 }]);
    const second = await read(consumer, 5);
    that(
      second.every((message) => message.partition === 0),
      'the other one',
    );
    await closed(consumer);
  },
  'rdkafka: offsetsForTimes, watermarks, metadata': async (session) => {
    const topic = await made(session, 2);
    const messages = numbers(10).map((value) => ({
      value,
      partition: 0,
      timestamp: String(RECENT_MS + Number(value)),
    }));
    await session.producer.send({ topic, messages });
    const consumer = await consumerOf(session, fresh('group'));
    const asked = [0, 1].map((partition) => ({ topic, partition, offset: RECENT_MS + 4 }));
    const found = await called(consumer, 'offsetsForTimes', asked, 5_000);
    const RD_KAFKA_OFFSET_END = -1;
    same(
      found.map((place) => place.offset),
      [4, RD_KAFKA_OFFSET_END],
      'offsets by time',
    );
    const marks = await called(consumer, 'queryWatermarkOffsets', topic, 0, 5_000);
    same([marks.lowOffset, marks.highOffset], [0, 10], 'watermarks');
    const metadata = await called(consumer, 'getMetadata', { topic, timeout: 5_000 });
    same(
      metadata.brokers.map((broker) => `${broker.host}:${broker.port}`),
      [session.bootstrap],
      'brokers',
    );
    same(
      metadata.topics.find((entry) => entry.name === topic)?.partitions.map((p) => [p.id, p.leader]),
      [
        [0, 0],
        [1, 0],
      ],
      'partitions',
    );
    await closed(consumer);
  },
  'rdkafka: a fenced commit, a partition that is not there': async (session) => {
    const [topic, group] = [await made(session), fresh('group')];
    const member = await consumerOf(session, group);
    member.subscribe([topic]);
    member.consume();
    await until(() => member.assignments().length === 1, 'the assignment');
    const stranger = await consumerOf(session, group);
    const refused = await failureOf((async () => stranger.commitSync({ topic, partition: 0, offset: 1 }))());
    that(/unknown member/i.test(refused), refused);
    await closed(stranger);
    await closed(member);
    const simple = await consumerOf(session, fresh('group'));
    const absent = await failureOf(
      (async () => simple.commitSync({ topic: fresh('absent'), partition: 0, offset: 1 }))(),
    );
    that(/unknown topic or partition/i.test(absent), absent);
    await closed(simple);
  },
};
