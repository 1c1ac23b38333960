// Appends what another replica, the leader, has numbered: nothing in it is changed.
import { Errors } from '../../protocol/index.ts';
import * as batch from '../../protocol/records/index.ts';
import { type AppendInfo, appended, refusal } from '../validation/append-info.ts';
import type { LogAppender } from './log-appender.ts';
import type { LogState } from './log-state.ts';

export interface FollowerAppendOptions {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Batches of a later epoch, and all behind them, are left out: their leader is another than who was asked. */
  readonly leaderEpoch?: number;
}

/**
 * Queues the whole batches in `records`, which must go on where the log ends; a last one that is cut short is left out.
 * OFFSET_OUT_OF_RANGE when they do not. Throws CorruptRecordError; what stands before is appended.
 */
export function appendFromLeader(
  state: LogState,
  appender: LogAppender,
  records: Buffer,
  { now, leaderEpoch = Number.MAX_SAFE_INTEGER }: FollowerAppendOptions,
): AppendInfo {
  const firstOffset = state.logEndOffset;
  for (let at = 0; at < records.length; ) {
    const sizeBytes = batch.batchSizeAt(records, at);
    if (sizeBytes === 0) break;
    batch.ensureBatchValid(records, at);
    const one = at === 0 && sizeBytes === records.length ? records : records.subarray(at, at + sizeBytes);
    const header = batch.magic(one) < batch.MAGIC_V2 ? batch.legacyHeader(one) : one;
    if (batch.baseOffset(header) < state.logEndOffset) return refusal(Errors.OFFSET_OUT_OF_RANGE, state.logStartOffset);
    if (batch.partitionLeaderEpoch(header) > leaderEpoch) break;
    appender.queueBatch(one, now, header);
    at += sizeBytes;
  }
  return appended({
    firstOffset,
    lastOffset: state.logEndOffset - 1,
    logAppendTimeMs: -1,
    logStartOffset: state.logStartOffset,
    isDuplicate: false,
    bytes: records.length,
  });
}
