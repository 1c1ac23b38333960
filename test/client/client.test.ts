// The client library on sockets, against a broker of our own: what it promises when nothing goes wrong. What goes wrong is the
// simulator's (test/simulation/cluster).
import { expect } from 'chai';
import { type ClientError, ClusterClient, Consumer, Producer, TransactionError } from '../../src/client/index.ts';
import { startBroker } from '../../src/index.ts';
import { Errors, partitionForKey } from '../../src/protocol/index.ts';
import { CreateTopics } from '../../src/protocol/messages/19-create-topics.ts';
import { silentLogger } from '../../src/runtime/index.ts';
import { nodeRuntime } from '../../src/runtime/node/index.ts';

type Broker = Awaited<ReturnType<typeof startBroker>>;

const runtime = nodeRuntime({ logger: silentLogger });
const text = (value: Uint8Array | null): string => Buffer.from(value ?? []).toString();

describe('The client', () => {
  let broker: Broker;
  let client: ClusterClient;

  before(async () => {
    broker = await startBroker({ port: 0, memory: true });
    const limits = { firstBackoffMs: 5, longestBackoffMs: 50, apiTimeoutMs: 5000 };
    client = new ClusterClient({ runtime, brokers: [{ host: '127.0.0.1', port: broker.port }], limits });
    for (const name of ['plain', 'ordered', 'keys', 'transacted', 'grouped', 'offsets']) {
      const topics = [{ name, numPartitions: 3, replicationFactor: 1, assignments: [], configs: [] }];
      const answer = await client.askAny(CreateTopics, { topics, timeoutMs: 5000, validateOnly: false });
      expect(answer.topics[0]?.errorCode).to.equal(Errors.NONE);
    }
  });

  after(async () => {
    await client.close();
    await broker.close();
  });

  async function readAll(topic: string, count: number, isolation: 'read_uncommitted' | 'read_committed') {
    const consumer = new Consumer({ client, isolation, maxWaitMs: 50 });
    consumer.assign([0, 1, 2].map((partition) => ({ topic, partition, offset: 0 })));
    const values: string[] = [];
    while (values.length < count) for (const { value } of await consumer.poll(2000)) values.push(text(value));
    return values;
  }

  it('writes records in their order and reads them again', async () => {
    const producer = new Producer({ client });
    const sent = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        producer.send('plain', { value: Buffer.from(`${index}`), partition: 1 }),
      ),
    );
    expect(sent.map(({ offset }) => offset)).to.deep.equal(sent.map((_, index) => index));
    expect(await readAll('plain', 50, 'read_uncommitted')).to.deep.equal(sent.map((_, index) => String(index)));
    const consumer = new Consumer({ client });
    consumer.assign([{ topic: 'plain', partition: 1, offset: 48 }]);
    expect((await consumer.poll(2000)).map(({ offset }) => offset)).to.deep.equal([48, 49]);
    expect(consumer.position('plain', 1)).to.equal(50);
    expect(consumer.highWatermark('plain', 1)).to.equal(50);
  });

  it('tells of records in their order, also of those that had to wait for the topic to be known', async () => {
    const producer = new Producer({ client, lingerMs: 5 });
    const heard: string[] = [];
    const send = (name: string, more: string[] = []) =>
      more.length === 0
        ? producer.send('ordered', { value: name, partition: 0 }).then(() => heard.push(name))
        : producer
            .send(
              'ordered',
              [name, ...more].map((value) => ({ value, partition: 0 })),
            )
            .then(() => heard.push(name));
    const first = send('waits');
    // The topic is known before anything is answered: from here on nobody waits.
    while (client.topics.leaderOf('ordered', 0) === undefined) await new Promise((resolve) => setImmediate(resolve));
    await Promise.all([first, send('two', ['three']), send('alone'), send('last two', ['last'])]);
    expect(heard).to.deep.equal(['waits', 'two', 'alone', 'last two']);
    await producer.close();
  });

  it('puts keys where the Java producer puts them', async () => {
    const producer = new Producer({ client });
    for (const key of ['a', 'b', 'customer-17', 'ä']) {
      const bytes = Buffer.from(key);
      const { partition } = await producer.send('keys', { key: bytes, value: null });
      expect(partition).to.equal(partitionForKey(bytes, 3));
    }
  });

  it('gives up what cannot be delivered in time', async () => {
    const producer = new Producer({ client, maxBlockMs: 50 });
    const error = await producer.send('plain', { value: 'x', partition: 7 }).catch((one: unknown) => one);
    expect((error as ClientError).code).to.equal('UNKNOWN_TOPIC_OR_PARTITION');
  });

  it('commits transactions whole, aborts them without a trace, and is fenced by who comes after', async () => {
    const producer = new Producer({ client, transactionalId: 't' });
    await producer.initTransactions();
    for (const [name, isCommit] of [
      ['one', true],
      ['two', false],
      ['three', true],
    ] as const) {
      producer.begin();
      for (let partition = 0; partition < 3; partition++) {
        await producer.send('transacted', { value: Buffer.from(`${name}${partition}`), partition });
      }
      await producer.sendOffsets([{ topic: 'plain', partition: 0, offset: name.length }], { groupId: 'of t' });
      await (isCommit ? producer.commit() : producer.abort());
    }
    const seen = await readAll('transacted', 6, 'read_committed');
    expect(seen.sort()).to.deep.equal(['one0', 'one1', 'one2', 'three0', 'three1', 'three2']);
    const group = new Consumer({ client, group: 'of t' });
    const [committed] = await group.committed([{ topic: 'plain', partition: 0 }]);
    expect(committed?.offset).to.equal('three'.length);
    producer.begin();
    await producer.send('transacted', { value: Buffer.from('left open'), partition: 0 });
    const other = new Producer({ client, transactionalId: 't' });
    await other.initTransactions();
    const error = await producer.commit().catch((one: unknown) => one);
    expect(error).to.be.instanceOf(TransactionError);
    expect((error as TransactionError).canBeAborted).to.equal(false);
    expect(await readAll('transacted', 6, 'read_committed')).to.not.include('left open');
  });
});
