// A cluster under Kafka's tools: what the steps of replicas.ts, missing-replicas.ts and voters.ts look at it with.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { that } from '../../suite.ts';
import type { Cluster } from '../../targets/cluster.ts';
import { type Session, TOOLS } from './session.ts';

export interface Replicated {
  readonly s: Session;
  readonly cluster: Cluster;
}
export type ReplicaSteps = Readonly<Record<string, (world: Replicated) => Promise<void>>>;

export const REASSIGN = `${TOOLS}.reassign.ReassignPartitionsCommand`;
export const ELECTION = `${TOOLS}.LeaderElectionCommand`;
export const CLUSTER = `${TOOLS}.ClusterTool`;
export const ALL = '0,1,2';
/** A call of a tool takes a second or two. */
const MOST_LOOKS = 30;
export const RECORDS = Array.from({ length: 100 }, (_, i) => `line ${i}`);

interface Described {
  readonly leader: string;
  readonly replicas: string;
  readonly isr: readonly string[];
}

function partitionsIn(text: string): Map<string, Described> {
  const line = /Topic: (\S+)\tPartition: (\d+)\tLeader: (\S+)\s*\tReplicas: (\S+)\tIsr: (\S*)/g;
  return new Map(
    [...text.matchAll(line)].map(([, topic, partition, leader = '', replicas = '', isr = '']) => [
      `${topic}-${partition}`,
      { leader, replicas, isr: isr.split(',').filter(Boolean).sort() },
    ]),
  );
}

export async function described(s: Session, topic: string): Promise<Map<string, Described>> {
  return partitionsIn(await s.topics('--describe', '--topic', topic));
}

/** Those that a filter of kafka-topics --describe names. */
export async function filtered(s: Session, filter: string): Promise<string[]> {
  const found = [...partitionsIn(await s.topics('--describe', `--${filter}`, '--exclude-internal')).keys()];
  return found.sort();
}

/** Looks again until it is so; what it saw last is in the error. */
export async function eventually<T>(look: () => Promise<T>, isSo: (seen: T) => boolean, what: string): Promise<T> {
  let seen = await look();
  for (let looks = 1; !isSo(seen) && looks < MOST_LOOKS; looks++) seen = await look();
  that(isSo(seen), `${what}: ${seen instanceof Map ? JSON.stringify([...seen]) : JSON.stringify(seen)}`);
  return seen;
}

export function plan(s: Session, name: string, replicas: Readonly<Record<string, readonly number[]>>): string {
  const partitions = Object.entries(replicas).map(([partition, on]) => {
    const dash = partition.lastIndexOf('-');
    return { topic: partition.slice(0, dash), partition: Number(partition.slice(dash + 1)), replicas: on };
  });
  const file = join(s.scratch, `${name}.json`);
  writeFileSync(file, JSON.stringify({ version: 1, partitions }));
  return file;
}

export const withPlan = (action: string, file: string, ...more: string[]): string[] => [
  `--${action}`,
  '--reassignment-json-file',
  file,
  ...more,
];

export async function verifiedDone(s: Session, file: string): Promise<string> {
  const look = (): Promise<string> => s.ok(REASSIGN, withPlan('verify', file));
  return eventually(look, (text) => !text.includes('still in progress'), 'reassignment');
}

/** Starts it; returns the file. */
export async function executed(s: Session, file: string): Promise<string> {
  await s.ok(REASSIGN, withPlan('execute', file));
  return file;
}
