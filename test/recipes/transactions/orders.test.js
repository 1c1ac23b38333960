import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import kafkajs from 'kafkajs';
import { startBroker } from 'ottla';

const { Kafka, logLevel } = kafkajs;

describe('orders, exactly once', () => {
  let broker;
  let kafka;

  before(async () => {
    broker = await startBroker({ profile: 'test', topics: { orders: 1, invoices: 1 } });
    kafka = new Kafka({ brokers: [broker.bootstrapServers], logLevel: logLevel.NOTHING });
  });
  afterEach(() => broker.reset());
  after(() => broker.close());

  const transactional = (transactionalId) =>
    kafka.producer({ transactionalId, idempotent: true, maxInFlightRequests: 1 });

  /** The values of the topic that are committed, up to `last`. */
  async function committed(topic, last) {
    const values = [];
    const consumer = kafka.consumer({ groupId: `reader of ${topic}` });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise((resolve) => {
      consumer.run({
        eachMessage: async ({ message }) => {
          values.push(String(message.value));
          if (values.at(-1) === last) resolve();
        },
      });
    });
    await consumer.disconnect();
    return values;
  }

  it('are seen when their transaction commits, all of them or none', async () => {
    const producer = transactional('shop');
    await producer.connect();
    const aborted = await producer.transaction();
    await aborted.send({ topic: 'orders', messages: [{ value: 'a coffee that was called off' }] });
    await aborted.abort();
    const transaction = await producer.transaction();
    await transaction.send({ topic: 'orders', messages: [{ value: 'one tea' }] });
    await transaction.send({ topic: 'orders', messages: [{ value: 'one cake' }] });
    await transaction.commit();
    assert.deepEqual(await committed('orders', 'one cake'), ['one tea', 'one cake']);
    await producer.disconnect();
  });

  it('make one invoice each, although the first try fails in the middle', async () => {
    const producer = transactional('billing');
    const consumer = kafka.consumer({ groupId: 'billing', retry: { initialRetryTime: 10 } });
    await Promise.all([producer.connect(), consumer.connect()]);
    await producer.send({ topic: 'orders', messages: [{ value: 'coffee' }, { value: 'tea' }] });
    await consumer.subscribe({ topic: 'orders', fromBeginning: true });
    let failures = 1;
    const done = new Promise((resolve) => {
      consumer.run({
        autoCommit: false,
        eachMessage: async ({ topic, partition, message }) => {
          const transaction = await producer.transaction();
          try {
            await transaction.send({ topic: 'invoices', messages: [{ value: `invoice for ${message.value}` }] });
            if (failures-- > 0) throw new Error('the printer is out of paper');
            // The offset is committed with the invoice, or not at all.
            const offset = String(BigInt(message.offset) + 1n);
            await transaction.sendOffsets({
              consumerGroupId: 'billing',
              topics: [{ topic, partitions: [{ partition, offset }] }],
            });
            await transaction.commit();
          } catch (error) {
            await transaction.abort();
            throw error;
          }
          if (String(message.value) === 'tea') resolve();
        },
      });
    });
    await done;
    await consumer.disconnect();
    assert.deepEqual(await committed('invoices', 'invoice for tea'), ['invoice for coffee', 'invoice for tea']);
    const admin = kafka.admin();
    await admin.connect();
    const [offsets] = await admin.fetchOffsets({ groupId: 'billing', topics: ['orders'] });
    assert.equal(offsets.partitions[0].offset, '2');
    await Promise.all([admin.disconnect(), producer.disconnect()]);
  });
});
