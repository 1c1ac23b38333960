// What one consumer does with what it fetches: positions, forms of reading, codecs, offsets.

import { type ClientError, Consumer, type ConsumerOptions, SerializationError } from '../../../src/client/index.ts';
import { same, that } from '../../suite.ts';
import { type Checks, fresh, pause, RECENT_MS, until } from '../checks.ts';
import { committed, Member, text } from './member.ts';
import { filled, made, numbers, type Session } from './session.ts';

const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;

function reader({ cluster }: Session, options: ConsumerOptions = {}): Consumer {
  return new Consumer({ client: cluster, autoOffsetReset: 'earliest', maxWaitMs: 100, ...options });
}

async function pollSome(consumer: Consumer, count: number): Promise<string[]> {
  const values: string[] = [];
  await until(
    async () => {
      for (const { value } of await consumer.poll(500)) values.push(text(value));
      return values.length >= count;
    },
    () => `${count} records, has ${values.length}`,
  );
  return values;
}

const errorOf = (work: Promise<unknown>): Promise<ClientError> =>
  work.then(
    () => Promise.reject(new Error('no error')),
    (error: unknown) => error as ClientError,
  );

const perCodec = (codec: (typeof CODECS)[number]): [string, (session: Session) => Promise<void>] => [
  `consumer: ${codec}, many partitions`,
  async (session) => {
    const topic = await made(session, 3);
    await using producer = session.cluster.producer({ compression: codec });
    const values = numbers(300).map((n) => `value ${n} ${'y'.repeat(50)}`);
    await producer.send(
      topic,
      values.map((value, index) => ({ value, partition: index % 3 })),
    );
    await using consumer = reader(session);
    consumer.assign([0, 1, 2].map((partition) => ({ topic, partition })));
    same((await pollSome(consumer, 300)).sort(), [...values].sort(), 'values');
  },
];

