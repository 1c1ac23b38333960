// `ottla dev`: how soon it is ready, and what it takes of a laptop's memory.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { type Suite, type SuiteContext, that } from '../suite.ts';
import { CLI } from '../targets/ottla.ts';
import { execOk } from '../toolchain/exec.ts';
import { WireConnection } from '../wire/connection.ts';
import { apiVersions } from '../wire/requests.ts';

const STARTS = 7;
const READY_MS = 1_500;
const RESIDENT_MEGABYTES = 100;
const RECORDS = 1_000;
/** For what a start leaves behind to be collected. */
const IDLE_MS = 3_000;

export const dev: Suite = {
  name: 'dev',
  isBlackBox: false,
  available: () => Promise.resolve({ version: 'of this repository' }),
  run,
};

interface Run {
  readonly readyMs: number;
  readonly idleMegabytes: number;
  readonly usedMegabytes: number;
}

async function run({ cases, progress }: SuiteContext): Promise<void> {
  for (const [name, flags, isJudged] of [
    ['without a registry', ['--no-registry'], true],
    ['with a registry', ['--registry-port', '0'], false],
  ] as const) {
    const runs: Run[] = [];
    await cases.run(`${name}: starts, serves and stops`, async () => {
      for (let index = 0; index < STARTS; index++) runs.push(await oneRun(flags));
    });
    const [ready, idle, used] = (['readyMs', 'idleMegabytes', 'usedMegabytes'] as const).map((field) =>
      runs.map((one) => one[field]).sort((a, b) => a - b),
    ) as [number[], number[], number[]];
    progress(
      `     ${name}: ready after ${ready.join(', ')} ms; MB idle ${idle.join(', ')}; after ${RECORDS} records ${used.join(', ')}`,
    );
    if (!isJudged) continue;
    await cases.run(`${name}: ready in ${READY_MS} ms`, () => below(median(ready), READY_MS, 'ms'));
    await cases.run(`${name}: less than ${RESIDENT_MEGABYTES} MB resident`, () => {
      below(median(idle), RESIDENT_MEGABYTES, 'MB idle');
      below(median(used), RESIDENT_MEGABYTES, `MB after ${RECORDS} records`);
    });
  }
}

/** Ready: a client that heard of the address has been answered. */
async function oneRun(flags: readonly string[]): Promise<Run> {
  const env = { ...process.env };
  // Costs Node 100 ms at every start and serves nothing here.
  delete env['NODE_EXTRA_CA_CERTS'];
  const startedAt = performance.now();
  const child = spawn(process.execPath, [CLI, 'dev', '--port', '0', '--json', ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env,
  });
  const ended = once(child, 'exit');
  try {
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const { bootstrapServers } = JSON.parse(line) as { bootstrapServers: string };
    const connection = await WireConnection.open(bootstrapServers);
    await apiVersions(connection);
    const readyMs = Math.round(performance.now() - startedAt);
    await connection.close();
    await pause(IDLE_MS);
    const idleMegabytes = residentMegabytes(child.pid as number);
    await used(bootstrapServers);
    return { readyMs, idleMegabytes, usedMegabytes: residentMegabytes(child.pid as number) };
  } finally {
    child.kill('SIGINT');
    await ended;
  }
}

/** A topic that is made as it is named, written and read. */
async function used(bootstrap: string): Promise<void> {
  const input = Array.from({ length: RECORDS }, (_, index) => `record ${index}\n`).join('');
  await execOk(process.execPath, [CLI, 'producer', 'greetings', '--brokers', bootstrap], { input });
  const read = ['consumer', 'greetings', '--from-beginning', '-n', String(RECORDS), '--brokers', bootstrap];
  const { stdout } = await execOk(process.execPath, [CLI, ...read]);
  that(stdout === input, `what was written is not what was read: ${stdout.length} of ${input.length} characters`);
}

function residentMegabytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024);
}

const median = (sorted: readonly number[]): number => sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;

function below(value: number, limit: number, unit: string): void {
  that(value < limit, `half of the runs have ${value} ${unit} and more`);
}
