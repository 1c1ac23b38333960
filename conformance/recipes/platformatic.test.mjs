// A broker inside a test of node:test, with @platformatic/kafka (Node 22.22 or newer).
//   npm install --save-dev ottla && npm install @platformatic/kafka && node --test
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Consumer, Producer, stringDeserializers, stringSerializers } from '@platformatic/kafka';
import { startBroker } from 'ottla';

let broker, options;

before(async () => {
  broker = await startBroker({ profile: 'test', topics: { orders: 3 } });
  options = { clientId: 'test', bootstrapBrokers: [broker.bootstrapServers] };
});

after(() => broker.close());

test('an order that is sent arrives', async () => {
  const producer = new Producer({ ...options, serializers: stringSerializers });
  await producer.send({ messages: [{ topic: 'orders', key: 'k1', value: 'two cups', headers: { from: 'web' } }] });
  await producer.close();

  const consumer = new Consumer({ ...options, groupId: 'billing', deserializers: stringDeserializers });
  const stream = await consumer.consume({ topics: ['orders'], mode: 'committed', fallbackMode: 'earliest' });
  for await (const { key, value, headers } of stream) {
    assert.deepEqual([key, value, headers.get('from')], ['k1', 'two cups', 'web']);
    break;
  }
  await consumer.close(true);
});
