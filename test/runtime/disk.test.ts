// What every disk must do, run over the real one, the one in memory and the simulated one.
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Disk, DiskError, readTextSync, replaceFileSync } from '../../src/runtime/index.ts';
import { MemoryDisk } from '../../src/runtime/memory/index.ts';
import { NodeClock, nodeDisk } from '../../src/runtime/node/index.ts';
import { SeededRandom, SimDisk } from '../../src/runtime/sim/index.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);

function codeOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    expect(error).to.be.instanceOf(DiskError);
    return (error as DiskError).code;
  }
  return 'no error';
}

function behavesLikeADisk(name: string, make: (directory: string) => Disk): void {
  describe(name, () => {
    let directory: string;
    let disk: Disk;
    beforeEach(() => {
      directory = mkdtempSync(join(tmpdir(), 'ottla-disk-'));
      disk = make(directory);
      disk.makeDirectorySync(directory);
    });
    afterEach(() => rmSync(directory, { recursive: true, force: true }));

    it('writes lists of buffers and reads them back', async () => {
      const file = disk.openSync(`${directory}/a.log`, 'create');
      file.writevSync([bytes('one'), bytes(''), bytes('two')], 0);
      await file.writev([bytes('three')], 6);
      expect(file.sizeSync()).to.equal(11);
      const target = new Uint8Array(20);
      expect(file.readSync(target, 1, 20 - 1, 3)).to.equal(8);
      expect(Buffer.from(target).toString('latin1', 1, 9)).to.equal('twothree');
      expect(await file.read(target, 0, 2, 10)).to.equal(1);
      expect(file.readSync(target, 0, 2, 11)).to.equal(0);
      await file.sync();
      file.syncSync();
      file.closeSync();
      expect(codeOf(() => file.sizeSync())).to.equal('EBADF');
      expect(readTextSync(disk, `${directory}/a.log`)).to.equal('onetwothree');
    });

    it('does not take a wrong argument for a failure of its own', () => {
      const file = disk.openSync(`${directory}/a.log`, 'create');
      const read = (): unknown => file.readSync(new Uint8Array(1), 0, 1, -5000);
      expect(read).to.throw(Error).that.is.not.instanceOf(DiskError);
      file.closeSync();
    });

    it('writes more buffers than one call of the kernel takes', async () => {
      const file = disk.openSync(`${directory}/many`, 'write');
      const buffers = Array.from({ length: 2500 }, (_, index) => bytes(String(index % 10)));
      file.writevSync(buffers, 0);
      await file.writev(buffers, 2500);
      file.closeSync();
      const expected = '0123456789'.repeat(500);
      expect(readTextSync(disk, `${directory}/many`)).to.equal(expected);
    });

    it('cuts and stretches files, zeros in the stretch', () => {
      const file = disk.openSync(`${directory}/f`, 'write');
      file.writevSync([bytes('abcdef')], 0);
      file.truncateSync(2);
      file.truncateSync(4);
      expect([...disk.readFileSync(`${directory}/f`)]).to.deep.equal([97, 98, 0, 0]);
      file.writevSync([bytes('z')], 6);
      expect([...disk.readFileSync(`${directory}/f`)]).to.deep.equal([97, 98, 0, 0, 0, 0, 122]);
      file.closeSync();
    });

    it('opens for reading only what is there, for writing without emptying, for creating emptied', () => {
      const path = `${directory}/f`;
      expect(codeOf(() => disk.openSync(path, 'read'))).to.equal('ENOENT');
      disk.writeFileSync(path, bytes('content'));
      disk.openSync(path, 'write').closeSync();
      expect(readTextSync(disk, path)).to.equal('content');
      disk.openSync(path, 'create').closeSync();
      expect(readTextSync(disk, path)).to.equal('');
      expect(readTextSync(disk, `${directory}/none`)).to.equal(undefined);
    });

    it('makes, lists, renames and removes', async () => {
      expect(disk.makeDirectorySync(`${directory}/x/y`)).to.equal(true);
      expect(disk.makeDirectorySync(`${directory}/x/y`)).to.equal(false);
      replaceFileSync(disk, `${directory}/x/f`, 'text');
      replaceFileSync(disk, `${directory}/x/f`, 'newer');
      expect(readTextSync(disk, `${directory}/x/f`)).to.equal('newer');
      const entries = disk.listSync(`${directory}/x`).sort((a, b) => a.name.localeCompare(b.name));
      expect(entries).to.deep.equal([
        { name: 'f', isDirectory: false },
        { name: 'y', isDirectory: true },
      ]);
      expect(disk.infoSync(`${directory}/x/f`)).to.include({ sizeBytes: 5, isDirectory: false });
      expect(disk.infoSync(`${directory}/none`)).to.equal(undefined);
      expect(codeOf(() => disk.removeSync(`${directory}/x`))).to.equal('ENOTEMPTY');
      expect(codeOf(() => disk.removeSync(`${directory}/none`))).to.equal('ENOENT');
      expect(codeOf(() => disk.listSync(`${directory}/none`))).to.equal('ENOENT');
      expect(codeOf(() => disk.renameSync(`${directory}/none`, `${directory}/n`))).to.equal('ENOENT');
      disk.renameSync(`${directory}/x`, `${directory}/z-delete`);
      expect(disk.existsSync(`${directory}/x`)).to.equal(false);
      disk.removeSync(`${directory}/z-delete/y`);
      await disk.removeTree(`${directory}/z-delete`);
      await disk.removeTree(`${directory}/z-delete`);
      expect(disk.listSync(directory)).to.deep.equal([]);
    });

    it('keeps an open file alive when its name goes', () => {
      const file = disk.openSync(`${directory}/f`, 'write');
      file.writevSync([bytes('abc')], 0);
      disk.removeSync(`${directory}/f`);
      file.writevSync([bytes('d')], 3);
      expect(file.sizeSync()).to.equal(4);
      file.closeSync();
    });

    it('locks a path for one holder at a time', async () => {
      const first = await disk.lock(`${directory}/.lock`);
      expect(first).to.not.equal(undefined);
      expect(await disk.lock(`${directory}/.lock`)).to.equal(undefined);
      first?.release();
      first?.release();
      const second = await disk.lock(`${directory}/.lock`);
      expect(second).to.not.equal(undefined);
      second?.release();
      expect(disk.listSync(directory).map((entry) => entry.name)).to.deep.equal(['.lock']);
    });
  });
}

