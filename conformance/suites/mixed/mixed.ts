// Ottla and Apache Kafka 4.3.1 on the same directories and in one cluster: the matrix of kraft.md E.5, M1 and M3 to M9. M2 is the suite
// dump-log. OTTLA_CHECKS=M6,M7 runs those whose names contain one of these.

import { join } from 'node:path';
import type { Suite, SuiteContext } from '../../suite.ts';
import { oftenStarted } from '../../targets/archived-broker.ts';
import type { NodePlan } from '../../targets/cluster.ts';
import { KAFKA_VERSION } from '../../toolchain/kafka-jars.ts';
import { pythonEnvironment } from '../../toolchain/python.ts';
import { brokersInTrouble, coordinatorsMove } from './brokers-in-trouble.ts';
import { eachKindElected } from './elections.ts';
import { type MixedTools, MixedWorld } from './mixed-world.ts';
import { alternating, dumpedAlike } from './one-directory.ts';
import { catchesUpBySnapshot, topicsDuringFailOver } from './our-controllers.ts';
import { kraftVersionRises, votersChange } from './voters-change.ts';

const RECORDS = Number(process.env['OTTLA_MIXED_RECORDS'] ?? 20_000);
/** About as long as the trouble lasts on a machine of two cores, so that records are on their way all the time. */
const FEED_SECONDS = 120;
const LIMIT_MS = 900_000;

export const mixed: Suite = {
  name: 'mixed',
  isBlackBox: false,
  available: async (jars) => {
    if (typeof jars === 'string') return { missing: jars };
    const python = await interpreter();
    return typeof python === 'string' ? { missing: python } : { version: KAFKA_VERSION };
  },
  run,
};

const interpreter = () => pythonEnvironment('confluent-kafka', ['confluent-kafka==2.16.1']);

async function run(context: SuiteContext): Promise<void> {
  const { jars, cases } = context;
  const python = await interpreter();
  if (typeof jars === 'string' || typeof python === 'string') throw new Error('the tool chain is gone');
  const javaFlags = await oftenStarted(jars, join(context.scratch, 'archived'));
  const tools: MixedTools = { context, jars, javaFlags, python: python.python };
  const wanted = (process.env['OTTLA_CHECKS'] ?? '').split(',');
  for (const [name, body] of Object.entries(CASES)) {
    if (wanted.some((part) => name.includes(part))) await cases.run(name, () => body(tools), LIMIT_MS);
  }
}

type Case = (tools: MixedTools) => Promise<void>;

const controllers = (kind: NodePlan['kind'], ...ids: number[]): NodePlan[] =>
  ids.map((id) => ({ id, kind, role: 'controller' }));
const brokers = (kind: NodePlan['kind'], ...ids: number[]): NodePlan[] =>
  ids.map((id) => ({ id, kind, role: 'broker' }));
const combined = (kind: NodePlan['kind'], ...ids: number[]): NodePlan[] => ids.map((id) => ({ id, kind }));

