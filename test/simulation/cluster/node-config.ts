// How the nodes of a simulated cluster are configured: Kafka's keys, with time-outs shorter than its defaults, so that a short history
// sees sessions run out and leaders change.
import type { Voter } from '../../../src/kraft/raft/index.ts';
import type { ClusterPlan, Topology } from './plan.ts';

export const CLUSTER_ID = '4L6g3nShT-eMCtK--X86sw';
const DIRECTORY_IDS = ['AAAAAAAAAAAAAAAAAAAAZQ', 'AAAAAAAAAAAAAAAAAAAAZg', 'AAAAAAAAAAAAAAAAAAAAZw'];
export const CLIENT_PORT = 9092;
const CONTROLLER_PORT = 9093;

export const nameOf = (id: number): string => `node${id}`;

export const controllersOf = (topology: Topology): readonly number[] => (topology === 'single' ? [1] : [1, 2, 3]);

export const isBroker = ({ topology }: ClusterPlan, id: number): boolean => topology !== 'apart' || id > 3;

export const brokersOf = (plan: ClusterPlan): readonly number[] =>
  plan.topology === 'single' ? [1] : plan.topology === 'apart' ? [4, 5, 6] : [1, 2, 3];

export function configOf(plan: ClusterPlan, id: number): Record<string, string> {
  const { topology, durability } = plan;
  const name = nameOf(id);
  const own = { 'node.id': String(id), 'log.dirs': '/data', 'ottla.durability': durability };
  if (topology === 'single')
    return { ...own, ...short, ...plan.knobs, listeners: `PLAINTEXT://${name}:${CLIENT_PORT}` };
  const roles = rolesOf(plan, id);
  const listeners = [
    ...(roles.includes('broker') ? [`PLAINTEXT://${name}:${CLIENT_PORT}`] : []),
    ...(roles.includes('controller') ? [`CONTROLLER://${name}:${CONTROLLER_PORT}`] : []),
  ];
  const servers = controllersOf(topology).map((voter) => `${nameOf(voter)}:${CONTROLLER_PORT}`);
  const voters = controllersOf(topology).map((voter, index) => `${voter}@${servers[index]}`);
  return {
    ...own,
    ...short,
    ...shared,
    ...plan.knobs,
    'process.roles': roles.join(),
    listeners: listeners.join(),
    'controller.listener.names': 'CONTROLLER',
    ...(topology === 'changing'
      ? { 'controller.quorum.bootstrap.servers': servers.join() }
      : { 'controller.quorum.voters': voters.join() }),
  };
}

function rolesOf(plan: ClusterPlan, id: number): string[] {
  return [
    ...(isBroker(plan, id) ? ['broker'] : []),
    ...(controllersOf(plan.topology).includes(id) ? ['controller'] : []),
  ];
}

/** A controller that votes by what stands in the log (KIP-853). */
export function voterOf(id: number): Voter {
  return {
    id,
    directoryId: DIRECTORY_IDS[id - 1] as string,
    endpoints: [{ name: 'CONTROLLER', host: nameOf(id), port: CONTROLLER_PORT }],
    minKraftVersion: 0,
    maxKraftVersion: 1,
  };
}

/** Of share groups: how long a record is locked, and how often it may be given. */
export const LOCK_MS = 3_000;
export const DELIVERY_LIMIT = 10;

/** Whatever a node is part of. */
const short = {
  'offsets.topic.num.partitions': '1',
  'transaction.state.log.num.partitions': '1',
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': '700',
  'group.initial.rebalance.delay.ms': '100',
  'group.consumer.min.session.timeout.ms': '1000',
  'group.consumer.session.timeout.ms': '6000',
  'group.consumer.min.heartbeat.interval.ms': '500',
  'group.consumer.heartbeat.interval.ms': '500',
  'group.share.min.session.timeout.ms': '1000',
  'group.share.session.timeout.ms': '6000',
  'group.share.min.heartbeat.interval.ms': '500',
  'group.share.heartbeat.interval.ms': '500',
  'group.share.initialize.retry.interval.ms': '1000',
  'group.share.min.record.lock.duration.ms': '1000',
  'group.share.record.lock.duration.ms': String(LOCK_MS),
  'group.share.delivery.count.limit': String(DELIVERY_LIMIT),
  'share.coordinator.state.topic.num.partitions': '1',
  'share.coordinator.snapshot.update.records.per.snapshot': '10',
  'log.flush.scheduler.interval.ms': '1000',
  'auto.create.topics.enable': 'false',
};

const shared = {
  'socket.connection.setup.timeout.max.ms': '10000',
  'default.replication.factor': '3',
  'min.insync.replicas': '2',
  'offsets.topic.replication.factor': '3',
  'transaction.state.log.replication.factor': '3',
  'transaction.state.log.min.isr': '2',
  'share.coordinator.state.topic.replication.factor': '3',
  'share.coordinator.state.topic.min.isr': '2',
  'broker.heartbeat.interval.ms': '600',
  'broker.session.timeout.ms': '3000',
  'replica.lag.time.max.ms': '4000',
  'replica.socket.timeout.ms': '3000',
  // Requests that only wait are most of what there is to simulate: they wait longer than by default.
  'replica.fetch.wait.max.ms': '1000',
  'metadata.max.idle.interval.ms': '2000',
  'controller.quorum.request.timeout.ms': '1500',
  'request.timeout.ms': '3000',
};
