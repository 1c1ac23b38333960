// librdkafka's mock cluster, which its own tests and many programs in C, Python and Node run against: one broker in memory.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pythonEnvironment } from '../toolchain/python.ts';
import { type RunningBroker, running, type Target, untilServing } from './target.ts';

/** The wheel carries librdkafka of the same version. */
const VERSION = '2.16.1';
const PROGRAM = join(import.meta.dirname, 'mock_cluster.py');
const START_TIMEOUT_MS = 30_000;

/** The interpreter that has it, or why there is none. */
export async function mockClusterPython(): Promise<{ readonly python: string } | string> {
  return pythonEnvironment('confluent-kafka', [`confluent-kafka==${VERSION}`]);
}

/** Of the options of a start it takes the properties that it knows. */
export function mockCluster(python: string): Target {
  return { name: 'librdkafka-mock', version: VERSION, start: ({ properties }) => startMock(python, properties) };
}

async function startMock(python: string, properties: Readonly<Record<string, string>> = {}): Promise<RunningBroker> {
  const configs = Object.entries(properties).map((pair) => pair.join('='));
  const child = spawn(python, [PROGRAM, ...configs], { stdio: ['pipe', 'pipe', 'pipe'] });
  const said = once(createInterface({ input: child.stdout }), 'line');
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('the mock cluster ended while starting')));
  const [line] = (await Promise.race([said, ended])) as [string];
  const { bootstrap, topicsAt } = JSON.parse(line) as { readonly bootstrap: string; readonly topicsAt: string };
  const broker = running(child, bootstrap);
  await untilServing(child, bootstrap, START_TIMEOUT_MS);
  return Object.assign(broker, { topicsAt });
}
