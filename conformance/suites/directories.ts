// One data directory, Apache Kafka and Ottla: never both at once, whatever processes they are, and each finds what the other has
// left there.

import { readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Skip, same, type Suite, type SuiteContext, that } from '../suite.ts';
import { apache } from '../targets/apache.ts';
import { ottla } from '../targets/ottla.ts';
import type { RunningBroker, Target } from '../targets/target.ts';
import { exec } from '../toolchain/exec.ts';
import { KAFKA_VERSION, type KafkaJars } from '../toolchain/kafka-jars.ts';
import { nodeWithSqlite } from '../toolchain/npm-clients.ts';
import { WireConnection } from '../wire/connection.ts';
import { buildBatch } from '../wire/record-batch.ts';
import { createTopics, knownOffset, produce } from '../wire/requests.ts';

const IN_OWN_NAMESPACE = ['--pid', '--fork', '--mount-proc', '--kill-child'];

export const directories: Suite = {
  name: 'directories',
  isBlackBox: false,
  available: (jars) => Promise.resolve(typeof jars === 'string' ? { missing: jars } : { version: KAFKA_VERSION }),
  run,
};

async function run({ jars: found, scratch, cases }: SuiteContext): Promise<void> {
  const jars = found as KafkaJars;
  const sqlite = await nodeWithSqlite();
  const canUnshare = (await exec('unshare', [...IN_OWN_NAMESPACE, 'true'])).status === 0;
  const directory = (name: string): string => join(scratch, name, 'data');
  /** The Node with SQLite, of which a case cannot do without. */
  const needed = ({ namespaces = false } = {}): string => {
    if (namespaces && !canUnshare) throw new Skip('no right to a pid namespace');
    if ('missing' in sqlite) throw new Skip(sqlite.missing);
    return sqlite.node;
  };
  await cases.run('an Ottla with SQLite keeps Apache Kafka out', () =>
    keepsKafkaOut(jars, ottla({ node: needed() }), directory('keeps-out')),
  );
  await cases.run('so it does from another pid namespace', () =>
    keepsKafkaOut(jars, elsewhere(needed({ namespaces: true })), directory('keeps-out-elsewhere')),
  );
  await cases.run('a running Apache Kafka keeps an Ottla of its pid namespace out, and is undisturbed', () =>
    kafkaHolds(jars, directory('kafka-holds'), ottla()),
  );
  await cases.run('so it does an Ottla with SQLite in another pid namespace', () =>
    kafkaHolds(jars, directory('kafka-holds-elsewhere'), elsewhere(needed({ namespaces: true }))),
  );
  await cases.run('Ottlas on different Nodes in different pid namespaces keep each other out', async () => {
    const node = needed({ namespaces: true });
    await eachKeepsOut(elsewhere(process.execPath), elsewhere(node), directory('two-a'));
    await eachKeepsOut(elsewhere(node), elsewhere(process.execPath), directory('two-b'));
  });
  await cases.run('a directory is free when Apache Kafka or Ottla was killed', () =>
    freeAfterKill(jars, directory('killed')),
  );
  await cases.run('Apache Kafka finds a log that Ottla has adopted', () => adopted(jars, directory('adopted')));
  await cases.run('Apache Kafka leaves what Ottla has set aside', () => setAside(jars, directory('aside')));
}

/** In a pid namespace of its own, as in another container. It can be killed only. */
function elsewhere(node: string): Target {
  return ottla({ node: 'unshare', nodeFlags: [...IN_OWN_NAMESPACE, node] });
}

async function refused(target: Target, dataDirectory: string, words: RegExp): Promise<void> {
  let started: RunningBroker;
  try {
    started = await target.start({ dataDirectory });
  } catch (error) {
    that(words.test(String(error)), `refused with other words: ${String(error)}`);
    return;
  }
  await started.kill();
  that(false, `${target.name} started on a directory that is in use`);
}

const NOT_LEADER_OR_FOLLOWER = 6;
const IN_USE = /is in use by another broker/;

async function keepsKafkaOut(jars: KafkaJars, target: Target, dataDirectory: string): Promise<void> {
  const holder = await target.start({ dataDirectory });
  try {
    await refused(apache(jars), dataDirectory, /Failed to acquire lock on file .lock/);
    same(statSync(join(dataDirectory, '.lock')).size, 0, 'bytes in .lock');
  } finally {
    await holder.kill();
  }
}

