const { CompressionTypes, Kafka, logLevel } = require('kafkajs');
const { startBroker } = require('ottla');

describe('orders', () => {
  let broker;
  let kafka;

  beforeAll(async () => {
    broker = await startBroker({ profile: 'test', topics: { orders: 3 } });
    kafka = new Kafka({ brokers: [broker.bootstrapServers], logLevel: logLevel.NOTHING });
  });
  afterEach(() => broker.reset());
  afterAll(() => broker.close());

  it('are consumed in a group', async () => {
    const producer = kafka.producer();
    const consumer = kafka.consumer({ groupId: 'billing' });
    await Promise.all([producer.connect(), consumer.connect()]);
    await consumer.subscribe({ topic: 'orders', fromBeginning: true });
    const arrived = new Promise((resolve) => {
      consumer.run({ eachMessage: async ({ message }) => resolve(String(message.value)) });
    });
    await producer.send({ topic: 'orders', compression: CompressionTypes.GZIP, messages: [{ value: 'one coffee' }] });
    expect(await arrived).toBe('one coffee');
    await Promise.all([consumer.disconnect(), producer.disconnect()]);
  });

  it('are produced again when the leader has moved', async () => {
    const producer = kafka.producer({ retry: { initialRetryTime: 10 } });
    await producer.connect();
    const failure = broker.failNext({ api: 'Produce', topic: 'orders' }, 'NOT_LEADER_OR_FOLLOWER');
    await producer.send({ topic: 'orders', messages: [{ value: 'one tea' }] });
    expect(failure.remaining).toBe(0);
    await producer.disconnect();
  });
});
