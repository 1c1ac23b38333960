// What a move of a replica between two log directories does next (KIP-113, KIP-858; Kafka: ReplicaAlterLogDirsThread). Pure:
// the mover looks at both logs, asks here, and does it.

/** Which of its steps a move is at. */
export interface MoveState {
  /** The leader epoch in which both logs were last compared; -1: not yet. */
  readonly comparedEpoch: number;
  readonly leaderEpoch: number;
  /** The current log, that of a follower, has been cut since. */
  readonly isCutSince: boolean;
  readonly currentStartOffset: number;
  readonly futureEndOffset: number;
  /** The last copy came to the end of what was written. */
  readonly isNearEnd: boolean;
  /** The copy up to such an end is on stable storage: the files of the current log may go. */
  readonly isFlushed: boolean;
  /** The cluster's metadata names the new directory. */
  readonly isAssigned: boolean;
}

export type Step =
  /** Cut the future log back to what both have. */
  | 'compare'
  /** The current log has lost its beginning to retention: the future log begins anew where it begins. */
  | 'start over'
  | 'copy'
  | 'flush'
  /** Have the controller note the new directory, before it is the only one. */
  | 'assign'
  /** Stop writes, copy the rest, change places. */
  | 'replace';

/** `flush` and `assign` take their time, so what was written meanwhile is copied before the next step. */
export function nextStep(state: MoveState): Step {
  if (state.comparedEpoch !== state.leaderEpoch || state.isCutSince) return 'compare';
  if (state.futureEndOffset < state.currentStartOffset) return 'start over';
  if (!state.isNearEnd) return 'copy';
  if (!state.isFlushed) return 'flush';
  return state.isAssigned ? 'replace' : 'assign';
}

/** What of a log its epochs tell (PartitionLog). */
export interface EpochHistory {
  readonly latestEpoch: number;
  readonly logStartOffset: number;
  readonly logEndOffset: number;
  endOffsetForEpoch(epoch: number): { readonly leaderEpoch: number; readonly endOffset: number };
}

/**
 * Up to where both logs hold the same records (KIP-101, KIP-279): a crash may have taken an end from the current log that the
 * future log has kept. undefined when they have no epoch in common.
 */
export function commonEndOffset(current: EpochHistory, future: EpochHistory): number | undefined {
  if (future.logEndOffset === future.logStartOffset) return future.logEndOffset;
  let epoch = Math.min(future.latestEpoch, current.latestEpoch);
  let endOffset = future.logEndOffset;
  while (epoch >= 0) {
    const ours = future.endOffsetForEpoch(epoch);
    endOffset = Math.min(endOffset, ours.endOffset);
    const theirs = current.endOffsetForEpoch(ours.leaderEpoch);
    if (ours.leaderEpoch < 0 || theirs.leaderEpoch < 0) return undefined;
    if (theirs.leaderEpoch === ours.leaderEpoch) return Math.min(endOffset, theirs.endOffset);
    epoch = theirs.leaderEpoch;
  }
  return undefined;
}
