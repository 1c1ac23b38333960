// A broker inside a test of node:test, with @platformatic/kafka (Node 22.22 or newer).
//   npm install --save-dev ottla && npm install @platformatic/kafka && node --test
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { Consumer, Producer, stringDeserializers, stringSerializers } from '@platformatic/kafka';
import { startBroker } from 'ottla';

let broker, options;

before(async () => {
  broker = await startBroker({ profile: 'test', topics: { orders: 3, invoices: 1 } });
  options = { clientId: 'test', bootstrapBrokers: [broker.bootstrapServers] };
});
afterEach(() => broker.reset());
after(() => broker.close());

const consumerOf = (groupId) => new Consumer({ ...options, groupId, deserializers: stringDeserializers });
const transactional = (transactionalId) =>
  new Producer({ ...options, transactionalId, idempotent: true, retries: 3, serializers: stringSerializers });

/** The values of the topic that are committed, up to `last`. */
async function committed(topic, last) {
  const consumer = consumerOf(`reader-of-${topic}`);
  const stream = await consumer.consume({ topics: [topic], mode: 'earliest', isolationLevel: 1 });
  const values = [];
  for await (const { value } of stream) {
    values.push(value);
    if (value === last) break;
  }
  await consumer.close(true);
  return values;
}

test('an order that is sent arrives', async () => {
  const producer = new Producer({ ...options, serializers: stringSerializers });
  await producer.send({ messages: [{ topic: 'orders', key: 'k1', value: 'two cups', headers: { from: 'web' } }] });
  await producer.close();

  const consumer = consumerOf('billing');
  const stream = await consumer.consume({ topics: ['orders'], mode: 'committed', fallbackMode: 'earliest' });
  for await (const { key, value, headers } of stream) {
    assert.deepEqual([key, value, headers.get('from')], ['k1', 'two cups', 'web']);
    break;
  }
  await consumer.close(true);
});

test('orders are seen when their transaction commits, all of them or none', async () => {
  const producer = transactional('shop');
  const aborted = await producer.beginTransaction();
  await aborted.send({ messages: [{ topic: 'orders', partition: 0, value: 'a coffee that was called off' }] });
  await aborted.abort();
  const transaction = await producer.beginTransaction();
  await transaction.send({ messages: [{ topic: 'orders', partition: 0, value: 'one tea' }] });
  await transaction.send({ messages: [{ topic: 'orders', partition: 0, value: 'one cake' }] });
  await transaction.commit();
  await producer.close();
  assert.deepEqual(await committed('orders', 'one cake'), ['one tea', 'one cake']);
});

test('orders make one invoice each, although the first try fails in the middle', async () => {
  const producer = transactional('billing');
  const first = await producer.beginTransaction();
  const messages = ['coffee', 'tea'].map((value) => ({ topic: 'orders', partition: 0, value }));
  await first.send({ messages });
  await first.commit();

  const consumer = consumerOf('billing');
  const stream = await consumer.consume({
    topics: ['orders'],
    mode: 'committed',
    fallbackMode: 'earliest',
    autocommit: false,
  });
  let failures = 1;
  for await (const message of stream) {
    for (let isDone = false; !isDone; ) {
      const transaction = await producer.beginTransaction();
      try {
        await transaction.addConsumer(consumer);
        await transaction.send({ messages: [{ topic: 'invoices', value: `invoice for ${message.value}` }] });
        if (failures-- > 0) throw new Error('the printer is out of paper');
        // The offset is committed with the invoice, or not at all.
        await transaction.addOffset(message);
        const [group] = await broker.groups();
        assert.equal(group.pendingOffsets.length, 1);
        await transaction.commit();
        isDone = true;
      } catch (error) {
        await transaction.abort();
        if (error.message !== 'the printer is out of paper') throw error;
      }
    }
    if (message.value === 'tea') break;
  }
  await consumer.close(true);
  await producer.close();
  assert.deepEqual(await committed('invoices', 'invoice for tea'), ['invoice for coffee', 'invoice for tea']);
  const billing = (await broker.groups()).find(({ groupId }) => groupId === 'billing');
  assert.deepEqual(
    billing.offsets.map(({ partition, offset }) => [partition, offset]),
    [['orders-0', 2]],
  );
});
