// The lock of a data directory. Kafka holds `.lock` with fcntl, which Node cannot call. Here the file names its holder,
// `pid start-time boot-id`: the name appears at once and whole (a hard link), a holder that is gone is recognised by all
// three, and a Kafka that runs on the directory by /proc/locks. Kafka never reads the file, so what we leave is fine.
import { linkSync, readFileSync, realpathSync, renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { randomBytes } from 'node:crypto';
import type { DiskLock } from '../disk.ts';
import { attempt } from './disk-error.ts';

/** The locks of this process: several brokers may live in it. */
const held = new Set<string>();

/** Each round that does not end with an answer means that another process moved in between. */
const ROUNDS = 100;

/** undefined when it is taken. Throws DiskError when the directory cannot be written. */
export function lockFile(path: string): DiskLock | undefined {
  return attempt(path, () => {
    const file = join(realpathSync(dirname(path)), basename(path));
    if (held.has(file) || !claim(file)) return undefined;
    held.add(file);
    return { release: () => release(file) };
  });
}

function release(file: string): void {
  if (!held.delete(file)) return;
  try {
    // Kafka leaves an empty `.lock` behind, and so do we. A file that is another's by now stays as it is.
    if (readIfThere(file) === ownRecord()) writeFileSync(file, '');
  } catch (error) {
    // The directory has been removed under us: then there is nothing to release.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function claim(file: string): boolean {
  const mine = `${file}.${process.pid}.${randomBytes(6).toString('hex')}`;
  writeFileSync(mine, ownRecord(), { mode: 0o644 });
  try {
    for (let round = 0; round < ROUNDS; round++) {
      if (linked(mine, file)) return true;
      const owner = readIfThere(file);
      if (owner === undefined) continue;
      if (isAlive(owner) || isHeldByFcntl(file)) return false;
      if (takeOver(file, mine, owner)) return true;
    }
    return false;
  } finally {
    removeIfThere(mine);
  }
}

/**
 * Replaces the record of a dead holder. Two processes may find it dead at the same moment: only the one that makes the
 * guard may replace it, after a second look.
 */
function takeOver(file: string, mine: string, deadOwner: string): boolean {
  const guard = `${file}.takeover`;
  if (!linked(mine, guard)) {
    // Guards live for microseconds. One whose maker died in the middle is cleared away.
    const maker = readIfThere(guard);
    if (maker !== undefined && !isAlive(maker)) removeIfThere(guard);
    return false;
  }
  try {
    if (readIfThere(file) !== deadOwner) return false;
    renameSync(mine, file);
    return true;
  } finally {
    removeIfThere(guard);
  }
}

/** Makes `file` a second name of `mine`, whole from its first moment; false when there is a `file` already. */
function linked(mine: string, file: string): boolean {
  try {
    linkSync(mine, file);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (!withoutHardLinks.has(code ?? '')) throw error;
  }
  try {
    writeFileSync(file, ownRecord(), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** What file systems without hard links answer. */
const withoutHardLinks: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

function isAlive(record: string): boolean {
  const [pid, startTime, boot] = record.trim().split(' ');
  if (pid === undefined || !/^[1-9]\d*$/.test(pid) || boot !== bootId()) return false;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return startTimeOf(pid) === startTime;
}

let record: string | undefined;

function ownRecord(): string {
  record ??= `${process.pid} ${startTimeOf('self')} ${bootId()}\n`;
  return record;
}

/** Clock ticks from the start of the machine to the start of the process; '-' where the system does not tell. */
function startTimeOf(pid: string): string {
  const stat = readIfThere(`/proc/${pid}/stat`) ?? '';
  // The second field is the program's name, in parentheses and free to hold spaces; the start time is field 22.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '-';
}

function bootId(): string {
  return readIfThere('/proc/sys/kernel/random/boot_id')?.trim() ?? '-';
}

/** True when a process holds an fcntl lock on the file, as Kafka does while it runs. Known on Linux only. */
function isHeldByFcntl(file: string): boolean {
  const locks = readIfThere('/proc/locks');
  const stat = statSync(file, { throwIfNoEntry: false });
  if (locks === undefined || stat === undefined) return false;
  const major = (stat.dev >>> 8) & 0xfff;
  const minor = (stat.dev & 0xff) | ((stat.dev >>> 12) & 0xfff00);
  const hex = (value: number): string => value.toString(16).padStart(2, '0');
  return locks.includes(` ${hex(major)}:${hex(minor)}:${stat.ino} `);
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}

function removeIfThere(file: string): void {
  try {
    unlinkSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
