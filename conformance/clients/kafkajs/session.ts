// What the checks of kafkajs share: the client, topics of their own, and members of groups that remember what they were given.

import { createRequire } from 'node:module';
import type { Admin, Consumer, ConsumerConfig, ConsumerRunConfig, Kafka as KafkaClient, Producer } from 'kafkajs';
import { same } from '../../suite.ts';
import { WireConnection } from '../../wire/connection.ts';
import { fresh, soonSame, until } from '../checks.ts';
import { knownTo } from '../known-topics.ts';

/** Our facade in the place of kafkajs (suites/ottla-client.ts). */
export const isFacade = process.env['OTTLA_KAFKAJS'] === 'facade';

// kafkajs is CommonJS, whose names Node cannot see from an ES module.
export const kafkajs = (
  isFacade ? await import('../../../src/client/kafkajs/index.ts') : createRequire(import.meta.url)('kafkajs')
) as typeof import('kafkajs');

export interface Session {
  readonly bootstrap: string;
  readonly kafka: KafkaClient;
  readonly admin: Admin;
  readonly producer: Producer;
  readonly wire: WireConnection;
}

export function clientOf(bootstrap: string): KafkaClient {
  return new kafkajs.Kafka({ brokers: [bootstrap], clientId: 'conformance', logLevel: kafkajs.logLevel.NOTHING });
}

export async function openSession(bootstrap: string): Promise<Session> {
  const kafka = clientOf(bootstrap);
  const session: Session = {
    bootstrap,
    kafka,
    admin: kafka.admin(),
    producer: kafka.producer({ allowAutoTopicCreation: false }),
    wire: await WireConnection.open(bootstrap),
  };
  await session.admin.connect();
  await session.producer.connect();
  return session;
}

/**
 * A new topic of this many partitions, all of which answer: on Apache Kafka a leader is named before it serves, and a
 * producer without idempotence sends to all partitions again when one of them refuses. All brokers know it: kafkajs asks any
 * of them, and gives up over one that does not.
 */
export async function made(admin: Admin, numPartitions = 1): Promise<string> {
  const topic = fresh('kafkajs');
  same(await admin.createTopics({ topics: [{ topic, numPartitions }], waitForLeaders: true }), true, 'created');
  const { brokers } = await admin.describeCluster();
  const addresses = brokers.map(({ host, port }) => `${host}:${port}`);
  await knownTo(addresses, topic, numPartitions);
  await soonSame(async () => (await admin.fetchTopicOffsets(topic)).length, numPartitions, 'partitions that answer');
  return topic;
}

/** Writes the values `from` … `to - 1` to one partition. */
export async function filled(producer: Producer, topic: string, to: number, partition = 0, from = 0): Promise<void> {
  const messages = Array.from({ length: to - from }, (_, i) => ({ value: `${from + i}`, partition }));
  await producer.send({ topic, messages });
}

export interface Received {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly value: string;
}

export interface MemberOptions extends Partial<ConsumerConfig> {
  readonly topics: readonly (string | RegExp)[];
  /** Default: true. */
  readonly fromBeginning?: boolean;
  readonly run?: ConsumerRunConfig;
}

/** One consumer of a group: what it owns since its last join, and what it was given. */
export class Member {
  readonly consumer: Consumer;
  readonly received: Received[] = [];
  readonly crashes: string[] = [];
  /** `topic:partition`. */
  owned: string[] = [];
  memberId = '';
  protocol = '';
  joins = 0;

  private constructor(consumer: Consumer) {
    this.consumer = consumer;
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      this.memberId = payload.memberId;
      this.protocol = payload.groupProtocol;
      this.owned = Object.entries(payload.memberAssignment).flatMap(([topic, list]) =>
        list.map((partition) => `${topic}:${partition}`),
      );
      this.joins++;
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => void this.crashes.push(payload.error.message));
  }

  /** Joins and waits until it has an assignment, be it empty. */
  static async start(kafka: KafkaClient, groupId: string, options: MemberOptions): Promise<Member> {
    const { topics, fromBeginning = true, run, ...config } = options;
    const member = new Member(
      kafka.consumer({
        groupId,
        // Its fetches are short, because disconnect() waits for the running one.
        maxWaitTimeInMs: 200,
        heartbeatInterval: 300,
        sessionTimeout: 10_000,
        rebalanceTimeout: 15_000,
        ...config,
      }),
    );
    await member.consumer.connect();
    await member.consumer.subscribe({ topics: [...topics], fromBeginning });
    await member.run(run);
    return member;
  }

  async run(run?: ConsumerRunConfig): Promise<void> {
    const joins = this.joins;
    await this.consumer.run(run ?? { eachMessage: async (payload) => this.keep(payload) });
    await until(() => this.joins > joins, 'the first assignment');
  }

  keep(payload: { topic: string; partition: number; message: { offset: string; value: Buffer | null } }): void {
    const { topic, partition, message } = payload;
    this.received.push({ topic, partition, offset: Number(message.offset), value: String(message.value) });
  }

  /** Waits for so many records. */
  async has(count: number): Promise<void> {
    await until(
      () => this.received.length >= count,
      () => `${count} records, has ${this.received.length}`,
    );
  }

  get values(): string[] {
    return this.received.map((record) => record.value);
  }

  async stop(): Promise<void> {
    await this.consumer.disconnect();
    this.owned = [];
  }
}

/** Where the group stands in a partition of the topic: offset, -1 without one. */
export async function committed(admin: Admin, groupId: string, topic: string, partition = 0): Promise<number> {
  const [entry] = await admin.fetchOffsets({ groupId, topics: [topic] });
  return Number(entry?.partitions.find((p) => p.partition === partition)?.offset ?? -1);
}

/** A member comes, commits an offset of partition 0 and goes. (setOffsets of kafkajs takes 5 s: it waits for a fetch.) */
export async function committedBy(kafka: KafkaClient, groupId: string, topic: string, offset: string): Promise<void> {
  const run = { autoCommit: false, eachMessage: async () => undefined };
  const member = await Member.start(kafka, groupId, { topics: [topic], run });
  await member.consumer.commitOffsets([{ topic, partition: 0, offset }]);
  await member.stop();
}

export const numbers = (to: number, from = 0): string[] => Array.from({ length: to - from }, (_, i) => `${from + i}`);
