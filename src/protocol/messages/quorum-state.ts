// What a KRaft voter must not forget: kept as JSON in the file quorum-state (KIP-595), with the fields of this schema.
import { array, int32, int64, message, string, uuid, type ValueOf } from '../schema.ts';

export const quorumStateData = message('QuorumStateData', [0, 1], 0, {
  clusterId: string.until(0),
  leaderId: int32.default(-1).doc('-1: none.'),
  leaderEpoch: int32.default(-1),
  votedId: int32.default(-1).doc('-1: none.'),
  votedDirectoryId: uuid.since(1),
  appliedOffset: int64.until(0),
  currentVoters: array({ voterId: int32 }).until(0).nullable(),
});
export interface QuorumStateData extends ValueOf<typeof quorumStateData.fields> {}
