// What Raft hands to those who own the records, and what they build on: the one thing that both sides of that wall know.

/** A committed batch of the metadata log. Control batches come too, without records, so that offsets have no gaps. */
import type { Int64 } from '../../protocol/index.ts';

export interface CommittedBatch<T> {
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly epoch: number;
  /** Milliseconds since the epoch. */
  readonly appendTimestamp: Int64;
  readonly sizeInBytes: number;
  readonly records: readonly T[];
}

/** Up to where in the metadata log an image or a snapshot reaches. */
export interface Provenance {
  /** The offset of the last record contained; -1 for the empty image. */
  readonly offset: number;
  readonly epoch: number;
  /** When that record was appended, milliseconds since the epoch. */
  readonly appendTimeMs: Int64;
  /** False inside of a batch: no snapshot can be named after such an image. */
  readonly isBatchAligned: boolean;
}
