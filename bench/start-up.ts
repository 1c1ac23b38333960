// How long until a client is answered: the built command line on an existing directory, and startBroker in a process
// that has imported it.

import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { join } from 'node:path';
import { CLI, ottla } from '../conformance/targets/ottla.ts';
import { freePort } from '../conformance/targets/target.ts';
import { execOk } from '../conformance/toolchain/exec.ts';
import { WireConnection } from '../conformance/wire/connection.ts';
import { buildBatch } from '../conformance/wire/record-batch.ts';
import { createTopics, produce } from '../conformance/wire/requests.ts';

const RETRY_MS = 1;
const GIVE_UP_MS = 20_000;
/** ApiVersions v0, correlation id 1, no client id. */
const API_VERSIONS = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff]);

export interface StartUp {
  readonly node: string;
  readonly medianMs: number;
  readonly allMs: readonly number[];
}

/** A directory with a few topics and records, cleanly closed. */
export async function usedDirectory(dataDirectory: string, cli = CLI): Promise<void> {
  const broker = await ottla({ cli }).start({ dataDirectory, bare: true });
  const connection = await WireConnection.open(broker.bootstrap);
  const topics = ['orders', 'payments', 'audit'].map((name) => ({ name, partitions: 4 }));
  await createTopics(connection, topics);
  const records = Array.from({ length: 100 }, (_, i) => ({ key: null, value: Buffer.from(`record ${i}`) }));
  const batch = buildBatch({ records, timestamp: Date.now() });
  for (const { name, partitions } of topics) {
    for (let p = 0; p < partitions; p++) await produce(connection, { topic: name, partition: p, acks: 1 }, batch);
  }
  await connection.close();
  await broker.stop();
}

/** From spawn to the first answer of ApiVersions. */
export async function coldStarts(node: string, dataDirectory: string, times: number, cli = CLI): Promise<StartUp> {
  const allMs: number[] = [];
  for (let i = 0; i < times; i++) allMs.push(await coldStart(node, dataDirectory, cli));
  const version = (await execOk(node, ['--version'])).stdout.trim();
  return { node: version, medianMs: median(allMs), allMs };
}

async function coldStart(node: string, dataDirectory: string, cli: string): Promise<number> {
  const port = await freePort();
  const env = { ...process.env };
  delete env['NODE_EXTRA_CA_CERTS'];
  const startedAt = performance.now();
  const args = [cli, 'start', '--port', String(port), '--data', dataDirectory, '--quiet'];
  const child = spawn(node, args, { stdio: 'ignore', env });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  try {
    await answered(port, startedAt + GIVE_UP_MS);
    return performance.now() - startedAt;
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}

function answered(port: number, deadline: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const attempt = (): void => {
      if (performance.now() > deadline) {
        reject(new Error('the broker did not answer'));
        return;
      }
      const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(API_VERSIONS));
      socket.once('data', () => {
        socket.destroy();
        resolve();
      });
      socket.once('error', () => setTimeout(attempt, RETRY_MS));
    };
    attempt();
  });
}

/** The first startBroker of a process, after the import; a process for each. */
export async function inProcessStarts(node: string, times: number, cli = CLI): Promise<StartUp> {
  const program = `
    const { startBroker } = await import(${JSON.stringify(join(cli, '..', 'index.js'))});
    const startedAt = performance.now();
    const broker = await startBroker({ memory: true, port: 0 });
    process.stdout.write(String(performance.now() - startedAt));
    await broker.close();`;
  const allMs: number[] = [];
  for (let i = 0; i < times; i++) {
    const finished = await execOk(node, ['--input-type=module', '-e', program]);
    allMs.push(Number(finished.stdout));
  }
  const version = (await execOk(node, ['--version'])).stdout.trim();
  return { node: version, medianMs: median(allMs), allMs };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}
