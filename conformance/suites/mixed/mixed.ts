// Nodes of Ottla and of Apache Kafka 4.3.1 in one cluster, as in the matrix of kraft.md E.5: M4 to M9.

import { type Suite, type SuiteContext, that } from '../../suite.ts';
import type { NodePlan } from '../../targets/cluster.ts';
import { KAFKA_VERSION } from '../../toolchain/kafka-jars.ts';
import { pythonEnvironment } from '../../toolchain/python.ts';
import { INPUT, later, type MixedTools, MixedWorld, OUTPUT } from './mixed-world.ts';

const RECORDS = Number(process.env['OTTLA_MIXED_RECORDS'] ?? 20_000);
const FEED_SECONDS = 40;
const LIMIT_MS = 900_000;
const OFFSETS = '__consumer_offsets';
const TRANSACTIONS = '__transaction_state';

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
  const tools: MixedTools = { context, jars, python: python.python };
  for (const [name, body] of Object.entries(CASES)) await cases.run(name, () => body(tools), LIMIT_MS);
}

type Case = (tools: MixedTools) => Promise<void>;

const controllers = (kind: NodePlan['kind'], ...ids: number[]): NodePlan[] =>
  ids.map((id) => ({ id, kind, role: 'controller' }));
const brokers = (kind: NodePlan['kind'], ...ids: number[]): NodePlan[] =>
  ids.map((id) => ({ id, kind, role: 'broker' }));
const combined = (kind: NodePlan['kind'], ...ids: number[]): NodePlan[] => ids.map((id) => ({ id, kind }));

/** What brokers of both kinds go through while records are copied. */
async function brokersInTrouble(world: MixedWorld): Promise<void> {
  const { cluster } = world;
  await world.healed(INPUT);
  for (const node of cluster.brokers) await world.killAndRestart(node);
  for (const node of cluster.brokers) await world.restart(node);
  const ids = cluster.brokers.map(({ id }) => id);
  const from = (first: number): number[] => ids.map((_, index) => ids[(first + index) % ids.length] as number);
  for (const topic of [INPUT, OFFSETS, TRANSACTIONS]) {
    await world.reassign(topic, (partition) => from(partition));
    await world.electPreferred(topic);
  }
  // Coordinators move from kind to kind and back.
  for (let turn = 1; turn <= ids.length; turn++) {
    for (const topic of [OFFSETS, TRANSACTIONS]) {
      await world.reassign(topic, () => from(turn));
      await world.electPreferred(topic);
    }
  }
}

const CASES: Readonly<Record<string, Case>> = {
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
        }),
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
};

/** Each side is the active controller at some time, and is killed as that. */
function votingTogether(tools: MixedTools, name: string, ours: number): Promise<void> {
  const nodes = [1, 2, 3].map((id): NodePlan => ({ id, kind: id <= ours ? 'ottla' : 'apache' }));
  return MixedWorld.with(tools, { name, nodes, quorum: 'static' }, (world) =>
    world.copyingDuring(RECORDS, FEED_SECONDS, async () => {
      await world.healed(INPUT);
      const seen = new Set<string>();
      for (let turn = 0; turn < 12 && seen.size < 2; turn++) {
        const active = await world.activeController();
        seen.add(active.plan.kind);
        await world.killAndRestart(active, 1_000);
      }
      that(seen.size === 2, `only ${[...seen].join()} was ever elected`);
      for (const node of world.cluster.nodes) await world.restart(node);
    }),
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

async function votersChange(world: MixedWorld): Promise<void> {
  const { cluster } = world;
  await world.healed(OUTPUT);
  for (const node of cluster.nodes) {
    const voter = await voterOf(world, node.id);
    const at = ['--bootstrap-server', cluster.bootstrap];
    const key = ['--controller-id', String(node.id), '--controller-directory-id', voter];
    await asked(world, [...at, 'remove-controller', ...key], node.id, /Observer/);
    await later(1_000);
    await asked(world, ['--command-config', node.settings, ...at, 'add-controller'], node.id, /Leader|Follower/);
    await world.killAndRestart(await world.activeController(), 1_000);
  }
}

/** A change of the voters that was not answered in time may have been made: who asks looks, and asks again. */
async function asked(world: MixedWorld, args: readonly string[], id: number, wanted: RegExp): Promise<void> {
  await world.until(`node ${id} ${wanted.source}`, async () => {
    if (wanted.test(await replication(world, id))) return true;
    await world.tool('MetadataQuorumCommand', args);
    return wanted.test(await replication(world, id));
  });
}

/** Leader, Follower or Observer. */
async function replication(world: MixedWorld, id: number): Promise<string> {
  return (await replicaRow(world, id))[6] ?? '';
}
async function voterOf(world: MixedWorld, id: number): Promise<string> {
  return (await replicaRow(world, id))[1] ?? '';
}
async function replicaRow(world: MixedWorld, id: number): Promise<string[]> {
  const args = ['--bootstrap-server', world.cluster.bootstrap, 'describe', '--replication'];
  const text = await world.tool('MetadataQuorumCommand', args);
  return (text.split('\n').find((line) => line.startsWith(`${id}\t`) || line.startsWith(`${id} `)) ?? '')
    .trim()
    .split(/\s+/);
}
