// Lets old snapshots and the log before them go (Kafka: KafkaMetadataLog.maybeClean). The log never begins behind the
// oldest snapshot that is left, and the last snapshot always stays.
import { subtractInt64 } from '../../protocol/index.ts';
import type { ReplicatedLog } from './replicated-log.ts';
import type { SnapshotFile, SnapshotFiles } from './snapshot-files.ts';

export interface Retention {
  readonly nowMs: number;
  /** The bytes of log and snapshots together that are kept; below 0: without limit. */
  readonly retentionBytes: number;
  /** How long a snapshot is kept after its last record; below 0: without limit. */
  readonly retentionMs: number;
}

/** Throws DiskError. */
export function cleanSnapshots(log: ReplicatedLog, snapshots: SnapshotFiles, retention: Retention): void {
  const { nowMs, retentionBytes, retentionMs } = retention;
  while (snapshots.all.length >= 2) {
    const [oldest, next] = snapshots.all as [SnapshotFile, SnapshotFile];
    const totalBytes = snapshots.all.reduce((sum, file) => sum + file.sizeInBytes, log.sizeInBytes);
    const isTooLarge = retentionBytes >= 0 && totalBytes > retentionBytes;
    const isTooOld = retentionMs >= 0 && subtractInt64(nowMs, snapshots.timestampOf(oldest)) > retentionMs;
    if (!isTooLarge && !isTooOld) return;
    log.startAt(next.endOffset);
    snapshots.deleteBefore(next.endOffset);
  }
}
