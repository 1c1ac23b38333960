// What the clients of a simulated cluster do until they are told that it is over; each writes down what it asked for and was told.
import {
  ClientError,
  ClusterClient,
  type AssignorName,
  Consumer,
  Producer,
  TransactionError,
} from '../../../src/client/index.ts';
import { KafkaError } from '../../../src/protocol/index.ts';
import { delay, type Random, randomInt, type Runtime } from '../../../src/runtime/index.ts';
import type { History, RanTransaction, SentValue } from './history.ts';
import { CLIENT_PORT, nameOf } from './node-config.ts';
import { Violation } from './violation.ts';

export const ORDERS = 'orders';
/** Written in transactions, on two partitions. */
export const OUT = 'out';
export const OUT_PARTITIONS = 2;
export const GROUP = 'readers';
/** What the members of the group of all readers bring along: one that all have is among them. */
const ASSIGNORS: readonly (readonly AssignorName[])[] = [['range'], ['roundrobin', 'range']];

const DELIVERY_MS = 9_000;
const TRANSACTION_MS = 8_000;
const LIMITS = {
  requestTimeoutMs: 3_000,
  connectTimeoutMs: 1_500,
  firstBackoffMs: 40,
  longestBackoffMs: 500,
  apiTimeoutMs: 12_000,
  metadataMaxAgeMs: 10_000,
};

/** Where the clients live, and what they share. */
export interface Bench {
  readonly runtime: Runtime;
  readonly random: Random;
  readonly brokers: readonly number[];
  readonly history: History;
  readonly partitions: number;
  readonly isOver: () => boolean;
  /** No producer writes to `orders` any more. */
  readonly hasWritten: () => boolean;
  readonly tell: (line: string) => void;
}

export function clientOf({ runtime, brokers }: Bench, clientId: string): ClusterClient {
  const addresses = brokers.map((id) => ({ host: nameOf(id), port: CLIENT_PORT }));
  return new ClusterClient({ runtime, brokers: addresses, clientId, limits: LIMITS });
}

/** Mostly a short time. Multiplied out: the last bit of a power is another one in other versions of V8. */
export function shortWhileMs(random: Random, longestMs: number): number {
  const drawn = random.next();
  return drawn * drawn * drawn * longestMs;
}

/** What a call to a cluster in trouble may end with. */
const isExpected = (error: unknown): boolean => error instanceof KafkaError || error instanceof ClientError;

/** Writes to the partitions of `orders`, record by record or some at a time. */
export async function produce(bench: Bench, name: string): Promise<void> {
  const { history, random, runtime } = bench;
  const client = clientOf(bench, name);
  const producer = new Producer({ client, deliveryTimeoutMs: DELIVERY_MS, batchSize: 220 });
  let made = 0;
  const sendOne = async (partition: number): Promise<void> => {
    const value = `${name}.${made++}`;
    const sent: SentValue = {
      topic: ORDERS,
      partition,
      value,
      producer: name,
      order: made,
      outcome: 'pending',
      offset: -1,
    };
    history.sent.push(sent);
    try {
      const { offset } = await producer.send(ORDERS, { key: `k${made % 3}`, value: Buffer.from(value), partition });
      sent.offset = offset;
      sent.outcome = 'acked';
    } catch (error) {
      if (!isExpected(error)) throw error;
      sent.outcome = 'lost';
    }
  };
  while (!bench.isOver()) {
    const partition = randomInt(random, 0, bench.partitions);
    await Promise.all(Array.from({ length: randomInt(random, 1, 5) }, () => sendOne(partition)));
    await delay(runtime.clock, random.next() * 250);
  }
  await client.close();
}

/** Reads all partitions of `orders` from the beginning. */
export async function read(bench: Bench, name: string): Promise<void> {
  const client = clientOf(bench, name);
  const consumer = new Consumer({
    client,
    onTruncated: ({ topic, partition, offset }) => {
      throw new Violation('D2', `${name} is told that ${topic}-${partition} was cut back to ${offset}`);
    },
  });
  const partitions = Array.from({ length: bench.partitions }, (_, partition) => partition);
  consumer.assign(partitions.map((partition) => ({ topic: ORDERS, partition, offset: 0 })));
  while (!bench.isOver()) keep(bench.history, name, await consumer.poll(1_000));
  await client.close();
}

function keep(history: History, reader: string, records: Awaited<ReturnType<Consumer['poll']>>): void {
  for (const { topic, partition, offset, value } of records) {
    history.readBy(reader).push({ topic, partition, offset, value: Buffer.from(value ?? []).toString() });
  }
}

/** One transaction behind the other; it dies now and then, and another incarnation takes over. */
export async function transact(bench: Bench, name: string): Promise<void> {
  const { random, runtime } = bench;
  const client = clientOf(bench, name);
  let producer = await newProducer(bench, client, name);
  for (let number = 0; !bench.isOver(); number++) {
    const transaction: RanTransaction = { producer: name, number, values: [], hasOffset: false, fate: 'open' };
    bench.history.transactions.push(transaction);
    const goesOn = await runTransaction(bench, producer, transaction);
    if (!goesOn) {
      producer = await newProducer(bench, client, name);
      // What was not being committed is aborted by that.
      if (transaction.fate === 'open') transaction.fate = 'aborted';
    }
    await delay(runtime.clock, random.next() * 300);
  }
  await client.close();
}

