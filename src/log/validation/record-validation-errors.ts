// The slow path of record validation: record by record, in 64-bit arithmetic that wraps as Java's does, with Kafka's text
// for each record at fault. Taken when a walk has found something that may be wrong.
import {
  attributes,
  BASE_OFFSET,
  BASE_TIMESTAMP,
  Errors,
  type Int64,
  LOG_APPEND_TIME_FLAG,
  MAX_TIMESTAMP,
  RecordCursor,
  recordsCount,
  toInt64,
} from '../../protocol/index.ts';
import type { RecordError } from './append-info.ts';
import type { AppendRules } from './append-rules.ts';
import { type AppendVerdict, refused } from './append-verdict.ts';

/** Kafka lists every record at fault, which makes of a small request a large answer; the total in the text stays true. */
const MAX_RECORD_ERRORS = 1000;
const SHOWN_ERRORS = 3;
const NO_TIMESTAMP = -1n;

/** Where the records stand, and whether they are known only as Kafka's skimming reader knows them. */
export interface RecordArea {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly isSkimmed: boolean;
}

/** The bounds of a topic as 64-bit numbers. */
interface Bounds {
  readonly now: bigint;
  readonly before: bigint;
  readonly after: bigint;
}

/** The refusal, or the largest timestamp (at least -1) when no record is at fault. The records must be well formed. */
export function findRecordErrors(
  records: Buffer,
  area: RecordArea,
  rules: AppendRules,
  now: number,
): AppendVerdict | Int64 {
  const bounds = {
    now: BigInt(now),
    before: BigInt(rules.timestampBeforeMaxMs),
    after: BigInt(rules.timestampAfterMaxMs),
  };
  const isAppendTime = (attributes(records) & LOG_APPEND_TIME_FLAG) !== 0;
  const appendTime = isAppendTime ? records.readBigInt64BE(MAX_TIMESTAMP) : undefined;
  const base = records.readBigInt64BE(BASE_TIMESTAMP);
  const cursor = new RecordCursor(area.bytes, area.start);
  const errors: RecordError[] = [];
  let total = 0;
  let hasTimestampError = false;
  let largest = NO_TIMESTAMP;
  for (let i = 0; i < recordsCount(records); i++) {
    cursor.next(!area.isSkimmed);
    const timestamp = appendTime ?? BigInt.asIntN(64, base + cursor.exactTimestampDelta());
    const isKeyMissing = rules.isCompacted && cursor.keyLength < 0;
    const message = isKeyMissing
      ? `Compacted topic cannot accept message without key in topic partition ${rules.topicPartition}`
      : timestampError(records, area, cursor, timestamp, isAppendTime, rules, bounds);
    if (message === undefined) {
      if (timestamp > largest) largest = timestamp;
      continue;
    }
    if (!isKeyMissing) hasTimestampError = true;
    if (++total <= MAX_RECORD_ERRORS) errors.push({ batchIndex: i, message });
  }
  if (total > 0) return refusal(errors, total, hasTimestampError);
  return toInt64(largest);
}

function timestampError(
  records: Buffer,
  area: RecordArea,
  cursor: RecordCursor,
  timestamp: bigint,
  isAppendTime: boolean,
  rules: AppendRules,
  bounds: Bounds,
): string | undefined {
  if (!rules.isLogAppendTime && timestamp !== NO_TIMESTAMP) {
    const age = BigInt.asIntN(64, bounds.now - timestamp);
    if (age <= bounds.before && BigInt.asIntN(64, -age) <= bounds.after) return undefined;
    const earliest = BigInt.asIntN(64, bounds.now - bounds.before);
    const latest = BigInt.asIntN(64, bounds.now + bounds.after);
    const offset = offsetOf(records, cursor);
    return `Timestamp ${timestamp} of message with offset ${offset} is out of range. The timestamp should be within [${earliest}, ${latest}]`;
  }
  if (!isAppendTime) return undefined;
  const record = recordText(area, cursor, offsetOf(records, cursor), timestamp);
  return `Invalid timestamp type in message ${record}. Producer should not set timestamp type to LogAppendTime.`;
}

const offsetOf = (records: Buffer, cursor: RecordCursor): bigint =>
  BigInt.asIntN(64, records.readBigInt64BE(BASE_OFFSET) + BigInt(cursor.offsetDelta));

/** As Java prints the two kinds of records: only the skimmed one tells null from empty. */
function recordText(area: RecordArea, cursor: RecordCursor, offset: bigint, timestamp: bigint): string {
  const name = area.isSkimmed ? 'PartialDefaultRecord' : 'DefaultRecord';
  const key = area.isSkimmed ? cursor.keyLength : Math.max(0, cursor.keyLength);
  const value = area.isSkimmed ? cursor.valueLength : Math.max(0, cursor.valueLength);
  return `${name}(offset=${offset}, timestamp=${timestamp}, key=${key} bytes, value=${value} bytes)`;
}

function refusal(errors: readonly RecordError[], total: number, hasTimestampError: boolean): AppendVerdict {
  if (hasTimestampError) {
    const message = 'One or more records have been rejected due to invalid timestamp';
    return refused(Errors.INVALID_TIMESTAMP, 'validate', message, message, errors);
  }
  const shown = errors
    .slice(0, SHOWN_ERRORS)
    .map((error) => `RecordError(batchIndex=${error.batchIndex}, message='${error.message}')`)
    .join(', ');
  const message = `One or more records have been rejected due to ${total} record errors in total, and only showing the first three errors at most: [${shown}]`;
  return refused(Errors.INVALID_RECORD, 'validate', message, message, errors);
}
