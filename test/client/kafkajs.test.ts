// One program in the words of kafkajs, run through kafkajs and through the facade: the same is written, read and told. All of
// kafkajs's checks run over the facade in ../../conformance (suite ottla-kafkajs).
import { expect } from 'chai';
import * as kafkajs from 'kafkajs';
import { startBroker } from '../../src/index.ts';
import * as facade from '../../src/client/kafkajs/index.ts';

type Broker = Awaited<ReturnType<typeof startBroker>>;
type Names = Pick<typeof kafkajs, 'Kafka' | 'CompressionTypes'>;

async function program({ Kafka, CompressionTypes }: Names, bootstrap: string, topic: string): Promise<unknown[]> {
  const told: unknown[] = [];
  const kafka = new Kafka({ brokers: [bootstrap], clientId: 'program', logLevel: 0 });
  const admin = kafka.admin();
  await admin.connect();
  told.push(await admin.createTopics({ topics: [{ topic, numPartitions: 2 }], waitForLeaders: true }));
  told.push(await admin.createTopics({ topics: [{ topic }] }));
  const producer = kafka.producer();
  await producer.connect();
  const messages = ['a', 'b', 'c', 'd'].map((key) => ({ key, value: `value of ${key}`, headers: { from: key } }));
  const sent = await producer.send({ topic, messages, compression: CompressionTypes.GZIP });
  told.push(
    sent.map(({ topicName, partition, baseOffset }) => `${topicName === topic} ${partition} ${baseOffset}`).sort(),
  );
  const groupId = `group of ${topic}`;
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100, heartbeatInterval: 200 });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  const read: string[] = [];
  await new Promise<void>((resolve) => {
    void consumer.run({
      eachMessage: async ({ partition, message }) => {
        read.push(
          `${partition} ${message.offset} ${String(message.key)} ${String(message.value)} ${String(message.headers?.['from'])}`,
        );
        if (read.length === messages.length) resolve();
      },
    });
  });
  await consumer.disconnect();
  told.push(read.sort());
  const offsets = await admin.fetchOffsets({ groupId, topics: [topic] });
  told.push(offsets[0]?.partitions.map(({ partition, offset }) => `${partition} ${offset}`).sort());
  told.push(
    (await admin.fetchTopicOffsets(topic)).map(({ partition, high, low }) => `${partition} ${high} ${low}`).sort(),
  );
  const refused = await admin
    .createPartitions({ topicPartitions: [{ topic, count: 1 }] })
    .catch((error: Error) => error);
  told.push((refused as Error).message);
  await producer.disconnect();
  await admin.disconnect();
  return told;
}

describe('The facade of kafkajs', () => {
  let broker: Broker;

  before(async () => {
    broker = await startBroker({ port: 0, profile: 'test' });
  });

  after(() => broker.close());

  it('does what kafkajs does', async () => {
    const bootstrap = `127.0.0.1:${broker.port}`;
    const theirs = await program(kafkajs, bootstrap, 'theirs');
    const ours = await program(facade as unknown as Names, bootstrap, 'ours');
    expect(ours).to.deep.equal(theirs);
    expect((ours[3] as string[]).length).to.equal(4);
  });
});
