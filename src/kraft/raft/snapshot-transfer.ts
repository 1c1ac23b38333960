// Snapshots of other replicas: written piece by piece under a name that says that they are not done, checked, and given their name
// at the end; and the reading of snapshot files, in steps, however large they are.
import type { Disk, DiskFile } from '../../runtime/index.ts';
import { HEADER_SIZE, sizeInBytes } from '../../protocol/records/index.ts';
import { CorruptBatchError, type ReadBatch, readBatches } from './raft-batches.ts';

const SUFFIX = '.checkpoint';
const PART_SUFFIX = '.checkpoint.part';
const STEP_SIZE = 1024 * 1024;

export class SnapshotReceiver {
  readonly #disk: Disk;
  readonly #path: string;
  readonly #partPath: string;
  readonly #onDone: (sizeInBytes: number) => void;
  #file: DiskFile | undefined;

  constructor(disk: Disk, path: string, onDone: (sizeInBytes: number) => void) {
    this.#disk = disk;
    this.#path = path;
    this.#partPath = `${path.slice(0, -SUFFIX.length)}${PART_SUFFIX}`;
    this.#onDone = onDone;
  }

  /** A piece at position 0 begins anew. Throws DiskError. */
  write(position: number, bytes: Buffer): void {
    if (position === 0) {
      this.#file?.closeSync();
      this.#file = this.#disk.openSync(this.#partPath, 'create');
    }
    this.#file?.writevSync([bytes], position);
  }

  /** Checks what has come and gives it its name; it is on stable storage then. Rejects with CorruptBatchError, DecodeError, DiskError. */
  async finish(): Promise<void> {
    const file = this.#file;
    if (file === undefined) throw new CorruptBatchError(`nothing of ${this.#path} has come`);
    this.#file = undefined;
    let size = 0;
    try {
      await file.sync();
      size = file.sizeSync();
    } finally {
      file.closeSync();
    }
    let expected = 0;
    for (const { baseOffset, lastOffset } of readSnapshotFile(this.#disk, this.#partPath)) {
      if (baseOffset !== expected) throw new CorruptBatchError(`a batch of offset ${baseOffset}, not ${expected}`);
      expected = lastOffset + 1;
    }
    this.#disk.renameSync(this.#partPath, this.#path);
    this.#onDone(size);
  }

  /** Gives up what has come. */
  abandon(): void {
    if (this.#file === undefined) return;
    this.#file.closeSync();
    this.#file = undefined;
    this.#disk.removeSync(this.#partPath);
  }
}

/** The batches of a snapshot, checked, read a step at a time. Throws CorruptBatchError, also when the footer is missing; DiskError. */
export function* readSnapshotFile(disk: Disk, path: string): Generator<ReadBatch> {
  const file = disk.openSync(path, 'read');
  let hasFooter = false;
  try {
    const fileSize = file.sizeSync();
    let position = 0;
    let wanted = STEP_SIZE;
    while (position < fileSize) {
      const bytes = Buffer.allocUnsafe(Math.min(wanted, fileSize - position));
      const count = file.readSync(bytes, 0, bytes.length, position);
      const isEnd = position + count >= fileSize || count === 0;
      const whole = isEnd ? bytes.subarray(0, count) : bytes.subarray(0, wholeBatches(bytes.subarray(0, count)));
      wanted = whole.length === 0 ? wanted * 2 : STEP_SIZE;
      position += whole.length;
      for (const batch of readBatches(whole)) {
        hasFooter = batch.controlRecords.some((record) => record.type === 'SnapshotFooter');
        yield batch;
      }
      if (isEnd) break;
    }
  } finally {
    file.closeSync();
  }
  if (!hasFooter) throw new CorruptBatchError(`${path} has no footer`);
}

/** How much of `bytes` is whole batches. What is no batch is left to the reader, who says so. */
function wholeBatches(bytes: Buffer): number {
  let end = 0;
  while (bytes.length - end >= HEADER_SIZE) {
    const size = sizeInBytes(bytes, end);
    if (size < HEADER_SIZE) return bytes.length;
    if (end + size > bytes.length) break;
    end += size;
  }
  return end;
}
