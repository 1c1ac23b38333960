// One client over one kind of login: produces a record and reads it back, or is refused.
//
//   PROGRAM LIBRARY PORT WAY KEYS TOKEN
//
// Ends with 0 when a record came back, with 3 when the client was refused, with 1 for anything else. Libraries are found from where it
// runs.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [library = '', port = '', way = '', keys = '', token = ''] = process.argv.slice(2);
const require = createRequire(join(process.cwd(), 'package.json'));
const TOPIC = 'secured';
const REFUSED = 3;
const PATIENCE_MS = 8000;
const broker = `localhost:${port}`;
const value = `${way}-${process.pid}-${Date.now()}`;
const key = (name: string): string => readFileSync(join(keys, name), 'utf8');

const LOGINS: Readonly<Record<string, readonly [mechanism: string, user: string, password: string]>> = {
  plain: ['PLAIN', 'alice', 'alice-secret'],
  'scram-256': ['SCRAM-SHA-256', 'alice', 'alice-secret'],
  'scram-512': ['SCRAM-SHA-512', 'alice', 'alice-secret'],
  'wrong-password': ['SCRAM-SHA-256', 'alice', 'guess'],
  'unknown-user': ['PLAIN', 'nobody', 'guess'],
};
const login = LOGINS[way];
const isToken = way.startsWith('oauth');
const tls = isToken
  ? undefined
  : {
      ca: [key('ca.pem')],
      ...(login === undefined && way !== 'no-certificate' && { cert: key(`${way}.pem`), key: key(`${way}.key`) }),
    };

/** Ends the program where a client is refused: what it throws is its own affair. */
async function orRefused<T>(sent: Promise<T>): Promise<T> {
  const late = new Promise<never>((_, reject) => setTimeout(() => reject(new Error('no answer')), PATIENCE_MS));
  try {
    return await Promise.race([sent, late]);
  } catch (error) {
    console.error(error);
    process.exit(REFUSED);
  }
}

/** kafkajs, and confluent-kafka-javascript in its dress. */
async function byKafkajs(name: string): Promise<void> {
  const isConfluent = name !== 'kafkajs';
  const found = require(name);
  const { Kafka, logLevel } = isConfluent ? found.KafkaJS : found;
  const sasl = saslOf(isConfluent);
  const options = {
    brokers: [broker],
    ...(tls !== undefined && { ssl: isConfluent ? true : tls }),
    ...(sasl !== undefined && { sasl }),
    logLevel: logLevel.NOTHING,
    ...(!isConfluent && { retry: { retries: 0 } }),
  };
  const pem = tls === undefined ? {} : { 'ssl.ca.pem': tls.ca[0] };
  const own = tls?.cert === undefined ? {} : { 'ssl.certificate.pem': tls.cert, 'ssl.key.pem': tls.key };
  const kafka = isConfluent ? new Kafka({ kafkaJS: options, ...pem, ...own }) : new Kafka(options);
  const producer = kafka.producer();
  await orRefused(producer.connect());
  await orRefused(producer.send({ topic: TOPIC, messages: [{ value }] }));
  const group = { groupId: value };
  const consumer = kafka.consumer(isConfluent ? { kafkaJS: { ...group, fromBeginning: true } } : group);
  await consumer.connect();
  await consumer.subscribe(isConfluent ? { topics: [TOPIC] } : { topics: [TOPIC], fromBeginning: true });
  await new Promise<void>((resolve) => {
    const eachMessage = async ({ message }: { message: { value: Buffer | null } }): Promise<void> => {
      if (String(message.value) === value) resolve();
    };
    void consumer.run({ eachMessage });
  });
  process.exit(0);
}

function saslOf(isConfluent: boolean): object | undefined {
  const provider = { value: token, principal: 'alice', lifetime: Date.now() + 3_600_000 };
  if (isToken) return { mechanism: 'oauthbearer', oauthBearerProvider: () => Promise.resolve(provider) };
  if (login === undefined) return undefined;
  const [mechanism, username, password] = login;
  return { mechanism: isConfluent ? mechanism : mechanism.toLowerCase(), username, password };
}

async function byPlatformatic(): Promise<void> {
  const { Consumer, Producer, stringDeserializers, stringSerializers } = require('@platformatic/kafka');
  const [mechanism, username, password] = login ?? [];
  const options = {
    clientId: 'secured',
    bootstrapBrokers: [broker],
    retries: 0,
    ...(tls !== undefined && { tls }),
    ...(isToken && { sasl: { mechanism: 'OAUTHBEARER', token } }),
    ...(mechanism !== undefined && { sasl: { mechanism, username, password } }),
  };
  const producer = new Producer({ ...options, serializers: stringSerializers });
  await orRefused(producer.send({ messages: [{ topic: TOPIC, value }] }));
  const consumer = new Consumer({ ...options, groupId: value, deserializers: stringDeserializers });
  const stream = await consumer.consume({ topics: [TOPIC], mode: 'earliest' });
  for await (const record of stream) if (record.value === value) process.exit(0);
}

await (library === '@platformatic/kafka' ? byPlatformatic() : byKafkajs(library));
