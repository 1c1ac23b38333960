// Three combined nodes behind the face of one target: profile C3, for suites that know one broker only. Clients are given
// the address of the first and hear of the others from it.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KAFKA_VERSION, type KafkaJars } from '../toolchain/kafka-jars.ts';
import { Cluster, type ClusterNode, type NodeKind } from './cluster.ts';
import { freePort, PROFILE, type RunningBroker, type StartOptions, type Target } from './target.ts';

/** The first of them is where clients begin. */
const IDS = [0, 1, 2];
/** Three JVMs that start beside each other take their time. */
const START_LIMIT_MS = 240_000;

export interface RunningNodes extends RunningBroker {
  /** To stop, kill and restart one of them. */
  readonly cluster: Cluster;
}

/** What stands for one broker in the profile of one stands for three here. */
const PROFILE_C3: Readonly<Record<string, string>> = {
  ...PROFILE,
  'node.id': '',
  'default.replication.factor': '3',
  'min.insync.replicas': '1',
  'offsets.topic.replication.factor': '3',
  'transaction.state.log.replication.factor': '3',
  'transaction.state.log.min.isr': '2',
  'share.coordinator.state.topic.replication.factor': '3',
  'share.coordinator.state.topic.min.isr': '2',
  'replica.selector.class': 'org.apache.kafka.common.replica.RackAwareReplicaSelector',
};

/** On a busy machine a JVM that has just started answers no vote within a second. */
export const PATIENT_QUORUM: Readonly<Record<string, string>> = {
  'controller.quorum.election.timeout.ms': '6000',
  'controller.quorum.election.backoff.max.ms': '3000',
  'controller.quorum.fetch.timeout.ms': '12000',
};

export function threeNodes(kind: NodeKind, jars: KafkaJars | string): Target {
  const root = join(import.meta.dirname, '..', '..');
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const known = kind === 'ottla' ? version : KAFKA_VERSION;
  return { name: kind, version: known, nodes: IDS.length, start: (options) => startNodes(kind, jars, options) };
}

/** Whether a suite has been given nodes that it may strike one by one. */
export function clusterOf(broker: RunningBroker): Cluster | undefined {
  return 'cluster' in broker ? (broker as RunningNodes).cluster : undefined;
}

/**
 * Always in a directory of its own: what stands there is not used again. The suites' keys win over the profile, but for
 * node.id; listeners beyond the plain one are those that were asked for on the first node, on free ports on the others.
 */
async function startNodes(kind: NodeKind, jars: KafkaJars | string, options: StartOptions): Promise<RunningNodes> {
  const more = new Map<number, readonly string[]>();
  for (const id of IDS) more.set(id, await moreListeners(id, options));
  const patience = kind === 'apache' ? PATIENT_QUORUM : {};
  // With an authorizer that knows nobody, nodes are refused by each other before the first entry can be made.
  const trusted = 'authorizer.class.name' in (options.properties ?? {}) ? { 'super.users': 'User:ANONYMOUS' } : {};
  const properties = { ...(options.bare === true ? {} : PROFILE_C3), ...patience, ...trusted, ...options.properties };
  const cluster = await Cluster.start({
    nodes: IDS.map((id) => ({ id, kind })),
    directory: options.dataDirectory,
    jars,
    startLimitMs: START_LIMIT_MS,
    properties,
    portOf: (id) => (id === IDS[0] ? options.port : undefined),
    propertiesOf: (node) => propertiesOf(node, options, more.get(node.id) ?? []),
  });
  const first = cluster.node(0);
  return {
    cluster,
    bootstrap: `${options.host ?? '127.0.0.1'}:${first.port}`,
    port: first.port,
    pid: first.pid,
    stop: async () => {
      await cluster.stop();
      return 0;
    },
    kill: () => cluster.kill(),
    log: () => cluster.nodes.map(({ log }) => log.slice(-8_000)).join('\n'),
  };
}

async function moreListeners(id: number, options: StartOptions): Promise<string[]> {
  const listeners: string[] = [];
  for (const listener of options.moreListeners ?? []) {
    listeners.push(id === IDS[0] ? listener : listener.replace(/\d+$/, String(await freePort())));
  }
  return listeners;
}

function propertiesOf(node: ClusterNode, options: StartOptions, more: readonly string[]): Record<string, string> {
  // Named as librdkafka's 0101 wants them, which fetches from the nearest follower.
  const properties: Record<string, string> = { 'node.id': String(node.id), 'broker.rack': `RACK${node.id}` };
  if (options.host === undefined) return properties;
  const clients = [`PLAINTEXT://${options.host}:${node.port}`, ...more].join(',');
  properties['listeners'] = `${clients},CONTROLLER://127.0.0.1:${node.controllerPort}`;
  properties['advertised.listeners'] = clients;
  properties['listener.security.protocol.map'] =
    'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT';
  // A host is named for kafka-go alone, whose tests compare whole brokers and know no rack.
  properties['broker.rack'] = '';
  return properties;
}
