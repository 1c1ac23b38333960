// Ottla as a user runs it: the built command line.

import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROFILE, type RunningBroker, running, type StartOptions, type Target, untilServing } from './target.ts';

const ROOT = join(import.meta.dirname, '..', '..');
export const CLI = join(ROOT, 'dist', 'cli.js');
const START_TIMEOUT_MS = 120_000;

export interface OttlaOptions {
  /** The node to run it with; default: this one. */
  readonly node?: string;
  readonly durability?: string;
  /** In front of the program: `--cpu-prof` and the like. */
  readonly nodeFlags?: readonly string[];
  /** The built command line; that of this checkout when left out. */
  readonly cli?: string | undefined;
}

/** Throws when the program is not built. */
export function ottla(options: OttlaOptions = {}): Target {
  if (!existsSync(CLI)) throw new Error('dist/cli.js is missing: npm run build');
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  return { name: 'ottla', version, start: (start) => startOttla(options, start) };
}

async function startOttla(options: OttlaOptions, start: StartOptions): Promise<RunningBroker> {
  const properties = {
    ...(start.bare === true ? {} : PROFILE),
    ...(start.controllerPort === undefined ? {} : controllerListener(start.controllerPort)),
    ...start.properties,
  };
  const args = [
    ...(options.nodeFlags ?? []),
    options.cli ?? CLI,
    'start',
    '--json',
    ...('log.dirs' in properties ? [] : ['--data', start.dataDirectory]),
    ...listenerFlags(start),
  ];
  if (options.durability !== undefined) args.push('--durability', options.durability);
  for (const [key, value] of Object.entries(properties)) args.push('--set', `${key}=${value}`);
  const limit = start.maxOpenFiles === undefined ? '' : `ulimit -n ${start.maxOpenFiles} && `;
  const env = { ...process.env };
  // Costs Node 100 ms at every start and serves nothing here.
  delete env['NODE_EXTRA_CA_CERTS'];
  const child = spawn('sh', ['-c', `${limit}exec "$0" "$@"`, options.node ?? process.execPath, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
  });
  const bootstrap = await listening(child);
  const broker = running(child, bootstrap);
  await untilServing(child, bootstrap, START_TIMEOUT_MS);
  return broker;
}

/** `--host` names what it binds and advertises the address behind it, as a connection sees it; a key advertises the name. */
function listenerFlags({ host, port, moreListeners = [] }: StartOptions): string[] {
  if (host === undefined) return ['--port', String(port ?? 0)];
  const listeners = [`PLAINTEXT://${host}:${port ?? 0}`, ...moreListeners].join(',');
  return ['--set', `listeners=${listeners}`, '--set', `advertised.listeners=${listeners}`];
}

/** `--port` says where clients connect, whatever stands here. */
function controllerListener(port: number): Record<string, string> {
  return {
    listeners: `PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:${port}`,
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
  };
}

/** Waits for the line that `--json` prints; rejects with what it said when it ends first. */
function listening(child: ReturnType<typeof spawn>): Promise<string> {
  return new Promise((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    const timer = setTimeout(() => child.kill('SIGKILL'), START_TIMEOUT_MS);
    child.stderr?.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString()).slice(-2_000);
    });
    child.stdout?.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      const line = stdout.split('\n').find((text) => text.includes('"listening"'));
      if (line === undefined || !stdout.includes('\n')) return;
      clearTimeout(timer);
      const { bootstrapServers } = JSON.parse(line) as { bootstrapServers: string };
      resolve(bootstrapServers);
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`ottla ended with ${code} while starting: ${stderr}`));
    });
  });
}
