// The broker under test: one of ours, fresh, on its own port and directory, or one that somebody else runs.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ApiSchema } from '../../src/protocol/schema.ts';
import type { ListenerName } from './line.ts';
import type { TargetFacts } from './skips.ts';
import { PeerSocket } from './socket.ts';
import { decodeResponse } from './wire.ts';

export interface Target {
  readonly listeners: TargetFacts['listeners'];
  /** Settings of the recorded broker that were not taken over: key and reason. */
  readonly dropped: readonly string[];
  stop(): Promise<void>;
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Of the broker of files that have no settings beside them. */
const SETTINGS = join(ROOT, 'test/fixtures/transcripts.server.properties');
const STARTS_WITHIN_MS = 20_000;

/** What of the recorded broker's settings a fresh one cannot have, by key. */
const DROPPED: readonly { readonly keys: RegExp; readonly reason: string }[] = [
  { keys: /^(listeners|advertised\.listeners)$/, reason: 'ports of its own' },
  {
    keys: /^controller\.quorum\.bootstrap\.servers$/,
    reason: 'the quorum is this node alone',
  },
];

/** The listeners of recorded brokers, under the names that lines have for them. */
const NAMES: Readonly<Record<string, ListenerName>> = {
  PLAINTEXT: 'broker',
  CONTROLLER: 'controller',
  SASL_PLAINTEXT: 'sasl',
  CSASL: 'controller-sasl',
};

/** Apache Kafka opens every compressed batch. */
const ADDED = ['ottla.produce.validation=strict'];

/** The settings of the broker that a file of exchanges was recorded with: they lie beside it. */
function settingsOf(file: string): string {
  const names = [file.replace(/\.jsonl(\.gz)?$/, ''), file.replace(/-transcripts\.jsonl(\.gz)?$/, '')];
  return names.map((name) => `${name}.server.properties`).find((name) => existsSync(name)) ?? SETTINGS;
}

/** Starts `ottla start` on a free port with the recorded broker's settings; its log goes to a file that is printed on failure. */
export async function startOwn(options: { readonly useBuild: boolean; readonly file: string }): Promise<Target> {
  const home = mkdtempSync(join(tmpdir(), 'ottla-transcripts-'));
  const dropped: string[] = [];
  const recorded = readFileSync(settingsOf(options.file), 'utf8').split('\n');
  const keyOf = (row: string): string => row.slice(0, Math.max(0, row.indexOf('=')));
  const kept = recorded.filter((row) => {
    const key = keyOf(row);
    const drop = DROPPED.find(({ keys }) => keys.test(key));
    if (drop !== undefined) dropped.push(`${key}: ${drop.reason}`);
    return drop === undefined;
  });
  const addresses = new Map<string, { host: string; port: number }>();
  const theirs = recorded.find((row) => keyOf(row) === 'listeners') ?? '';
  for (const [, name = ''] of theirs.matchAll(/([A-Z_]+):\/\//g)) {
    addresses.set(name, { host: '127.0.0.1', port: await freePort() });
  }
  const listeners = Array.from(addresses, ([name, { host, port }]) => `${name}://${host}:${port}`).join(',');
  writeFileSync(join(home, 'server.properties'), [...kept, ...ADDED, `listeners=${listeners}`].join('\n'));
  const program = options.useBuild ? [join(ROOT, 'dist/cli.js')] : ['--import', 'tsx', join(ROOT, 'src/cli/main.ts')];
  const flags = ['start', '--json', '--data', join(home, 'data'), '--config', join(home, 'server.properties')];
  const child = spawn(process.execPath, [...program, ...flags], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  try {
    await listeningPort(child);
    return {
      listeners: new Map(
        Array.from(addresses).flatMap(([name, address]) => {
          const known = NAMES[name];
          return known === undefined ? [] : [[known, address] as const];
        }),
      ),
      dropped,
      stop: () => stopProcess(child).finally(() => rmSync(home, { recursive: true, force: true })),
    };
  } catch (error) {
    await stopProcess(child);
    rmSync(home, { recursive: true, force: true });
    throw error;
  }
}

/** A port that is free now: the start line tells only where clients connect. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Is there a build to run instead of the sources? */
export function hasBuild(): boolean {
  return existsSync(join(ROOT, 'dist/cli.js'));
}

function listeningPort(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let output = '';
    let errors = '';
    const timer = setTimeout(
      () => reject(new Error(`not listening after ${STARTS_WITHIN_MS} ms\n${errors}`)),
      STARTS_WITHIN_MS,
    );
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const row = output.split('\n').find((text) => text.startsWith('{') && text.endsWith('}'));
      if (row === undefined) return;
      clearTimeout(timer);
      resolve((JSON.parse(row) as { port: number }).port);
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      errors = (errors + chunk.toString()).slice(-8_000);
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`the broker ended with exit code ${code}\n${errors}`));
    });
  });
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await ended;
  clearTimeout(timer);
}

/** Asks ApiVersions 0 what is advertised. */
export async function advertisedKeys(
  apis: ReadonlyMap<number, ApiSchema>,
  address: { readonly host: string; readonly port: number },
): Promise<TargetFacts['served']> {
  const socket = await PeerSocket.connect(address.host, address.port);
  socket.sendFrame(Buffer.from('0012000000000000000174', 'hex'));
  const received = await socket.receive(STARTS_WITHIN_MS);
  socket.close();
  const api = apis.get(18);
  if (typeof received === 'string') throw new Error(`ApiVersions: ${received}`);
  if (api === undefined) throw new Error('ApiVersions has no definition');
  const { apiKeys } = decodeResponse(api, 0, received.frame).body as {
    apiKeys: { apiKey: number; minVersion: number; maxVersion: number }[];
  };
  return new Map(apiKeys.map(({ apiKey, ...range }) => [apiKey, range]));
}
