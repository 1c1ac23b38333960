// Judges one line of test/golden/records.jsonl.gz or produce.jsonl.gz against our record code. undefined is a pass, a string
// says what differs. What the golden README allows to differ (compressed bytes, Java's exception classes) is not compared.
import type { AppendRules } from '../src/log/validation/append-rules.ts';
import { checkChecksum, checkProduceRequest } from '../src/log/validation/append-validation.ts';
import type { AppendVerdict } from '../src/log/validation/append-verdict.ts';
import { validateRecords } from '../src/log/validation/record-validation.ts';
import { batchesOf, codecOfName, ensureBatchValid, Errors, validBytes } from '../src/protocol/index.ts';
import { type BatchJson, describeBatch, differs, rebuildBatch } from './golden-batch.ts';

export interface RecordsRow {
  readonly case: string;
  readonly hex: string;
  readonly batches?: readonly BatchJson[];
  readonly note?: string;
  readonly error?: string | null;
  readonly stage?: 'split' | 'ensureValid' | 'iterate' | 'none';
  readonly batchesBefore?: number;
  readonly recordsBefore?: number;
  readonly validBytes?: number;
  readonly produceCheck?: string | null;
}

/** How far reading got: the columns of the odd lines. */
interface Reading {
  stage: 'split' | 'ensureValid' | 'iterate' | 'none';
  error: Error | null;
  batchesBefore: number;
  recordsBefore: number;
  batches: BatchJson[];
}

export function checkRecordsLine(row: RecordsRow): string | undefined {
  const bytes = Buffer.from(row.hex, 'hex');
  const reading = read(bytes);
  if (row.stage === undefined) return checkGood(row, bytes, reading);
  const mine = {
    stage: reading.stage,
    fails: reading.error !== null,
    batchesBefore: reading.batchesBefore,
    recordsBefore: reading.recordsBefore,
    validBytes: validBytesOrNone(bytes),
    produceCheck: refusalOf(checkProduceRequest(bytes, undefined)),
  };
  const kafkas = {
    stage: row.stage,
    fails: row.error !== null,
    batchesBefore: row.batchesBefore,
    recordsBefore: row.recordsBefore,
    validBytes: row.validBytes,
    produceCheck: codeOf(row.produceCheck ?? null),
  };
  return differs(mine, kafkas) ?? (row.batches === undefined ? undefined : differs(reading.batches, row.batches));
}

function checkGood(row: RecordsRow, bytes: Buffer, reading: Reading): string | undefined {
  if (reading.error !== null) return `${reading.stage}: ${reading.error.message}`;
  const difference = differs(reading.batches, row.batches);
  if (difference !== undefined) return difference;
  let at = 0;
  for (const json of reading.batches) {
    const original = bytes.subarray(at, at + json.sizeInBytes);
    at += json.sizeInBytes;
    const rebuilt = rebuildBatch(original);
    // Foreign payloads are legal in a form that Kafka itself never writes.
    const isExact = json.compression === 'none' && !row.case.startsWith('foreign-');
    if (isExact && !rebuilt.equals(original)) return `rebuilt as ${rebuilt.toString('hex')}`;
    if (!isExact) {
      const again = differs(describeBatch(rebuilt, 0).records, json.records);
      if (again !== undefined) return `rebuilt: ${again}`;
    }
  }
  return undefined;
}

function read(bytes: Buffer): Reading {
  const reading: Reading = { stage: 'none', error: null, batchesBefore: 0, recordsBefore: 0, batches: [] };
  const positions: number[] = [];
  try {
    for (const at of batchesOf(bytes)) {
      positions.push(at);
      reading.batchesBefore++;
    }
  } catch (error) {
    return { ...reading, stage: 'split', error: error as Error };
  }
  try {
    for (const at of positions) ensureBatchValid(bytes, at);
  } catch (error) {
    return { ...reading, stage: 'ensureValid', error: error as Error };
  }
  for (const at of positions) {
    const batch = describeBatch(bytes, at);
    reading.recordsBefore += batch.records.length;
    if (batch.failure !== undefined) return { ...reading, stage: 'iterate', error: batch.failure };
    reading.batches.push(batch);
  }
  return reading;
}

function validBytesOrNone(bytes: Buffer): number {
  try {
    return validBytes(bytes);
  } catch {
    return -1;
  }
}

/** The classes of the produce check, as codes of the protocol: that is all a client sees of them. */
const classes: Readonly<Record<string, number>> = {
  InvalidRecordException: Errors.INVALID_RECORD,
  CorruptRecordException: Errors.CORRUPT_MESSAGE,
  IllegalArgumentException: Errors.UNKNOWN_SERVER_ERROR,
};

const codeOf = (exception: string | null): number | undefined =>
  exception === null ? Errors.NONE : classes[exception];
