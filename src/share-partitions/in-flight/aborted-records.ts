// A group that reads committed records only gets none of aborted transactions (share.isolation.level; Kafka:
// SharePartition.filterAbortedTransactionalAcquiredRecords): they are archived as soon as they have been acquired.
import type { Int64 } from '../../protocol/index.ts';
import type { Acquired, AcquiredRange } from './acquisition.ts';
import type { FetchedBatch } from './fetched-batches.ts';
import { RecordState } from './in-flight-state.ts';
import type { SharePartitionState } from './share-partition-state.ts';

export interface AbortedTransaction {
  readonly producerId: Int64;
  readonly firstOffset: number;
}

/** What is left of `acquired` without records of transactions in `aborted`. */
export function withoutAborted(
  state: SharePartitionState,
  acquired: Acquired,
  batches: readonly FetchedBatch[],
  aborted: readonly AbortedTransaction[],
): Acquired {
  if (aborted.length === 0) return acquired;
  const refused = abortedBatches(batches, aborted);
  if (refused.length === 0) return acquired;
  for (const { baseOffset, lastOffset } of refused) {
    const floor = state.batches.floor(baseOffset);
    const known = state.batches.between(floor?.firstOffset ?? baseOffset, lastOffset);
    state.archive(known, baseOffset, lastOffset + 1, RecordState.ACQUIRED, true);
  }
  state.moveStart();
  const ranges = acquired.ranges.flatMap((range) => without(range, refused));
  return { ranges, count: ranges.reduce((sum, { firstOffset, lastOffset }) => sum + lastOffset - firstOffset + 1, 0) };
}

function abortedBatches(batches: readonly FetchedBatch[], aborted: readonly AbortedTransaction[]): FetchedBatch[] {
  const waiting = [...aborted].sort((one, other) => one.firstOffset - other.firstOffset);
  const producers = new Set<Int64>();
  const found: FetchedBatch[] = [];
  let next = 0;
  for (const batch of batches) {
    if (batch.producerId === -1) continue;
    for (let one = waiting[next]; one !== undefined && one.firstOffset <= batch.lastOffset; one = waiting[++next]) {
      producers.add(one.producerId);
    }
    if (batch.isAbortMarker) producers.delete(batch.producerId);
    else if (batch.isTransactional && producers.has(batch.producerId)) found.push(batch);
  }
  return found;
}

/** What is left of `range` without the offsets of `refused`, which ascend. */
function without(range: AcquiredRange, refused: readonly FetchedBatch[]): AcquiredRange[] {
  const left: AcquiredRange[] = [];
  let { firstOffset } = range;
  for (const { baseOffset, lastOffset } of refused) {
    if (lastOffset < firstOffset) continue;
    if (baseOffset > range.lastOffset) break;
    if (firstOffset < baseOffset) left.push({ ...range, firstOffset, lastOffset: baseOffset - 1 });
    firstOffset = lastOffset + 1;
  }
  if (firstOffset <= range.lastOffset) left.push({ ...range, firstOffset });
  return left;
}
