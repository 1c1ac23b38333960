// What a start finds committed: the latest snapshot, and the log behind it, as batches of decoded records.
import type { Int64 } from '../../protocol/index.ts';
import { assert } from '../../runtime/index.ts';
import type { CommittedBatch, Provenance } from '../committed/index.ts';
import { type ReadBatch, readBatches } from './raft-batches.ts';
import type { RecordSerde } from './raft-listener.ts';
import type { ReplicatedLog } from './replicated-log.ts';
import type { SnapshotFiles, SnapshotId } from './snapshot-files.ts';

/** Bytes that are read and decoded before the event loop gets a turn. */
const SLICE_SIZE = 1024 * 1024;

export interface LoadedSnapshot<T> {
  readonly provenance: Provenance;
  readonly batches: readonly CommittedBatch<T>[];
}

/** In slices: it yields where the event loop is to have a turn. Throws CorruptBatchError, DecodeError, DiskError. */
export function* loadSnapshot<T>(
  snapshots: SnapshotFiles,
  id: SnapshotId,
  serde: RecordSerde<T>,
): Generator<void, LoadedSnapshot<T>, void> {
  const batches: CommittedBatch<T>[] = [];
  let sliceBytes = 0;
  let appendTimeMs: Int64 = -1;
  for (const read of snapshots.read(id)) {
    if (sliceBytes >= SLICE_SIZE) {
      sliceBytes = 0;
      yield;
    }
    sliceBytes += read.sizeInBytes;
    for (const control of read.controlRecords) {
      if (control.type === 'SnapshotHeader') appendTimeMs = control.value.lastContainedLogTimestamp;
    }
    batches.push(decoded(read, serde));
  }
  const provenance = { offset: id.endOffset - 1, epoch: id.epoch, appendTimeMs, isBatchAligned: true };
  return { provenance, batches };
}

/** Whole batches from `startOffset` on, at least one, none at or behind `endOffset`. Throws as `loadSnapshot` does. */
export function readSlice<T>(
  log: ReplicatedLog,
  { startOffset, endOffset }: { readonly startOffset: number; readonly endOffset: number },
  serde: RecordSerde<T>,
): readonly CommittedBatch<T>[] {
  const batches: CommittedBatch<T>[] = [];
  for (const read of readBatches(log.read(startOffset, SLICE_SIZE))) {
    if (read.baseOffset >= endOffset) break;
    if (read.lastOffset >= startOffset) batches.push(decoded(read, serde));
  }
  assert(batches.length > 0, `the metadata log has no batch at ${startOffset}, before ${endOffset}`);
  return batches;
}

function decoded<T>(read: ReadBatch, serde: RecordSerde<T>): CommittedBatch<T> {
  const records = read.values.map((value) => serde.decode(value));
  const { baseOffset, lastOffset, epoch, timestamp: appendTimestamp, sizeInBytes } = read;
  return { baseOffset, lastOffset, epoch, appendTimestamp, sizeInBytes, records };
}