const CASES: Readonly<Record<string, Case>> = {
  'M1: what we format and write is read by kafka-storage and kafka-dump-log': dumpedAlike,
  'M3: one directory, twenty times from one program to the other': (tools) =>
    MixedWorld.with(tools, { name: 'm3', nodes: combined('ottla', 1), quorum: 'dynamic' }, (world) =>
      world.copyingDuring(RECORDS, 2 * FEED_SECONDS, () => alternating(world)),
    ),
  'M4: controllers of Apache Kafka, one broker of ours beside two of theirs': (tools) =>
    MixedWorld.with(
      tools,
      {
        name: 'm4',
        nodes: [...controllers('apache', 1, 2, 3), ...brokers('ottla', 4), ...brokers('apache', 5, 6)],
        quorum: 'static',
      },
      (world) =>
        world.copyingDuring(RECORDS, FEED_SECONDS, async () => {
          await brokersInTrouble(world);
          await world.killAndRestart(await world.activeController());
        }),
    ),
  'M5: unclean leaders of either kind, then the same log everywhere': (tools) =>
    MixedWorld.with(
      tools,
      {
        name: 'm5',
        nodes: [...controllers('apache', 1), ...brokers('ottla', 2), ...brokers('apache', 3)],
        quorum: 'static',
        properties: { 'min.insync.replicas': '1', 'unclean.leader.election.enable': 'true' },
      },
      diverging,
    ),
  'M6: controllers of ours, three brokers of Apache Kafka': (tools) =>
    MixedWorld.with(
      tools,
      {
        name: 'm6',
        nodes: [...controllers('ottla', 1, 2, 3), ...brokers('apache', 4, 5, 6)],
        quorum: 'static',
      },
      (world) =>
        world.copyingDuring(RECORDS, FEED_SECONDS, async () => {
          await brokersInTrouble(world);
          for (let turn = 0; turn < 3; turn++) await world.killAndRestart(await world.activeController());
          await topicsDuringFailOver(world);
        }),
    ),
  'M6: a broker of Apache Kafka catches up with our snapshot': (tools) =>
    MixedWorld.with(
      tools,
      {
        name: 'm6-snapshot',
        nodes: [...controllers('ottla', 1), ...brokers('apache', 2, 3)],
        quorum: 'static',
        properties: { 'metadata.log.max.record.bytes.between.snapshots': '20000', 'metadata.max.retention.bytes': '1' },
      },
      catchesUpBySnapshot,
    ),
  'M7: a static quorum of two of ours and one of theirs': (tools) => votingTogether(tools, 'm7-two', 2),
  'M7: a static quorum of one of ours and two of theirs': (tools) => votingTogether(tools, 'm7-one', 1),
  'M8: voters of both kinds come and go (KIP-853)': (tools) =>
    MixedWorld.with(
      tools,
      {
        name: 'm8',
        nodes: [...combined('ottla', 1), ...combined('apache', 2), ...combined('ottla', 3)],
        quorum: 'dynamic',
      },
      (world) => world.copyingDuring(RECORDS, FEED_SECONDS, () => votersChange(world)),
    ),
  'M8: kraft.version rises in a quorum of both kinds, and its voters come and go': (tools) =>
    MixedWorld.with(
      tools,
      { name: 'm8-rises', nodes: [...combined('apache', 1, 2), ...combined('ottla', 3)], quorum: 'static' },
      (world) =>
        world.copyingDuring(RECORDS, FEED_SECONDS, async () => {
          await kraftVersionRises(world);
          await votersChange(world);
        }),
    ),
  'M9: coordinators move from kind to kind in the middle of transactions': (tools) =>
    MixedWorld.with(
      tools,
      {
        name: 'm9',
        nodes: [...combined('ottla', 1), ...brokers('apache', 2), ...brokers('ottla', 3)],
        quorum: 'static',
      },
      (world) => world.copyingDuring(RECORDS, FEED_SECONDS, () => coordinatorsMove(world)),
    ),
};

/** Of three voters, the first so many are ours. */
function votingTogether(tools: MixedTools, name: string, ours: number): Promise<void> {
  const nodes = [1, 2, 3].map((id): NodePlan => ({ id, kind: id <= ours ? 'ottla' : 'apache' }));
  return MixedWorld.with(tools, { name, nodes, quorum: 'static' }, (world) =>
    world.copyingDuring(RECORDS, FEED_SECONDS, () => eachKindElected(world)),
  );
}

/** Two brokers by turns the only one, each with records of its own; then both, of which one has to give way. */
async function diverging(world: MixedWorld): Promise<void> {
  const { cluster } = world;
  const [one, other] = cluster.brokers;
  if (one === undefined || other === undefined) throw new Error('two brokers are needed');
  await world.tool('TopicCommand', [
    '--bootstrap-server',
    cluster.bootstrap,
    '--create',
    '--topic',
    'parted',
    '--partitions',
    '4',
    '--replication-factor',
    '2',
    '--config',
    'min.insync.replicas=1',
  ]);
  for (let turn = 0; turn < 4; turn++) {
    const [alone, away] = turn % 2 === 0 ? [one, other] : [other, one];
    await world.healed('parted');
    await away.kill();
    await led(world, alone.id);
    await produced(world, alone.bootstrap, 500 + turn);
    await alone.kill();
    away.start();
    await cluster.serving([], [away]);
    await led(world, away.id);
    await produced(world, away.bootstrap, 300 + turn);
    alone.start();
    await cluster.serving([], [alone]);
    await world.healed('parted');
    await world.sameReplicas('parted');
  }
}

async function led(world: MixedWorld, by: number): Promise<void> {
  await world.until(`every partition led by node ${by}`, async () =>
    (await world.partitions('parted')).every(({ leader }) => leader === by),
  );
}

async function produced(world: MixedWorld, bootstrap: string, count: number): Promise<void> {
  const args = ['--topic', 'parted', '--num-records', String(count), '--record-size', '100', '--throughput', '-1'];
  await world.tool('ProducerPerformance', [...args, '--command-property', `bootstrap.servers=${bootstrap}`, 'acks=1']);
}
