// Who votes, as the directory says: the last voters record in the log, else in the latest snapshot, else the static voters of
// the configuration (Kafka: KRaftControlRecordStateMachine).
import { assert } from '../../runtime/index.ts';
import type { ControlRecord } from './control-records.ts';
import { endOffsetOf, readControlBatches } from './raft-batches.ts';
import type { ReplicatedLog } from './replicated-log.ts';
import type { SnapshotFiles } from './snapshot-files.ts';
import { type Voter, VoterSet } from './voter-set.ts';

export interface RecoveredVoters {
  readonly voters: VoterSet;
  readonly kraftVersion: number;
  /** -1: from the snapshot that formatting wrote, or from the configuration. */
  readonly votersOffset: number;
}

const READ_SIZE = 4 * 1024 * 1024;

/** Throws CorruptBatchError. */
export function recoverVoters(
  log: ReplicatedLog,
  snapshots: SnapshotFiles,
  staticVoters: readonly Voter[],
): RecoveredVoters {
  let found: RecoveredVoters = { voters: new VoterSet(staticVoters), kraftVersion: 0, votersOffset: -1 };
  const take = (record: ControlRecord, offset: number): void => {
    if (record.type === 'KRaftVersion') found = { ...found, kraftVersion: record.value.kRaftVersion };
    if (record.type === 'KRaftVoters') {
      found = { ...found, voters: VoterSet.fromRecord(record.value), votersOffset: offset };
    }
  };
  const { latest } = snapshots;
  if (latest !== undefined) {
    // Snapshot offsets are not log offsets; what counts is whether the voters were ever in the log.
    for (const record of headerRecords(snapshots, latest)) take(record, latest.endOffset - 1);
  }
  let offset = Math.max(log.startOffset, latest?.endOffset ?? 0);
  while (offset < log.endOffset) {
    const bytes = log.read(offset, READ_SIZE);
    for (const batch of readControlBatches(bytes)) {
      for (const record of batch.controlRecords) take(record, batch.baseOffset);
    }
    const next = endOffsetOf(bytes);
    assert(next !== undefined && next > offset, `the metadata log has no batch at ${offset}`);
    offset = next;
  }
  return found;
}

function headerRecords(snapshots: SnapshotFiles, id: { endOffset: number; epoch: number }): readonly ControlRecord[] {
  for (const batch of snapshots.read(id)) return batch.controlRecords;
  return [];
}
