// A disk that fails on demand: the in-memory disk, with asynchronous calls that take virtual time and end in any order,
// errors and a full disk by plan or by chance, and crashes that lose what was not flushed. All of it from the seed.
import type { Clock } from '../clock.ts';
import { delay } from '../clock.ts';
import { type DirectoryEntry, type DiskFile, DiskError, type DiskLock, type FileInfo } from '../disk.ts';
import { MemoryDisk, MemoryFile } from '../memory/memory-disk.ts';
import { directoryAt, type MemoryDirectory, type MemoryInode, type NameChange } from '../memory/tree.ts';
import { type Random, randomInt } from '../random.ts';
import { Survival } from './survival.ts';

export type FailingCall = 'open' | 'read' | 'write' | 'sync';

/** One failure that is planned: the next `call` on a path that contains `path` fails with `code`. */
export interface PlannedFailure {
  readonly call: FailingCall;
  readonly path?: string;
  /** EIO when left out. */
  readonly code?: string;
}

export interface SimDiskOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** The longest that an asynchronous call takes, in virtual milliseconds; 5 when left out. */
  readonly slowestMs?: number;
  readonly capacityBytes?: number;
  readonly root?: MemoryDirectory;
  /** Told of every change, for comparing runs. */
  readonly trace?: (line: string) => void;
}

/** `kill`: the process ends, what it wrote stays. `power`: what was not flushed may be lost or torn. */
export type CrashMode = 'kill' | 'power';

interface WriteUnderWay {
  readonly inode: MemoryInode;
  readonly buffers: readonly Uint8Array[];
  readonly position: number;
  readonly path: string;
}

export class SimDisk extends MemoryDisk {
  /** The chance of EIO for each call of a kind; all 0 at first. */
  readonly failureChance: Record<FailingCall, number> = { open: 0, read: 0, write: 0, sync: 0 };
  readonly random: Random;
  readonly #options: SimDiskOptions;
  readonly #planned: PlannedFailure[] = [];
  readonly #survival = new Survival();
  readonly #underWay = new Set<WriteUnderWay>();
  #isOff = false;
  #crashIn: { calls: number; readonly path: string; readonly crash: () => void } | undefined;

  constructor(options: SimDiskOptions) {
    super({
      nowMs: () => options.clock.nowMs(),
      ...(options.capacityBytes !== undefined && { capacityBytes: options.capacityBytes }),
      ...(options.root !== undefined && { root: options.root }),
    });
    this.#options = options;
    this.random = options.random;
  }

  failNext(failure: PlannedFailure): void {
    this.#planned.push(failure);
  }

