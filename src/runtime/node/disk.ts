// The world's disk: node:fs behind the Disk port. Paths are given to the operating system as they come; what it refuses
// comes back as DiskError with the POSIX name. What changes a locked directory looks at its lease first.
import {
  closeSync,
  constants,
  existsSync,
  fsync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  statfsSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Disk, DiskFile } from '../disk.ts';
import { attempt, toDiskError } from './disk-error.ts';
import { NodeFile } from './disk-file.ts';
import { leaseOver } from './lease.ts';
import { lockFile } from './lock.ts';

const openFlags = {
  read: constants.O_RDONLY,
  write: constants.O_RDWR | constants.O_CREAT,
  create: constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC,
} as const;

export const nodeDisk: Disk = {
  openSync(path, mode): DiskFile {
    const lease = mode === 'read' ? undefined : leaseOver(path);
    lease?.check();
    const fd = attempt(path, () => openSync(path, openFlags[mode], 0o644));
    return new NodeFile(path, fd, lease);
  },

  existsSync: (path) => existsSync(path),

  infoSync(path) {
    const stat = attempt(path, () => statSync(path, { throwIfNoEntry: false }));
    return stat && { sizeBytes: stat.size, modifiedMs: stat.mtimeMs, isDirectory: stat.isDirectory() };
  },

  listSync(directory) {
    const entries = attempt(directory, () => readdirSync(directory, { withFileTypes: true }));
    return entries.map((entry) => ({
      name: entry.name,
      isDirectory: entry.isDirectory() || (entry.isSymbolicLink() && isDirectory(`${directory}/${entry.name}`)),
    }));
  },

  makeDirectorySync(path) {
    leaseOver(path)?.check();
    return attempt(path, () => makeDirectories(path));
  },

  renameSync(from, to) {
    leaseOver(from)?.check();
    attempt(from, () => renameSync(from, to));
  },

  removeSync(path) {
    leaseOver(path)?.check();
    attempt(path, () => (isDirectory(path) ? rmdirSync(path) : unlinkSync(path)));
  },

  setModifiedSync(path, modifiedMs) {
    leaseOver(path)?.check();
    attempt(path, () => utimesSync(path, modifiedMs / 1000, modifiedMs / 1000));
  },

  async removeTree(path) {
    leaseOver(path)?.check();
    try {
      await rm(path, { recursive: true, force: true });
    } catch (error) {
      throw toDiskError(error, path);
    }
  },

  syncDirectorySync(directory) {
    // Windows has no such call, and makes directory changes durable by itself.
    if (process.platform === 'win32') return;
    attempt(directory, () => {
      const fd = openSync(directory, constants.O_RDONLY);
      try {
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
    });
  },

  syncDirectory(directory) {
    if (process.platform === 'win32') return Promise.resolve();
    const fd = attempt(directory, () => openSync(directory, constants.O_RDONLY));
    return new Promise((resolve, reject) => {
      fsync(fd, (error) => {
        closeSync(fd);
        if (error === null) resolve();
        else reject(toDiskError(error, directory));
      });
    });
  },

  readFileSync: (path) => attempt(path, () => readFileSync(path)),

  writeFileSync(path, content, mode) {
    leaseOver(path)?.check();
    attempt(path, () => writeFileSync(path, content, { mode: mode ?? 0o644 }));
  },

  spaceSync(directory) {
    const { blocks, bavail, bsize } = attempt(directory, () => statfsSync(directory));
    return { totalBytes: blocks * bsize, usableBytes: bavail * bsize };
  },

  lock: (path, watch = {}) => lockFile(path, watch),
};

/** Node's own `recursive` never returns where a parent exists but takes no entries, as in /proc. */
function makeDirectories(path: string): boolean {
  try {
    // A thousand partitions are made in a directory that is there: the others cost the second look.
    mkdirSync(path);
    return true;
  } catch (error) {
    if (isDirectory(path)) return false;
    const parent = dirname(path);
    if (parent === path || existsSync(parent)) throw error;
    makeDirectories(parent);
    return makeDirectories(path);
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
