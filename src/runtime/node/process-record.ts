// Who wrote a lease, and what can be known of that process without waiting. A process number means something in its own pid
// namespace only: across namespaces and machines the answer is 'unknown', and only time tells (lease.ts).
import { readFileSync, readlinkSync, statfsSync } from 'node:fs';

/** '-' in a field: the system does not tell. */
export interface ProcessRecord {
  readonly pid: number;
  /** Clock ticks from the start of the machine to the start of the process. */
  readonly startTicks: string;
  readonly pidNamespace: string;
  /** The running kernel's: another one after each boot. */
  readonly bootId: string;
  /** The process holds an fcntl lock as well: whoever gets that lock on the same kernel knows that it is dead. */
  readonly hasFcntl: boolean;
}

export type Life = 'alive' | 'dead' | 'unknown';

const UNKNOWN = '-';

export function ownRecord(hasFcntl: boolean): ProcessRecord {
  // With the /proc of another pid namespace the numbers in it are not ours.
  const isOwnProc = linkTarget('/proc/self') === String(process.pid);
  return {
    pid: process.pid,
    startTicks: isOwnProc ? (statFields('self')?.[START_TIME] ?? UNKNOWN) : UNKNOWN,
    pidNamespace: isOwnProc ? (linkTarget('/proc/self/ns/pid') ?? UNKNOWN) : UNKNOWN,
    bootId: textOf('/proc/sys/kernel/random/boot_id')?.trim() ?? UNKNOWN,
    hasFcntl,
  };
}

export const textOfRecord = (record: ProcessRecord): string => `${JSON.stringify(record)}\n`;

export function parseRecord(text: string): ProcessRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // half written, or damaged: its writer is not known
  }
  const { pid, startTicks, pidNamespace, bootId, hasFcntl } = (value ?? {}) as Partial<ProcessRecord>;
  const isWhole =
    typeof pid === 'number' &&
    typeof startTicks === 'string' &&
    typeof pidNamespace === 'string' &&
    typeof bootId === 'string' &&
    typeof hasFcntl === 'boolean';
  return isWhole ? { pid, startTicks, pidNamespace, bootId, hasFcntl } : undefined;
}

/** What can be proven about the process that left `record` in `directory`, seen from the one that is `own`. */
export function lifeOf(record: ProcessRecord | undefined, own: ProcessRecord, directory: string): Life {
  if (record === undefined || record.bootId === UNKNOWN || own.bootId === UNKNOWN) return 'unknown';
  // A file system of this machine alone: the other kernel is this one before it was started anew.
  if (record.bootId !== own.bootId) return isLocal(directory) ? 'dead' : 'unknown';
  if (record.hasFcntl && own.hasFcntl) return 'dead';
  if (record.pidNamespace === UNKNOWN || record.pidNamespace !== own.pidNamespace) return 'unknown';
  return lifeInOwnNamespace(record);
}

function lifeInOwnNamespace({ pid, startTicks }: ProcessRecord): Life {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return 'dead';
  }
  const fields = statFields(String(pid));
  // Another user's process may be hidden (the mount option hidepid).
  if (fields === undefined) return 'unknown';
  if (fields[START_TIME] !== startTicks) return 'dead';
  if (fields[STATE] === 'X') return 'dead';
  if (fields[STATE] !== 'Z') return 'alive';
  // While threads of it are still ending it may still write.
  return Number(fields[THREADS]) <= 1 ? 'dead' : 'unknown';
}

/** Positions behind the program's name in /proc/<pid>/stat (man proc: fields 3, 20, 22). */
const STATE = 0;
const THREADS = 17;
const START_TIME = 19;

function statFields(pid: string): readonly string[] | undefined {
  const stat = textOf(`/proc/${pid}/stat`);
  // The second field is the program's name, in parentheses and free to hold spaces.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** ext, XFS, Btrfs, F2FS, ZFS, tmpfs, and overlayfs, whose upper layer is one of them (statfs(2)). */
const LOCAL_FILE_SYSTEMS: ReadonlySet<number> = new Set([
  0xef53, 0x58465342, 0x9123683e, 0xf2f52010, 0x2fc12fc1, 0x01021994, 0x794c7630,
]);

function isLocal(directory: string): boolean {
  return process.platform === 'linux' && LOCAL_FILE_SYSTEMS.has(statfsSync(directory).type >>> 0);
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined; // no /proc, or the process is gone
  }
}

function linkTarget(file: string): string | undefined {
  try {
    return readlinkSync(file);
  } catch {
    return undefined; // no /proc
  }
}
