// Members of share groups on a broker of our own: what they are given, and what becomes of what they say of it.
import { expect } from 'chai';
import {
  ClientError,
  SerializationError,
  type ShareConsumer,
  type ShareConsumerOptions,
} from '../../../src/client/index.ts';
import { Bench, text, until } from '../consumer/bench.ts';

describe('A share consumer', () => {
  let bench: Bench;
  const open: ShareConsumer<never, never>[] = [];

  before(async () => {
    bench = await Bench.start();
  });
  afterEach(() => Promise.all(open.splice(0).map((consumer) => consumer.close())));
  after(() => bench.close());

  function member<K = Uint8Array | null, V = Uint8Array | null>(
    options: ShareConsumerOptions<K, V>,
  ): ShareConsumer<K, V> {
    const consumer = bench.client.shareConsumer<K, V>({ maxWaitMs: 50, ...options });
    open.push(consumer as unknown as ShareConsumer<never, never>);
    return consumer;
  }

  /** A group that begins at the first record: share.auto.offset.reset is the group's. */
  async function groupFromStart(): Promise<string> {
    const group = bench.name('shared');
    const admin = bench.client.admin();
    await admin.incrementalAlterConfigs([
      {
        type: 'GROUP',
        name: group,
        changes: [{ name: 'share.auto.offset.reset', operation: 'SET', value: 'earliest' }],
      },
    ]);
    return group;
  }

  async function some<K, V>(consumer: ShareConsumer<K, V>, count: number) {
    const records = [];
    while (records.length < count) records.push(...(await consumer.poll(5000)));
    return records;
  }

  it('accepts what it was given when it asks for more', async () => {
    const [topic, group] = [await bench.topic(2, 10), await groupFromStart()];
    const outcomes: string[] = [];
    const consumer = member({
      group,
      topics: [topic],
      onAcknowledged: (told) =>
        outcomes.push(...told.map(({ records, error }) => `${records} ${error?.code ?? 'taken'}`)),
    });
    const records = await some(consumer, 20);
    expect(records.map(({ deliveryCount }) => deliveryCount)).to.deep.equal(records.map(() => 1));
    expect(records[0]).to.include({ topic, timestampType: 'CreateTime' });
    await consumer.commit();
    expect(outcomes.every((outcome) => outcome.endsWith('taken'))).to.equal(true);
    await consumer.close();
    const other = member({ group, topics: [topic] });
    expect(await other.poll(300)).to.deep.equal([]);
  });

  it('gives back what it did not come to, for others to have', async () => {
    const [topic, group] = [await bench.topic(1, 10), await groupFromStart()];
    const first = member({ group, topics: [topic], maxPollRecords: 4, acquireMode: 'record_limit' });
    expect(await some(first, 4)).to.have.length(4);
    await first.close();
    const second = member({ group, topics: [topic] });
    const records = await some(second, 10);
    expect(records.map(({ offset }) => offset)).to.deep.equal(Array.from({ length: 10 }, (_, offset) => offset));
  });

  it('says of each record what is to become of it', async () => {
    const [topic, group] = [await bench.topic(1, 6), await groupFromStart()];
    const consumer = member({ group, topics: [topic], acknowledgementMode: 'explicit' });
    const records = await some(consumer, 6);
    const refused = await consumer.poll(10).catch((error: unknown) => error);
    expect((refused as ClientError).message).to.equal('6 records are not acknowledged');
    for (const record of records) {
      consumer.acknowledge(record, record.offset === 2 ? 'release' : record.offset === 3 ? 'reject' : 'accept');
    }
    expect(() => consumer.acknowledge(records[0] as (typeof records)[number])).to.throw(ClientError);
    expect(await consumer.commit()).to.deep.equal([{ topic, partition: 0, records: 6, error: undefined }]);
    const [again] = await some(consumer, 1);
    expect([again?.offset, again?.deliveryCount]).to.deep.equal([2, 2]);
    consumer.acknowledge(again as NonNullable<typeof again>);
  });

  it('renews the lock of a record, which is to be acknowledged yet', async () => {
    const [topic, group] = [await bench.topic(1, 1), await groupFromStart()];
    const consumer = member({ group, topics: [topic], acknowledgementMode: 'explicit' });
    const [record] = await some(consumer, 1);
    consumer.acknowledge(record as NonNullable<typeof record>, 'renew');
    expect(await consumer.commit()).to.deep.equal([{ topic, partition: 0, records: 1, error: undefined }]);
    consumer.acknowledge(record as NonNullable<typeof record>);
    expect(await consumer.commit()).to.deep.equal([{ topic, partition: 0, records: 1, error: undefined }]);
  });

  it('shares a partition with others, each record once', async () => {
    const [topic, group] = [await bench.topic(1), await groupFromStart()];
    const seen: string[] = [];
    const read = async (consumer: ShareConsumer): Promise<void> => {
      for await (const { value } of consumer) seen.push(text(value));
    };
    const common = { group, topics: [topic], maxPollRecords: 3, acquireMode: 'record_limit' } as const;
    const members = [member(common), member(common)];
    const reading = members.map(read);
    await bench.fill(topic, 0, 60);
    await until(() => seen.length >= 60);
    await Promise.all(members.map((one) => one.close()));
    await Promise.all(reading);
    expect(seen.map(Number).sort((a, b) => a - b)).to.deep.equal(Array.from({ length: 60 }, (_, index) => index));
  });

  it('acknowledges what lies between records, and passes over what cannot be decoded', async () => {
    const [topic, group] = [await bench.topic(1), await groupFromStart()];
    const producer = bench.client.producer({ transactionalId: bench.name('tx') });
    await producer.initTransactions();
    for (const value of ['a', 'b', 'c']) {
      await producer.transaction(async (tx) => void (await tx.send(topic, { value, partition: 0 })));
    }
    await producer.close();
    const picky = {
      deserialize: async (bytes: Uint8Array | null) => {
        await Promise.resolve();
        if (text(bytes) === 'b') throw new Error('not b');
        return text(bytes);
      },
    };
    const consumer = member({ group, topics: [topic], deserializers: { value: picky }, onDecodeError: 'skip' });
    expect((await some(consumer, 2)).map(({ value }) => value)).to.deep.equal(['a', 'c']);
    expect((await consumer.commit()).every(({ error }) => error === undefined)).to.equal(true);
    await consumer.close();
    const strict = member({
      group: await groupFromStart(),
      topics: [topic],
      deserializers: { value: picky },
    });
    const error = await strict.poll(5000).catch((one: unknown) => one);
    expect(error).to.be.instanceOf(SerializationError);
  });
});
