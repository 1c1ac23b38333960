// Where a follower cuts its log when its leader says that the two have parted (KIP-101, KIP-279, KIP-595; Kafka:
// AbstractFetcherThread.getOffsetTruncationState). It may take several rounds, each with a lower epoch.

/** What of a log its epochs tell (PartitionLog). */
export interface EpochHistory {
  readonly logEndOffset: number;
  endOffsetForEpoch(epoch: number): { readonly leaderEpoch: number; readonly endOffset: number };
}

/** The leader has nothing of later epochs than `epoch` before the offset asked for, and that one ends at `endOffset`. */
export interface DivergingEpoch {
  readonly epoch: number;
  readonly endOffset: number;
}

/** Everything at and above goes. */
export function cutFor(log: EpochHistory, { epoch, endOffset }: DivergingEpoch): number {
  const { logEndOffset } = log;
  const ours = log.endOffsetForEpoch(epoch);
  // No epochs are known here: the leader's word is all there is.
  if (ours.leaderEpoch < 0) return Math.min(endOffset, logEndOffset);
  // The epoch is not known here: ask again with the last one before it.
  if (ours.leaderEpoch !== epoch) return Math.min(ours.endOffset, logEndOffset);
  return Math.min(ours.endOffset, endOffset, logEndOffset);
}
