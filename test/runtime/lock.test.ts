import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeDisk } from '../../src/runtime/node/index.ts';

describe('The lock of a data directory', () => {
  let directory: string;
  let lock: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'ottla-lock-'));
    lock = join(directory, '.lock');
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('is taken over from an empty file, as Kafka leaves it, and left empty', () => {
    writeFileSync(lock, '');
    const held = nodeDisk.lock(lock);
    expect(readFileSync(lock, 'utf8')).to.match(new RegExp(`^${process.pid} `));
    held?.release();
    expect(readFileSync(lock, 'utf8')).to.equal('');
    expect(readdirSync(directory)).to.deep.equal(['.lock']);
  });

  it('is held by a process that lives, and free when it has died', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)']);
    try {
      await once(child, 'spawn');
      const own = nodeDisk.lock(lock);
      const [, , boot] = readFileSync(lock, 'utf8').trim().split(' ');
      own?.release();
      const record = `${child.pid} ${startTimeOf(child.pid as number)} ${boot}\n`;
      writeFileSync(lock, record);
      expect(nodeDisk.lock(lock)).to.equal(undefined);
      expect(readFileSync(lock, 'utf8')).to.equal(record);
      child.kill('SIGKILL');
      await once(child, 'exit');
      const taken = nodeDisk.lock(lock);
      expect(taken).to.not.equal(undefined);
      taken?.release();
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('is free when its process number belongs to another process or another boot by now', () => {
    const own = nodeDisk.lock(lock);
    const [, start, boot] = readFileSync(lock, 'utf8').trim().split(' ');
    own?.release();
    for (const record of [`${process.pid} ${start} another-boot`, `${process.ppid} 1 ${boot}`, 'no record at all']) {
      writeFileSync(lock, `${record}\n`);
      const taken = nodeDisk.lock(lock);
      if (start !== '-' || record.startsWith('no')) expect(taken, record).to.not.equal(undefined);
      taken?.release();
    }
  });

  it('clears away the guard of a take-over that died half-way', () => {
    writeFileSync(lock, '');
    writeFileSync(`${lock}.takeover`, '1 1 another-boot\n');
    const taken = nodeDisk.lock(lock);
    expect(taken).to.not.equal(undefined);
    taken?.release();
    expect(readdirSync(directory)).to.deep.equal(['.lock']);
  });

  it('says why when the directory cannot be written', () => {
    expect(() => nodeDisk.lock(join(directory, 'none', '.lock'))).to.throw('ENOENT');
  });
});

function startTimeOf(pid: number): string {
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return '-';
  const stat = readFileSync(path, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] as string;
}
