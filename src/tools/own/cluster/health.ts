// `cluster health`: whether all is well, in one word and some numbers. `ottla doctor` says more.
import { delay } from '../../../runtime/index.ts';
import { facts } from '../../terminal/table.ts';
import type { CommandContext, Work } from '../command-frame.ts';
import { describedTopics } from '../topic/list.ts';

interface HealthOptions {
  readonly watch?: boolean;
  readonly exitWhenHealthy?: boolean;
  readonly interval: number;
}

interface Health {
  readonly is_healthy: boolean;
  readonly controller_id: number;
  readonly nodes: readonly number[];
  readonly fenced_nodes: readonly number[];
  readonly leaderless_partitions: readonly string[];
  readonly under_replicated_partitions: readonly string[];
}

/** The exit code tells it too: 1 when something is wrong. */
export const clusterHealth: Work<HealthOptions> = async (context, _, { watch, exitWhenHealthy, interval }) => {
  for (;;) {
    const health = await healthOf(context);
    if (context.output.isText) context.output.text(textOf(health));
    else context.output.data(health);
    const isOver = watch !== true && exitWhenHealthy !== true;
    if (isOver || (exitWhenHealthy === true && health.is_healthy)) return health.is_healthy ? 0 : 1;
    await delay(context.io.runtime.clock, interval);
    if (context.io.signal.aborted) return health.is_healthy ? 0 : 1;
  }
};

async function healthOf(context: CommandContext): Promise<Health> {
  const admin = await context.admin();
  const cluster = await admin
    .describeCluster({ ...context.call, includeFencedBrokers: true })
    .catch(() => admin.describeCluster(context.call));
  const topics = await describedTopics(context, [], { isRegex: false, includeInternal: true });
  const partitions = topics.flatMap(({ name, partitions: list }) =>
    list.map((one) => ({ ...one, name: `${name}/${one.partition}` })),
  );
  const leaderless = partitions.filter(({ leader }) => leader === undefined).map(({ name }) => name);
  const behind = partitions.filter(({ isr, replicas }) => isr.length < replicas.length).map(({ name }) => name);
  const fenced = cluster.nodes.filter(({ isFenced }) => isFenced).map(({ id }) => id);
  return {
    is_healthy:
      leaderless.length === 0 && behind.length === 0 && fenced.length === 0 && cluster.controllerId !== undefined,
    controller_id: cluster.controllerId ?? -1,
    nodes: cluster.nodes.map(({ id }) => id).sort((a, b) => a - b),
    fenced_nodes: fenced,
    leaderless_partitions: leaderless,
    under_replicated_partitions: behind,
  };
}

function textOf(health: Health): string {
  const some = (names: readonly (string | number)[]): string =>
    names.length === 0 ? '0' : `${names.length}: ${names.slice(0, 10).join(' ')}${names.length > 10 ? ' ...' : ''}`;
  return facts([
    ['healthy', health.is_healthy],
    ['controller', health.controller_id < 0 ? null : health.controller_id],
    ['nodes', health.nodes.join(' ')],
    ['fenced nodes', some(health.fenced_nodes)],
    ['leaderless partitions', some(health.leaderless_partitions)],
    ['under-replicated partitions', some(health.under_replicated_partitions)],
  ]);
}
