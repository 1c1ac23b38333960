import { strict as assert } from 'node:assert';
import { after, afterEach, before, describe, it } from 'node:test';
import kafkajs from 'kafkajs';
import { startBroker } from 'ottla';

const { Kafka, logLevel } = kafkajs;

describe('orders over TLS', () => {
  let broker;

  before(async () => {
    broker = await startBroker({ profile: 'test', tls: true, users: { alice: 'secret' }, topics: { orders: 1 } });
  });
  afterEach(() => broker.reset());
  after(() => broker.close());

  const kafkaOf = (password) =>
    new Kafka({
      brokers: [broker.bootstrapServers],
      ssl: { ca: [broker.ca] },
      sasl: { mechanism: 'scram-sha-256', username: 'alice', password },
      logLevel: logLevel.NOTHING,
      retry: { retries: 0 },
    });

  it('are taken from users who log in', async () => {
    const producer = kafkaOf('secret').producer();
    await producer.connect();
    const [sent] = await producer.send({ topic: 'orders', messages: [{ value: 'one coffee' }] });
    assert.equal(sent.errorCode, 0);
    await producer.disconnect();
  });

  it('are taken from nobody else', async () => {
    await assert.rejects(kafkaOf('guess').producer().connect(), /SASL/);
  });
});