describe('Disks', () => {
  behavesLikeADisk('of the operating system', () => nodeDisk);
  behavesLikeADisk('in memory', () => new MemoryDisk({ nowMs: () => 1 }));
  behavesLikeADisk(
    'simulated',
    () => new SimDisk({ clock: new NodeClock(), random: new SeededRandom(1), slowestMs: 0 }),
  );

  it('tells the space of the file system', () => {
    const { totalBytes, usableBytes } = nodeDisk.spaceSync(tmpdir());
    expect(totalBytes).to.be.greaterThan(usableBytes);
    expect(usableBytes).to.be.greaterThan(0);
  });

  it('refuses directories where none can be', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'ottla-disk-')), 'file');
    nodeDisk.writeFileSync(file, bytes('x'));
    expect(codeOf(() => nodeDisk.makeDirectorySync(`${file}/a/b`))).to.equal('ENOTDIR');
    expect(codeOf(() => nodeDisk.makeDirectorySync(file))).to.equal('EEXIST');
    if (process.platform === 'linux') {
      expect(codeOf(() => nodeDisk.makeDirectorySync('/proc/none/data'))).to.equal('ENOENT');
    }
    nodeDisk.removeSync(file);
  });

  it('runs full in memory after writing what fits', () => {
    const disk = new MemoryDisk({ nowMs: () => 1, capacityBytes: 10 });
    const file = disk.openSync('f', 'write');
    file.writevSync([bytes('12345678')], 0);
    expect(codeOf(() => file.writevSync([bytes('9'), bytes('abc')], 8))).to.equal('ENOSPC');
    expect(readTextSync(disk, 'f')).to.equal('12345678 9a'.replace(' ', ''));
    expect(disk.spaceSync()).to.deep.equal({ totalBytes: 10, usableBytes: 0 });
    file.writevSync([bytes('xx')], 0);
  });
});
