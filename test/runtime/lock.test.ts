import { expect } from 'chai';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  linkSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { DiskError, LockWatch } from '../../src/runtime/index.ts';
import { lockFile } from '../../src/runtime/node/lock.ts';
import { nodeDisk } from '../../src/runtime/node/index.ts';
import { WITH_TYPESCRIPT } from '../source-files.ts';
import { DEAD, QUICK } from './lock-times.ts';

const HOLDER = fileURLToPath(new URL('lock-holder.ts', import.meta.url));
const HOLD = [process.execPath, WITH_TYPESCRIPT, HOLDER];
const IN_OWN_NAMESPACE = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'];
const canUnshare = spawnSync('unshare', ['--pid', '--fork', '--mount-proc', 'true']).status === 0;

/** A process that takes the lock, or is refused it, and says so. */
class Holder {
  readonly process: ChildProcess;
  readonly #lines: Interface;
  readonly #said: string[] = [];

  constructor(command: readonly string[], directory: string) {
    const [program, ...args] = [...command, directory];
    this.process = spawn(program as string, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface({ input: this.process.stdout as NodeJS.ReadableStream });
    this.#lines.on('line', (line) => void this.#said.push(line));
  }
  /** The next thing that it says. */
  async says(): Promise<string> {
    while (this.#said.length === 0) await once(this.#lines, 'line');
    return this.#said.shift() as string;
  }
  write(text: string): void {
    this.process.stdin?.write(`${text}\n`);
  }
  async end(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const exited = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await exited;
  }
}

describe('The lock of a data directory', () => {
  let directory: string;
  let path: string;
  const holders: Holder[] = [];
  const hold = (command: readonly string[] = HOLD): Holder => {
    const holder = new Holder(command, directory);
    holders.push(holder);
    return holder;
  };
  const take = (watch: LockWatch = {}, times = QUICK) => lockFile(path, watch, times);
  const lease = (): string => join(directory, '.ottla-lease');

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'ottla-lock-'));
    path = join(directory, '.lock');
  });
  afterEach(async () => {
    for (const holder of holders.splice(0)) await holder.end();
    rmSync(directory, { recursive: true, force: true });
  });

  it('has one holder in a process, and leaves an empty file behind, as Kafka does', async () => {
    const held = await take();
    expect(held).to.not.equal(undefined);
    expect(readdirSync(directory).sort()).to.deep.equal(['.lock', '.ottla-lease']);
    expect(await take()).to.equal(undefined);
    held?.release();
    held?.release();
    expect(readdirSync(directory)).to.deep.equal(['.lock']);
    expect(statSync(path).size).to.equal(0);
    (await take())?.release();
  });

  it('takes over the file in which the first Ottla wrote its process', async () => {
    writeFileSync(path, '1 2 3\n');
    (await take())?.release();
    expect(statSync(path).size).to.equal(0);
  });

  it('is held by a process that lives, stopped ones included, and free at once when it has died', async () => {
    const holder = hold();
    expect(await holder.says()).to.equal('held');
    let hasWaited = false;
    const watch = { waiting: () => (hasWaited = true) };
    expect(await take(watch)).to.equal(undefined);
    holder.process.kill('SIGSTOP');
    expect(await take(watch)).to.equal(undefined);
    await holder.end();
    const taken = await take(watch);
    expect(taken).to.not.equal(undefined);
    taken?.release();
    if (existsSync('/proc/self/stat')) expect(hasWaited).to.equal(false);
  });

  it('is free at once when its holder is a zombie, that nobody has waited for', async function () {
    if (!existsSync('/proc/self/stat')) return this.skip();
    // The shell becomes a program that never waits for the child that it has inherited.
    const holder = hold(['sh', '-c', `${HOLD.join(' ')} "$0" & echo $!; exec sleep 1000`]);
    const pid = Number(await holder.says());
    expect(await holder.says()).to.equal('held');
    process.kill(pid, 'SIGKILL');
    // The threads of a program that was killed end one after the other.
    const isOver = (): boolean => / Z (\S+ ){16}1 /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    while (!isOver()) await new Promise((resolve) => setImmediate(resolve));
    const taken = await take({ waiting: () => expect.fail('waited for a zombie') });
    expect(taken).to.not.equal(undefined);
    taken?.release();
  });

  it('is held between pid namespaces', async function () {
    if (!canUnshare) return this.skip();
    const holder = hold([...IN_OWN_NAMESPACE, ...HOLD]);
    expect(await holder.says()).to.equal('held');
    const other = hold([...IN_OWN_NAMESPACE, ...HOLD]);
    const said = [await other.says()];
    if (said[0] === 'waiting') said.push(await other.says());
    expect(said.at(-1)).to.equal('refused');
    expect(await take()).to.equal(undefined);
  });

  it('is free after a moment when its holder was killed in another pid namespace', async function () {
    if (!canUnshare) return this.skip();
    const holder = hold([...IN_OWN_NAMESPACE, ...HOLD]);
    expect(await holder.says()).to.equal('held');
    await holder.end();
    const taken = await take();
    expect(taken).to.not.equal(undefined);
    taken?.release();
    expect(readdirSync(directory)).to.deep.equal(['.lock']);
  });

  it('is lost by a holder that was stopped while another took it: it writes nothing more', async function () {
    // With SQLite a stopped process keeps its fcntl lock: nobody can take the lease from it.
    const hasFcntl = process.getBuiltinModule('node:sqlite') !== undefined;
    if (hasFcntl || !existsSync('/proc/self/stat')) return this.skip();
    const holder = hold();
    expect(await holder.says()).to.equal('held');
    holder.write('first');
    expect(await holder.says()).to.equal('written');
    holder.process.kill('SIGSTOP');
    leaveFromElsewhere(lease());
    let longestMs = 0;
    const taken = await take({ waiting: (ms) => (longestMs = ms) });
    expect(taken).to.not.equal(undefined);
    expect(longestMs).to.equal(QUICK.staleAfterMs + QUICK.settleMs);
    holder.write('second');
    holder.process.kill('SIGCONT');
    const said = [await holder.says(), await holder.says()].sort();
    expect(said[0]).to.equal('lost ESTALE');
    expect(said[1]).to.match(/^refused to write: .*another broker has taken the directory/);
    expect(readFileSync(join(directory, 'written'), 'utf8')).to.equal('first');
    taken?.release();
    expect(readdirSync(directory).sort()).to.deep.equal(['.lock', 'written']);
  });

  it('is waited for when the lease is damaged, or nothing can be told of its holder', async () => {
    for (const text of ['', 'no record at all', '{"pid":1}']) {
      writeFileSync(lease(), text);
      let hasWaited = false;
      const taken = await take({ waiting: () => (hasWaited = true) }, DEAD);
      expect(taken, text).to.not.equal(undefined);
      expect(hasWaited, text).to.equal(true);
      taken?.release();
    }
  });

  it('clears away the guard of a take-over that died half-way', async () => {
    writeFileSync(lease(), '');
    writeFileSync(`${lease()}.takeover`, '');
    const taken = await take({}, DEAD);
    expect(taken).to.not.equal(undefined);
    taken?.release();
    expect(readdirSync(directory)).to.deep.equal(['.lock']);
  });

  it('ends with the first look after its lease has become another one', async () => {
    let tell: (error: DiskError) => void = () => undefined;
    const lost = new Promise<DiskError>((resolve) => (tell = resolve));
    const held = await take({ lost: tell });
    writeFileSync(`${lease()}.other`, 'of another');
    renameSync(`${lease()}.other`, lease());
    expect((await lost).code).to.equal('ESTALE');
    expect(() => nodeDisk.writeFileSync(join(directory, 'file'), Buffer.from('x'))).to.throw(/another broker/);
    expect(() => nodeDisk.openSync(join(directory, 'file'), 'write')).to.throw(/another broker/);
    expect(() => nodeDisk.removeSync(path)).to.throw(/another broker/);
    held?.release();
    expect(readFileSync(lease(), 'utf8')).to.equal('of another');
  });

  it('makes a lease again that somebody has removed', async () => {
    const held = await take();
    rmSync(lease());
    while (!existsSync(lease())) await new Promise((resolve) => setImmediate(resolve));
    nodeDisk.writeFileSync(join(directory, 'file'), Buffer.from('x'));
    held?.release();
    expect(readdirSync(directory).sort()).to.deep.equal(['.lock', 'file']);
  });

  it('says why when the directory cannot be written', async () => {
    const error = await lockFile(join(directory, 'none', '.lock'), {}).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(String(error)).to.include('ENOENT');
  });
});

/** Changes the lease's record to that of a process in another pid namespace; it stays the same file, with the same holder. */
function leaveFromElsewhere(file: string): void {
  const record = JSON.parse(readFileSync(file, 'utf8')) as { pidNamespace: string };
  linkSync(file, `${file}.same`);
  writeFileSync(`${file}.same`, JSON.stringify({ ...record, pidNamespace: 'pid:[1]' }));
  rmSync(`${file}.same`);
}
