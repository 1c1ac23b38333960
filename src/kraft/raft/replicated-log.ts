// What Raft needs of the log that holds `__cluster_metadata`. The broker implements it over the log room; tests in memory.
// Offsets and epochs are in the batches that are handed over: the log keeps them as they are.

import type { EpochEnd } from './peer-messages.ts';

export interface ReplicatedLog {
  readonly startOffset: number;
  /** The offset behind the last batch that was appended, flushed or not. */
  readonly endOffset: number;
  /** The epoch of the last batch; 0 for an empty log. */
  readonly lastEpoch: number;
  readonly sizeInBytes: number;

  /**
   * Where the records of `epoch` end, or those of the last epoch before it that has any; epoch -1 above the latest epoch, and where
   * nothing is known.
   */
  endOffsetForEpoch(epoch: number): EpochEnd;
  /** Opens an epoch in the epoch cache, before any of its batches is appended. */
  beginEpoch(epoch: number): void;
  /** Takes whole batches that begin at endOffset; they are written by the next flush at the latest. */
  append(batches: Buffer): void;
  /** Resolves when everything appended so far is on stable storage; rejects when the disk refuses. */
  flush(): Promise<void>;
  /** Whole batches from the one that holds `offset`, at least one and at most about `maxBytes`; only what is flushed, empty behind that. */
  read(offset: number, maxBytes: number): Buffer;
  /** Cuts everything from `offset` on. Rejects when the disk refuses. */
  truncateTo(offset: number): Promise<void>;
  /** Drops everything and begins anew behind a snapshot. Rejects when the disk refuses. */
  truncateFullyAndStartAt(offset: number): Promise<void>;
  /** Moves the start of the log; whole segments before it are deleted. Durable before the snapshot before it may go. */
  startAt(offset: number): void;
  close(): Promise<void>;
}
