// Client libraries of Node.js against one broker of ours, each in a process of its own: records per second of the client's own
// processor time, and what it costs to import ours. `npm run bench -- --only client`, or `node --import=tsx bench/client.ts`.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { stopAll } from '../conformance/targets/target.ts';
import { confluent, platformatic } from '../conformance/toolchain/npm-clients.ts';
import { WireConnection } from '../conformance/wire/connection.ts';
import { createTopics } from '../conformance/wire/requests.ts';
import { type LoneTools, targetOf } from './alone.ts';

export interface ClientFigures {
  readonly client: string;
  readonly task: string;
  readonly bytes: number;
  readonly recordsPerCpuSecond: number;
}

export interface ClientResults {
  readonly figures: readonly ClientFigures[];
  /** Median, of dist/client.js in a fresh process. */
  readonly importMs: number;
}

interface Program {
  readonly client: string;
  readonly node: string;
  readonly home: string;
}

const ROOT = join(import.meta.dirname, '..');
const MAIN = join(import.meta.dirname, 'clients', 'program.mjs');
const TASKS = ['produce-batched', 'produce-single', 'consume-batched', 'consume-single'] as const;
const SIZES = [100, 1024];
const RECORDS = 400_000;
/** Clients that make a request of every call are given fewer. */
const RECORDS_ONE_BY_ONE = 20_000;
/** Of each the best counts: a consumer has had its records within a third of a second of processor time. */
const RUNS = 3;
const IMPORTS = 11;
const LIMIT_MS = 300_000;

const run = promisify(execFile);
const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function programs(): Promise<Program[]> {
  const found: Program[] = [
    { client: 'ottla', node: process.execPath, home: ROOT },
    { client: 'kafkajs', node: process.execPath, home: ROOT },
  ];
  for (const [client, install] of [
    ['platformatic', platformatic],
    ['confluent', confluent],
  ] as const) {
    const installed = await install();
    if (typeof installed === 'string') say(`${client} is left out: ${installed}`);
    else found.push({ client, node: installed.node, home: installed.home });
  }
  return found;
}

/** A string says why it could not be measured. */
export async function clientFigures(directory: string, tools: LoneTools): Promise<ClientResults | string> {
  const target = targetOf('ottla', tools);
  if (typeof target === 'string') return target;
  const broker = await target.start({ dataDirectory: join(directory, 'client'), bare: true, properties: {} });
  const figures: ClientFigures[] = [];
  const clients = await programs();
  for (const bytes of SIZES) {
    for (const task of TASKS) {
      for (const program of clients) figures.push(await measured(program, broker.bootstrap, task, bytes));
    }
  }
  return { figures, importMs: await importMs() };
}

/** What is read was written by ours in the batched task before. */
async function measured(program: Program, bootstrap: string, task: string, bytes: number): Promise<ClientFigures> {
  const { client, node, home } = program;
  const topic = task.startsWith('consume') ? `ottla-produce-batched-${bytes}` : `${client}-${task}-${bytes}`;
  if (task.startsWith('produce')) await made(bootstrap, topic);
  const isOneByOne = task === 'produce-single' && client !== 'ottla' && client !== 'confluent';
  const count = String(isOneByOne ? RECORDS_ONE_BY_ONE : RECORDS);
  const args = ['--no-warnings', MAIN, client, home, bootstrap, topic, task, String(bytes), count];
  let recordsPerCpuSecond = 0;
  for (let at = 0; at < RUNS; at++) {
    const { stdout } = await run(node, args, { timeout: LIMIT_MS });
    const { records, cpuSeconds } = JSON.parse(stdout) as { readonly records: number; readonly cpuSeconds: number };
    recordsPerCpuSecond = Math.max(recordsPerCpuSecond, Math.round(records / cpuSeconds));
  }
  say(`${task} ${bytes} B ${client}: ${recordsPerCpuSecond} records per CPU second`);
  return { client, task, bytes, recordsPerCpuSecond };
}

async function made(bootstrap: string, topic: string): Promise<void> {
  const connection = await WireConnection.open(bootstrap);
  await createTopics(connection, [{ name: topic, partitions: 4, configs: {} }]);
  await connection.close();
}

async function importMs(): Promise<number> {
  const url = pathToFileURL(join(ROOT, 'dist', 'client.js')).href;
  const program = `const t = performance.now(); await import('${url}'); console.log(performance.now() - t);`;
  const times: number[] = [];
  for (let count = 0; count < IMPORTS; count++) {
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program]);
    times.push(Number(stdout));
  }
  return times.sort((a, b) => a - b)[IMPORTS >> 1] as number;
}

if (process.argv[1] === import.meta.filename) {
  const results = await clientFigures(join(import.meta.dirname, '.work'), {
    jars: 'not asked for',
    nodeFlags: [],
    cli: undefined,
  });
  process.stdout.write(`${JSON.stringify(results, undefined, 2)}\n`);
  await stopAll();
}
