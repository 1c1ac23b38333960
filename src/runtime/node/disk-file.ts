// One open file. Vectored writes are cut at IOV_MAX and go on where the kernel stopped short, so that a list is written
// whole or the call fails.
import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  read,
  readSync,
  writev,
  writevSync,
} from 'node:fs';
import type { DiskFile } from '../disk.ts';
import { DiskError } from '../disk.ts';
import { toDiskError } from './disk-error.ts';
import type { Lease } from './lease.ts';

/** Linux takes 1024 buffers in one call. */
const IOV_MAX = 1024;

export class NodeFile implements DiskFile {
  readonly path: string;
  readonly #lease: Lease | undefined;
  #fd: number;

  /** `lease`: of the directory that the file lies in, when it may be written. */
  constructor(path: string, fd: number, lease?: Lease) {
    this.path = path;
    this.#lease = lease;
    this.#fd = fd;
  }

  sizeSync(): number {
    try {
      return fstatSync(this.#open()).size;
    } catch (error) {
      throw toDiskError(error, this.path);
    }
  }

  readSync(target: Uint8Array, offset: number, length: number, position: number): number {
    const fd = this.#open();
    let done = 0;
    try {
      while (done < length) {
        const count = readSync(fd, target, offset + done, length - done, position + done);
        if (count === 0) break;
        done += count;
      }
    } catch (error) {
      throw toDiskError(error, this.path);
    }
    return done;
  }

  read(target: Uint8Array, offset: number, length: number, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      const fd = this.#open();
      let done = 0;
      const step = (): void =>
        read(fd, target, offset + done, length - done, position + done, (error, count) => {
          if (error !== null) return reject(toDiskError(error, this.path));
          done += count;
          if (count === 0 || done === length) resolve(done);
          else step();
        });
      step();
    });
  }

  writevSync(buffers: readonly Uint8Array[], position: number): void {
    this.#lease?.check();
    const fd = this.#open();
    try {
      let rest = buffers;
      let at = position;
      while (rest.length > 0) {
        const written = writevSync(fd, rest.length > IOV_MAX ? rest.slice(0, IOV_MAX) : rest, at);
        at += written;
        rest = unwritten(rest, written, this.path);
      }
    } catch (error) {
      throw toDiskError(error, this.path);
    }
  }

  writev(buffers: readonly Uint8Array[], position: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#lease?.check();
      const fd = this.#open();
      let rest = buffers;
      let at = position;
      const step = (): void => {
        if (rest.length === 0) return resolve();
        writev(fd, rest.length > IOV_MAX ? rest.slice(0, IOV_MAX) : rest, at, (error, written) => {
          if (error !== null) return reject(toDiskError(error, this.path));
          try {
            at += written;
            rest = unwritten(rest, written, this.path);
          } catch (stuck) {
            return reject(stuck);
          }
          step();
        });
      };
      step();
    });
  }

  truncateSync(sizeBytes: number): void {
    this.#lease?.check();
    try {
      ftruncateSync(this.#open(), sizeBytes);
    } catch (error) {
      throw toDiskError(error, this.path);
    }
  }

  syncSync(): void {
    try {
      fdatasyncSync(this.#open());
    } catch (error) {
      throw toDiskError(error, this.path);
    }
  }

  sync(): Promise<void> {
    return new Promise((resolve, reject) => {
      fdatasync(this.#open(), (error) => (error === null ? resolve() : reject(toDiskError(error, this.path))));
    });
  }

  closeSync(): void {
    if (this.#fd < 0) return;
    const fd = this.#fd;
    this.#fd = -1;
    try {
      closeSync(fd);
    } catch (error) {
      throw toDiskError(error, this.path);
    }
  }

  #open(): number {
    if (this.#fd < 0) throw new DiskError('EBADF', this.path, 'the file is closed');
    return this.#fd;
  }
}

/** What is left of `buffers` after the first `written` bytes; empty buffers in front are dropped. */
function unwritten(buffers: readonly Uint8Array[], written: number, path: string): readonly Uint8Array[] {
  let index = 0;
  let left = written;
  while (index < buffers.length) {
    const size = (buffers[index] as Uint8Array).length;
    if (left < size) break;
    left -= size;
    index++;
  }
  if (index === buffers.length) return [];
  // A call that takes nothing, not even an empty buffer, would be repeated for ever.
  if (written === 0 && index === 0) throw new DiskError('EIO', path, 'the disk took nothing of a write');
  if (index === 0 && left === 0) return buffers;
  const rest = buffers.slice(index);
  if (left > 0) rest[0] = (rest[0] as Uint8Array).subarray(left);
  return rest;
}
