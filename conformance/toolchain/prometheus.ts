// Prometheus and its promtool, from the Debian package `prometheus`.

import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../targets/target.ts';
import { exec } from './exec.ts';

const START_TIMEOUT_MS = 60_000;

/** Its version, or why there is none. */
export async function prometheusVersion(): Promise<{ readonly version: string } | { readonly missing: string }> {
  try {
    const { stdout, stderr } = await exec('prometheus', ['--version']);
    await exec('promtool', ['--version']);
    return { version: /version ([\d.]+)/.exec(stdout + stderr)?.[1] ?? 'unknown' };
  } catch {
    return { missing: 'no prometheus and promtool on the PATH: Debian package prometheus' };
  }
}

export interface Prometheus {
  /** How many series an expression gives now. Throws when it cannot be evaluated. */
  query(expr: string): Promise<number>;
  /** The health of each target, as Prometheus sees it: `up`, `down`, `unknown`, with its last error. */
  targets(): Promise<readonly { readonly health: string; readonly lastError: string }[]>;
  stop(): Promise<void>;
}

/** Scrapes the targets (`host:port`) every second, into an empty directory. */
export async function startPrometheus(directory: string, targets: readonly string[]): Promise<Prometheus> {
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    scrape_configs: [{ job_name: 'ottla', static_configs: [{ targets }] }],
  };
  const path = join(directory, 'prometheus.yml');
  // JSON is YAML.
  writeFileSync(path, JSON.stringify(config));
  const address = `127.0.0.1:${await freePort()}`;
  const flags = [`--config.file=${path}`, `--storage.tsdb.path=${join(directory, 'tsdb')}`];
  const child = spawn('prometheus', [...flags, `--web.listen-address=${address}`], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = `http://${address}`;
  await untilReady(url);
  return {
    query: async (expr) =>
      (await ask<{ result: unknown[] }>(`${url}/api/v1/query?query=${encodeURIComponent(expr)}`)).result.length,
    targets: async () =>
      (await ask<{ activeTargets: { health: string; lastError: string }[] }>(`${url}/api/v1/targets`)).activeTargets,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function ask<T>(url: string): Promise<T> {
  const answer = (await (await fetch(url)).json()) as { status: string; error?: string; data: T };
  if (answer.status !== 'success') throw new Error(answer.error ?? 'no answer');
  return answer.data;
}

async function untilReady(url: string): Promise<void> {
  const endMs = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < endMs) {
    const isReady = await fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`Prometheus is not ready within ${START_TIMEOUT_MS} ms`);
}
