// kfake, the fake cluster that Go programs test against (franz-go): one broker, everything in memory. Our program of a few lines
// in bench/kfake, its module at the version that go.mod there pins.

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { goProgram } from '../toolchain/go.ts';
import { freePort, type RunningBroker, running, type Target, untilServing } from './target.ts';

const SOURCE = join(import.meta.dirname, '..', '..', 'bench', 'kfake');
const START_TIMEOUT_MS = 5_000;

/** The compiled program, or why there is none. */
export const kfakeProgram = (): Promise<{ readonly program: string } | string> => goProgram('kfake', SOURCE);

/** Options of a start mean nothing to it, save for the port. */
export function kfake(program: string): Target {
  const [, version = 'unknown'] = /pkg\/kfake (\S+)/.exec(readFileSync(join(SOURCE, 'go.mod'), 'utf8')) ?? [];
  return { name: 'kfake', version, start: ({ port }) => startKfake(program, port) };
}

export async function startKfake(program: string, given?: number): Promise<RunningBroker> {
  const port = given ?? (await freePort());
  const child = spawn(program, [String(port)], { stdio: ['ignore', 'pipe', 'pipe'] });
  const bootstrap = `127.0.0.1:${port}`;
  const broker = running(child, bootstrap);
  await untilServing(child, bootstrap, START_TIMEOUT_MS);
  return broker;
}
