// Snapshot files of `__cluster_metadata` (KIP-630): `<end offset, 20 digits>-<epoch, 10 digits>.checkpoint`, read-only, named so
// only when they are whole. The file 0-0 comes from formatting; it is never replicated and never cleaned while it is the only one.
import type { Int64 } from '../../protocol/index.ts';
import type { Disk } from '../../runtime/index.ts';
import type { ControlRecord } from './control-records.ts';
import { controlBatch, dataBatch, MAX_RECORD_OVERHEAD, type ReadBatch } from './raft-batches.ts';
import { CorruptBatchError } from './raft-batches.ts';
import { readSnapshotFile, SnapshotReceiver } from './snapshot-transfer.ts';

export interface SnapshotId {
  /** The offset behind the last record that it contains. */
  readonly endOffset: number;
  readonly epoch: number;
}

const SUFFIX = '.checkpoint';
const PART_SUFFIX = '.checkpoint.part';
const DELETED_SUFFIX = '.checkpoint.deleted';
const DAMAGED_SUFFIX = '.damaged';
const NAME = /^(\d{20})-(\d{10})\.checkpoint$/;
const READ_ONLY = 0o400;
/** Data batches are cut at this size, well below what readers must accept, so that writing never blocks for long. */
const SLICE_SIZE = 1024 * 1024;

export function snapshotFileName({ endOffset, epoch }: SnapshotId): string {
  return `${String(endOffset).padStart(20, '0')}-${String(epoch).padStart(10, '0')}${SUFFIX}`;
}

export interface SnapshotFile extends SnapshotId {
  readonly sizeInBytes: number;
}

/** The snapshots of one directory, oldest first; a list in memory, so that an idle broker leaves the disk alone. */
export class SnapshotFiles {
  readonly #disk: Disk;
  readonly #directory: string;
  #files: SnapshotFile[];
  /** By end offset; read once, as the cleaner asks every minute. */
  readonly #timestamps = new Map<number, Int64>();

  /** Removes what was left half written or half deleted. */
  constructor(disk: Disk, directory: string) {
    this.#disk = disk;
    this.#directory = directory;
    const found: SnapshotFile[] = [];
    for (const { name } of disk.listSync(directory)) {
      const match = NAME.exec(name);
      if (match !== null) {
        const sizeInBytes = disk.infoSync(`${directory}/${name}`)?.sizeBytes ?? 0;
        found.push({ endOffset: Number(match[1]), epoch: Number(match[2]), sizeInBytes });
      } else if (name.endsWith(PART_SUFFIX) || name.endsWith(DELETED_SUFFIX)) {
        disk.removeSync(`${directory}/${name}`);
      }
    }
    this.#files = found.sort((one, other) => one.endOffset - other.endOffset || one.epoch - other.epoch);
  }

  get all(): readonly SnapshotFile[] {
    return this.#files;
  }

  get latest(): SnapshotFile | undefined {
    return this.#files.at(-1);
  }

  /** The batches of a snapshot, checked. Throws CorruptBatchError when the footer is missing. */
  *read(id: SnapshotId): Generator<ReadBatch> {
    yield* readSnapshotFile(this.#disk, this.#path(id));
  }

  /** At most `maxBytes` from `position` on; undefined when there is no such snapshot, which the one of the format never is. */
  readPiece(
    { endOffset, epoch }: SnapshotId,
    position: number,
    maxBytes: number,
  ): { readonly sizeInBytes: number; readonly bytes: Buffer } | undefined {
    const file = this.#files.find((one) => one.endOffset === endOffset && one.epoch === epoch);
    if (file === undefined || endOffset === 0) return undefined;
    const opened = this.#disk.openSync(this.#path(file), 'read');
    try {
      const sizeInBytes = opened.sizeSync();
      const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(maxBytes, sizeInBytes - position)));
      if (position < 0 || bytes.length === 0) return { sizeInBytes, bytes: bytes.subarray(0, 0) };
      return { sizeInBytes, bytes: bytes.subarray(0, opened.readSync(bytes, 0, bytes.length, position)) };
    } finally {
      opened.closeSync();
    }
  }

  /** Takes a snapshot of another replica, piece by piece. */
  receive(id: SnapshotId): SnapshotReceiver {
    return new SnapshotReceiver(this.#disk, this.#path(id), (sizeInBytes) => this.#add(id, sizeInBytes));
  }

  /** When the last record of the snapshot was appended, milliseconds since the epoch. */
  timestampOf(id: SnapshotId): Int64 {
    const known = this.#timestamps.get(id.endOffset);
    if (known !== undefined) return known;
    const timestamp = this.#readTimestamp(id);
    this.#timestamps.set(id.endOffset, timestamp);
    return timestamp;
  }

  #readTimestamp(id: SnapshotId): Int64 {
    for (const batch of this.read(id)) {
      for (const record of batch.controlRecords) {
        if (record.type === 'SnapshotHeader') return record.value.lastContainedLogTimestamp;
      }
    }
    throw new CorruptBatchError(`${this.#path(id)} has no header`);
  }

  /** A writer of a snapshot that does not exist yet. */
  create(id: SnapshotId, header: SnapshotHeader): SnapshotWriter {
    const path = this.#path(id);
    return new SnapshotWriter(this.#disk, path, id, header, (sizeInBytes) => this.#add(id, sizeInBytes));
  }

  #add(id: SnapshotId, sizeInBytes: number): void {
    const path = this.#path(id);
    this.#timestamps.delete(id.endOffset);
    this.#files = [...this.#files.filter((file) => this.#path(file) !== path), { ...id, sizeInBytes }].sort(
      (one, other) => one.endOffset - other.endOffset || one.epoch - other.epoch,
    );
    this.#disk.syncDirectorySync(this.#directory);
  }

  /** Gives the file a name under which nobody takes it for a snapshot; the new path. Throws DiskError. */
  setAside(id: SnapshotId): string {
    const path = this.#path(id);
    const asideAs = path + DAMAGED_SUFFIX;
    this.#disk.renameSync(path, asideAs);
    this.#disk.syncDirectorySync(this.#directory);
    this.#files = this.#files.filter((file) => this.#path(file) !== path);
    this.#timestamps.delete(id.endOffset);
    return asideAs;
  }

  /** Removes the oldest snapshots, as long as they end before `offset`. */
  deleteBefore(offset: number): void {
    while (this.#files.length > 0 && (this.#files[0] as SnapshotFile).endOffset < offset) {
      const doomedFile = this.#files.shift() as SnapshotFile;
      const path = this.#path(doomedFile);
      this.#timestamps.delete(doomedFile.endOffset);
      // Renamed first: a crash in between leaves nothing that looks like a snapshot.
      const doomed = path.slice(0, -SUFFIX.length) + DELETED_SUFFIX;
      this.#disk.renameSync(path, doomed);
      this.#disk.removeSync(doomed);
    }
  }

  #path(id: SnapshotId): string {
    return `${this.#directory}/${snapshotFileName(id)}`;
  }
}

