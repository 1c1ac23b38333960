// What `ottla start` prints when the broker listens: one screen for people, or one line of JSON for programs.
import { styleText } from 'node:util';
import type { Durability } from '../runtime/index.ts';
import { version } from './version.ts';

/** What is told of a broker that has started. */
export interface Listening {
  readonly bootstrapServers: string;
  readonly host: string;
  readonly port: number;
  readonly clusterId: string;
  readonly dataDir: string;
  readonly durability: Durability;
}

const promises: Readonly<Record<Durability, string>> = {
  memory: 'nothing is kept: all topics are gone when this broker stops.',
  'page-cache': 'an acknowledged record survives a crash of the broker, not one of the machine.',
  fsync: 'an acknowledged record is on disk, and survives a crash of the machine.',
};

/** The line of `--json`, newline included. */
export function listeningJson(broker: Listening, pid: number): string {
  const { bootstrapServers, port, clusterId, dataDir, durability } = broker;
  return `${JSON.stringify({ event: 'listening', bootstrapServers, port, clusterId, dataDir, durability, pid })}\n`;
}

/** The screen, newline included. */
export function startScreen(broker: Listening, isColored: boolean): string {
  const strong = (text: string): string => (isColored ? styleText('bold', text) : text);
  const faint = (text: string): string => (isColored ? styleText('dim', text) : text);
  const rows: readonly (readonly [string, string])[] = [
    ['Listening on', strong(socketAddress(broker.host, broker.port))],
    ['Advertised as', broker.bootstrapServers],
    ['Cluster id', broker.clusterId],
    ['Data', broker.durability === 'memory' ? 'in memory' : broker.dataDir],
    ['Durability', `${broker.durability}: ${promises[broker.durability]}`],
    ['Try', `echo hello | kcat -P -b ${broker.bootstrapServers} -t greetings`],
  ];
  const lines = rows.map(([label, text]) => `  ${faint(label.padEnd(13))}  ${text}`);
  return `\n  ${strong(`Ottla ${version}`)}\n\n${lines.join('\n')}\n\n  ${faint('Ctrl+C stops it.')}\n\n`;
}

/** What is told of a cluster that has started. */
export interface ListeningCluster {
  readonly bootstrapServers: string;
  readonly clusterId: string;
  readonly nodes: readonly {
    readonly id: number;
    readonly roles: readonly string[];
    readonly host: string;
    readonly port: number;
    readonly dataDir: string;
    readonly durability: Durability;
  }[];
}

/** The line of `--json` for a cluster, newline included. */
export function clusterJson({ bootstrapServers, clusterId, nodes }: ListeningCluster, pid: number): string {
  const told = nodes.map(({ id, roles, host, port, dataDir }) => ({ id, roles, host, port, dataDir }));
  const durability = nodes[0]?.durability;
  return `${JSON.stringify({ event: 'listening', bootstrapServers, clusterId, durability, nodes: told, pid })}\n`;
}

/** The screen for a cluster, newline included. */
export function clusterScreen(cluster: ListeningCluster, isColored: boolean): string {
  const strong = (text: string): string => (isColored ? styleText('bold', text) : text);
  const faint = (text: string): string => (isColored ? styleText('dim', text) : text);
  const durability = cluster.nodes[0]?.durability ?? 'memory';
  const rows: readonly (readonly [string, string])[] = [
    ...cluster.nodes.map(({ id, roles, host, port, dataDir }): [string, string] => {
      const data = dataDir === '' ? 'in memory' : dataDir;
      return [`Node ${id}`, `${strong(socketAddress(host, port))}  ${roles.join(' and ')}, data ${data}`];
    }),
    ['Bootstrap', cluster.bootstrapServers],
    ['Cluster id', cluster.clusterId],
    ['Durability', `${durability}: ${promises[durability]}`],
    ['Replicas', 'an acknowledgement with acks=all has it on every node that is in sync.'],
    ['Try', `echo hello | kcat -P -b ${cluster.bootstrapServers} -t greetings`],
  ];
  const lines = rows.map(([label, text]) => `  ${faint(label.padEnd(13))}  ${text}`);
  return `\n  ${strong(`Ottla ${version}`)}\n\n${lines.join('\n')}\n\n  ${faint('Ctrl+C stops it.')}\n\n`;
}

function socketAddress(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
