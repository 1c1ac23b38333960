// What Raft and the owners of the records have to do with each other (Kafka: RaftClient.Listener, RecordSerde).
import type { Int64 } from '../../protocol/index.ts';
import type { Leadership } from './raft.ts';

/** How the records of the log are read and written; the same object may be handed to every listener. */
export interface RecordSerde<T> {
  encode(record: T): Uint8Array;
  decode(value: Uint8Array): T;
}

export interface Batch<T> {
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly epoch: number;
  readonly appendTimestamp: Int64;
  readonly sizeInBytes: number;
  /** Empty for control batches. */
  readonly records: readonly T[];
}

export interface SnapshotProvenance {
  /** The last offset that it contains. */
  readonly offset: number;
  readonly epoch: number;
  readonly appendTimeMs: Int64;
  readonly isBatchAligned: boolean;
}

/** Called in order: at most one snapshot, then every committed batch; leadership once all before the epoch was given. */
export interface RaftListener<T> {
  handleSnapshot?(provenance: SnapshotProvenance, batches: Iterable<Batch<T>>): void;
  handleCommit?(batches: readonly Batch<T>[]): void;
  handleLeaderChange?(leadership: Leadership): void;
}