  /**
   * Ends this disk, every later call of which throws, and returns the one that the next process finds. Calls that are
   * under way never settle; of their writes, some part may have been done.
   */
  crash(mode: CrashMode, clock: Clock = this.#options.clock): SimDisk {
    this.#trace(`crash ${mode}`);
    this.#isOff = true;
    for (const write of this.#underWay) this.#doPart(write);
    const root = mode === 'kill' ? this.root : this.#survival.afterPowerFailure(this.root, this.random);
    const next = new SimDisk({ ...this.#options, clock, root, capacityBytes: this.capacityBytes });
    Object.assign(next.failureChance, this.failureChance);
    return next;
  }

  /**
   * Behind so many calls that open, read, write or flush a path that contains `path`, `crash` is called, in the middle of
   * whatever the process does.
   */
  crashAfter(calls: number, crash: () => void, path = ''): void {
    this.#crashIn = { calls, path, crash };
  }

  /** What a power failure would leave of the file for certain, if it left its name. */
  durableFileSync(path: string): Uint8Array {
    const inode = this.inode(path, 'read');
    return (this.#survival.durable(inode) ?? inode.bytes).toBytes();
  }

  /** From now on nothing fails but what fails by chance, and there is room. */
  repair(): void {
    this.#crashIn = undefined;
    this.#planned.length = 0;
    this.capacityBytes = Number.POSITIVE_INFINITY;
  }

  /** Throws when this call is to fail. */
  check(call: FailingCall, path: string): void {
    this.checkOn(path);
    if (this.#crashIn !== undefined && path.includes(this.#crashIn.path) && this.#crashIn.calls-- <= 0) {
      const { crash } = this.#crashIn;
      this.#crashIn = undefined;
      crash();
      this.checkOn(path);
    }
    const index = this.#planned.findIndex((plan) => plan.call === call && path.includes(plan.path ?? ''));
    const [plan] = index < 0 ? [] : this.#planned.splice(index, 1);
    if (plan === undefined && (this.failureChance[call] === 0 || this.random.next() >= this.failureChance[call]))
      return;
    this.#trace(`fail ${call} ${path}`);
    throw new DiskError(plan?.code ?? 'EIO', path, 'the simulated disk failed');
  }

  checkOn(path: string): void {
    if (this.#isOff) throw new DiskError('EIO', path, 'the simulated machine is off');
  }

  /** Resolves after the time of one disk operation; never, when the machine is switched off meanwhile. */
  async takeTime(): Promise<void> {
    await delay(this.#options.clock, this.random.next() * (this.#options.slowestMs ?? 5));
    if (this.#isOff) await new Promise(() => undefined);
  }

  async writeLater(write: WriteUnderWay): Promise<void> {
    this.#underWay.add(write);
    await this.takeTime();
    this.#underWay.delete(write);
    this.writeNow(write);
  }

  /** Writes all, or a part and fails. */
  writeNow(write: WriteUnderWay): void {
    try {
      this.check('write', write.path);
    } catch (error) {
      if (!this.#isOff) this.#doPart(write);
      throw error;
    }
    this.store(write.inode, write.buffers, write.position, write.path);
  }

  syncNow(inode: MemoryInode, path: string): void {
    try {
      this.check('sync', path);
    } catch (error) {
      if (!this.#isOff) this.#survival.fileSyncFailed(inode, this.random);
      throw error;
    }
    this.#trace(`sync ${path}`);
    this.#survival.fileSynced(inode);
  }

  override openSync(path: string, mode: 'read' | 'write' | 'create'): DiskFile {
    this.check('open', path);
    return new SimFile(path, this.inode(path, mode), this);
  }

  override inode(path: string, mode: 'read' | 'write' | 'create'): MemoryInode {
    this.checkOn(path);
    return super.inode(path, mode);
  }

  override infoSync(path: string): FileInfo | undefined {
    this.checkOn(path);
    return super.infoSync(path);
  }

  override listSync(directory: string): DirectoryEntry[] {
    this.checkOn(directory);
    return super.listSync(directory);
  }

  override makeDirectorySync(path: string): boolean {
    this.checkOn(path);
    const isNew = super.makeDirectorySync(path);
    this.#trace(`mkdir ${path}`);
    return isNew;
  }

  override renameSync(from: string, to: string): void {
    this.checkOn(from);
    super.renameSync(from, to);
    this.#trace(`rename ${from} ${to}`);
  }

  override removeSync(path: string): void {
    this.checkOn(path);
    super.removeSync(path);
    this.#trace(`remove ${path}`);
  }

  /** One entry at a time, each taking its time, so that a crash may find a part of it. */
  override async removeTree(path: string): Promise<void> {
    this.checkOn(path);
    const info = super.infoSync(path);
    if (info === undefined) return;
    if (info.isDirectory) for (const { name } of super.listSync(path)) await this.removeTree(`${path}/${name}`);
    await this.takeTime();
    this.removeSync(path);
  }

  override syncDirectorySync(directory: string): void {
    this.check('sync', directory);
    this.#survival.directorySynced(directoryAt(this.root, directory));
    this.#trace(`sync ${directory}`);
  }

  override async syncDirectory(directory: string): Promise<void> {
    this.checkOn(directory);
    await this.takeTime();
    this.syncDirectorySync(directory);
  }

  override writeFileSync(path: string, content: Uint8Array): void {
    this.writeNow({ inode: this.inode(path, 'create'), buffers: [content], position: 0, path });
  }

  override async lock(path: string): Promise<DiskLock | undefined> {
    this.checkOn(path);
    return super.lock(path);
  }

  protected override changeNames(change: NameChange): void {
    this.#survival.namesChange(change);
    super.changeNames(change);
  }

  protected override put(inode: MemoryInode, bytes: Uint8Array, position: number): void {
    this.#trace(`write ${bytes.length} at ${position}`);
    // A copy: the slice of a Buffer would be a view on what the caller may change again.
    this.#survival.fileChanges(inode, { kind: 'write', position, bytes: new Uint8Array(bytes) });
    super.put(inode, bytes, position);
  }

  override resize(inode: MemoryInode, sizeBytes: number): void {
    this.#trace(`truncate to ${sizeBytes}`);
    this.#survival.fileChanges(inode, { kind: 'truncate', sizeBytes });
    super.resize(inode, sizeBytes);
  }

  /** The start of a write that failed or was cut off by a crash. */
  #doPart({ inode, buffers, position }: WriteUnderWay): void {
    const bytes = Buffer.concat(buffers);
    const doneBytes = randomInt(this.random, 0, bytes.length + 1);
    if (doneBytes > 0) this.put(inode, bytes.subarray(0, doneBytes), position);
  }

  #trace(line: string): void {
    this.#options.trace?.(line);
  }
}

class SimFile extends MemoryFile {
  readonly #simulated: SimDisk;

  constructor(path: string, inode: MemoryInode, disk: SimDisk) {
    super(path, inode, disk);
    this.#simulated = disk;
  }

  override sizeSync(): number {
    this.#simulated.checkOn(this.path);
    return super.sizeSync();
  }

  override readSync(target: Uint8Array, offset: number, length: number, position: number): number {
    this.#simulated.check('read', this.path);
    return super.readSync(target, offset, length, position);
  }

  override async read(target: Uint8Array, offset: number, length: number, position: number): Promise<number> {
    this.opened();
    await this.#simulated.takeTime();
    return this.readSync(target, offset, length, position);
  }

  override writevSync(buffers: readonly Uint8Array[], position: number): void {
    this.#simulated.writeNow({ inode: this.opened(), buffers, position, path: this.path });
  }

  /** The bytes are taken when the call ends: buffers that change too early show up as corruption. */
  override async writev(buffers: readonly Uint8Array[], position: number): Promise<void> {
    await this.#simulated.writeLater({ inode: this.opened(), buffers, position, path: this.path });
  }

  override truncateSync(sizeBytes: number): void {
    this.#simulated.check('write', this.path);
    super.truncateSync(sizeBytes);
  }

  override syncSync(): void {
    this.#simulated.syncNow(this.opened(), this.path);
  }

  override async sync(): Promise<void> {
    const inode = this.opened();
    await this.#simulated.takeTime();
    this.#simulated.syncNow(inode, this.path);
  }
}
