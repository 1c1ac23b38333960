// What of a disk outlives a crash. Changes of files and directories are kept in order until they are synced; a power
// failure keeps all that was synced, and of the rest what chance leaves: a file loses its last writes, the last one may
// be torn or a hole of zeros, a directory loses its last changes (so a file that was never dir-synced loses its name).
import { type Random, randomInt } from '../random.ts';
import { ChunkedBytes } from '../memory/chunked-bytes.ts';
import { MemoryDirectory, MemoryInode, type MemoryNode, type NameChange } from '../memory/tree.ts';

type FileChange =
  | { readonly kind: 'write'; readonly position: number; readonly bytes: Uint8Array }
  | { readonly kind: 'truncate'; readonly sizeBytes: number };

interface FileRecord {
  readonly durable: ChunkedBytes;
  unsynced: FileChange[];
}

const SECTOR_BYTES = 512;

export class Survival {
  readonly #files = new Map<MemoryInode, FileRecord>();
  readonly #durableEntries = new Map<MemoryDirectory, Map<string, MemoryNode>>();
  #nameChanges: NameChange[] = [];

  /** Call before the file changes: its content up to now counts as durable when it was not known. */
  fileChanges(inode: MemoryInode, change: FileChange): void {
    this.#recordOf(inode).unsynced.push(change);
  }

  fileSynced(inode: MemoryInode): void {
    const record = this.#recordOf(inode);
    for (const change of record.unsynced) applyTo(record.durable, change);
    record.unsynced = [];
  }

  /** After a failed flush the kernel forgets which pages were dirty: some will never reach the disk. */
  fileSyncFailed(inode: MemoryInode, random: Random): void {
    const record = this.#recordOf(inode);
    record.unsynced = record.unsynced.filter(() => random.next() < 0.5);
  }

  /** Call before names change: those up to now count as durable when they were not known. */
  namesChange(change: NameChange): void {
    for (const directory of change.directories) this.#entriesOf(directory);
    this.#nameChanges.push(change);
  }

  directorySynced(directory: MemoryDirectory): void {
    // A rename between directories takes along what happened before in the other one.
    const touched = new Set([directory]);
    const synced = new Set<NameChange>();
    for (const change of this.#nameChanges.toReversed()) {
      if (!change.directories.some((one) => touched.has(one))) continue;
      synced.add(change);
      for (const one of change.directories) touched.add(one);
    }
    for (const change of synced.size === 0 ? [] : this.#nameChanges) {
      if (synced.has(change)) change.apply((one) => this.#entriesOf(one));
    }
    this.#nameChanges = this.#nameChanges.filter((change) => !synced.has(change));
  }

  /** The content of a file that no power failure can take away; undefined: all of it. */
  durable(inode: MemoryInode): ChunkedBytes | undefined {
    return this.#files.get(inode)?.durable;
  }

  /** The tree that is found after a power failure. This object is of no use afterwards. */
  afterPowerFailure(root: MemoryDirectory, random: Random): MemoryDirectory {
    const lossChance = [0, 0.1, 0.5, 1][randomInt(random, 0, 4)] as number;
    const stopped = new Set<MemoryDirectory>();
    for (const change of this.#nameChanges) {
      const isLost = change.directories.some((one) => stopped.has(one)) || random.next() < lossChance;
      if (isLost) for (const one of change.directories) stopped.add(one);
      else change.apply((one) => this.#entriesOf(one));
    }
    return this.#found(root, random);
  }

  #found(directory: MemoryDirectory, random: Random): MemoryDirectory {
    const copy = new MemoryDirectory(directory.modifiedMs);
    for (const [name, node] of this.#durableEntries.get(directory) ?? directory.entries) {
      if (node.kind === 'directory') copy.entries.set(name, this.#found(node, random));
      else copy.entries.set(name, this.#foundFile(node, random));
    }
    return copy;
  }

  #foundFile(inode: MemoryInode, random: Random): MemoryInode {
    const copy = new MemoryInode(inode.modifiedMs);
    const record = this.#files.get(inode);
    if (record === undefined) {
      copy.bytes = inode.bytes.clone();
      return copy;
    }
    copy.bytes = record.durable.clone();
    const kept = randomInt(random, 0, record.unsynced.length + 1);
    for (const change of record.unsynced.slice(0, kept)) applyTo(copy.bytes, change);
    const torn = record.unsynced[kept];
    if (torn?.kind === 'write') tear(copy.bytes, torn.position, torn.bytes, random);
    return copy;
  }

  #recordOf(inode: MemoryInode): FileRecord {
    let record = this.#files.get(inode);
    if (record === undefined) this.#files.set(inode, (record = { durable: inode.bytes.clone(), unsynced: [] }));
    return record;
  }

  #entriesOf(directory: MemoryDirectory): Map<string, MemoryNode> {
    let entries = this.#durableEntries.get(directory);
    if (entries === undefined) this.#durableEntries.set(directory, (entries = new Map(directory.entries)));
    return entries;
  }
}

/** A write that was under way: nothing of it, its start, only the new size (zeros), or sectors here and there. */
function tear(content: ChunkedBytes, position: number, bytes: Uint8Array, random: Random): void {
  const length = randomInt(random, 0, bytes.length + 1);
  switch (randomInt(random, 0, 4)) {
    case 0:
      return;
    case 1:
      return content.write(bytes.subarray(0, length), position);
    case 2:
      return content.truncate(Math.max(content.sizeBytes, position + length));
    default:
      for (let at = 0; at < length; at += SECTOR_BYTES) {
        if (random.next() < 0.5) content.write(bytes.subarray(at, Math.min(at + SECTOR_BYTES, length)), position + at);
      }
      content.truncate(Math.max(content.sizeBytes, position + length));
  }
}

function applyTo(content: ChunkedBytes, change: FileChange): void {
  if (change.kind === 'write') content.write(change.bytes, change.position);
  else content.truncate(change.sizeBytes);
}
