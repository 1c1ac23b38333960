// What the checks of confluent-kafka-javascript share: the package, clients, topics of their own, members of groups.

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { same } from '../../suite.ts';
import { WireConnection } from '../../wire/connection.ts';
import { fresh, until } from '../checks.ts';
import type { Admin, Confluent, Consumer, Done, KafkaJs, Producer, RunConfig, Settings } from './api.ts';

export interface Session {
  readonly bootstrap: string;
  readonly home: string;
  readonly rd: Confluent;
  readonly kafka: InstanceType<KafkaJs['Kafka']>;
  readonly admin: Admin;
  readonly producer: Producer;
  readonly wire: WireConnection;
}

/** `home` is where npm installed the package. */
export function sessionOf(home: string, bootstrap: string): Pick<Session, 'bootstrap' | 'home' | 'rd' | 'kafka'> {
  const rd = createRequire(join(home, 'package.json'))('@confluentinc/kafka-javascript') as Confluent;
  const { Kafka, logLevel } = rd.KafkaJS;
  const kafkaJS = { brokers: [bootstrap], clientId: 'conformance', logLevel: logLevel.NOTHING };
  return { bootstrap, home, rd, kafka: new Kafka({ kafkaJS }) };
}

export async function openSession(home: string, bootstrap: string): Promise<Session> {
  const base = sessionOf(home, bootstrap);
  const session: Session = {
    ...base,
    admin: base.kafka.admin(),
    producer: base.kafka.producer({ 'linger.ms': 0 }),
    wire: await WireConnection.open(bootstrap),
  };
  await session.admin.connect();
  await session.producer.connect();
  return session;
}

/** A new topic of this many partitions, known to the broker. */
export async function made({ admin }: Session, numPartitions = 1): Promise<string> {
  const topic = fresh('confluent');
  same(await admin.createTopics({ topics: [{ topic, numPartitions }] }), true, 'created');
  await until(async () => {
    const [known] = await admin.fetchTopicMetadata({ topics: [topic] }).catch(() => []);
    return known?.partitions.filter((partition) => partition.leader >= 0).length === numPartitions;
  }, 'leaders');
  return topic;
}

/** Writes the values `from` … `to - 1` to one partition. */
export async function filled({ producer }: Session, topic: string, to: number, partition = 0, from = 0): Promise<void> {
  await producer.send({ topic, messages: numbers(to, from).map((value) => ({ value, partition })) });
}

export const numbers = (to: number, from = 0): string[] => Array.from({ length: to - from }, (_, i) => `${from + i}`);

export interface Received {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly value: string;
}

export type MemberSettings = Readonly<Record<string, Settings[string] | undefined>>;

export interface MemberOptions {
  readonly topics: readonly (string | RegExp)[];
  /** librdkafka's names. */
  readonly settings?: MemberSettings;
  readonly run?: RunConfig;
}

/** One consumer of a group: what it owns, and what it was given. */
export class Member {
  readonly consumer: Consumer;
  readonly received: Received[] = [];
  /** Assignments and revocations so far. */
  rebalances = 0;

  private constructor(session: Pick<Session, 'kafka'>, groupId: string, settings: MemberSettings) {
    const configured: Record<string, Settings[string] | undefined> = {
      'group.id': groupId,
      'auto.offset.reset': 'earliest',
      'session.timeout.ms': 10_000,
      'heartbeat.interval.ms': 250,
      'fetch.wait.max.ms': 100,
      'partition.assignment.strategy': 'roundrobin',
      // The client assigns by itself; this only counts.
      rebalance_cb: () => void this.rebalances++,
      ...settings,
    };
    // Not every setting has a meaning in both group protocols: undefined leaves one out.
    const meant = Object.entries(configured).filter(([, value]) => value !== undefined);
    this.consumer = session.kafka.consumer(Object.fromEntries(meant) as Settings);
  }

  /** Joins and waits until it has been assigned something, be it nothing. */
  static async start(session: Pick<Session, 'kafka'>, groupId: string, options: MemberOptions): Promise<Member> {
    const member = new Member(session, groupId, options.settings ?? {});
    await member.consumer.connect();
    await member.consumer.subscribe({ topics: [...options.topics] });
    await member.consumer.run(options.run ?? { eachMessage: async (payload) => member.keep(payload) });
    await until(() => member.rebalances > 0, 'the first assignment');
    return member;
  }

  keep(payload: { topic: string; partition: number; message: { offset: string; value: Buffer | null } }): void {
    const { topic, partition, message } = payload;
    this.received.push({ topic, partition, offset: Number(message.offset), value: String(message.value) });
  }

  /** `topic:partition`. */
  get owned(): string[] {
    return this.consumer.assignment().map(({ topic, partition }) => `${topic}:${partition}`);
  }

  get values(): string[] {
    return this.received.map((record) => record.value);
  }

  /** Waits for so many records. */
  async has(count: number): Promise<void> {
    await until(
      () => this.received.length >= count,
      () => `${count} records, has ${this.received.length}`,
    );
  }

  async stop(): Promise<void> {
    await this.consumer.disconnect();
  }
}

/** Where the group stands in a partition of the topic, -1 without an offset. */
export async function committed({ admin }: Session, groupId: string, topic: string, partition = 0): Promise<number> {
  const [entry] = await admin.fetchOffsets({ groupId, topics: [topic] });
  const offset = Number(entry?.partitions.find((p) => p.partition === partition)?.offset);
  return offset >= 0 ? offset : -1;
}

type ArgumentsOf<Method> = Method extends (...given: [...infer Given, Done]) => unknown ? Given : never;
type ResultOf<Method> = Method extends (...given: [...infer _, Done<infer Result>]) => unknown ? Result : never;

/** A method of the other face, whose last parameter is a call-back, as a promise. */
export function called<Client, Name extends keyof Client>(
  client: Client,
  name: Name,
  ...given: ArgumentsOf<Client[Name]>
): Promise<ResultOf<Client[Name]>> {
  return new Promise((resolve, reject) => {
    const done: Done<ResultOf<Client[Name]>> = (error, result) => {
      if (error === null || error === undefined) resolve(result);
      else reject(error instanceof Error ? error : new Error((error as { message: string }).message));
    };
    (client[name] as (...all: unknown[]) => void).call(client, ...(given as unknown[]), done);
  });
}