const refusalOf = (verdict: AppendVerdict | undefined): number => verdict?.errorCode ?? Errors.NONE;

export interface ProduceRow {
  readonly case: string;
  readonly inputHex: string;
  readonly config: {
    readonly targetCompression: string;
    readonly timestampType: string;
    readonly timestampBeforeMaxMs: number | string;
    readonly timestampAfterMaxMs: number | string;
    readonly compacted: boolean;
    readonly leaderEpoch: number;
    readonly firstOffset: number;
    readonly now: number;
    readonly origin: 'CLIENT' | 'COORDINATOR';
  };
  readonly ok: boolean;
  readonly hex?: string;
  readonly batches?: readonly BatchJson[];
  readonly maxTimestampMs?: number;
  readonly rewritten?: boolean;
  readonly unreadable?: string;
  readonly stage?: 'request' | 'checksum' | 'validate';
  readonly errorCode?: number;
  readonly recordErrors?: readonly number[];
}

/**
 * Kafka's verdict on a produced batch against ours. The golden lines come from the validator alone, without the log's check
 * that the base offset is 0 and without a size limit. In `header` mode some lines are bound to differ.
 */
export function checkProduceLine(row: ProduceRow, validation: 'header' | 'strict' = 'strict'): string | undefined {
  const input = Buffer.from(row.inputHex, 'hex');
  const verdict = judge(row, input, validation);
  if (!row.ok) {
    const mine = { ok: verdict.errorCode === Errors.NONE, code: verdict.errorCode, stage: verdict.stage };
    const stage = row.stage === 'checksum' ? 'batch' : row.stage;
    const indexes = verdict.recordErrors.map((error) => error.batchIndex);
    return differs(
      { ...mine, indexes, input: input.toString('hex') },
      { ok: false, code: row.errorCode, stage, indexes: row.recordErrors ?? [], input: row.inputHex },
    );
  }
  if (verdict.errorCode !== Errors.NONE) return `refused with ${verdict.errorCode}: ${verdict.reason}`;
  const mine = { isRewritten: verdict.isRewritten, maxTimestamp: verdict.maxTimestamp };
  const wrong = differs(mine, { isRewritten: row.rewritten, maxTimestamp: row.maxTimestampMs });
  return wrong ?? checkAppended(row, input, verdict);
}

function judge(row: ProduceRow, input: Buffer, validation: 'header' | 'strict'): AppendVerdict {
  const { config } = row;
  const rules: AppendRules = {
    topicPartition: 'topic-0',
    targetCodec: codecOfName(config.targetCompression) ?? -1,
    compressionLevel: undefined,
    isLogAppendTime: config.timestampType === 'LogAppendTime',
    timestampBeforeMaxMs: Number(config.timestampBeforeMaxMs),
    timestampAfterMaxMs: Number(config.timestampAfterMaxMs),
    isCompacted: config.compacted,
    maxMessageBytes: Number.MAX_SAFE_INTEGER,
    maxDecompressedBytes: 1 << 26,
  };
  const origin = config.origin === 'CLIENT' ? 'client' : 'coordinator';
  const options = { origin, leaderEpoch: config.leaderEpoch, now: config.now, validation } as const;
  return (
    checkProduceRequest(input, undefined) ??
    checkChecksum(input, rules.topicPartition) ??
    validateRecords(input, rules, options, config.firstOffset)
  );
}

function checkAppended(row: ProduceRow, input: Buffer, verdict: AppendVerdict): string | undefined {
  const { records } = verdict;
  // Kafka's validator leaves bytes behind the batch to the log, which cuts them off, as we do at once.
  if (!verdict.isRewritten && input.toString('hex') !== row.hex) return `appended ${input.toString('hex')}`;
  const described = describeBatch(records, 0);
  // Kafka let it through, though it cannot read it either: there are no batches to compare.
  if (row.unreadable !== undefined)
    return described.failure === undefined ? 'is readable, for Kafka it is not' : undefined;
  const expected = row.batches?.[0] as BatchJson;
  if (!verdict.isRewritten && records.length !== expected.sizeInBytes) {
    return `appended ${records.length} bytes of ${expected.sizeInBytes}`;
  }
  if (described.failure !== undefined) return `appended what cannot be read: ${described.failure.message}`;
  if (!verdict.isRewritten || described.compression === 'none') {
    return verdict.isRewritten && records.toString('hex') !== row.hex
      ? `appended ${records.toString('hex')}`
      : differs([described], row.batches);
  }
  // The packed bytes, and with them size and checksum, are the compressor's business.
  const { batchLength: _length, crc: _crc, sizeInBytes: _size, ...mine } = described;
  const { batchLength: _length2, crc: _crc2, sizeInBytes: _size2, ...kafkas } = expected;
  return differs(mine, kafkas);
}
