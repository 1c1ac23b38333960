// What the driver has to do for a step of the core, and what the core has to be told of the log.
import type { LogLevel } from '../../runtime/index.ts';
import type { ControlRecord } from './control-records.ts';
import type { ElectionState } from './election-state.ts';
import type { Outgoing } from './outbox.ts';
import type { EpochEnd, PeerAnswer } from './peer-messages.ts';
import type { SnapshotId } from './snapshot-files.ts';

export interface ControlAppend {
  readonly baseOffset: number;
  readonly epoch: number;
  readonly records: readonly ControlRecord[];
}

export interface Leadership {
  readonly epoch: number;
  readonly leaderId: number | undefined;
}

export interface SnapshotPiece {
  readonly id: SnapshotId;
  readonly position: number;
  readonly bytes: Buffer;
  /** The snapshot is whole with it. */
  readonly isLast: boolean;
}

/** The end of an operation that changes the voters. */
export interface ChangeResult {
  readonly operation: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

/** To be done in this order: nothing counts, and nobody may hear of it, before `persist` is on stable storage. */
export interface Effects {
  persist: ElectionState | undefined;
  /** Batches of control records to append at the end of the log, in this order. */
  append: ControlAppend[];
  /** Batches of the leader, to be appended and flushed; told by `flushed`. */
  appendFetched: Buffer | undefined;
  /** The log has to be cut; told by `truncated`. Nothing else may go on with the log meanwhile. */
  truncateTo: number | undefined;
  /** To be written behind what is there of the snapshot; told by `piece written` or `snapshot installed`. */
  snapshotPiece: SnapshotPiece | undefined;
  /** What was written after a failure has to be cut off, as it may be there or not; told by `recovered`. */
  recover: boolean;
  /** The new leader, when it has changed. */
  leadership: Leadership | undefined;
  /** The new high watermark, when it has moved. */
  highWatermark: number | undefined;
  send: Outgoing[];
  /** To the request of this step; undefined: none, or the fetch is to wait. */
  answer: PeerAnswer | undefined;
  finished: ChangeResult[];
  log: LogLine[];
  /** What must never be: the metadata of this node has parted from the quorum's. */
  fault: string | undefined;
  /** When a timeout event is due, on the clock of `now`; Infinity: never. */
  deadlineMs: number;
}

export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, string | number>>;
}

export const noEffects = (): Effects => ({
  persist: undefined,
  append: [],
  appendFetched: undefined,
  truncateTo: undefined,
  snapshotPiece: undefined,
  recover: false,
  leadership: undefined,
  highWatermark: undefined,
  send: [],
  answer: undefined,
  finished: [],
  log: [],
  fault: undefined,
  deadlineMs: Number.POSITIVE_INFINITY,
});

/** The log and the snapshots, as far as the core has to know them. */
export interface LogView {
  readonly startOffset: number;
  /** Behind the last batch that was appended, flushed or not. */
  readonly endOffset: number;
  /** Of the last record, in the log or in the latest snapshot; 0: none. */
  readonly lastEpoch: number;
  readonly latestSnapshot: SnapshotId | undefined;
  readonly earliestSnapshot: SnapshotId | undefined;
  /** Where the records of `epoch`, or of the last epoch before it that has any, end. */
  endOffsetForEpoch(epoch: number): EpochEnd;
  /** Whole batches that are flushed, from the one that holds `offset`, at least one, about `maxBytes`; empty at the end. */
  read(offset: number, maxBytes: number): Buffer;
  /** A piece of a snapshot; undefined when there is none of this id. Throws DiskError. */
  readSnapshot(id: SnapshotId, position: number, maxBytes: number): { sizeInBytes: number; bytes: Buffer } | undefined;
}
