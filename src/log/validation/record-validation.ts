// Kafka's LogValidator on one batch of magic 2 that is whole and has its checksum right: header against records, keys and
// timestamps against the topic's rules, then offsets, leader epoch and timestamp type set in place, or the batch built anew
// with the topic's codec. Where Kafka meets a case it did not expect (UNKNOWN_SERVER_ERROR) so do we.
import {
  attributes,
  baseOffset,
  baseSequence,
  baseTimestamp,
  batchSizeAt,
  Codecs,
  compression,
  Errors,
  HEADER_SIZE,
  InvalidRecordError,
  type Int64,
  isControl,
  LOG_APPEND_TIME_FLAG,
  lastOffsetDelta,
  maxTimestamp,
  NO_TIMESTAMP,
  type OpenedRecords,
  openRecords,
  producerId,
  RecordWalk,
  recordsCount,
  setLastOffset,
  setLeaderEpoch,
  setMaxTimestamp,
  WALK_END_REACHED,
  WALK_LENGTH_MALFORMED,
  WALK_OK,
  WALK_PLAIN,
  WALK_SKIM,
  WALK_STREAM,
  type WalkMode,
  walkRecords,
  walkText,
} from '../../protocol/index.ts';
import type { AppendOptions } from './append-info.ts';
import type { AppendRules } from './append-rules.ts';
import { type AppendVerdict, accepted, refused } from './append-verdict.ts';
import { findRecordErrors } from './record-validation-errors.ts';
import { rewriteBatch } from './record-validation-rewrite.ts';

/** Reused by every walk: it is read before the next one begins, and nothing here waits. */
const walk = new RecordWalk();

/** The codec in which the batch will stand in the log. */
export function targetCodecOf(records: Buffer, rules: AppendRules): number {
  const source = compression(records);
  // Control records stay uncompressed unless they come compressed.
  if (rules.targetCodec < 0 || (source === Codecs.NONE && isControl(records))) return source;
  return rules.targetCodec;
}

/** Whether the records inside a compressed batch have to be looked at. */
export function opensBatch(records: Buffer, rules: AppendRules, validation: 'header' | 'strict'): boolean {
  if (compression(records) === Codecs.NONE) return false;
  return validation === 'strict' || rules.isCompacted || targetCodecOf(records, rules) !== compression(records);
}

export function validateRecords(
  records: Buffer,
  rules: AppendRules,
  options: AppendOptions,
  firstOffset: number,
): AppendVerdict {
  const source = compression(records);
  if (source > Codecs.ZSTD) {
    return refused(Errors.UNKNOWN_SERVER_ERROR, 'validate', `Unknown compression type id: ${source}`);
  }
  const wrongHeader = options.origin === 'client' ? checkHeader(records, rules) : undefined;
  if (wrongHeader !== undefined) return wrongHeader;
  if (source === Codecs.NONE) return validatePlain(records, rules, options, firstOffset);
  if (!opensBatch(records, rules, options.validation) && hasPlainTimestamps(records, rules, options.now)) {
    const stated = maxTimestamp(records);
    const largest = stated > NO_TIMESTAMP ? stated : NO_TIMESTAMP;
    return assignInPlace(records, rules, options, firstOffset, rules.isLogAppendTime ? options.now : largest);
  }
  return validateCompressed(records, rules, options, firstOffset);
}

/** What a client may say in a header. */
function checkHeader(records: Buffer, rules: AppendRules): AppendVerdict | undefined {
  const count = recordsCount(records);
  const span = lastOffsetDelta(records) + 1;
  const where = `in topic partition ${rules.topicPartition}`;
  let reason: string | undefined;
  if (span <= 0) reason = `Batch has an invalid offset range of ${span} ${where}`;
  else if (count <= 0) reason = `Invalid reported count for record batch: ${count} ${where}`;
  else if (span !== count) reason = `Inconsistent batch offset range of ${span} and count of records ${count} ${where}`;
  else if (isControl(records)) reason = `Clients are not allowed to write control records ${where}`;
  else if (producerId(records) > -1 && baseSequence(records) < 0) {
    reason = `Invalid sequence number ${baseSequence(records)} in record batch with producerId ${producerId(records)} ${where}`;
  }
  return reason === undefined ? undefined : refused(Errors.INVALID_RECORD, 'validate', reason);
}

/**
 * `header` mode: whether the header's timestamps leave no doubt about the records'. If they do the batch is opened, which
 * finds the records at fault. Lies inside a compressed batch go unseen.
 */
function hasPlainTimestamps(records: Buffer, rules: AppendRules, now: number): boolean {
  const isAppendTime = (attributes(records) & LOG_APPEND_TIME_FLAG) !== 0;
  if (rules.isLogAppendTime) return !isAppendTime;
  const largest = maxTimestamp(records);
  const first = isAppendTime ? largest : baseTimestamp(records);
  if (typeof first === 'bigint' || typeof largest === 'bigint') return false;
  if (isAppendTime && largest === NO_TIMESTAMP) return false;
  return isWithinBounds(Math.min(first, largest), Math.max(first, largest), rules, now);
}

/** A bound that numbers can be compared with: at most the one given. */
const safeBound = (bound: Int64): number => (typeof bound === 'number' ? bound : Number.MAX_SAFE_INTEGER);

/** Both bounds are inclusive. False also where a number, or a bound, is too large to be exact: then bigints decide. */
function isWithinBounds(smallest: number, largest: number, rules: AppendRules, now: number): boolean {
  if (smallest < Number.MIN_SAFE_INTEGER || largest > Number.MAX_SAFE_INTEGER) return false;
  return (
    largest - now <= safeBound(rules.timestampAfterMaxMs) && now - smallest <= safeBound(rules.timestampBeforeMaxMs)
  );
}

