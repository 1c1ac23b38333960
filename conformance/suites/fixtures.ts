// Data directories that Apache Kafka 4.3.1 wrote, one cleanly stopped, one killed under load: we open a copy of each and
// have to serve exactly what the broker that wrote them served. And when we have closed it again, the real Kafka has to
// find everything there that we do not understand yet: groups, ACLs, quotas, SCRAM users.

import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ExpectedDirectory, type ExpectedTopic, matchPartition } from '../expected-partition.ts';
import { type Suite, type SuiteContext, same, that } from '../suite.ts';
import { apache } from '../targets/apache.ts';
import { ottlaInProcess } from '../targets/in-process.ts';
import type { RunningBroker, Target } from '../targets/target.ts';
import { execOk } from '../toolchain/exec.ts';
import { type KafkaJars, runTool } from '../toolchain/kafka-jars.ts';
import { WireConnection } from '../wire/connection.ts';
import { describeConfigs } from '../wire/config-requests.ts';
import { type ClusterInfo, knownOffset, metadata } from '../wire/requests.ts';

const FIXTURES = join(import.meta.dirname, '..', '..', 'test', 'fixtures');
const DIRECTORIES = [
  { name: 'clean', archive: 'kafka-4.3.1-datadir.tar.gz', expected: 'expected.json' },
  { name: 'crashed', archive: 'kafka-4.3.1-datadir-crashed.tar.gz', expected: 'expected-crashed.json' },
] as const;
/** Where it listens and stores is ours to say, not the recorded properties'. */
const OURS = new Set(['listeners', 'advertised.listeners', 'controller.quorum.bootstrap.servers', 'log.dirs']);

export const fixtures: Suite = {
  name: 'fixtures',
  isBlackBox: true,
  available: () => Promise.resolve({ version: 'Apache Kafka 4.3.1' }),
  run,
};

async function run(context: SuiteContext): Promise<void> {
  for (const directory of DIRECTORIES) {
    const expected = JSON.parse(readFileSync(join(FIXTURES, directory.expected), 'utf8')) as ExpectedDirectory;
    const properties = await unpack(directory.archive, join(context.scratch, directory.name));
    const dataDirectory = join(context.scratch, directory.name, 'data');
    const target = context.target.name === 'ottla' ? ottlaInProcess(expected.readAtMs) : context.target;
    const start = { dataDirectory, properties, bare: true };
    let broker: RunningBroker | undefined;
    const opens = await context.cases.run(`${directory.name}: opens`, async () => {
      broker = await target.start(start);
    });
    if (!opens || broker === undefined) continue;
    await serves(context, directory.name, expected, broker);
    await broker.stop();
    if (typeof context.jars === 'string' || context.target.name === 'apache') continue;
    await survives(context, directory, context.jars, start);
  }
}

/** Returns the properties that the broker ran with. */
async function unpack(archive: string, into: string): Promise<Record<string, string>> {
  mkdirSync(into, { recursive: true });
  await execOk('tar', ['-xzf', join(FIXTURES, archive), '-C', into]);
  const lines = readFileSync(join(into, 'server.properties.example'), 'utf8').split('\n');
  const entries = lines.filter((line) => line.includes('=')).map((line) => splitAt(line, line.indexOf('=')));
  // A pass of the cleaner would leave something else than what was recorded.
  return { ...Object.fromEntries(entries.filter(([key]) => !OURS.has(key))), 'log.cleaner.enable': 'false' };
}

const byName = ([a]: readonly unknown[], [b]: readonly unknown[]): number => (String(a) < String(b) ? -1 : 1);

const splitAt = (line: string, at: number): [string, string] => [line.slice(0, at), line.slice(at + 1)];

async function serves(
  { cases }: SuiteContext,
  directory: string,
  expected: ExpectedDirectory,
  broker: RunningBroker,
): Promise<void> {
  const connection = await WireConnection.open(broker.bootstrap);
  const cluster = await metadata(connection, null);
  await cases.run(`${directory}: cluster and topic names`, () => {
    same(cluster.clusterId, expected.clusterId, 'cluster id');
    const names = [...Object.keys(expected.topics), ...Object.keys(expected.internalTopics)].sort();
    same(cluster.topics.map((topic) => topic.name).sort(), names, 'topics');
  });
  for (const [name, topic] of Object.entries(expected.topics)) {
    const shown = name.length > 40 ? `${name.slice(0, 37)}…` : name;
    await cases.run(`${directory}: topic ${shown}`, () => servesTopic(connection, cluster, name, topic));
  }
  for (const [name, topic] of Object.entries(expected.internalTopics)) {
    await cases.run(`${directory}: topic ${name}`, async () => {
      const info = cluster.topics.find((t) => t.name === name);
      const identity = [info?.topicId, info?.isInternal, info?.partitions.length];
      same(identity, [topic.topicId, true, topic.partitionCount], 'id, internal, partitions');
      same(await overrides(connection, name), topic.configs, 'configs');
      for (const [partition, ends] of Object.entries(topic.nonEmptyPartitions)) {
        const of = { topic: name, partition: Number(partition) };
        same((await knownOffset(connection, { ...of, timestamp: -1 })).offset >= ends.highWatermark, true, 'end');
        same((await knownOffset(connection, { ...of, timestamp: -2 })).offset, ends.logStartOffset, 'start');
      }
    });
  }
  await cases.run(`${directory}: dynamic configs of brokers`, async () => {
    const own = await describeConfigs(connection, { type: 4, name: String(expected.nodeId) });
    const from = (source: number): Record<string, string | null> =>
      Object.fromEntries(own.filter((e) => e.source === source).map((e) => [e.name, e.value]));
    same(from(2), expected.dynamicConfigs.broker, 'of this broker');
    const all = await describeConfigs(connection, { type: 4, name: '' });
    const defaults = Object.fromEntries(all.map((e) => [e.name, e.value]).sort(byName));
    same(defaults, expected.dynamicConfigs.clusterDefault, 'of all brokers');
  });
  await connection.close();
}

