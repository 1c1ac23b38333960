// Who votes, as the directory says: the last voters record in the log, else in the latest snapshot, else the static voters of
// the configuration (Kafka: KRaftControlRecordStateMachine).
import { assert } from '../../runtime/index.ts';
import type { ControlRecord } from './control-records.ts';
import { endOffsetOf } from './raft-batches.ts';
import type { ReplicatedLog } from './replicated-log.ts';
import type { SnapshotFiles } from './snapshot-files.ts';
import { type Quorum, VoterHistory } from './voter-history.ts';
import { type Voter, VoterSet } from './voter-set.ts';

const READ_SIZE = 4 * 1024 * 1024;

/** Throws CorruptBatchError. */
export function recoverVoters(
  log: ReplicatedLog,
  snapshots: SnapshotFiles,
  staticVoters: readonly Voter[],
): VoterHistory {
  const history = new VoterHistory(quorumOf(snapshots, staticVoters));
  let offset = Math.max(log.startOffset, snapshots.latest?.endOffset ?? 0);
  while (offset < log.endOffset) {
    const bytes = log.read(offset, READ_SIZE);
    history.addFrom(bytes);
    const next = endOffsetOf(bytes);
    assert(next !== undefined && next > offset, `the metadata log has no batch at ${offset}`);
    offset = next;
  }
  return history;
}

/** By the latest snapshot, else by the configuration. Throws CorruptBatchError. */
export function quorumOf(snapshots: SnapshotFiles, staticVoters: readonly Voter[]): Quorum {
  const { latest } = snapshots;
  let found: Quorum = { voters: new VoterSet(staticVoters), kraftVersion: 0, votersOffset: -1 };
  if (latest === undefined) return found;
  for (const record of headerRecords(snapshots, latest)) {
    if (record.type === 'KRaftVersion') found = { ...found, kraftVersion: record.value.kRaftVersion };
    // Snapshot offsets are not log offsets; what counts is whether the voters were ever in the log.
    if (record.type === 'KRaftVoters') {
      found = { ...found, voters: VoterSet.fromRecord(record.value), votersOffset: latest.endOffset - 1 };
    }
  }
  return found;
}

/** What a snapshot has to say of the quorum. */
export function quorumHeader({ voters, kraftVersion }: Quorum): ControlRecord[] {
  if (kraftVersion < 1) return [];
  return [
    { type: 'KRaftVersion', value: { version: 0, kRaftVersion: kraftVersion } },
    { type: 'KRaftVoters', value: voters.toRecord() },
  ];
}

function headerRecords(snapshots: SnapshotFiles, id: { endOffset: number; epoch: number }): readonly ControlRecord[] {
  for (const batch of snapshots.read(id)) return batch.controlRecords;
  return [];
}
