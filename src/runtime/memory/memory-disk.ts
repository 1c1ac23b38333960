// A disk in memory: the whole Disk port, nothing of the world. It serves `durability: memory`, and is what the faulty
// disk of the simulation is built on. Its promises settle at once; syncing does nothing.
import type { DirectoryEntry, Disk, DiskFile, DiskLock, FileInfo } from '../disk.ts';
import { DiskError } from '../disk.ts';
import {
  directoryAt,
  MemoryDirectory,
  MemoryInode,
  type MemoryNode,
  type NameChange,
  nodeAt,
  placeOf,
} from './tree.ts';

export interface MemoryDiskOptions {
  /** For the modification times of files; milliseconds since the epoch. */
  readonly nowMs: () => number;
  /** Writing beyond it fails with ENOSPC; no limit when left out. */
  readonly capacityBytes?: number;
  /** What the disk holds at the start; empty when left out. */
  readonly root?: MemoryDirectory;
}

export class MemoryDisk implements Disk {
  readonly root: MemoryDirectory;
  readonly #nowMs: () => number;
  /** Writing beyond it fails with ENOSPC. */
  capacityBytes: number;
  readonly #locks = new Set<string>();

  constructor(options: MemoryDiskOptions) {
    this.#nowMs = options.nowMs;
    this.capacityBytes = options.capacityBytes ?? Number.POSITIVE_INFINITY;
    this.root = options.root ?? new MemoryDirectory(options.nowMs());
  }

  openSync(path: string, mode: 'read' | 'write' | 'create'): DiskFile {
    return new MemoryFile(path, this.inode(path, mode), this);
  }

  /** The file that `openSync` opens. */
  inode(path: string, mode: 'read' | 'write' | 'create'): MemoryInode {
    const { directory, name } = placeOf(this.root, path);
    const node = directory.entries.get(name);
    if (node?.kind === 'directory') throw new DiskError('EISDIR', path, 'illegal operation on a directory');
    if (node !== undefined) {
      if (mode === 'create') this.resize(node, 0);
      return node;
    }
    if (mode === 'read') throw new DiskError('ENOENT', path, 'no such file or directory');
    const made = new MemoryInode(this.#nowMs());
    this.#link(directory, name, made);
    return made;
  }

  existsSync(path: string): boolean {
    return this.infoSync(path) !== undefined;
  }

  infoSync(path: string): FileInfo | undefined {
    const node = nodeAt(this.root, path);
    if (node === undefined) return undefined;
    const isDirectory = node.kind === 'directory';
    return { sizeBytes: isDirectory ? 0 : node.bytes.sizeBytes, modifiedMs: node.modifiedMs, isDirectory };
  }

  listSync(directory: string): DirectoryEntry[] {
    const entries: DirectoryEntry[] = [];
    for (const [name, node] of directoryAt(this.root, directory).entries) {
      entries.push({ name, isDirectory: node.kind === 'directory' });
    }
    return entries;
  }

  makeDirectorySync(path: string): boolean {
    const node = nodeAt(this.root, path);
    if (node?.kind === 'directory') return false;
    if (node !== undefined) throw new DiskError('EEXIST', path, 'file already exists');
    const parent = path.replace(/\/+$/, '').replace(/\/?[^/]*$/, '');
    this.makeDirectorySync(parent);
    const { directory, name } = placeOf(this.root, path);
    this.#link(directory, name, new MemoryDirectory(this.#nowMs()));
    return true;
  }

  renameSync(from: string, to: string): void {
    const source = placeOf(this.root, from);
    const node = source.directory.entries.get(source.name);
    if (node === undefined) throw new DiskError('ENOENT', from, 'no such file or directory');
    const target = placeOf(this.root, to);
    const replaced = target.directory.entries.get(target.name);
    if (replaced === node) return;
    if (replaced !== undefined) refuseReplacement(node.kind, replaced, to);
    this.changeNames({
      directories: source.directory === target.directory ? [source.directory] : [source.directory, target.directory],
      apply: (entriesOf) => {
        entriesOf(source.directory).delete(source.name);
        entriesOf(target.directory).set(target.name, node);
      },
    });
  }

  removeSync(path: string): void {
    const { directory, name } = placeOf(this.root, path);
    const node = directory.entries.get(name);
    if (node === undefined) throw new DiskError('ENOENT', path, 'no such file or directory');
    if (node.kind === 'directory' && node.entries.size > 0) {
      throw new DiskError('ENOTEMPTY', path, 'directory not empty');
    }
    this.#unlink(directory, name);
  }

  setModifiedSync(path: string, modifiedMs: number): void {
    this.inode(path, 'read').modifiedMs = modifiedMs;
  }

  async removeTree(path: string): Promise<void> {
    if (nodeAt(this.root, path) === undefined) return;
    const { directory, name } = placeOf(this.root, path);
    this.#unlink(directory, name);
  }

  syncDirectorySync(directory: string): void {
    directoryAt(this.root, directory);
  }

  async syncDirectory(directory: string): Promise<void> {
    this.syncDirectorySync(directory);
  }

  readFileSync(path: string): Uint8Array {
    return this.inode(path, 'read').bytes.toBytes();
  }

  writeFileSync(path: string, content: Uint8Array): void {
    this.store(this.inode(path, 'create'), [content], 0, path);
  }

  spaceSync(): { totalBytes: number; usableBytes: number } {
    if (this.capacityBytes === Number.POSITIVE_INFINITY) return { totalBytes: -1, usableBytes: -1 };
    const usableBytes = Math.max(0, this.capacityBytes - this.usedBytes());
    return { totalBytes: this.capacityBytes, usableBytes };
  }

  async lock(path: string): Promise<DiskLock | undefined> {
    if (this.#locks.has(path)) return undefined;
    this.inode(path, 'write');
    this.#locks.add(path);
    return { release: () => void this.#locks.delete(path) };
  }

  /** Writes the buffers in order. With a capacity, what fits is written before ENOSPC is thrown. */
  store(inode: MemoryInode, buffers: readonly Uint8Array[], position: number, path: string): void {
    let at = position;
    for (const buffer of buffers) {
      const fittingBytes = this.#fittingBytes(inode, buffer.length, at);
      this.put(inode, fittingBytes < buffer.length ? buffer.subarray(0, fittingBytes) : buffer, at);
      if (fittingBytes < buffer.length) throw new DiskError('ENOSPC', path, 'no space left on device');
      at += buffer.length;
    }
  }

  /** Every change of names goes through here, every change of a file through `put` and `resize`. */
  protected changeNames(change: NameChange): void {
    change.apply((directory) => {
      directory.modifiedMs = this.#nowMs();
      return directory.entries;
    });
  }

  protected put(inode: MemoryInode, bytes: Uint8Array, position: number): void {
    inode.modifiedMs = this.#nowMs();
    inode.bytes.write(bytes, position);
  }

  resize(inode: MemoryInode, sizeBytes: number): void {
    inode.modifiedMs = this.#nowMs();
    inode.bytes.truncate(sizeBytes);
  }

  /** The sizes of all files, added up. */
  usedBytes(): number {
    let total = 0;
    const directories = [this.root];
    for (let directory = directories.pop(); directory !== undefined; directory = directories.pop()) {
      for (const node of directory.entries.values()) {
        if (node.kind === 'directory') directories.push(node);
        else total += node.bytes.sizeBytes;
      }
    }
    return total;
  }

  /** How many of `sizeBytes` bytes at `position` the capacity allows. */
  #fittingBytes(inode: MemoryInode, sizeBytes: number, position: number): number {
    const growthBytes = position + sizeBytes - inode.bytes.sizeBytes;
    if (growthBytes <= 0 || this.capacityBytes === Number.POSITIVE_INFINITY) return sizeBytes;
    return Math.max(0, sizeBytes - Math.max(0, growthBytes - this.spaceSync().usableBytes));
  }

  #link(directory: MemoryDirectory, name: string, node: MemoryNode): void {
    this.changeNames({ directories: [directory], apply: (entriesOf) => void entriesOf(directory).set(name, node) });
  }

  #unlink(directory: MemoryDirectory, name: string): void {
    this.changeNames({ directories: [directory], apply: (entriesOf) => void entriesOf(directory).delete(name) });
  }
}

