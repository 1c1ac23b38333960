// kfake, the fake cluster that Go programs test against (franz-go): one broker, everything in memory. Our program of a few lines
// in bench/kfake, its module at the version that go.mod there pins.

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { goProgram } from '../toolchain/go.ts';
import { freePort, type RunningBroker, running, type Target, untilServing } from './target.ts';

const SOURCE = join(import.meta.dirname, '..', '..', 'bench', 'kfake');
const START_TIMEOUT_MS = 30_000;

/** The compiled program, or why there is none. */
export const kfakeProgram = (): Promise<{ readonly program: string } | string> => goProgram('kfake', SOURCE);

/** What it knows of configs are those of groups. */
const KNOWN = /^(group|share)\./;

/** Of the options of a start it takes the port, and the properties that it knows. */
export function kfake(program: string): Target {
  const [, version = 'unknown'] = /pkg\/kfake (\S+)/.exec(readFileSync(join(SOURCE, 'go.mod'), 'utf8')) ?? [];
  return { name: 'kfake', version, start: ({ port, properties }) => startKfake(program, port, properties) };
}

export async function startKfake(
  program: string,
  given?: number,
  properties: Readonly<Record<string, string>> = {},
): Promise<RunningBroker> {
  const port = given ?? (await freePort());
  const configs = Object.entries(properties).filter(([key]) => KNOWN.test(key));
  const args = [String(port), ...configs.map((pair) => pair.join('='))];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const bootstrap = `127.0.0.1:${port}`;
  const broker = running(child, bootstrap);
  await untilServing(child, bootstrap, START_TIMEOUT_MS);
  return broker;
}
