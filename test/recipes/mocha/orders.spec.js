import { strict as assert } from 'node:assert';
import kafkajs from 'kafkajs';
import { startBroker } from 'ottla';

const { CompressionTypes, Kafka, logLevel } = kafkajs;

describe('orders', () => {
  let broker;
  let kafka;

  before(async () => {
    broker = await startBroker({ profile: 'test', topics: { orders: 3 } });
    kafka = new Kafka({ brokers: [broker.bootstrapServers], logLevel: logLevel.NOTHING });
  });
  afterEach(() => broker.reset());
  after(() => broker.close());

  it('are consumed in a group', async () => {
    const producer = kafka.producer();
    const consumer = kafka.consumer({ groupId: 'billing' });
    await Promise.all([producer.connect(), consumer.connect()]);
    await consumer.subscribe({ topic: 'orders', fromBeginning: true });
    const arrived = new Promise((resolve) => {
      consumer.run({ eachMessage: async ({ message }) => resolve(String(message.value)) });
    });
    await producer.send({ topic: 'orders', compression: CompressionTypes.GZIP, messages: [{ value: 'one coffee' }] });
    assert.equal(await arrived, 'one coffee');
    await Promise.all([consumer.disconnect(), producer.disconnect()]);
  });

  it('are produced again when the leader has moved', async () => {
    const producer = kafka.producer({ retry: { initialRetryTime: 10 } });
    await producer.connect();
    const failure = broker.failNext({ api: 'Produce', topic: 'orders' }, 'NOT_LEADER_OR_FOLLOWER');
    await producer.send({ topic: 'orders', messages: [{ value: 'one tea' }] });
    assert.equal(failure.remaining, 0);
    await producer.disconnect();
  });
});