async function servesTopic(
  connection: WireConnection,
  cluster: ClusterInfo,
  name: string,
  topic: ExpectedTopic,
): Promise<void> {
  const info = cluster.topics.find((t) => t.name === name);
  that(info !== undefined, 'not there');
  same(info?.topicId, topic.topicId, 'topic id');
  same(await overrides(connection, name), topic.configs, 'configs');
  same(info?.partitions.length, Object.keys(topic.partitions).length, 'partitions');
  for (const [index, partition] of Object.entries(topic.partitions)) {
    const seen = info?.partitions.find((p) => p.index === Number(index));
    same([seen?.replicas, seen?.isr], [partition.replicas, partition.isr], `replicas and isr of ${index}`);
    that((seen?.leaderEpoch ?? -1) >= partition.leaderEpoch, `leader epoch ${seen?.leaderEpoch} of ${index}`);
    await matchPartition(connection, { topic: name, partition: Number(index) }, partition);
  }
}

async function overrides(connection: WireConnection, topic: string): Promise<Record<string, string | null>> {
  const entries = await describeConfigs(connection, { type: 2, name: topic });
  return Object.fromEntries(
    entries
      .filter((e) => e.source === 1)
      .map((e) => [e.name, e.value] as const)
      .sort(byName),
  );
}

/** What Kafka's tools print about everything that is not records; the same before and after us. */
const QUESTIONS: Readonly<Record<string, readonly [string, ...string[]]>> = {
  ACLs: ['org.apache.kafka.tools.AclCommand', '--list'],
  'users: quotas and SCRAM': ['kafka.admin.ConfigCommand', '--describe', '--entity-type', 'users'],
  'client quotas': ['kafka.admin.ConfigCommand', '--describe', '--entity-type', 'clients'],
  'ip quotas': ['kafka.admin.ConfigCommand', '--describe', '--entity-type', 'ips'],
  'group configs': ['kafka.admin.ConfigCommand', '--describe', '--entity-type', 'groups'],
  'client metrics': ['kafka.admin.ConfigCommand', '--describe', '--entity-type', 'client-metrics'],
  groups: ['org.apache.kafka.tools.GroupsCommand', '--list'],
  'committed offsets': [
    'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand',
    '--describe',
    '--all-groups',
    '--offsets',
  ],
  features: ['org.apache.kafka.tools.FeatureCommand', 'describe'],
};

async function survives(
  { cases, scratch }: SuiteContext,
  directory: (typeof DIRECTORIES)[number],
  jars: KafkaJars,
  start: Parameters<Target['start']>[0],
): Promise<void> {
  const kafka = apache(jars);
  const untouched = join(scratch, `${directory.name}-untouched`);
  await unpack(directory.archive, untouched);
  const before = await answers(jars, await kafka.start({ ...start, dataDirectory: join(untouched, 'data') }));
  let after: Map<string, string> | undefined;
  await cases.run(`${directory.name}: Apache Kafka starts on it after us`, async () => {
    after = await answers(jars, await kafka.start(start));
  });
  if (after === undefined) return;
  for (const [question, answer] of before) {
    await cases.run(`${directory.name}: ${question} survive`, () => same(after?.get(question), answer, question));
  }
}

async function answers(jars: KafkaJars, broker: RunningBroker): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const [question, [main, ...args]] of Object.entries(QUESTIONS)) {
    const { stdout } = await runTool(jars, main, ['--bootstrap-server', broker.bootstrap, ...args]);
    found.set(question, withoutOrder(stdout));
  }
  await broker.stop();
  return found;
}

/** Epochs count starts, and the tools print sets in the order of a hash map. */
function withoutOrder(text: string): string {
  const lines = text.replaceAll(/Epoch: \d+/g, 'Epoch: n').split('\n');
  return lines
    .map((line) =>
      line
        .split(/ are |, /)
        .sort()
        .join(', '),
    )
    .sort()
    .join('\n');
}