async function kafkaHolds(jars: KafkaJars, dataDirectory: string, other: Target): Promise<void> {
  const kafka = await apache(jars).start({ dataDirectory });
  try {
    await write(kafka, 'held');
    await refused(other, dataDirectory, IN_USE);
    await writeOnce(kafka, 'held');
    same(await endOf(kafka, 'held'), 2, 'end offset');
  } finally {
    await kafka.kill();
  }
}

async function eachKeepsOut(first: Target, second: Target, dataDirectory: string): Promise<void> {
  const holder = await first.start({ dataDirectory });
  try {
    await refused(second, dataDirectory, IN_USE);
    await write(holder, 'held');
  } finally {
    await holder.kill();
  }
  const next = await second.start({ dataDirectory });
  same(await endOf(next, 'held'), 1, 'end offset');
  await next.kill();
}

async function freeAfterKill(jars: KafkaJars, dataDirectory: string): Promise<void> {
  const kafka = await apache(jars).start({ dataDirectory });
  await write(kafka, 'kept');
  await kafka.kill();
  const first = await ottla().start({ dataDirectory });
  same(await endOf(first, 'kept'), 1, 'end offset after Kafka was killed');
  await first.kill();
  const second = await ottla().start({ dataDirectory });
  await second.stop();
  const left = readdirSync(dataDirectory).filter((name) => name.startsWith('.'));
  same(left.sort(), ['.kafka_cleanshutdown', '.lock'], 'files left by a clean stop');
  const third = await apache(jars).start({ dataDirectory });
  same(await endOf(third, 'kept'), 1, 'end offset after Ottla');
  await third.stop();
}

async function adopted(jars: KafkaJars, dataDirectory: string): Promise<void> {
  const kafka = await apache(jars).start({ dataDirectory });
  await write(kafka, 'adopted');
  await kafka.stop();
  rmSync(join(dataDirectory, 'adopted-0', 'partition.metadata'));
  const ours = await ottla().start({ dataDirectory });
  same(await endOf(ours, 'adopted'), 1, 'end offset here');
  await ours.stop();
  const again = await apache(jars).start({ dataDirectory });
  same(await endOf(again, 'adopted'), 1, 'end offset there');
  await again.stop();
}

async function setAside(jars: KafkaJars, dataDirectory: string): Promise<void> {
  const ours = await ottla().start({ dataDirectory });
  await write(ours, 'kept');
  await write(ours, 'unknown');
  await ours.stop();
  renameSync(join(dataDirectory, 'unknown-0'), join(dataDirectory, 'elsewhere-0'));
  const bytes = readFileSync(join(dataDirectory, 'elsewhere-0', '00000000000000000000.log'));
  await (await ottla().start({ dataDirectory })).stop();
  const stray = readdirSync(dataDirectory).find((name) => /^elsewhere-0\.[0-9a-f]{32}-stray$/.test(name));
  that(stray !== undefined, 'no elsewhere-0.…-stray');
  const kafka = await apache(jars).start({ dataDirectory });
  same(await endOf(kafka, 'kept'), 1, 'end offset');
  await kafka.stop();
  const after = readFileSync(join(dataDirectory, stray ?? '', '00000000000000000000.log'));
  same(after.toString('hex'), bytes.toString('hex'), 'bytes of the stray log');
}

async function write(broker: RunningBroker, topic: string): Promise<void> {
  const connection = await WireConnection.open(broker.bootstrap);
  await createTopics(connection, [{ name: topic, partitions: 1 }]);
  await connection.close();
  await writeOnce(broker, topic);
}

async function writeOnce(broker: RunningBroker, topic: string): Promise<void> {
  const connection = await WireConnection.open(broker.bootstrap);
  const batch = buildBatch({ records: [{ key: null, value: Buffer.from('v') }], timestamp: Date.now() });
  const send = () => produce(connection, { topic, partition: 0, acks: -1 }, batch);
  let { errorCode } = await send();
  // Apache Kafka names a leader a moment before that one knows it.
  for (let attempt = 0; errorCode === NOT_LEADER_OR_FOLLOWER && attempt < 100; attempt++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    ({ errorCode } = await send());
  }
  await connection.close();
  same(errorCode, 0, 'error of Produce');
}

async function endOf(broker: RunningBroker, topic: string): Promise<number> {
  const connection = await WireConnection.open(broker.bootstrap);
  const { offset } = await knownOffset(connection, { topic, partition: 0, timestamp: -1 });
  await connection.close();
  return offset;
}
