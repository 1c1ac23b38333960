// A broker in a process of its own, started as users start it, for tests that attack it from outside and look at its memory.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const MB = 1 << 20;

export class BrokerProcess {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #home: string;
  readonly #output: () => string;

  private constructor(child: ChildProcess, home: string, port: number, output: () => string) {
    this.#child = child;
    this.#home = home;
    this.port = port;
    this.#output = output;
  }

  /** In memory, on a free port, with these settings. Rejects with what the broker said when it does not start. */
  static async start(
    settings: Readonly<Record<string, string>>,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<BrokerProcess> {
    const home = mkdtempSync(join(tmpdir(), 'ottla-attacked-'));
    const rows = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
    writeFileSync(join(home, 'server.properties'), rows.join('\n'));
    // The flag would take the place of what is advertised as well.
    const port0 = 'advertised.listeners' in settings ? [] : ['--port', '0'];
    const flags = ['start', '--memory', ...port0, '--json', '--config', join(home, 'server.properties')];
    // The program that users have; `npm test` builds it.
    const child = spawn(process.execPath, [join(ROOT, 'dist/cli.js'), ...flags], {
      cwd: ROOT,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const port = await new Promise<number>((resolve, reject) => {
      const collect = (chunk: Buffer): void => {
        output += chunk.toString();
        const found = /"port":(\d+)/.exec(output)?.[1];
        if (found !== undefined) resolve(Number(found));
      };
      child.stdout.on('data', collect);
      child.stderr.on('data', collect);
      child.once('close', () => reject(new Error(output)));
    });
    return new BrokerProcess(child, home, port, () => output);
  }

  get pid(): number {
    return this.#child.pid as number;
  }
  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }
  /** All that it has written. */
  get output(): string {
    return this.#output();
  }
  /** Addresses and ports on which it listens, in hexadecimal as the system tells them. */
  get listeningOn(): readonly string[] {
    const folder = `/proc/${this.#child.pid}/fd`;
    const own = new Set(
      readdirSync(folder).flatMap((name) => {
        try {
          return readlinkSync(join(folder, name)).match(/^socket:\[(\d+)\]$/)?.[1] ?? [];
        } catch {
          // Closed meanwhile.
          return [];
        }
      }),
    );
    return ['tcp', 'tcp6'].flatMap((table) =>
      readFileSync(`/proc/net/${table}`, 'utf8')
        .split('\n')
        .map((line) => line.trim().split(/\s+/))
        .filter(([, , , state, , , , , , inode]) => state === '0A' && own.has(inode ?? ''))
        .map(([, address = '']) => address),
    );
  }
  /** Resident memory, where the system tells it. */
  get residentMb(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    return (Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024) / MB;
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    if (this.isAlive) {
      this.#child.kill('SIGTERM');
      await ended;
    }
    rmSync(this.#home, { recursive: true, force: true });
  }
}
