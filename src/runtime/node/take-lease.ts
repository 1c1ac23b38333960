// Takes the lease of a data directory. An observer that cannot prove whether the holder of a lease lives (process-record.ts)
// watches its file for a while on its own clock: one that is touched is held; one that is not is claimed, by a rename, and
// used after a pause in which the old holder must notice.
import { closeSync, fstatSync, openSync, readFileSync, renameSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DiskError } from '../disk.ts';
import { isErrorCode, linkExclusively, openExclusively, removeIfThere } from './exclusive-file.ts';
import { Lease, type LeaseOptions, type LeaseTimes } from './lease.ts';
import { type Life, lifeOf, parseRecord, textOfRecord } from './process-record.ts';

/** A guard of a take-over lives for microseconds: one that stands for so many looks belongs to a dead process. */
const POLLS_OF_GUARD = 10;
/** Each round that does not end with an answer means that another process moved in between. */
const ROUNDS = 100;

/** What stands under the name, and when it was touched last. */
interface Sight {
  readonly inode: bigint;
  readonly touched: bigint;
}

/** undefined: another process holds the lease. Rejects with a system error. */
export async function takeLease(options: LeaseOptions): Promise<Lease | undefined> {
  const { file, own, watch, directory, times } = options;
  const mine = `${file}.${process.pid}.${randomBytes(6).toString('hex')}`;
  const fd = openExclusively(mine, textOfRecord(own)) as number;
  let taken: number | undefined;
  try {
    for (let round = 0; round < ROUNDS; round++) {
      taken = place(mine, file, fd);
      if (taken !== undefined) return new Lease(options, taken);
      const seen = sightOf(file);
      if (seen === undefined) continue;
      const record = parseRecord(textOf(file));
      const look = (): Life => lifeOf(record, own, directory);
      let life = look();
      if (life === 'unknown') {
        watch.waiting?.(times.staleAfterMs + times.settleMs);
        if (!(await isStale(file, seen, look, times))) return undefined;
        life = look();
      }
      if (life === 'alive') return undefined;
      if (!(await replace(file, mine, seen, times))) continue;
      taken = fd;
      const lease = new Lease(options, fd);
      return life === 'dead' || (await settle(lease, times)) ? lease : undefined;
    }
    return undefined;
  } finally {
    removeIfThere(mine);
    if (taken !== fd) closeSync(fd);
  }
}

/** Is the holder of the lease known to live? Costs no waiting and leaves nothing behind. */
export function isKnownHeld({ file, own, directory }: LeaseOptions): boolean {
  return lifeOf(parseRecord(textOf(file)), own, directory) === 'alive';
}

/** Makes the lease, whole from its first moment; its handle, or undefined when there is one already. */
function place(mine: string, file: string, fd: number): number | undefined {
  const result = linkExclusively(mine, file);
  if (result === 'unsupported') return openExclusively(file, readFileSync(mine, 'utf8'));
  return result === 'linked' ? fd : undefined;
}

/** The holder, should it live after all, looks at the file before it writes again: it finds that the lease is not its own. */
async function settle(lease: Lease, { settleMs, pollMs }: LeaseTimes): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < settleMs; waitedMs += pollMs) await sleep(pollMs);
  try {
    lease.confirm();
    return true;
  } catch (error) {
    lease.release();
    if (error instanceof DiskError && error.code === 'ESTALE') return false;
    throw error;
  }
}

/**
 * False when the file has been touched or replaced: somebody lives. Looks are counted, not the time: what an observer sleeps
 * through itself does not count against the holder.
 */
async function isStale(
  file: string,
  first: Sight,
  look: () => Life,
  { staleAfterMs, pollMs }: LeaseTimes,
): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < staleAfterMs; waitedMs += pollMs) {
    await sleep(pollMs);
    const now = sightOf(file);
    // Released, or seen to end meanwhile.
    if (now === undefined || look() === 'dead') return true;
    if (now.inode !== first.inode || now.touched !== first.touched) return false;
  }
  return true;
}

/**
 * Puts `mine` in the place of a lease that is still as it was `seen`. Two processes may find it dead at the same moment: only
 * the one that makes the guard may replace it, after a second look.
 */
async function replace(file: string, mine: string, seen: Sight, { pollMs }: LeaseTimes): Promise<boolean> {
  const guard = `${file}.takeover`;
  if (!isGuardMade(mine, guard)) {
    await awaitGuard(guard, pollMs);
    return false;
  }
  try {
    const now = sightOf(file);
    if (now?.inode !== seen.inode || now.touched !== seen.touched) return false;
    renameSync(mine, file);
    return true;
  } finally {
    removeIfThere(guard);
  }
}

function isGuardMade(mine: string, guard: string): boolean {
  const result = linkExclusively(mine, guard);
  if (result !== 'unsupported') return result === 'linked';
  const fd = openExclusively(guard, '');
  if (fd !== undefined) closeSync(fd);
  return fd !== undefined;
}

/** Until the guard is gone; one whose maker died in the middle is cleared away. */
async function awaitGuard(guard: string, pollMs: number): Promise<void> {
  const first = sightOf(guard);
  for (let poll = 0; poll < POLLS_OF_GUARD; poll++) {
    await sleep(pollMs);
    if (sightOf(guard)?.inode !== first?.inode) return;
  }
  removeIfThere(guard);
}

/** Opened anew, so that a network file system asks its server. */
function sightOf(file: string): Sight | undefined {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch (error) {
    if (isErrorCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  try {
    const { ino, mtimeNs } = fstatSync(fd, { bigint: true });
    return { inode: ino, touched: mtimeNs };
  } finally {
    closeSync(fd);
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (isErrorCode(error, 'ENOENT')) return '';
    throw error;
  }
}