async function newProducer(bench: Bench, client: ClusterClient, name: string): Promise<Producer> {
  for (;;) {
    const options = { transactionalId: name, transactionTimeoutMs: TRANSACTION_MS, deliveryTimeoutMs: 6_000 };
    const producer = new Producer({ client, ...options });
    try {
      await producer.initTransactions();
      return producer;
    } catch (error) {
      if (!isExpected(error)) throw error;
      await delay(bench.runtime.clock, 300);
    }
  }
}

/** false: the producer cannot go on as the one that it is. */
async function runTransaction(bench: Bench, producer: Producer, transaction: RanTransaction): Promise<boolean> {
  const { random, runtime } = bench;
  const { producer: name, number, values } = transaction;
  producer.begin();
  try {
    for (let count = randomInt(random, 1, 4); count > 0; count--) {
      const value = `${name}.${number}.${count}`;
      const partition = randomInt(random, 0, OUT_PARTITIONS);
      values.push(value);
      await producer.send(OUT, { value: Buffer.from(value), partition });
    }
    if (random.next() < 0.4) {
      const offsets = [{ topic: ORDERS, partition: 0, offset: number + 1 }];
      await producer.sendOffsets(offsets, { groupId: `group of ${name}` });
      transaction.hasOffset = true;
    }
    if (random.next() < 0.05) return false;
    if (random.next() < 0.03) await delay(runtime.clock, 1.5 * TRANSACTION_MS);
    await end(producer, transaction, random.next() < 0.7);
    return true;
  } catch (error) {
    if (!isExpected(error)) throw error;
    return abortAfter(producer, transaction, error);
  }
}

async function end(producer: Producer, transaction: RanTransaction, isCommit: boolean): Promise<void> {
  if (isCommit) {
    transaction.fate = 'unknown';
    await producer.commit();
    transaction.fate = 'committed';
  } else {
    await producer.abort();
    transaction.fate = 'aborted';
  }
}

async function abortAfter(producer: Producer, transaction: RanTransaction, error: unknown): Promise<boolean> {
  if (error instanceof TransactionError && !error.canBeAborted) return false;
  try {
    await producer.abort();
    transaction.fate = 'aborted';
    return true;
  } catch (failure) {
    if (!isExpected(failure)) throw failure;
    return false;
  }
}

/** A member of the group of all readers: reads its share, and commits what it has read. */
export async function belong(bench: Bench, name: string): Promise<void> {
  const { random, runtime } = bench;
  const client = clientOf(bench, name);
  while (!bench.isOver()) {
    const consumer = memberOf(bench, client, ASSIGNORS[randomInt(random, 0, ASSIGNORS.length)] as AssignorName[]);
    for (let rounds = randomInt(random, 5, 60); rounds > 0 && !bench.isOver(); rounds--) {
      try {
        await readShare(bench, consumer, name);
      } catch (error) {
        if (!(error instanceof ClientError)) throw error;
        await delay(runtime.clock, 200);
      }
    }
    await consumer.close({ timeoutMs: 5_000, group: random.next() < 0.7 ? 'leave' : 'stay' });
  }
  await client.close();
}

function memberOf(bench: Bench, client: ClusterClient, assignors: readonly AssignorName[]): Consumer {
  const consumer: Consumer = new Consumer({
    client,
    group: GROUP,
    topics: [ORDERS],
    groupProtocol: 'classic',
    assignors,
    autoOffsetReset: 'earliest',
    autoCommit: false,
    sessionTimeoutMs: 6_000,
    heartbeatIntervalMs: 700,
    maxPollIntervalMs: 4_000,
    onAssigned: () => {
      const { generationId: generation, memberId: member } = consumer.groupMetadata();
      const partitions = consumer.assignment().map(({ topic, partition }) => `${topic}-${partition}`);
      bench.history.shares.push({ group: GROUP, generation, member, partitions });
    },
  });
  return consumer;
}

async function readShare(bench: Bench, consumer: Consumer, name: string): Promise<void> {
  const records = await consumer.poll(500);
  const { generationId } = consumer.groupMetadata();
  keep(bench.history, `${name} ${generationId}`, records);
  if (records.length > 0) await consumer.commit(undefined, { timeoutMs: 4_000 });
}

/** What the group has committed, seen again and again from outside. */
export async function watchOffsets(bench: Bench): Promise<void> {
  const client = clientOf(bench, 'watcher');
  const watcher = new Consumer({ client, group: GROUP });
  while (!bench.isOver()) {
    for (let partition = 0; partition < bench.partitions; partition++) {
      try {
        const [found] = await watcher.committed([{ topic: ORDERS, partition }]);
        const name = `${GROUP} ${ORDERS}-${partition}`;
        bench.history.committed.set(name, [...(bench.history.committed.get(name) ?? []), found?.offset ?? -1]);
      } catch (error) {
        if (!(error instanceof ClientError)) throw error;
      }
    }
    await delay(bench.runtime.clock, 1_500);
  }
  await client.close();
}
