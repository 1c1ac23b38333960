// One client at one task, in a process of its own: how many records it moves in a second of its own processor time.
//   program.mjs CLIENT HOME BOOTSTRAP TOPIC TASK SIZE COUNT      prints one line of JSON
// TASK: produce-batched (500 records a call), produce-single (a record a call, 1000 calls under way), consume-batched, consume-single.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [name, home, bootstrap, topic, task, sizeText, countText] = process.argv.slice(2);
const size = Number(sizeText);
const count = Number(countText);
const PER_CALL = 500;
const CALLS_UNDER_WAY = 1000;
const PARTITIONS = 4;
const WARM_UP = 0.2;

const value = Buffer.alloc(size, 'x');
/** Keys as an application has them; the values differ in their first bytes. */
const message = (index) => ({ key: `key-${index % 1000}`, value });

const require = createRequire(join(home, 'package.json'));
const fromHome = (specifier) => import(pathToFileURL(require.resolve(specifier)).href);

let groups = 0;
const newGroup = () => `bench-${process.pid}-${groups++}`;

const makers = {
  ottla: async () => {
    const { ClusterClient } = await import(pathToFileURL(join(home, 'dist/client.js')).href);
    const cluster = new ClusterClient({ brokers: bootstrap });
    const producer = cluster.producer();
    return {
      send: (messages) => producer.send(topic, messages),
      sendOne: (one) => producer.send(topic, one),
      consume: async (isBatched, took) => {
        const consumer = cluster.consumer();
        consumer.assign(Array.from({ length: PARTITIONS }, (_, partition) => ({ topic, partition, offset: 0 })));
        if (isBatched) while (!took((await consumer.poll(1000)).length));
        else for await (const record of consumer) if (record.value !== null && took(1)) break;
        await consumer.close();
      },
      close: async () => {
        await producer.close();
        await cluster.close();
      },
    };
  },
  kafkajs: () => kafkaJsLike(require('kafkajs'), { brokers: [bootstrap], logLevel: 0 }),
  confluent: async () => {
    const { KafkaJS } = require('@confluentinc/kafka-javascript');
    return kafkaJsLike(KafkaJS, { kafkaJS: { brokers: [bootstrap], logLevel: 0 } }, true);
  },
  platformatic: async () => {
    const { Consumer, Producer } = await fromHome('@platformatic/kafka');
    const own = { clientId: 'bench', bootstrapBrokers: [bootstrap] };
    const producer = new Producer({ ...own, acks: -1 });
    const toSend = ({ key, value: bytes }) => ({ topic, key: Buffer.from(key), value: bytes });
    return {
      send: (messages) => producer.send({ messages: messages.map(toSend), acks: -1 }),
      sendOne: (one) => producer.send({ messages: [toSend(one)], acks: -1 }),
      consume: async (_, took) => {
        const consumer = new Consumer({ ...own, groupId: newGroup() });
        const stream = await consumer.consume({ topics: [topic], mode: 'earliest', autocommit: false });
        for await (const record of stream) if (record.value !== null && took(1)) break;
        await stream.close();
        await consumer.close(true);
      },
      close: () => producer.close(),
    };
  },
};

async function kafkaJsLike({ Kafka }, config, isConfluent = false) {
  const kafka = new Kafka(config);
  const producer = kafka.producer();
  await producer.connect();
  return {
    send: (messages) => producer.send({ topic, messages }),
    sendOne: (one) => producer.send({ topic, messages: [one] }),
    consume: async (isBatched, took) => {
      const consumerConfig = { groupId: newGroup() };
      const consumer = kafka.consumer(
        isConfluent ? { kafkaJS: { ...consumerConfig, fromBeginning: true } } : consumerConfig,
      );
      await consumer.connect();
      await consumer.subscribe(isConfluent ? { topics: [topic] } : { topics: [topic], fromBeginning: true });
      await new Promise((resolve) => {
        const eachBatch = async ({ batch }) => void (took(batch.messages.length) && resolve());
        const eachMessage = async (one) => void (one.message.value !== null && took(1) && resolve());
        void consumer.run(isBatched ? { eachBatch } : { eachMessage });
      });
      await consumer.disconnect();
    },
    close: () => producer.disconnect(),
  };
}

/** Counts processor time from the end of the warm-up on, or from `begin`. */
class Meter {
  #seen = 0;
  #from;
  #end;
  took = (records) => {
    this.#seen += records;
    if (this.#from === undefined && this.#seen >= count * WARM_UP) this.begin();
    if (this.#seen < count) return false;
    this.#end ??= this.#now();
    return true;
  };
  begin() {
    this.#from = this.#now();
  }
  #now() {
    return { seen: this.#seen, cpu: process.cpuUsage(), ms: performance.now() };
  }
  result() {
    const [from, end] = [this.#from, this.#end];
    const micros = end.cpu.user - from.cpu.user + (end.cpu.system - from.cpu.system);
    return { records: end.seen - from.seen, cpuSeconds: micros / 1e6, seconds: (end.ms - from.ms) / 1000 };
  }
}

async function produce(client, isBatched, meter) {
  for (let sent = 0; sent < count; ) {
    const calls = [];
    if (isBatched) {
      for (let call = 0; call < 4; call++, sent += PER_CALL) {
        calls.push(client.send(Array.from({ length: PER_CALL }, (_, index) => message(sent + index))));
      }
    } else for (let call = 0; call < CALLS_UNDER_WAY; call++) calls.push(client.sendOne(message(sent++)));
    await Promise.all(calls);
    meter.took(isBatched ? calls.length * PER_CALL : calls.length);
  }
}

/**
 * A consumer may have read far ahead of the record that it hands out: the warm-up is one that has read all, and what is measured one
 * that begins anew.
 */
async function consume(client, isBatched, meter) {
  await client.consume(isBatched, new Meter().took);
  meter.begin();
  await client.consume(isBatched, meter.took);
}

const began = performance.now();
const client = await makers[name]();
const readyMs = performance.now() - began;
const meter = new Meter();
const [direction, how] = task.split('-');
if (direction === 'produce') await produce(client, how === 'batched', meter);
else await consume(client, how === 'batched', meter);
process.stdout.write(`${JSON.stringify({ ...meter.result(), readyMs })}\n`);
await client.close();
process.exit(0);
