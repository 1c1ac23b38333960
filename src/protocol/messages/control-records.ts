// Bodies of control records: transaction markers in every log (KIP-98), and what the KRaft quorum writes into the
// metadata log and its snapshots (KIP-595, KIP-630, KIP-853). Key and end-of-transaction value have their version in
// front, two bytes; the others begin with a field of that name.
import { array, exactInt64, int16, int32, message, string, struct, uint16, uuid, type ValueOf } from '../schema.ts';
import { brokerId } from './fields.ts';

export const controlRecordTypeSchema = message('ControlRecordTypeSchema', [0, 0], undefined, {
  type: int16.doc(
    '0 abort, 1 commit, 2 leader change, 3 snapshot header, 4 snapshot footer, 5 kraft version, 6 voters.',
  ),
});
export interface ControlRecordTypeSchema extends ValueOf<typeof controlRecordTypeSchema.fields> {}

export const endTxnMarker = message('EndTxnMarker', [0, 0], undefined, { coordinatorEpoch: int32 });
export interface EndTxnMarker extends ValueOf<typeof endTxnMarker.fields> {}

const voter = { voterId: int32, voterDirectoryId: uuid.since(1) };

export const leaderChangeMessage = message('LeaderChangeMessage', [0, 1], 0, {
  version: int16,
  leaderId: brokerId,
  voters: array(voter),
  grantingVoters: array(voter),
});
export interface LeaderChangeMessage extends ValueOf<typeof leaderChangeMessage.fields> {}

export const snapshotHeaderRecord = message('SnapshotHeaderRecord', [0, 0], 0, {
  version: int16,
  lastContainedLogTimestamp: exactInt64,
});
export interface SnapshotHeaderRecord extends ValueOf<typeof snapshotHeaderRecord.fields> {}

export const snapshotFooterRecord = message('SnapshotFooterRecord', [0, 0], 0, { version: int16 });
export interface SnapshotFooterRecord extends ValueOf<typeof snapshotFooterRecord.fields> {}

export const kRaftVersionRecord = message('KRaftVersionRecord', [0, 0], 0, { version: int16, kRaftVersion: int16 });
export interface KRaftVersionRecord extends ValueOf<typeof kRaftVersionRecord.fields> {}

export const votersRecord = message('VotersRecord', [0, 0], 0, {
  version: int16,
  voters: array({
    voterId: brokerId,
    voterDirectoryId: uuid,
    endpoints: array({ name: string.mapKey(), host: string, port: uint16 }),
    kRaftVersionFeature: struct({ minSupportedVersion: int16, maxSupportedVersion: int16 }),
  }),
});
export interface VotersRecord extends ValueOf<typeof votersRecord.fields> {}
