// The disk as a process sees it that may be killed: after that nothing it still does reaches a file, what it had under way is
// waited for, and its files and locks are given back, as the system does when a process ends.
import { type Disk, DiskError, type DiskFile, type DiskLock, type LockWatch } from '../../runtime/index.ts';

export class MortalDisk implements Disk {
  readonly #disk: Disk;
  readonly #files = new Set<MortalFile>();
  readonly #locks = new Set<DiskLock>();
  readonly #underWay = new Set<Promise<unknown>>();
  #isDead = false;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /** Resolves when what was under way has ended. */
  async kill(): Promise<void> {
    this.#isDead = true;
    await Promise.allSettled(this.#underWay);
    for (const file of this.#files) file.abandon();
    for (const lock of this.#locks) lock.release();
  }

  /** Throws DiskError when the process has been killed. */
  alive(path: string): Disk {
    if (this.#isDead) throw new DiskError('EIO', path, 'the node has been killed');
    return this.#disk;
  }

  /** Nobody hears of its end when the process has been killed meanwhile. */
  async run<T>(path: string, action: (disk: Disk) => Promise<T>): Promise<T> {
    const running = action(this.alive(path));
    this.#underWay.add(running);
    try {
      const result = await running;
      return this.#isDead ? await new Promise<never>(() => undefined) : result;
    } finally {
      this.#underWay.delete(running);
    }
  }

  openSync(path: string, mode: 'read' | 'write' | 'create'): DiskFile {
    const file = new MortalFile(this, this.alive(path).openSync(path, mode), (closed) => this.#files.delete(closed));
    this.#files.add(file);
    return file;
  }
  existsSync(path: string): boolean {
    return this.alive(path).existsSync(path);
  }
  infoSync(path: string): ReturnType<Disk['infoSync']> {
    return this.alive(path).infoSync(path);
  }
  listSync(directory: string): ReturnType<Disk['listSync']> {
    return this.alive(directory).listSync(directory);
  }
  makeDirectorySync(path: string): boolean {
    return this.alive(path).makeDirectorySync(path);
  }
  renameSync(from: string, to: string): void {
    this.alive(from).renameSync(from, to);
  }
  removeSync(path: string): void {
    this.alive(path).removeSync(path);
  }
  setModifiedSync(path: string, modifiedMs: number): void {
    this.alive(path).setModifiedSync(path, modifiedMs);
  }
  removeTree(path: string): Promise<void> {
    return this.run(path, (disk) => disk.removeTree(path));
  }
  syncDirectorySync(directory: string): void {
    this.alive(directory).syncDirectorySync(directory);
  }
  syncDirectory(directory: string): Promise<void> {
    return this.run(directory, (disk) => disk.syncDirectory(directory));
  }
  readFileSync(path: string): Uint8Array {
    return this.alive(path).readFileSync(path);
  }
  writeFileSync(path: string, content: Uint8Array, mode?: number): void {
    this.alive(path).writeFileSync(path, content, mode);
  }
  spaceSync(directory: string): ReturnType<Disk['spaceSync']> {
    return this.alive(directory).spaceSync(directory);
  }
  async lock(path: string, watch?: LockWatch): Promise<DiskLock | undefined> {
    const lock = await this.run(path, (disk) => disk.lock(path, watch));
    if (lock === undefined) return undefined;
    const held: DiskLock = {
      release: () => {
        if (this.#locks.delete(held)) lock.release();
      },
    };
    this.#locks.add(held);
    return held;
  }
}

class MortalFile implements DiskFile {
  readonly #disk: MortalDisk;
  readonly #file: DiskFile;
  readonly #closed: (file: MortalFile) => void;

  constructor(disk: MortalDisk, file: DiskFile, closed: (file: MortalFile) => void) {
    this.#disk = disk;
    this.#file = file;
    this.#closed = closed;
  }

  get path(): string {
    return this.#file.path;
  }
  sizeSync(): number {
    return this.#alive().sizeSync();
  }
  readSync(target: Uint8Array, offset: number, length: number, position: number): number {
    return this.#alive().readSync(target, offset, length, position);
  }
  read(target: Uint8Array, offset: number, length: number, position: number): Promise<number> {
    return this.#disk.run(this.path, () => this.#file.read(target, offset, length, position));
  }
  writevSync(buffers: readonly Uint8Array[], position: number): void {
    this.#alive().writevSync(buffers, position);
  }
  writev(buffers: readonly Uint8Array[], position: number): Promise<void> {
    return this.#disk.run(this.path, () => this.#file.writev(buffers, position));
  }
  truncateSync(sizeBytes: number): void {
    this.#alive().truncateSync(sizeBytes);
  }
  syncSync(): void {
    this.#alive().syncSync();
  }
  sync(): Promise<void> {
    return this.#disk.run(this.path, () => this.#file.sync());
  }
  closeSync(): void {
    this.#alive().closeSync();
    this.#closed(this);
  }
  /** The process has ended. */
  abandon(): void {
    this.#file.closeSync();
  }

  #alive(): DiskFile {
    this.#disk.alive(this.path);
    return this.#file;
  }
}
