// The records in the answer to a fetch: control batches, records below the position and, where only what is committed is wanted,
// those of aborted transactions are left out (Kafka: CompletedFetch).
import {
  batchesOf,
  ControlRecordType,
  controlRecordType,
  type Int64,
  isControl,
  isTransactional,
  lastOffset,
  partitionLeaderEpoch,
  producerId,
  recordsOf,
} from '../../protocol/index.ts';

export interface ConsumedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly leaderEpoch: number;
  readonly timestamp: Int64;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
}

export interface Aborted {
  readonly producerId: Int64;
  readonly firstOffset: number;
}

export interface Found {
  readonly records: readonly ConsumedRecord[];
  /** Where to go on. */
  readonly nextOffset: number;
  /** Of the last batch; undefined: there was none. */
  readonly leaderEpoch: number | undefined;
}

/** Throws InvalidRecordError when the batches are none. */
export function foundIn(
  bytes: Buffer,
  from: { readonly topic: string; readonly partition: number; readonly offset: number },
  abortedTransactions: readonly Aborted[],
): Found {
  const { topic, partition, offset: position } = from;
  const upcoming = [...abortedTransactions].sort((a, b) => a.firstOffset - b.firstOffset);
  const aborted = new Set<Int64>();
  const records: ConsumedRecord[] = [];
  let nextOffset = position;
  let leaderEpoch: number | undefined;
  for (const at of batchesOf(bytes)) {
    const end = lastOffset(bytes, at);
    while (upcoming[0] !== undefined && upcoming[0].firstOffset <= end)
      aborted.add((upcoming.shift() as Aborted).producerId);
    leaderEpoch = partitionLeaderEpoch(bytes, at);
    if (isControl(bytes, at)) {
      if (isAbort(bytes, at)) aborted.delete(producerId(bytes, at));
    } else if (!(isTransactional(bytes, at) && aborted.has(producerId(bytes, at)))) {
      for (const { offset, timestamp, key, value } of recordsOf(bytes, { at })) {
        if (offset >= position) records.push({ topic, partition, offset, leaderEpoch, timestamp, key, value });
      }
    }
    nextOffset = Math.max(nextOffset, end + 1);
  }
  return { records, nextOffset, leaderEpoch: nextOffset > position ? leaderEpoch : undefined };
}

function isAbort(bytes: Buffer, at: number): boolean {
  for (const { key } of recordsOf(bytes, { at })) return controlRecordType(key) === ControlRecordType.ABORT;
  return false;
}
