// A broker of ours with the listeners of the recorded one: ports of its own, keys from the fixtures.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const KEYS = join(ROOT, 'test/fixtures/security/keys');
const STARTS_WITHIN_MS = 30_000;

export interface LoginTarget {
  /** Ports by listener name. */
  readonly ports: ReadonlyMap<string, number>;
  /** All that it has said so far. */
  output(): string;
  stop(): Promise<void>;
}

/** `without`: rows of the recorded settings that are left out; `more`: rows that stand behind them. */
export async function startLoginTarget(
  file: string,
  useBuild: boolean,
  without?: RegExp,
  more: readonly string[] = [],
): Promise<LoginTarget> {
  const home = mkdtempSync(join(tmpdir(), 'ottla-logins-'));
  const { ports, rows } = await recordedSettings(file, without, more);
  writeFileSync(join(home, 'server.properties'), rows.join('\n'));
  const program = useBuild ? [join(ROOT, 'dist/cli.js')] : ['--import', 'tsx', join(ROOT, 'src/cli/main.ts')];
  const flags = ['start', '--json', '--memory', '--config', join(home, 'server.properties')];
  const child = spawn(process.execPath, [...program, ...flags], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const collect = (chunk: Buffer): void => void (output += chunk.toString());
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const stop = async (): Promise<void> => {
    await ended(child);
    rmSync(home, { recursive: true, force: true });
  };
  const deadline = performance.now() + STARTS_WITHIN_MS;
  while (!output.includes('"port"')) {
    if (child.exitCode !== null || performance.now() > deadline) {
      await stop();
      throw new Error(`the broker did not start\n${output}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { ports, output: () => output, stop };
}

/** The settings of the recorded broker with ports that are free here, and keys from the fixtures. As in `startLoginTarget`. */
export async function recordedSettings(
  file: string,
  without?: RegExp,
  more: readonly string[] = [],
): Promise<{ readonly ports: ReadonlyMap<string, number>; readonly rows: readonly string[] }> {
  const recorded = readFileSync(file.replace(/-transcripts\.jsonl(\.gz)?$/, '.server.properties'), 'utf8');
  const names = [...(/^listeners=(.*)$/m.exec(recorded)?.[1] ?? '').matchAll(/([A-Z_]+):\/\//g)].map(
    ([, name = '']) => name,
  );
  const ports = new Map<string, number>();
  for (const name of names) ports.set(name, await freePort());
  const listeners = names.map((name) => `${name}://127.0.0.1:${ports.get(name)}`).join(',');
  const kept = recorded
    .split('\n')
    .filter((row) => !/^(listeners|advertised\.listeners|controller\.quorum\.bootstrap\.servers)=/.test(row))
    .filter((row) => without?.test(row) !== true)
    .map((row) => row.replaceAll('/keys/', `${KEYS}/`));
  return { ports, rows: [...kept, ...more, `listeners=${listeners}`] };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
  await gone;
  clearTimeout(timer);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