export const CONSUMER: Checks<Session> = {
  'consumer: keys, values, nulls, headers, timestamps come back': async (session) => {
    const topic = await made(session);
    const headers = [
      { key: 'text', value: Buffer.from('ä') },
      { key: 'text', value: null },
    ];
    await session.producer.send(topic, [
      { key: 'k', value: 'v', headers, timestamp: RECENT_MS },
      { key: null, value: null },
      { key: '', value: '' },
    ]);
    await using consumer = reader(session);
    consumer.assign([{ topic, partition: 0 }]);
    const seen: unknown[] = [];
    await until(async () => {
      for (const { key, value, headers: told, timestamp, keySize } of await consumer.poll(500)) {
        const texts = told.map((one) => [one.key, one.value && text(one.value)]);
        seen.push([key && text(key), value && text(value), texts, seen.length === 0 ? timestamp : 0, keySize]);
      }
      return seen.length === 3;
    }, 'three records');
    const told = [
      ['text', 'ä'],
      ['text', null],
    ];
    same(
      seen,
      [
        ['k', 'v', told, RECENT_MS, 1],
        [null, null, [], 0, -1],
        ['', '', [], 0, 0],
      ],
      'records',
    );
  },
  ...Object.fromEntries(CODECS.map(perCodec)),
  'consumer: latest begins at the end': async (session) => {
    const topic = await made(session);
    await filled(session, topic, 5);
    await using consumer = reader(session, { autoOffsetReset: 'latest' });
    consumer.assign([{ topic, partition: 0 }]);
    await until(async () => {
      await consumer.poll(100);
      return consumer.position(topic, 0) !== undefined;
    }, 'a position');
    same(consumer.position(topic, 0), 5, 'position');
    await filled(session, topic, 7, 0, 5);
    same(await pollSome(consumer, 2), ['5', '6'], 'values');
  },
  'consumer: none refuses to begin': async (session) => {
    const topic = await made(session);
    await using consumer = reader(session, { autoOffsetReset: 'none' });
    consumer.assign([{ topic, partition: 0 }]);
    const error = await errorOf(consumer.poll(5_000));
    that(/no committed offset/.test(error.message), error.message);
  },
  'consumer: a record larger than what is asked for': async (session) => {
    const topic = await made(session);
    await session.producer.send(topic, { value: 'x'.repeat(200_000), partition: 0 });
    await filled(session, topic, 3);
    await using consumer = reader(session, { maxPartitionBytes: 1_000, maxBytes: 1_000 });
    consumer.assign([{ topic, partition: 0 }]);
    same(
      (await pollSome(consumer, 4)).map(({ length }) => length),
      [200_000, 1, 1, 1],
      'lengths',
    );
  },
  'consumer: pause and resume': async (session) => {
    const topic = await made(session, 2);
    await filled(session, topic, 5, 0);
    await filled(session, topic, 5, 1);
    await using consumer = reader(session);
    const places = [0, 1].map((partition) => ({ topic, partition, offset: 0 }));
    consumer.assign(places);
    consumer.pause([{ topic, partition: 0 }]);
    same(await pollSome(consumer, 5), numbers(5), 'of partition 1');
    same([await consumer.poll(300), consumer.position(topic, 0)], [[], 0], 'nothing more');
    consumer.resume();
    same(await pollSome(consumer, 5), numbers(5), 'of partition 0');
  },
  'consumer: seek back, forward, beyond the end, to a time': async (session) => {
    const topic = await made(session);
    await session.producer.send(
      topic,
      numbers(20).map((value) => ({ value, partition: 0, timestamp: RECENT_MS + Number(value) })),
    );
    await using consumer = reader(session);
    consumer.assign([{ topic, partition: 0 }]);
    await pollSome(consumer, 20);
    consumer.seek(topic, 0, 15);
    same(await pollSome(consumer, 5), numbers(20, 15), 'again from 15');
    consumer.seekToTime(RECENT_MS + 18);
    same(await pollSome(consumer, 2), ['18', '19'], 'from a time');
    consumer.seek(topic, 0, 1_000);
    same(await pollSome(consumer, 20), numbers(20), 'from the beginning');
  },
  'consumer: offsets by time, ends, lag': async (session) => {
    const topic = await made(session);
    await session.producer.send(
      topic,
      numbers(5).map((value) => ({ value, partition: 0, timestamp: RECENT_MS + 10 * Number(value) })),
    );
    await using consumer = reader(session);
    const place = { topic, partition: 0 };
    const found = await consumer.offsetsForTimes([{ ...place, timestamp: RECENT_MS + 11 }]);
    same([found[0]?.offset, found[0]?.timestamp], [2, RECENT_MS + 20], 'by time');
    same((await consumer.offsetsForTimes([{ ...place, timestamp: RECENT_MS + 1_000_000 }]))[0]?.offset, -1, 'too late');
    const ends = [...(await consumer.beginningOffsets([place])), ...(await consumer.endOffsets([place]))];
    same(
      ends.map(({ offset }) => offset),
      [0, 5],
      'ends',
    );
    consumer.assign([{ ...place, offset: 2 }]);
    same(await consumer.lag(), [{ ...place, lag: 3 }], 'lag');
  },
  'consumer: only what is committed, or everything': async (session) => {
    const topic = await made(session);
    await using producer = session.cluster.producer({ transactionalId: fresh('tx') });
    await producer.initTransactions();
    for (const [value, isCommit] of [
      ['a', true],
      ['b', false],
      ['c', true],
    ] as const) {
      producer.begin();
      await producer.send(topic, { value, partition: 0 });
      await (isCommit ? producer.commit() : producer.abort());
    }
    for (const [isolation, expected] of [
      ['read_committed', ['a', 'c']],
      ['read_uncommitted', ['a', 'b', 'c']],
    ] as const) {
      await using consumer = reader(session, { isolation });
      consumer.assign([{ topic, partition: 0 }]);
      same(await pollSome(consumer, expected.length), [...expected], isolation);
      await until(async () => (await consumer.poll(100)).length === 0 && consumer.position(topic, 0) === 6, 'the end');
    }
  },
  'consumer: for await commits behind the body': async (session) => {
    const [topic, group] = [await made(session), fresh('group')];
    await filled(session, topic, 10);
    const consumer = reader(session, { group, topics: [topic] });
    for await (const { offset } of consumer) if (offset === 6) break;
    await consumer.close();
    same(await committed(session, group, topic), 6, 'committed');
  },
  'consumer: batches commit themselves': async (session) => {
    const [topic, group] = [await made(session), fresh('group')];
    await filled(session, topic, 10);
    const consumer = reader(session, { group, topics: [topic], autoCommit: false, maxPollRecords: 4 });
    const sizes: number[] = [];
    for await (const batch of consumer.batches()) {
      sizes.push(batch.records.length);
      if (sizes.length < 3) await batch.commit();
      else break;
    }
    await consumer.close();
    same([sizes, await committed(session, group, topic)], [[4, 4, 2], 8], 'sizes, committed');
  },
  'consumer: forEach keeps the order of keys and commits what is done': async (session) => {
    const [topic, group] = [await made(session, 2), fresh('group')];
    for (let partition = 0; partition < 2; partition++) {
      const records = numbers(60).map((value) => ({ key: `k${Number(value) % 7}`, value, partition }));
      await session.producer.send(topic, records);
    }
    const consumer = reader(session, { group, topics: [topic] });
    const stop = new AbortController();
    const lanes = new Map<string, number[]>();
    let done = 0;
    await consumer.forEach({ concurrency: 8, signal: stop.signal }, async ({ partition, key, value }) => {
      const lane = `${partition} ${text(key)}`;
      await pause(Number(text(value)) % 4);
      lanes.set(lane, [...(lanes.get(lane) ?? []), Number(text(value))]);
      if (++done === 120) stop.abort();
    });
    await consumer.close();
    for (const [lane, values] of lanes)
      same(
        values,
        [...values].sort((a, b) => a - b),
        lane,
      );
    same([await committed(session, group, topic, 0), await committed(session, group, topic, 1)], [60, 60], 'committed');
  },
  'consumer: what cannot be decoded': async (session) => {
    const [topic, letters] = [await made(session), await made(session)];
    await filled(session, topic, 5);
    const value = {
      deserialize: (bytes: Uint8Array | null) => {
        if (text(bytes) === '2') throw new Error('two');
        return bytes;
      },
    };
    await using strict = reader(session, { deserializers: { value } });
    strict.assign([{ topic, partition: 0 }]);
    same(await pollSome(strict, 2), ['0', '1'], 'before it');
    that((await errorOf(strict.poll(2_000))) instanceof SerializationError, 'another error');
    await using lenient = reader(session, { deserializers: { value }, onDecodeError: { deadLetter: letters } });
    lenient.assign([{ topic, partition: 0 }]);
    same(await pollSome(lenient, 4), ['0', '1', '3', '4'], 'without it');
    await using letterReader = reader(session);
    letterReader.assign([{ topic: letters, partition: 0 }]);
    same(await pollSome(letterReader, 1), ['2'], 'dead letter');
  },
  'offsets: commits with metadata, and what is too long': async (session) => {
    const [topic, group] = [await made(session), fresh('group')];
    await filled(session, topic, 10);
    const member = await Member.start(session, { group, topics: [topic], autoCommit: false });
    await member.has(10);
    await member.consumer.commit([{ topic, partition: 0, offset: 4, metadata: 'até aqui' }]);
    const [entry] = await member.consumer.committed([{ topic, partition: 0 }]);
    same([entry?.offset, entry?.metadata], [4, 'até aqui'], 'committed');
    const error = await errorOf(
      member.consumer.commit([{ topic, partition: 0, offset: 5, metadata: 'x'.repeat(4_097) }]),
    );
    same(error.code, 'OFFSET_METADATA_TOO_LARGE', 'error');
    await member.stop();
    same(await committed(session, group, topic), 4, 'committed in the end');
  },
  'offsets: without commits nothing is committed, with them now and then': async (session) => {
    const topic = await made(session);
    await filled(session, topic, 5);
    const [none, some] = [fresh('group'), fresh('group')];
    const silent = await Member.start(session, { group: none, topics: [topic], autoCommit: false });
    await silent.has(5);
    await silent.stop();
    same(await committed(session, none, topic), -1, 'committed');
    const member = await Member.start(session, { group: some, topics: [topic], autoCommitIntervalMs: 200 });
    await member.has(5);
    await filled(session, topic, 6, 0, 5);
    await until(async () => (await committed(session, some, topic)) >= 5, 'a commit while it reads');
    await member.has(6);
    await member.stop();
    same(await committed(session, some, topic), 6, 'committed in the end');
  },
};
