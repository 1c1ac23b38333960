// A broker with TLS and users inside a test of node:test, with @platformatic/kafka (Node 22.22 or newer).
//   npm install --save-dev ottla && npm install @platformatic/kafka && node --test
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Consumer, Producer, stringDeserializers, stringSerializers } from '@platformatic/kafka';
import { startBroker } from 'ottla';

let broker;

before(async () => {
  broker = await startBroker({ profile: 'test', tls: true, users: { alice: 'secret' }, topics: { orders: 1 } });
});
after(() => broker.close());

const optionsOf = (mechanism, password) => ({
  clientId: 'test',
  bootstrapBrokers: [broker.bootstrapServers],
  tls: { ca: [broker.ca] },
  sasl: { mechanism, username: 'alice', password },
  retries: 0,
});

for (const mechanism of ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']) {
  test(`an order that is sent over TLS by ${mechanism} arrives`, async () => {
    const options = optionsOf(mechanism, 'secret');
    const producer = new Producer({ ...options, serializers: stringSerializers });
    await producer.send({ messages: [{ topic: 'orders', value: mechanism }] });
    await producer.close();
    const consumer = new Consumer({ ...options, groupId: `billing-${mechanism}`, deserializers: stringDeserializers });
    const stream = await consumer.consume({ topics: ['orders'], mode: 'earliest' });
    for await (const { value } of stream) if (value === mechanism) break;
    await consumer.close(true);
  });
}

test('an order of somebody else is not taken', async () => {
  const producer = new Producer({ ...optionsOf('PLAIN', 'guess'), serializers: stringSerializers });
  await assert.rejects(producer.send({ messages: [{ topic: 'orders', value: 'stolen' }] }));
  await producer.close();
});
