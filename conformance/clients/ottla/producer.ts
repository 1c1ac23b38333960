// Records as our producer writes them, read back from the log by the suites' own client.

import { type ClientError, type CompressionName, Producer } from '../../../src/client/index.ts';
import { partitionForKey } from '../../../src/protocol/index.ts';
import { same, that } from '../../suite.ts';
import { codecOf } from '../../wire/record-batch.ts';
import { type Checks, fresh, RECENT_MS, until } from '../checks.ts';
import { storedBatches, storedRecords } from '../stored.ts';
import { made, numbers, type Session } from './session.ts';

const CODECS: readonly CompressionName[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

const errorOf = (work: Promise<unknown>): Promise<ClientError | undefined> =>
  work.then(
    () => undefined,
    (error: unknown) => error as ClientError,
  );

const perCodec = (codec: CompressionName, index: number): [string, (session: Session) => Promise<void>] => [
  `producer: ${codec}`,
  async (session) => {
    const topic = await made(session);
    const values = numbers(500).map((n) => `value ${n} ${'y'.repeat(100)}`);
    await using producer = new Producer({ client: session.cluster, compression: codec, batchSize: 200_000 });
    await producer.send(
      topic,
      values.map((value) => ({ value })),
    );
    same([...new Set((await storedBatches(session.wire, topic)).map(codecOf))], [index], 'codec');
    same(
      (await storedRecords(session.wire, topic)).map((record) => String(record.value)),
      values,
      'values',
    );
  },
];

export const PRODUCER: Checks<Session> = {
  'producer: keys, values, nulls, headers, timestamps': async (session) => {
    const topic = await made(session);
    const sent = await session.producer.send(topic, [
      {
        key: 'k',
        value: 'v',
        headers: [
          { key: 'one', value: Buffer.from('1') },
          { key: 'one', value: null },
        ],
        timestamp: RECENT_MS,
      },
      { key: null, value: null },
      { key: '', value: '', headers: { ü: 'ä' } },
    ]);
    same(
      sent.map(({ offset, partition }) => [offset, partition]),
      [
        [0, 0],
        [1, 0],
        [2, 0],
      ],
      'places',
    );
    same(sent[0]?.timestamp, RECENT_MS, 'timestamp');
    const [first, second, third] = await storedRecords(session.wire, topic);
    same([String(first?.key), String(first?.value), first?.timestamp], ['k', 'v', RECENT_MS], 'first');
    same(
      first?.headers.map(({ key, value }) => [key, value === null ? null : String(value)]),
      [
        ['one', '1'],
        ['one', null],
      ],
      'headers',
    );
    same([second?.key, second?.value], [null, null], 'nulls');
    same([third?.key?.length, third?.value?.length, third?.headers[0]?.key], [0, 0, 'ü'], 'empty');
  },
  ...Object.fromEntries(
    ([0, 1, 'all'] as const).map((acks) => [
      `producer: acks ${acks}`,
      async (session: Session) => {
        const topic = await made(session);
        await using producer = new Producer({ client: session.cluster, acks });
        const sent = await producer.send(topic, [{ value: 'a' }, { value: 'b' }]);
        same(
          sent.map(({ offset }) => offset),
          acks === 0 ? [-1, -1] : [0, 1],
          'offsets',
        );
        await until(async () => (await storedRecords(session.wire, topic)).length === 2, 'both records');
      },
    ]),
  ),
  ...Object.fromEntries(CODECS.map(perCodec)),
  'producer: many partitions of one broker, keys as Java puts them': async (session) => {
    const topic = await made(session, 6);
    const sent = await session.producer.send(
      topic,
      numbers(120).map((key) => ({ key, value: key })),
    );
    sent.forEach(({ partition }, index) =>
      same(partition, partitionForKey(Buffer.from(`${index}`), 6), `key ${index}`),
    );
    const counts = await Promise.all(
      [0, 1, 2, 3, 4, 5].map(async (p) => (await storedRecords(session.wire, topic, p)).length),
    );
    same(
      counts.reduce((sum, count) => sum + count, 0),
      120,
      'records',
    );
  },
  'producer: without keys it stays with a partition until a batch has gone there': async (session) => {
    const topic = await made(session, 4);
    await using producer = new Producer({ client: session.cluster, batchSize: 1000 });
    const sent = await producer.send(
      topic,
      numbers(100).map((value) => ({ value: value.padEnd(90, '.') })),
    );
    let changes = 0;
    sent.forEach(({ partition }, index) => {
      if (index > 0 && partition !== sent[index - 1]?.partition) changes += 1;
    });
    that(changes >= 2 && changes <= 12, `${changes} changes of the partition in 10 batches`);
  },
  'producer: idempotent, sequences without a gap, several requests under way': async (session) => {
    const topic = await made(session);
    await using producer = new Producer({ client: session.cluster, batchSize: 200, lingerMs: 0 });
    await Promise.all(numbers(300).map((value) => producer.send(topic, { value })));
    const batches = await storedBatches(session.wire, topic);
    let next = 0;
    for (const { baseSequence, baseOffset, lastOffset, producerEpoch } of batches) {
      same([baseSequence, producerEpoch], [next, 0], 'sequence, epoch');
      next += lastOffset - baseOffset + 1;
    }
    same(
      (await storedRecords(session.wire, topic)).map(({ value }) => String(value)),
      numbers(300),
      'order',
    );
  },
  'producer: to an auto-created topic': async (session) => {
    const topic = fresh('auto');
    const { partition } = await session.producer.send(topic, { value: 'first', partition: 3 });
    same([partition, (await storedRecords(session.wire, topic, 3)).length], [3, 1], 'partition, records');
  },
  'producer: a partition that is not there, a name that is none': async (session) => {
    const topic = await made(session);
    await using producer = new Producer({ client: session.cluster, maxBlockMs: 300 });
    same(
      (await errorOf(producer.send(topic, { value: 'x', partition: 9 })))?.code,
      'UNKNOWN_TOPIC_OR_PARTITION',
      'partition',
    );
    same((await errorOf(producer.send('bad name!', { value: 'x' })))?.code, 'INVALID_TOPIC_EXCEPTION', 'name');
  },
  'producer: a record that is too large, here and for the topic': async (session) => {
    const topic = await made(session, 1, { 'max.message.bytes': '1000' });
    const here = await errorOf(session.producer.send(topic, { value: Buffer.alloc(1_200_000) }));
    same([here?.code, here?.retriable, here?.name], ['MESSAGE_TOO_LARGE', false, 'RecordTooLargeError'], 'here');
    const there = await errorOf(session.producer.send(topic, { value: Buffer.alloc(2_000) }));
    same(there?.code, 'MESSAGE_TOO_LARGE', 'there');
    same((await session.producer.send(topic, { value: 'goes on' })).offset, 0, 'behind it');
  },
  'producer: a batch that is too large for the topic is split': async (session) => {
    const topic = await made(session, 1, { 'max.message.bytes': '2000' });
    const sent = await session.producer.send(
      topic,
      numbers(40).map((value) => ({ value: value.padEnd(200, '.') })),
    );
    same(
      sent.map(({ offset }) => offset),
      numbers(40).map(Number),
      'offsets',
    );
    same(
      (await storedRecords(session.wire, topic)).map(({ value }) => String(value).slice(0, 2).replace('.', '')),
      numbers(40),
      'order',
    );
  },
  'producer: little memory, many records': async (session) => {
    const topic = await made(session, 2);
    await using producer = new Producer({
      client: session.cluster,
      bufferMemory: 20_000,
      batchSize: 2_000,
      maxRequestSize: 10_000,
    });
    const sent = await Promise.all(
      numbers(2_000).map((value) => producer.send(topic, { key: value, value: value.padEnd(100, '.') })),
    );
    same(sent.length, 2_000, 'sent');
  },
};
