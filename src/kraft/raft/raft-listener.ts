// What Raft and the owners of the records have to do with each other (Kafka: RaftClient.Listener, RecordSerde).
import type { CommittedBatch, Provenance } from '../committed/index.ts';
import type { Leadership } from './raft.ts';

/** How the records of the log are read and written; the same object may be handed to every listener. */
export interface RecordSerde<T> {
  encode(record: T): Uint8Array;
  decode(value: Uint8Array): T;
}

/** Called in order: at most one snapshot, then every committed batch; leadership once all before the epoch was given. */
export interface RaftListener<T> {
  /** What takes long is done in steps: the event loop has its turn between them, and nothing else is handed over before the last. */
  handleSnapshot?(
    provenance: Provenance,
    batches: Iterable<CommittedBatch<T>>,
  ): Generator<void, void, void> | undefined | void;
  handleCommit?(batches: readonly CommittedBatch<T>[]): void;
  handleLeaderChange?(leadership: Leadership): void;
}
