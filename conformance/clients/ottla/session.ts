// What the checks of our own client share: one cluster, its producer and admin, and topics of their own.

import { once } from 'node:events';
import { connect } from 'node:net';
import { Admin, ClusterClient, Consumer, type Producer } from '../../../src/client/index.ts';
import { same } from '../../suite.ts';
import { WireConnection } from '../../wire/connection.ts';
import { fresh, until } from '../checks.ts';

export interface Session {
  readonly bootstrap: string;
  readonly cluster: ClusterClient;
  readonly admin: Admin;
  readonly producer: Producer;
  readonly wire: WireConnection;
}

/** The markers that it writes have no checksum; and it has groups of KIP-848, but tells of no feature that says so. */
const FOR_MOCK_CLUSTER = { 'check.crcs': false, 'group.protocol': 'consumer' };

export async function openSession(bootstrap: string): Promise<Session> {
  const config = process.env['OTTLA_TOPICS_AT'] === undefined ? {} : FOR_MOCK_CLUSTER;
  const cluster = new ClusterClient({ brokers: bootstrap, clientId: 'conformance', config });
  const producer = cluster.producer();
  return {
    bootstrap,
    cluster,
    admin: new Admin({ client: cluster }),
    producer,
    wire: await WireConnection.open(bootstrap),
  };
}

/** A new topic of this many partitions, all of which answer. */
export async function made(session: Session, numPartitions = 1, configs: Record<string, string> = {}): Promise<string> {
  const topic = fresh('ottla');
  await create(session, topic, numPartitions, configs);
  const places = Array.from({ length: numPartitions }, (_, partition) => ({ topic, partition }));
  const consumer = new Consumer({ client: session.cluster });
  const answers = async (): Promise<boolean> => {
    const ends = await consumer.endOffsets(places, { timeoutMs: 5_000 }).catch(() => []);
    return ends.length === numPartitions;
  };
  await until(answers, 'partitions that answer');
  await consumer.close();
  return topic;
}

async function create(
  { admin }: Session,
  topic: string,
  partitions: number,
  configs: Record<string, string>,
): Promise<void> {
  const topicsAt = process.env['OTTLA_TOPICS_AT'];
  if (topicsAt !== undefined) return createAside(topicsAt, topic, partitions);
  const outcome = (await admin.createTopics([{ name: topic, partitions, configs }])).get(topic);
  if (outcome instanceof Error) throw outcome;
}

/** By a line to `address`, for a server that has no CreateTopics. */
async function createAside(address: string, topic: string, partitions: number): Promise<void> {
  const [host, port] = address.split(':');
  const socket = connect(Number(port), host);
  socket.write(`${topic} ${partitions}\n`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  same(String(answer).trim(), '0', `${topic} is made`);
}

export const numbers = (to: number, from = 0): string[] => Array.from({ length: to - from }, (_, i) => `${from + i}`);

/** Writes the values `from` … `to - 1` to one partition. */
export async function filled({ producer }: Session, topic: string, to: number, partition = 0, from = 0): Promise<void> {
  await producer.send(
    topic,
    numbers(to, from).map((value) => ({ value, partition })),
  );
}

/** All values of partition 0 that a reader of this isolation sees, to the end. */
export async function valuesIn(
  { cluster }: Session,
  topic: string,
  isolation: 'read_committed' | 'read_uncommitted' = 'read_committed',
): Promise<string[]> {
  await using consumer = new Consumer({ client: cluster, isolation });
  consumer.assign([{ topic, partition: 0, offset: 0 }]);
  const [end] = await consumer.endOffsets([{ topic, partition: 0 }]);
  const values: string[] = [];
  const isThere = async (): Promise<boolean> => {
    for (const { value } of await consumer.poll(200)) values.push(Buffer.from(value ?? []).toString());
    return (consumer.position(topic, 0) ?? 0) >= (end?.offset ?? 0);
  };
  await until(isThere, () => `the end at ${end?.offset}, is at ${consumer.position(topic, 0)}`);
  return values;
}
