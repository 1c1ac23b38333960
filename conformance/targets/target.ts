// What a suite runs against: a program that serves the Kafka protocol on a data directory, and a way to end it.

import type { ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { apiVersions } from '../wire/requests.ts';
import { WireConnection } from '../wire/connection.ts';

export interface StartOptions {
  /** Formatted on first use, used as it is afterwards. */
  readonly dataDirectory: string;
  /** Kafka keys on top of the profile. */
  readonly properties?: Readonly<Record<string, string>>;
  /** A client that lives through a restart needs the same one again; default: a free one. */
  readonly port?: number;
  /** What it listens on and advertises, by this name; default: 127.0.0.1. Needs `port`. */
  readonly host?: string;
  /** Listeners beyond the plain one, as `listeners` writes them. Needs `host`. */
  readonly moreListeners?: readonly string[];
  /** Leave the profile out: only `properties` count, over defaults. */
  readonly bare?: boolean;
  /** A controller listener on this port of 127.0.0.1, for `--bootstrap-controller`. */
  readonly controllerPort?: number;
  /** Open files the process may have (`ulimit -n`). */
  readonly maxOpenFiles?: number;
}

export interface RunningBroker {
  readonly bootstrap: string;
  readonly port: number;
  readonly pid: number;
  /** SIGTERM and wait; resolves with the exit code, null after a signal. */
  stop(): Promise<number | null>;
  /** SIGKILL and wait. */
  kill(): Promise<void>;
  /** The end of what it logged. */
  log(): string;
  /** Where it makes a topic for a line `NAME PARTITIONS` when it has no CreateTopics. */
  readonly topicsAt?: string;
}

/** The first two have the suites written for them; the others serve a part of the protocol, and the suites that say so. */
export const TARGET_NAMES = ['ottla', 'apache', 'apache-3.9', 'kfake', 'librdkafka-mock'] as const;
export type TargetName = (typeof TARGET_NAMES)[number];

export interface Target {
  readonly name: TargetName;
  readonly version: string;
  /** How many brokers it starts; left out: one. */
  readonly nodes?: number;
  start(options: StartOptions): Promise<RunningBroker>;
}

/** Profile S1 without an authoriser: one node of id 0 for librdkafka, the npm and pip clients, kcat and the Java tools. */
export const PROFILE: Readonly<Record<string, string>> = {
  'node.id': '0',
  'num.partitions': '4',
  'auto.create.topics.enable': 'true',
  'delete.topic.enable': 'true',
  'offsets.topic.replication.factor': '1',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
  'group.initial.rebalance.delay.ms': '0',
  'group.coordinator.rebalance.protocols': 'classic,consumer,share,streams',
  'group.share.min.record.lock.duration.ms': '1000',
};

/** Members of groups whose heartbeats are the broker's to say hear of changes at once, and are missed soon. */
export const QUICK_MEMBERS: Readonly<Record<string, string>> = Object.fromEntries(
  ['consumer', 'share', 'streams'].flatMap((kind) => [
    [`group.${kind}.min.heartbeat.interval.ms`, '200'],
    [`group.${kind}.heartbeat.interval.ms`, '300'],
    [`group.${kind}.min.session.timeout.ms`, '1000'],
    [`group.${kind}.session.timeout.ms`, '4000'],
  ]),
);

/** A port that was free a moment ago, below the range from which clients' own ports are taken. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (await isFree(port)) return port;
  }
  throw new Error('no free port between 20000 and 32000');
}

/** Whether nobody listens on 127.0.0.1 with it. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** Resolves when the broker answers ApiVersions; rejects when the process ends first or the time is up. */
export async function untilServing(child: ChildProcess, address: string, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('the broker ended while starting');
    try {
      const connection = await WireConnection.open(address, 1_000);
      await apiVersions(connection);
      await connection.close();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  throw new Error(`the broker did not serve within ${timeoutMs} ms`);
}

const LOG_TAIL_CHARS = 16_000;
const living = new Set<RunningBroker>();

/** Turns a child into a RunningBroker, and remembers it so that no run leaves one behind. */
export function running(child: ChildProcess, bootstrap: string): RunningBroker {
  let tail = '';
  const keep = (text: string): void => {
    tail = (tail + text).slice(-LOG_TAIL_CHARS);
  };
  child.stdout?.setEncoding('utf8').on('data', keep);
  child.stderr?.setEncoding('utf8').on('data', keep);
  const ended = new Promise<number | null>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve(child.exitCode);
    child.once('exit', (code, signal) => {
      keep(`\n(process ${child.pid} ended with ${code ?? signal})\n`);
      resolve(code);
    });
  });
  const end = async (signal: NodeJS.Signals, graceMs: number): Promise<number | null> => {
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
    const code = await ended;
    clearTimeout(timer);
    living.delete(broker);
    return code;
  };
  const broker: RunningBroker = {
    bootstrap,
    port: Number(bootstrap.slice(bootstrap.lastIndexOf(':') + 1)),
    pid: child.pid ?? 0,
    stop: () => end('SIGTERM', 60_000),
    kill: async () => void (await end('SIGKILL', 60_000)),
    log: () => tail,
  };
  living.add(broker);
  void ended.then(() => living.delete(broker));
  return broker;
}

/** For the end of a run, however it ends. */
export async function stopAll(): Promise<void> {
  await Promise.all([...living].map((broker) => broker.kill()));
}