function refuseReplacement(kind: 'file' | 'directory', replaced: MemoryInode | MemoryDirectory, path: string): void {
  if (replaced.kind === 'file' && kind === 'directory') throw new DiskError('ENOTDIR', path, 'not a directory');
  if (replaced.kind === 'directory' && kind === 'file') throw new DiskError('EISDIR', path, 'is a directory');
  if (replaced.kind === 'directory' && replaced.entries.size > 0) {
    throw new DiskError('ENOTEMPTY', path, 'directory not empty');
  }
}

export class MemoryFile implements DiskFile {
  readonly path: string;
  protected readonly inode: MemoryInode;
  readonly #disk: MemoryDisk;
  #isOpen = true;

  constructor(path: string, inode: MemoryInode, disk: MemoryDisk) {
    this.path = path;
    this.inode = inode;
    this.#disk = disk;
  }

  sizeSync(): number {
    return this.opened().bytes.sizeBytes;
  }

  readSync(target: Uint8Array, offset: number, length: number, position: number): number {
    return this.opened().bytes.read(target, offset, length, position);
  }

  async read(target: Uint8Array, offset: number, length: number, position: number): Promise<number> {
    return this.readSync(target, offset, length, position);
  }

  writevSync(buffers: readonly Uint8Array[], position: number): void {
    this.#disk.store(this.opened(), buffers, position, this.path);
  }

  async writev(buffers: readonly Uint8Array[], position: number): Promise<void> {
    this.writevSync(buffers, position);
  }

  truncateSync(sizeBytes: number): void {
    this.#disk.resize(this.opened(), sizeBytes);
  }

  syncSync(): void {
    this.opened();
  }

  async sync(): Promise<void> {
    this.opened();
  }

  closeSync(): void {
    this.#isOpen = false;
  }

  /** The file, if it has not been closed. */
  protected opened(): MemoryInode {
    if (!this.#isOpen) throw new DiskError('EBADF', this.path, 'the file is closed');
    return this.inode;
  }
}
