// What the checks of @platformatic/kafka share: the package, clients, topics of their own, members of groups.

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { WireConnection } from '../../wire/connection.ts';
import { fresh, until } from '../checks.ts';
import type { Admin, BaseOptions, ConsumeOptions, Consumer, GroupOptions, Platformatic, Producer } from './api.ts';
import type { Message, MessagesStream, SendOptions } from './api.ts';

export interface Session {
  readonly bootstrap: string;
  readonly home: string;
  readonly kafka: Platformatic;
  readonly base: BaseOptions;
  readonly admin: Admin;
  readonly producer: Producer;
  readonly wire: WireConnection;
}

/** `home` is where npm installed the package. */
export async function openSession(home: string, bootstrap: string): Promise<Session> {
  const entry = createRequire(join(home, 'package.json')).resolve('@platformatic/kafka');
  const kafka = (await import(pathToFileURL(entry).href)) as Platformatic;
  // With `strict`, an option that it does not know is an error.
  const base = { clientId: 'conformance', bootstrapBrokers: [bootstrap], strict: true, retryDelay: 100 };
  const admin = new kafka.Admin(base);
  // The first question about a group makes the topic that groups are kept in; a coordinator is there a moment later.
  const groups = [fresh('group')];
  await until(
    () =>
      admin.listConsumerGroupOffsets({ groups }).then(
        () => true,
        () => false,
      ),
    'a coordinator',
  );
  const wire = await WireConnection.open(bootstrap);
  return { bootstrap, home, kafka, base, admin, producer: new kafka.Producer(base), wire };
}

/**
 * A new topic of this many partitions, all of which answer: on Apache Kafka a leader is named before it
 * serves, and a producer without idempotence sends to all partitions again when one of them refuses.
 */
export async function made({ admin }: Session, partitions = 1): Promise<string> {
  const topic = fresh('platformatic');
  await admin.createTopics({ topics: [topic], partitions, replicas: 1 });
  const ends = Array.from({ length: partitions }, (_, partitionIndex) => ({ partitionIndex, timestamp: -1n }));
  const isLed = (): Promise<boolean> =>
    admin.listOffsets({ topics: [{ name: topic, partitions: ends }] }).then(
      () => true,
      () => false,
    );
  await until(isLed, 'leaders');
  return topic;
}

/** Writes the values `from` … `to - 1` to one partition. */
export async function filled(
  { producer }: Session,
  topic: string,
  to: number,
  partition = 0,
  options: SendOptions & { from?: number } = {},
): Promise<void> {
  const { from = 0, ...send } = options;
  const messages = numbers(to, from).map((value) => ({ topic, partition, value: Buffer.from(value) }));
  await producer.send({ messages, ...send });
}

export const numbers = (to: number, from = 0): string[] => Array.from({ length: to - from }, (_, i) => `${from + i}`);

export interface MemberOptions extends GroupOptions, Omit<ConsumeOptions, 'topics'> {
  readonly topics: string[];
}

const CLASSIC_TIMES = { sessionTimeout: 10_000, rebalanceTimeout: 15_000, heartbeatInterval: 250 };

/** One consumer of a group and its stream: what it owns, and what it was given. */
export class Member {
  readonly consumer: Consumer;
  readonly stream: MessagesStream;
  readonly received: Message[] = [];
  readonly errors: string[] = [];
  joins = 0;

  private constructor(consumer: Consumer, stream: MessagesStream) {
    this.consumer = consumer;
    this.stream = stream;
    stream.on('data', (message: Message) => void this.received.push(message));
    stream.on('error', (error: Error) => void this.errors.push(error.message));
  }

  static async start(session: Session, groupId: string, options: MemberOptions): Promise<Member> {
    const { topics, mode = 'committed', fallbackMode = 'earliest', ...others } = options;
    const { offsets, autocommit, maxBytes, isolationLevel, ...group } = others;
    const consumer = new session.kafka.Consumer({
      ...session.base,
      groupId,
      // A member of KIP-848 hears from its coordinator how it is to behave.
      ...(group.groupProtocol !== 'consumer' && CLASSIC_TIMES),
      maxWaitTime: 200,
      ...group,
    });
    let joins = 0;
    let member: Member | undefined;
    consumer.on('consumer:group:join', () => {
      joins++;
      if (member !== undefined) member.joins = joins;
    });
    consumer.on('error', (error: Error) => void member?.errors.push(error.message));
    const stream = await consumer.consume({
      topics,
      mode,
      maxWaitTime: 200,
      ...(mode === 'committed' && { fallbackMode }),
      ...(offsets !== undefined && { offsets }),
      ...(autocommit !== undefined && { autocommit }),
      ...(maxBytes !== undefined && { maxBytes }),
      ...(isolationLevel !== undefined && { isolationLevel }),
    });
    member = new Member(consumer, stream);
    member.joins = joins;
    return member;
  }

  /** `topic:partition`. */
  get owned(): string[] {
    return (this.consumer.assignments ?? []).flatMap(({ topic, partitions }) =>
      partitions.map((partition) => `${topic}:${partition}`),
    );
  }

  get values(): string[] {
    return this.received.map((message) => String(message.value));
  }

  /** Waits for so many records. */
  async has(count: number): Promise<void> {
    await until(
      () => this.received.length >= count,
      () => `${count} records, has ${this.received.length} ${this.errors.join()}`,
    );
  }

  async stop(): Promise<void> {
    await this.consumer.close(true);
  }
}

/** Where the group stands in a partition of the topic, -1 without an offset. */
export async function committed({ admin }: Session, groupId: string, topic: string, partition = 0): Promise<number> {
  const groups = [{ groupId, topics: [{ name: topic, partitionIndexes: [partition] }] }];
  const [group] = await admin.listConsumerGroupOffsets({ groups });
  return Number(group?.topics[0]?.partitions[0]?.committedOffset ?? -1);
}
