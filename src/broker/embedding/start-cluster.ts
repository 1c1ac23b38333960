// `startCluster`: several nodes in one process, for tests and for looking at how clients take the loss of a node.
import { readMetaProperties } from '../../kraft/format/index.ts';
import { randomUuid } from '../../kraft/metadata/index.ts';
import type { Runtime } from '../../runtime/index.ts';
import { MemoryDisk } from '../../runtime/memory/index.ts';
import { hostAndPort } from '../configs/endpoints.ts';
import { StartError } from '../configs/settings.ts';
import type { Cluster, ClusterNode, ClusterOptions } from './cluster.ts';
import { ClusterLinks } from './cluster-links.ts';
import { ClusterMember } from './cluster-member.ts';
import { EmbeddedCluster } from './embedded-cluster.ts';

const DEFAULT_NODES = 3;
const MOST_NODES = 100;
/** Three voters live through the loss of one; more only make each change of the metadata wait for more of them. */
const VOTERS = 3;
const DEFAULT_REPLICAS = 3;

interface Plan {
  readonly id: number;
  readonly roles: ClusterNode['roles'];
}

/** `runtime` is the world that all nodes share. Rejects as `startBroker` does. */
export async function openCluster(runtime: Runtime, options: ClusterOptions): Promise<Cluster> {
  const { nodes = DEFAULT_NODES, controllers } = options;
  const plans = plansOf(nodes, controllers);
  const links = new ClusterLinks();
  const clusterId = options.clusterId ?? formerClusterId(runtime, options, plans) ?? randomUuid(runtime.random);
  const members: ClusterMember[] = [];
  try {
    for (const plan of plans)
      members.push(await ClusterMember.listen(memberOf(runtime, options, { plan, links, nodes, clusterId })));
    const voters = members
      .filter(({ roles }) => roles.includes('controller'))
      .map(({ id, controllerPort }) => `${id}@127.0.0.1:${controllerPort}`);
    for (const member of members) member.configure({ 'controller.quorum.voters': voters.join(',') });
  } catch (error) {
    await Promise.all(members.map((member) => member.close()));
    throw error;
  }
  for (const warning of members[0]?.warnings ?? []) options.onWarning?.(warning);
  return EmbeddedCluster.start({ clusterId, members, links, clock: runtime.clock, options });
}

function plansOf(nodes: number, controllers: number | undefined): Plan[] {
  const isCount = (count: number): boolean => Number.isInteger(count) && count >= 1 && count <= MOST_NODES;
  if (!isCount(nodes)) throw new StartError(`A cluster has 1 to ${MOST_NODES} nodes, not ${nodes}`);
  if (controllers !== undefined && !isCount(controllers)) {
    throw new StartError(
      `A cluster has 1 to ${MOST_NODES} controllers of their own, not ${controllers}: leave it out for none`,
    );
  }
  const combined = controllers !== undefined ? 0 : nodes < VOTERS ? 1 : VOTERS;
  const brokers = Array.from({ length: nodes }, (_, index): Plan => {
    return { id: index + 1, roles: index < combined ? ['broker', 'controller'] : ['broker'] };
  });
  const alone = Array.from({ length: controllers ?? 0 }, (_, index): Plan => {
    return { id: nodes + index + 1, roles: ['controller'] };
  });
  return [...brokers, ...alone];
}

/** Of topics that say nothing of it, and of those of coordinators, which else wait for as many brokers as Kafka asks for. */
function replicasOf(count: number): Record<string, number> {
  return {
    'default.replication.factor': count,
    'offsets.topic.replication.factor': count,
    'transaction.state.log.replication.factor': count,
    'share.coordinator.state.topic.replication.factor': count,
  };
}

function memberOf(
  runtime: Runtime,
  options: ClusterOptions,
  facts: { readonly plan: Plan; readonly links: ClusterLinks; readonly nodes: number; readonly clusterId: string },
): Parameters<typeof ClusterMember.listen>[0] {
  const { plan, links, nodes, clusterId } = facts;
  const { id, roles } = plan;
  const {
    dataDir,
    memory = dataDir === undefined,
    durability,
    profile,
    config,
    nodeConfigs,
    host = '127.0.0.1',
    port = 0,
  } = options;
  const listeners = [
    ...(roles.includes('broker') ? [`PLAINTEXT://${hostAndPort(host, port === 0 ? 0 : port + id - 1)}`] : []),
    ...(roles.includes('controller') ? ['CONTROLLER://127.0.0.1:0'] : []),
  ];
  const disk = memory ? new MemoryDisk({ nowMs: () => runtime.clock.nowMs() }) : runtime.disk;
  return {
    id,
    roles,
    world: { ...runtime, disk },
    links,
    input: {
      profile,
      metricsPort: metricsPortOf(options, id),
      ...(memory ? { memory } : { durability, dataDir: dataDir === undefined ? undefined : directoryOf(dataDir, id) }),
      config: {
        ...replicasOf(Math.min(DEFAULT_REPLICAS, nodes)),
        ...config,
        ...nodeConfigs?.[id],
        'node.id': id,
        'process.roles': roles.join(','),
        listeners: listeners.join(','),
        'controller.listener.names': 'CONTROLLER',
        // Who votes, and where, is known when all listen.
        'controller.quorum.voters': `${roles.includes('controller') ? id : MOST_NODES * 2 + 1}@127.0.0.1:1`,
      },
    },
    options: { ...options, clusterId },
  };
}

/** The ports of the nodes follow each other, as those for clients do. */
function metricsPortOf({ metricsPort, config }: ClusterOptions, id: number): number | undefined {
  const first = metricsPort ?? (config?.['metrics.port'] === undefined ? undefined : Number(config['metrics.port']));
  return first === undefined || first <= 0 ? first : first + id - 1;
}

/** No name of a partition, which a broker alone would take it for. */
function directoryOf(dataDir: string, id: number): string {
  return `${dataDir}/node${id}`;
}

/** Of the cluster whose directories are there. Throws StartError where another broker's are. */
function formerClusterId(
  { disk }: Runtime,
  { dataDir, memory }: ClusterOptions,
  plans: readonly Plan[],
): string | undefined {
  if (dataDir === undefined || memory === true) return undefined;
  if (disk.existsSync(`${dataDir}/meta.properties`)) {
    throw new StartError(`${dataDir} is the directory of a broker alone: choose another for a cluster`);
  }
  for (const { id } of plans) {
    const clusterId = readMetaProperties(disk, directoryOf(dataDir, id))?.clusterId;
    if (clusterId !== undefined) return clusterId;
  }
  return undefined;
}
