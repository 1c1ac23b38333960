// The lock of a data directory, which holds between processes of any kind, in whatever pid namespace:
//
// - a lease beside it (lease.ts), which every Ottla takes, on whatever Node;
// - where Node has SQLite, an fcntl lock on `.lock` too (fcntl-lock.ts), as Apache Kafka takes it. The two exclude each other.
//
// On Node without SQLite an Apache Kafka that runs on the directory is seen in /proc/locks, which shows the processes of this
// pid namespace and those below it: one in another container is not seen, and no Apache Kafka sees the lease.
import { readFileSync, realpathSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { DiskLock, LockWatch } from '../disk.ts';
import { attempt, toDiskError } from './disk-error.ts';
import { takeFcntlLock } from './fcntl-lock.ts';
import { LEASE_TIMES, type LeaseOptions, type LeaseTimes } from './lease.ts';
import { ownRecord } from './process-record.ts';
import { isKnownHeld, takeLease } from './take-lease.ts';

const LEASE_FILE = '.ottla-lease';

/** The locks of this process: several brokers may live in it. */
const held = new Set<string>();

/** Resolves with undefined when it is taken. Rejects with DiskError when the directory cannot be written. */
export async function lockFile(
  path: string,
  watch: LockWatch,
  times: LeaseTimes = LEASE_TIMES,
): Promise<DiskLock | undefined> {
  const directory = dirname(path);
  const file = attempt(path, () => join(realpathSync(directory), basename(path)));
  if (held.has(file)) return undefined;
  held.add(file);
  let lock: DiskLock | undefined;
  try {
    lock = await takeBoth(file, (hasFcntl) => ({
      directory,
      file: `${dirname(file)}/${LEASE_FILE}`,
      own: ownRecord(hasFcntl),
      watch,
      times,
    }));
    return lock && { release: () => void (held.delete(file) && lock?.release()) };
  } catch (error) {
    throw toDiskError(error, path);
  } finally {
    if (lock === undefined) held.delete(file);
  }
}

async function takeBoth(
  file: string,
  leaseOptions: (hasFcntl: boolean) => LeaseOptions,
): Promise<DiskLock | undefined> {
  // Another copy of us in this process may hold `.lock`, and would lose it were the file opened and closed here.
  if (isKnownHeld(leaseOptions(false))) return undefined;
  makeEmpty(file);
  const fcntl = takeFcntlLock(file);
  if (fcntl === 'held' || (fcntl === undefined && isHeldByFcntl(file))) return undefined;
  let isTaken = false;
  try {
    const lease = await takeLease(leaseOptions(fcntl !== undefined));
    if (lease === undefined) return undefined;
    isTaken = true;
    return {
      release() {
        lease.release();
        fcntl?.release();
      },
    };
  } finally {
    if (!isTaken) fcntl?.release();
  }
}

/** Makes `.lock`, empty, as Kafka's is. The first Ottla wrote its process into it; SQLite locks an empty file only. */
function makeEmpty(file: string): void {
  const sizeBytes = statSync(file, { throwIfNoEntry: false })?.size;
  if (sizeBytes === undefined) writeFileSync(file, '', { flag: 'a', mode: 0o644 });
  else if (sizeBytes > 0 && /^\d+ \S+ \S+\n$/.test(readFileSync(file, 'latin1'))) truncateSync(file, 0);
}

/** True when a process holds an fcntl lock on the file, as Kafka does while it runs. Known on Linux only. */
function isHeldByFcntl(file: string): boolean {
  const locks = textOfProcLocks();
  const stat = statSync(file, { throwIfNoEntry: false });
  if (locks === undefined || stat === undefined) return false;
  const major = (stat.dev >>> 8) & 0xfff;
  const minor = (stat.dev & 0xff) | ((stat.dev >>> 12) & 0xfff00);
  const hex = (value: number): string => value.toString(16).padStart(2, '0');
  return locks.includes(` ${hex(major)}:${hex(minor)}:${stat.ino} `);
}

function textOfProcLocks(): string | undefined {
  try {
    return readFileSync('/proc/locks', 'utf8');
  } catch {
    return undefined; // not Linux
  }
}
