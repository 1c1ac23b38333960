// `startCluster`: several nodes in one process, for tests and for looking at how clients take the loss of a node.
import { readMetaProperties } from '../../kraft/format/index.ts';
import { randomUuid } from '../../kraft/metadata/index.ts';
import type { Runtime } from '../../runtime/index.ts';
import { hostAndPort } from '../configs/endpoints.ts';
import { StartError } from '../configs/settings.ts';
import type { Cluster, ClusterNode, ClusterOptions } from './cluster.ts';
import { ClusterLinks } from './cluster-links.ts';
import { ClusterMember } from './cluster-member.ts';
import { EmbeddedCluster } from './embedded-cluster.ts';
import type { Member, MemberPlan, Wires } from './member.ts';
import type { SecuredCluster } from './secured-cluster.ts';

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
  const { nodes = DEFAULT_NODES } = options;
  const plans = plansOf(nodes, options.controllers);
  const clusterId = options.clusterId ?? formerClusterId(runtime, options, plans) ?? randomUuid(runtime.random);
  const { tls = false, users, acls } = options;
  const isSecured = tls !== false || users !== undefined || acls !== undefined;
  const secured = isSecured ? (await import('./secured-cluster.ts')).securedCluster(options) : undefined;
  const { listen, links } = await placeOf(runtime, options);
  const members: Member[] = [];
  try {
    for (const plan of plans) members.push(await listen(memberOf(options, { plan, nodes, clusterId, secured })));
    const controllers = members.filter(({ roles }) => roles.includes('controller'));
    const voters = controllers.map(({ id, controllerPort }) => `${id}@127.0.0.1:${controllerPort}`);
    const servers = controllers.map(({ controllerPort }) => `127.0.0.1:${controllerPort}`);
    const ports = new Map(members.flatMap((member) => member.ports.map((port) => [port, member.id] as const)));
    for (const member of members) {
      // A voter that was alone has written down the port that it had then (KIP-853): the others are told where it is now.
      const isElsewhere = controllers.length === 1 && !member.roles.includes('controller');
      await member.configure(
        {
          'controller.quorum.voters': voters.join(','),
          ...(isElsewhere && { 'controller.quorum.bootstrap.servers': servers.join(',') }),
        },
        ports,
      );
    }
  } catch (error) {
    await Promise.all(members.map((member) => member.close()));
    throw error;
  }
  for (const warning of members[0]?.warnings ?? []) options.onWarning?.(warning);
  return EmbeddedCluster.start({
    clusterId,
    members,
    links,
    clock: runtime.clock,
    certificates: secured?.certificates,
  });
}

interface Place {
  readonly listen: (plan: MemberPlan) => Promise<Member>;
  readonly links: Wires;
}

/** Where the nodes run: in this thread, or each in one of its own, which is loaded when it is asked for. */
async function placeOf(runtime: Runtime, options: ClusterOptions): Promise<Place> {
  if (options.threads === true) return (await import('./threaded-member.ts')).threadsFor(runtime, options);
  const links = new ClusterLinks();
  return { links, listen: (plan) => ClusterMember.listen(plan, { runtime, links, options }) };
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

interface MemberFacts {
  readonly plan: Plan;
  readonly nodes: number;
  readonly clusterId: string;
  readonly secured: SecuredCluster | undefined;
}

function memberOf(options: ClusterOptions, { plan, nodes, clusterId, secured }: MemberFacts): MemberPlan {
  const { id, roles } = plan;
  const { dataDir, memory = dataDir === undefined, durability, profile, config, nodeConfigs } = options;
  return {
    id,
    roles,
    clusterId,
    certificates: secured?.certificates,
    input: {
      profile,
      metricsPort: metricsPortOf(options, id),
      ...(memory ? { memory } : { durability, dataDir: dataDir === undefined ? undefined : directoryOf(dataDir, id) }),
      config: {
        ...replicasOf(Math.min(DEFAULT_REPLICAS, nodes)),
        ...secured?.configs,
        ...config,
        ...(secured !== undefined && { 'super.users': secured.superUsers }),
        ...nodeConfigs?.[id],
        'node.id': id,
        'process.roles': roles.join(','),
        listeners: listenersOf(options, plan, secured).join(','),
        'controller.listener.names': 'CONTROLLER',
        // Who votes, and where, is known when all listen.
        'controller.quorum.voters': `${roles.includes('controller') ? id : MOST_NODES * 2 + 1}@127.0.0.1:1`,
      },
    },
  };
}

function listenersOf(
  { host = '127.0.0.1', port = 0 }: ClusterOptions,
  { id, roles }: Plan,
  secured: SecuredCluster | undefined,
): string[] {
  const forClients = `${secured?.protocol ?? 'PLAINTEXT'}://${hostAndPort(host, port === 0 ? 0 : port + id - 1)}`;
  return [
    ...(roles.includes('broker') ? [forClients, ...(secured === undefined ? [] : [secured.nodeListener])] : []),
    ...(roles.includes('controller') ? ['CONTROLLER://127.0.0.1:0'] : []),
  ];
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