function validatePlain(
  records: Buffer,
  rules: AppendRules,
  options: AppendOptions,
  firstOffset: number,
): AppendVerdict {
  const count = recordsCount(records);
  const code = walkRecords(records, HEADER_SIZE, batchSizeAt(records), count, WALK_PLAIN, walk);
  if (code !== WALK_OK) {
    const isUnexpected = code === WALK_LENGTH_MALFORMED;
    return refused(isUnexpected ? Errors.UNKNOWN_SERVER_ERROR : Errors.INVALID_RECORD, 'validate', walkText(code));
  }
  const largest = checkRecords(records, records, HEADER_SIZE, WALK_PLAIN, rules, options.now);
  if (typeof largest === 'object') return largest;
  if (targetCodecOf(records, rules) !== Codecs.NONE) return rewriteBatch(records, rules, options, firstOffset);
  return assignInPlace(records, rules, options, firstOffset, rules.isLogAppendTime ? options.now : largest);
}

function validateCompressed(
  records: Buffer,
  rules: AppendRules,
  options: AppendOptions,
  firstOffset: number,
): AppendVerdict {
  const count = recordsCount(records);
  const isInPlace = targetCodecOf(records, rules) === compression(records);
  if (count === 0) {
    walkRecords(records, 0, 0, 0, WALK_SKIM, walk);
    return isInPlace
      ? assignInPlace(records, rules, options, firstOffset, rules.isLogAppendTime ? options.now : NO_TIMESTAMP)
      : rewriteBatch(records, rules, options, firstOffset);
  }
  const opened = openForValidation(records, rules);
  if ('errorCode' in opened) return opened;
  const mode = isInPlace ? WALK_SKIM : WALK_STREAM;
  const code = walkRecords(opened.bytes, opened.start, opened.end, count, mode, walk);
  if (opened.failure !== undefined && (code === WALK_OK || code === WALK_END_REACHED)) {
    return refused(Errors.UNKNOWN_SERVER_ERROR, 'validate', opened.failure.message);
  }
  if (code !== WALK_OK) return refused(Errors.INVALID_RECORD, 'validate', walkText(code));
  const largest = checkRecords(records, opened.bytes, opened.start, mode, rules, options.now);
  if (typeof largest === 'object') return largest;
  if (!isInPlace) return rewriteBatch(records, rules, options, firstOffset, opened);
  // Kafka would build the batch anew here, and cannot, having skimmed it.
  if (!walk.isDense || baseOffset(records) !== 0) {
    return refused(Errors.UNKNOWN_SERVER_ERROR, 'validate', 'offsets inside a compressed batch are not 0, 1, 2 ...');
  }
  return assignInPlace(records, rules, options, firstOffset, rules.isLogAppendTime ? options.now : largest);
}

function openForValidation(records: Buffer, rules: AppendRules): OpenedRecords | AppendVerdict {
  try {
    const opened = openRecords(records, 0, rules.maxDecompressedBytes);
    if (opened.failure?.kind !== 'limit') return opened;
    // A client that splits its batches at this answer gets them through; Kafka has no limit.
    return refused(Errors.MESSAGE_TOO_LARGE, 'validate', opened.failure.message);
  } catch (error) {
    if (!(error instanceof InvalidRecordError)) throw error;
    return refused(Errors.UNKNOWN_SERVER_ERROR, 'validate', error.message);
  }
}

/**
 * Keys and timestamps of the records just walked, which stand in `bytes` from `start` on. Returns the largest timestamp (at
 * least -1).
 */
function checkRecords(
  records: Buffer,
  bytes: Uint8Array,
  start: number,
  mode: WalkMode,
  rules: AppendRules,
  now: number,
): Int64 | AppendVerdict {
  if (walk.recordsRead === 0) return NO_TIMESTAMP;
  const isAppendTime = (attributes(records) & LOG_APPEND_TIME_FLAG) !== 0;
  const isKeyMissing = rules.isCompacted && walk.keylessRecords > 0;
  if (rules.isLogAppendTime) {
    if (!isKeyMissing && !isAppendTime) return NO_TIMESTAMP;
  } else if (!isKeyMissing) {
    const base = isAppendTime ? maxTimestamp(records) : baseTimestamp(records);
    if (typeof base === 'number' && !walk.isInexact && !(isAppendTime && base === NO_TIMESTAMP)) {
      const smallest = isAppendTime ? base : base + walk.minTimestampDelta;
      const largest = isAppendTime ? base : base + walk.maxTimestampDelta;
      if (isWithinBounds(smallest, largest, rules, now)) return Math.max(NO_TIMESTAMP, largest);
    }
  }
  return findRecordErrors(records, { bytes, start, isSkimmed: mode === WALK_SKIM }, rules, now);
}

/** Offsets, leader epoch, timestamp type and max timestamp; the checksum only when one under it changes. */
function assignInPlace(
  records: Buffer,
  rules: AppendRules,
  options: AppendOptions,
  firstOffset: number,
  largest: Int64,
): AppendVerdict {
  const lastOffset = firstOffset + recordsCount(records) - 1;
  setLastOffset(records, lastOffset);
  setLeaderEpoch(records, options.leaderEpoch);
  setMaxTimestamp(records, largest, rules.isLogAppendTime);
  const size = batchSizeAt(records);
  const whole = size === records.length ? records : records.subarray(0, size);
  return accepted(whole, false, firstOffset, lastOffset, largest);
}
