// The lease of a data directory while it is held: the file `.ottla-lease`, touched once a second. How it is taken, and how an
// observer judges the holder of one: take-lease.ts.
//
// A holder that was stopped, or whose event loop stood still, may have lost its lease: before every change of a file in the
// directory (`check`, called by disk.ts and disk-file.ts) a holder that has not confirmed it for a moment does so first, and
// changes nothing any more when it is gone. What a lease cannot see: a process frozen between that look and the write
// that follows it, and a virtual machine that is paused together with its clocks.
import { closeSync, fstatSync, futimesSync, statSync, unlinkSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { DiskError, type LockWatch } from '../disk.ts';
import { toDiskError } from './disk-error.ts';
import { isErrorCode, openExclusively } from './exclusive-file.ts';
import { type ProcessRecord, textOfRecord } from './process-record.ts';

export interface LeaseTimes {
  readonly renewMs: number;
  /** Longer than this since the last confirmation: a holder looks before it changes anything. */
  readonly confirmedForMs: number;
  /** So long without being touched, on an observer's clock, makes a lease stale. */
  readonly staleAfterMs: number;
  /** How long a new holder of a stale lease waits before it changes anything: longer than the old one acts without looking. */
  readonly settleMs: number;
  readonly pollMs: number;
}

/** A dead holder of whom nothing can be proven costs six seconds; a living one may stand still for four. */
export const LEASE_TIMES: LeaseTimes = {
  renewMs: 1000,
  confirmedForMs: 1500,
  staleAfterMs: 4000,
  settleMs: 2000,
  pollMs: 200,
};

export interface LeaseOptions {
  /** The directory as the files below it are named. */
  readonly directory: string;
  readonly file: string;
  readonly own: ProcessRecord;
  readonly watch: LockWatch;
  readonly times: LeaseTimes;
}

/** The leases of this process: a file in one of their directories is changed only while the lease is held. */
const leases = new Set<Lease>();

/** The lease under which the file `path` lies. */
export function leaseOver(path: string): Lease | undefined {
  for (const lease of leases) if (lease.covers(path)) return lease;
  return undefined;
}

export class Lease {
  readonly #options: LeaseOptions;
  readonly #prefix: string;
  #fd: number;
  #confirmedMs: number;
  #touchedMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #lost: DiskError | undefined;
  #isReleased = false;

  constructor(options: LeaseOptions, fd: number) {
    this.#options = options;
    this.#prefix = `${options.directory}/`;
    this.#fd = fd;
    this.#confirmedMs = performance.now();
    this.#renewLater();
    leases.add(this);
  }

  covers(path: string): boolean {
    return path.startsWith(this.#prefix);
  }

  /** Throws DiskError when the lease is another's by now, or when that cannot be seen. */
  check(): void {
    if (this.#lost !== undefined) throw this.#lost;
    if (this.#isReleased) return;
    if (performance.now() - this.#confirmedMs > this.#options.times.confirmedForMs) this.confirm();
  }

  /** Touches the file, then looks whether it is still the one under the name. Throws DiskError. */
  confirm(): void {
    if (this.#lost !== undefined) throw this.#lost;
    const { file } = this.#options;
    const nowMs = performance.now();
    try {
      this.#touch();
      const found = statSync(file, { bigint: true, throwIfNoEntry: false });
      if (found === undefined) this.#restore(nowMs);
      else if (found.ino !== fstatSync(this.#fd, { bigint: true }).ino) this.#lose();
    } catch (error) {
      throw toDiskError(error, file);
    }
    this.#confirmedMs = nowMs;
  }

  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    clearTimeout(this.#timer);
    leases.delete(this);
    const { file } = this.#options;
    try {
      const found = statSync(file, { bigint: true, throwIfNoEntry: false });
      if (found?.ino === fstatSync(this.#fd, { bigint: true }).ino) unlinkSync(file);
    } catch (error) {
      if (!isErrorCode(error, 'ENOENT')) throw toDiskError(error, file);
    } finally {
      closeSync(this.#fd);
    }
  }

  #renewLater(): void {
    this.#timer = setTimeout(() => {
      try {
        this.confirm();
      } catch {
        if (this.#lost !== undefined) return;
        // A disk that refuses now is asked again, and before each write.
      }
      this.#renewLater();
    }, this.#options.times.renewMs);
    this.#timer.unref();
  }

  /** Always another time than before, whatever the wall clock does. */
  #touch(): void {
    this.#touchedMs = Math.max(Date.now(), this.#touchedMs + 1);
    futimesSync(this.#fd, this.#touchedMs / 1000, this.#touchedMs / 1000);
  }

  /** Somebody has removed the file. While no observer can have waited long enough, it is nobody else's. */
  #restore(nowMs: number): void {
    const { file, own, directory, times } = this.#options;
    // A directory that is gone needs no lease.
    if (statSync(directory, { throwIfNoEntry: false }) === undefined) return;
    if (nowMs - this.#confirmedMs > times.staleAfterMs) this.#lose();
    const fd = openExclusively(file, textOfRecord(own));
    if (fd === undefined) this.#lose();
    closeSync(this.#fd);
    this.#fd = fd;
  }

  #lose(): never {
    const { directory, watch } = this.#options;
    const error = new DiskError(
      'ESTALE',
      directory,
      'another broker has taken the directory while this one did not run; nothing in it is changed any more',
    );
    this.#lost = error;
    clearTimeout(this.#timer);
    setImmediate(() => watch.lost?.(error));
    throw error;
  }
}
