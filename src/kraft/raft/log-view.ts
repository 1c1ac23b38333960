// The log and the snapshots of a directory as the core of Raft sees them: one history, of which the snapshot is the beginning
// (Kafka: KafkaRaftLog).
import type { EpochEnd } from './peer-messages.ts';
import type { LogView } from './raft-effects.ts';
import type { ReplicatedLog } from './replicated-log.ts';
import type { SnapshotFiles, SnapshotId } from './snapshot-files.ts';

export class DirectoryView implements LogView {
  readonly #log: ReplicatedLog;
  readonly #snapshots: SnapshotFiles;

  constructor(log: ReplicatedLog, snapshots: SnapshotFiles) {
    this.#log = log;
    this.#snapshots = snapshots;
  }

  get startOffset(): number {
    return this.#log.startOffset;
  }
  get endOffset(): number {
    return this.#log.endOffset;
  }
  get lastEpoch(): number {
    return Math.max(this.#log.lastEpoch, this.#snapshots.latest?.epoch ?? 0);
  }
  get latestSnapshot(): SnapshotId | undefined {
    return this.#snapshots.latest;
  }
  get earliestSnapshot(): SnapshotId | undefined {
    return this.#snapshots.all[0];
  }

  endOffsetForEpoch(epoch: number): EpochEnd {
    const end = this.#log.endOffsetForEpoch(epoch);
    const { earliestSnapshot } = this;
    if (end.epoch < 0) return { epoch: this.lastEpoch, endOffset: this.endOffset };
    // Nothing in the log is as old as this: what ends where it begins is of the snapshot's epoch.
    if (earliestSnapshot !== undefined && end.endOffset === earliestSnapshot.endOffset && end.epoch === epoch) {
      return { epoch: earliestSnapshot.epoch, endOffset: earliestSnapshot.endOffset };
    }
    return end;
  }

  read(offset: number, maxBytes: number): Buffer {
    return this.#log.read(offset, maxBytes);
  }

  readSnapshot(id: SnapshotId, position: number, maxBytes: number) {
    return this.#snapshots.readPiece(id, position, maxBytes);
  }
}
