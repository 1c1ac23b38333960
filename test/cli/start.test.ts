// `ottla start` as a process: what it prints, how it ends, and what it says when it cannot start.
import { expect } from 'chai';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const pathOf = (file: string): string => fileURLToPath(new URL(`../../${file}`, import.meta.url));

class Run {
  readonly child: ChildProcess;
  out = '';
  err = '';
  readonly exited: Promise<number | string>;

  constructor(args: readonly string[], environment: Record<string, string> = {}) {
    const { KAFKA_LOG_DIRS: _, ...inherited } = process.env;
    this.child = spawn(process.execPath, [pathOf('dist/cli.js'), ...args], { env: { ...inherited, ...environment } });
    this.child.stdout?.on('data', (chunk) => (this.out += String(chunk)));
    this.child.stderr?.on('data', (chunk) => (this.err += String(chunk)));
    this.exited = once(this.child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
  }

  /** The facts of the line that `--json` prints. */
  async listening(): Promise<Record<string, unknown>> {
    await this.printed('\n');
    return JSON.parse(this.out) as Record<string, unknown>;
  }

  /** What the log says of it. */
  async logged(fact: RegExp): Promise<string> {
    for (;;) {
      const found = fact.exec(this.err)?.[1];
      if (found !== undefined) return found;
      await Promise.race([
        once(this.child.stderr as NodeJS.EventEmitter, 'data'),
        this.exited.then(() => Promise.reject(new Error(`ended early: ${this.err}`))),
      ]);
    }
  }

  async printed(text: string): Promise<void> {
    while (!this.out.includes(text)) {
      const [event] = await Promise.race([
        once(this.child.stdout as NodeJS.EventEmitter, 'data').then(() => ['data']),
        this.exited.then(() => ['exit']),
      ]);
      if (event === 'exit' && !this.out.includes(text)) throw new Error(`ended early: ${this.err}`);
    }
  }
}

describe('ottla start', () => {
  let directory: string;
  const runs: Run[] = [];
  const run = (args: readonly string[], environment?: Record<string, string>): Run => {
    const started = new Run(args, environment);
    runs.push(started);
    return started;
  };
  before('the build is that of the sources', () => {
    expect(spawnSync(process.execPath, [pathOf('scripts/prepare.mjs')]).status).to.equal(0);
  });
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'ottla-start-'));
  });
  afterEach(() => {
    for (const { child } of runs.splice(0)) child.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  });

  it('runs a schema registry in a thread beside the broker', async () => {
    const broker = run(['start', '--port', '0', '--memory', '--registry-port', '0', '--json']);
    const url = await broker.logged(/The schema registry listens url=(\S+)/);
    const answer = await fetch(`${url}/subjects`);
    expect([answer.status, await answer.text()]).to.deep.equal([200, '[]']);
    broker.child.kill('SIGTERM');
    expect(await broker.exited).to.equal(0);
    expect(await fetch(`${url}/subjects`).catch(() => 'gone')).to.equal('gone');
  });

  it('prints one line of JSON, listens, and stops cleanly on SIGTERM', async () => {
    const data = join(directory, 'data');
    const CLUSTER_ID = '5L6g3nShT-eMCtK--X86sw';
    const broker = run(['start', '--port', '0', '--data', data, '--json'], { CLUSTER_ID });
    const facts = await broker.listening();
    expect(facts).to.include({ event: 'listening', durability: 'page-cache', pid: broker.child.pid, dataDir: data });
    expect(facts['bootstrapServers']).to.equal(`127.0.0.1:${String(facts['port'])}`);
    expect(facts['clusterId']).to.equal(CLUSTER_ID);
    const socket = net.connect(facts['port'] as number, '127.0.0.1');
    await once(socket, 'connect');
    const askedMs = performance.now();
    broker.child.kill('SIGTERM');
    expect(await broker.exited).to.equal(0);
    expect(performance.now() - askedMs).to.be.below(2000);
    socket.destroy();
    expect(broker.out.split('\n')).to.have.length(2);
    expect(existsSync(join(data, '.kafka_cleanshutdown'))).to.equal(true);
  });

  it('prints a screen for people, and stops on SIGINT', async () => {
    const broker = run(['start', '--memory', '--port', '0']);
    await broker.printed('Ctrl+C');
    expect(broker.out).to.contain('memory: nothing is kept').and.contain('kcat');
    broker.child.kill('SIGINT');
    expect(await broker.exited).to.equal(0);
  });

  it('takes settings from the environment and from a file', async () => {
    const file = join(directory, 'server.properties');
    writeFileSync(file, `node.id=7\nlisteners=PLAINTEXT://127.0.0.1:0\nlog.dirs=${directory}/unused\nno.such.key=1\n`);
    const broker = run(['start', '--config', file, '--json'], {
      KAFKA_LOG_DIRS: `${directory}/env`,
      KAFKA_HEAP_OPTS: '-Xmx1G',
    });
    expect((await broker.listening())['dataDir']).to.equal(`${directory}/env`);
    expect(existsSync(join(directory, 'unused'))).to.equal(false);
    broker.child.kill('SIGTERM');
    expect(await broker.exited).to.equal(0);
    expect(broker.err).to.contain('no.such.key').and.not.contain('heap');
  });

  it('says in one line why it cannot start', async () => {
    const taken = net.createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as net.AddressInfo;
    writeFileSync(join(directory, 'file'), '');
    mkdirSync(join(directory, 'locked'));
    const holder = run(['start', '--port', '0', '--data', join(directory, 'locked'), '--json']);
    await holder.listening();
    const refusals: [string[], RegExp][] = [
      [['start', '--port', String(port), '--data', join(directory, 'a')], new RegExp(`port ${port} .*in use`)],
      [['start', '--port', '0', '--data', join(directory, 'file')], /file.* not a directory/],
      [['start', '--port', '0', '--data', join(directory, 'locked')], /locked/],
      [
        ['start', '--port', '0', '--memory', '--set', 'num.partitions=x'],
        /Invalid value x for configuration num.partitions/,
      ],
      [['start', '--port', '0', '--memory', '--set', 'no.such.key=x'], /no\.such\.key/],
      [['start', '--config', join(directory, 'none.properties')], /none\.properties/],
      [['start', '--colour'], /no flag --colour/],
    ];
    const results = await Promise.all(
      refusals.map(async ([args]) => {
        const refused = run(args);
        return { exitCode: await refused.exited, err: refused.err, out: refused.out };
      }),
    ); // prettier-ignore
    for (const [index, { exitCode, err, out }] of results.entries()) {
      const lines = err.split('\n').filter((line) => line.startsWith('ottla: '));
      expect(exitCode, err).to.equal(1);
      expect(lines, err).to.have.length(1);
      expect(lines[0]).to.match((refusals[index] as [string[], RegExp])[1]);
      expect(err).to.not.contain('    at ');
      expect(out).to.equal('');
    }
    holder.child.kill('SIGTERM');
    await holder.exited;
    taken.close();
  });
});