export interface SnapshotHeader {
  /** When the last record was appended that the snapshot contains, milliseconds since the epoch. */
  readonly lastContainedLogTimestamp: Int64;
  /** When the snapshot is written. */
  readonly nowMs: number;
  /** KRaftVersion and KRaftVoters, where kraft.version is 1. */
  readonly controlRecords: readonly ControlRecord[];
}

/** Gathers header, data and footer in order; the disk sees them at once, under a name that says that it is not done. */
class SnapshotWriter {
  readonly #disk: Disk;
  readonly #path: string;
  readonly #epoch: number;
  readonly #timestamp: number;
  readonly #onFrozen: (sizeInBytes: number) => void;
  readonly #chunks: Buffer[] = [];
  #values: Uint8Array[] = [];
  #valuesSize = 0;
  #nextOffset = 0;

  constructor(
    disk: Disk,
    path: string,
    id: SnapshotId,
    header: SnapshotHeader,
    onFrozen: (sizeInBytes: number) => void,
  ) {
    this.#disk = disk;
    this.#path = path;
    this.#epoch = id.epoch;
    this.#timestamp = header.nowMs;
    this.#onFrozen = onFrozen;
    const value = { version: 0, lastContainedLogTimestamp: header.lastContainedLogTimestamp };
    this.#addControl([{ type: 'SnapshotHeader', value }, ...header.controlRecords]);
  }

  /** Adds the value of one record. True when a batch is full: the event loop deserves a turn. */
  append(value: Uint8Array): boolean {
    const size = value.length + MAX_RECORD_OVERHEAD;
    const isFull = this.#valuesSize + size > SLICE_SIZE;
    if (isFull) this.#addValues();
    this.#values.push(value);
    this.#valuesSize += size;
    return isFull;
  }

  /** Writes the file and gives it its name; it is on stable storage then. Rejects with DiskError. */
  async freeze(): Promise<void> {
    const partPath = this.#writePart();
    const file = this.#disk.openSync(partPath, 'read');
    try {
      await file.sync();
    } finally {
      file.closeSync();
    }
    this.#seal(partPath);
  }

  /** Reads the snapshot in one blocking call: for small files at a moment when nothing else goes on. */
  freezeSync(): void {
    const partPath = this.#writePart();
    const file = this.#disk.openSync(partPath, 'read');
    try {
      file.syncSync();
    } finally {
      file.closeSync();
    }
    this.#seal(partPath);
  }

  #writePart(): string {
    this.#addValues();
    this.#addControl([{ type: 'SnapshotFooter', value: { version: 0 } }]);
    const partPath = `${this.#path.slice(0, -SUFFIX.length)}${PART_SUFFIX}`;
    this.#disk.writeFileSync(partPath, Buffer.concat(this.#chunks), READ_ONLY);
    return partPath;
  }

  #seal(partPath: string): void {
    this.#disk.renameSync(partPath, this.#path);
    this.#onFrozen(this.#chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  }

  #addValues(): void {
    if (this.#values.length === 0) return;
    this.#add(dataBatch(this.#header(), this.#values), this.#values.length);
    this.#values = [];
    this.#valuesSize = 0;
  }

  #addControl(records: readonly ControlRecord[]): void {
    this.#add(controlBatch(this.#header(), records), records.length);
  }

  #header() {
    return { baseOffset: this.#nextOffset, epoch: this.#epoch, timestamp: this.#timestamp };
  }

  #add(batch: Buffer, count: number): void {
    this.#chunks.push(batch);
    this.#nextOffset += count;
  }
}
