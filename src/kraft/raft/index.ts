// Raft for the metadata log: the pure core, the driver that carries out what it says, and the files that they need.
export { asDamage, MetadataDamagedError } from './metadata-damage.ts';
export { type ControlRecord, decodeControlRecord, encodeControlRecord } from './control-records.ts';
export { type ElectionState, ElectionStateFile, QuorumStateError } from './election-state.ts';
export { CorruptBatchError, controlBatch, dataBatch, type ReadBatch, readBatches } from './raft-batches.ts';
export {
  DEFAULT_QUORUM_TIMEOUTS,
  type PeerAddress,
  type QuorumOptions,
  type QuorumPeers,
  type QuorumTimeouts,
} from './quorum-peers.ts';
export { quorumConfig } from './quorum-config.ts';
export { QuorumError, type QuorumInfo, type ReplicaInfo } from './quorum-info.ts';
export { RaftDriver } from './raft-driver.ts';
export type { RaftDriverOptions } from './raft-driver-options.ts';
export type { RaftListener, RecordSerde } from './raft-listener.ts';
export { type Leadership, NotLeaderError } from './raft.ts';
export type { ReplicatedLog } from './replicated-log.ts';
export { SnapshotFiles, type SnapshotId, snapshotFileName } from './snapshot-files.ts';
export { type Voter, VoterSet } from './voter-set.ts';
export type { QuorumRequests } from './wire/requests.ts';
