// A broker with TLS and users inside a test of node:test, with confluent-kafka-javascript.
//   npm install --save-dev ottla && npm install @confluentinc/kafka-javascript && node --test
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import confluent from '@confluentinc/kafka-javascript';
import { startBroker } from 'ottla';

let broker;

before(async () => {
  broker = await startBroker({ profile: 'test', tls: true, users: { alice: 'secret' }, topics: { orders: 1 } });
});
after(() => broker.close());

const kafkaOf = (options) => {
  const { Kafka, logLevel } = confluent.KafkaJS;
  return new Kafka({
    kafkaJS: { brokers: [broker.bootstrapServers], ssl: true, logLevel: logLevel.NOTHING, ...options.kafkaJS },
    'ssl.ca.pem': broker.ca,
    'ssl.endpoint.identification.algorithm': 'https',
    ...options.librdkafka,
  });
};
const login = (mechanism, password) => ({ kafkaJS: { sasl: { mechanism, username: 'alice', password } } });

for (const mechanism of ['plain', 'scram-sha-256', 'scram-sha-512']) {
  test(`an order that is sent over TLS by ${mechanism} arrives`, async () => {
    const kafka = kafkaOf(login(mechanism, 'secret'));
    const producer = kafka.producer();
    await producer.connect();
    await producer.send({ topic: 'orders', messages: [{ value: mechanism }] });
    await producer.disconnect();
    const consumer = kafka.consumer({ kafkaJS: { groupId: `billing-${mechanism}`, fromBeginning: true } });
    await consumer.connect();
    await consumer.subscribe({ topics: ['orders'] });
    await new Promise((resolve) => {
      void consumer.run({
        eachMessage: async ({ message }) => {
          if (String(message.value) === mechanism) resolve();
        },
      });
    });
    await consumer.disconnect();
  });
}

test('a certificate is enough where a broker asks for no user', async () => {
  const strict = await startBroker({ profile: 'test', tls: { clientAuth: 'required' }, topics: { orders: 1 } });
  const { cert, key } = strict.clientCertificate;
  const { Kafka, logLevel } = confluent.KafkaJS;
  const kafka = new Kafka({
    kafkaJS: { brokers: [strict.bootstrapServers], ssl: true, logLevel: logLevel.NOTHING },
    'ssl.ca.pem': strict.ca,
    'ssl.certificate.pem': cert,
    'ssl.key.pem': key,
  });
  const producer = kafka.producer();
  await producer.connect();
  const [sent] = await producer.send({ topic: 'orders', messages: [{ value: 'one tea' }] });
  assert.equal(sent.errorCode, 0);
  await producer.disconnect();
  await strict.close();
});
