// A log of `__cluster_metadata` in memory for the core of Raft: what is flushed outlives a crash, of the rest any part may.
import type { EpochEnd } from '../../../src/kraft/raft/peer-messages.ts';
import { readBatches } from '../../../src/kraft/raft/raft-batches.ts';
import type { LogView } from '../../../src/kraft/raft/raft-effects.ts';
import type { SnapshotId } from '../../../src/kraft/raft/snapshot-files.ts';

export interface LogBatch {
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly epoch: number;
  readonly bytes: Buffer;
}

export interface MemorySnapshot extends SnapshotId {
  /** What stands for the state: the bytes of all batches before its end, by which it can be told whether it is right. */
  readonly bytes: Buffer;
}

export class MemoryLog implements LogView {
  batches: LogBatch[] = [];
  snapshots: MemorySnapshot[] = [];
  startOffset = 0;
  flushedOffset = 0;

  get endOffset(): number {
    return (this.batches.at(-1)?.lastOffset ?? this.startOffset - 1) + 1;
  }
  get lastEpoch(): number {
    return Math.max(this.batches.at(-1)?.epoch ?? 0, this.latestSnapshot?.epoch ?? 0);
  }
  get latestSnapshot(): MemorySnapshot | undefined {
    return this.snapshots.at(-1);
  }
  get earliestSnapshot(): MemorySnapshot | undefined {
    return this.snapshots[0];
  }

  endOffsetForEpoch(epoch: number): EpochEnd {
    const { earliestSnapshot, batches } = this;
    const latest = batches.at(-1)?.epoch ?? -1;
    if (batches.length === 0 || epoch > latest) return { epoch: this.lastEpoch, endOffset: this.endOffset };
    const last = batches.findLast((batch) => batch.epoch <= epoch);
    const end =
      last === undefined
        ? { epoch, endOffset: this.startOffset }
        : { epoch: last.epoch, endOffset: last.lastOffset + 1 };
    if (earliestSnapshot !== undefined && end.endOffset === earliestSnapshot.endOffset && end.epoch === epoch) {
      return { epoch: earliestSnapshot.epoch, endOffset: earliestSnapshot.endOffset };
    }
    return end;
  }

  read(offset: number, maxBytes: number): Buffer {
    const pieces: Buffer[] = [];
    let size = 0;
    for (const { lastOffset, bytes } of this.batches) {
      if (lastOffset < offset) continue;
      if (lastOffset >= this.flushedOffset || (size > 0 && size + bytes.length > maxBytes)) break;
      pieces.push(bytes);
      size += bytes.length;
    }
    return Buffer.concat(pieces);
  }

  readSnapshot(id: SnapshotId, position: number, maxBytes: number) {
    const found = this.snapshots.find(({ endOffset, epoch }) => endOffset === id.endOffset && epoch === id.epoch);
    if (found === undefined) return undefined;
    return { sizeInBytes: found.bytes.length, bytes: found.bytes.subarray(position, position + maxBytes) };
  }

  append(records: Buffer): void {
    let at = 0;
    for (const { baseOffset, lastOffset, epoch, sizeInBytes } of readBatches(records)) {
      if (baseOffset !== this.endOffset) throw new Error(`a batch of ${baseOffset} where ${this.endOffset} is next`);
      this.batches.push({ baseOffset, lastOffset, epoch, bytes: records.subarray(at, at + sizeInBytes) });
      at += sizeInBytes;
    }
  }

  truncateTo(offset: number): void {
    this.batches = this.batches.filter(({ lastOffset }) => lastOffset < offset);
    this.flushedOffset = Math.min(this.flushedOffset, this.endOffset);
  }

  startAt(snapshot: MemorySnapshot): void {
    this.snapshots = [snapshot];
    this.batches = [];
    this.startOffset = snapshot.endOffset;
    this.flushedOffset = snapshot.endOffset;
  }

  /** What is left after a crash: all that is flushed, and of the rest as many batches as `keep` says. */
  crash(keep: number): void {
    const flushed = this.batches.filter(({ lastOffset }) => lastOffset < this.flushedOffset).length;
    this.batches = this.batches.slice(0, flushed + keep);
    this.flushedOffset = this.endOffset;
  }

  get unflushedCount(): number {
    return this.batches.filter(({ lastOffset }) => lastOffset >= this.flushedOffset).length;
  }

  /** Takes a snapshot up to `endOffset`, which has to be behind a batch, and drops the log before it. */
  compact(endOffset: number): void {
    const before = this.batches.filter(({ lastOffset }) => lastOffset < endOffset);
    const last = before.at(-1);
    if (last === undefined) return;
    const bytes = Buffer.concat([this.latestSnapshot?.bytes ?? Buffer.alloc(0), ...before.map((batch) => batch.bytes)]);
    this.snapshots = [{ endOffset: last.lastOffset + 1, epoch: last.epoch, bytes }];
    this.batches = this.batches.slice(before.length);
    this.startOffset = last.lastOffset + 1;
  }
}
