// A broker inside a test of node:test, with confluent-kafka-javascript.
//   npm install --save-dev ottla && npm install @confluentinc/kafka-javascript && node --test
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import confluent from '@confluentinc/kafka-javascript';
import { startBroker } from 'ottla';

let broker, kafka;

before(async () => {
  broker = await startBroker({ profile: 'test', topics: { orders: 3 } });
  const { Kafka, logLevel } = confluent.KafkaJS;
  kafka = new Kafka({ kafkaJS: { brokers: [broker.bootstrapServers], logLevel: logLevel.NOTHING } });
});

after(() => broker.close());

test('an order that is sent arrives', async () => {
  const producer = kafka.producer();
  await producer.connect();
  await producer.send({ topic: 'orders', messages: [{ key: 'k1', value: 'two cups', headers: { from: 'web' } }] });
  await producer.disconnect();

  const consumer = kafka.consumer({ kafkaJS: { groupId: 'billing', fromBeginning: true } });
  await consumer.connect();
  await consumer.subscribe({ topics: ['orders'] });
  const message = await new Promise((resolve) => {
    void consumer.run({ eachMessage: async (payload) => resolve(payload.message) });
  });
  const texts = [message.key, message.value, message.headers.from].map(String);
  assert.deepEqual(texts, ['k1', 'two cups', 'web']);
  await consumer.disconnect();
});
