// The compressed batches that Apache Kafka judged (test/fixtures/codecs), judged by our validation.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { AppendRules } from '../../../src/log/validation/append-rules.ts';
import { validateAppend } from '../../../src/log/validation/append-validation.ts';
import { Errors } from '../../../src/protocol/index.ts';
import * as batch from '../../../src/protocol/records/index.ts';

interface Row {
  readonly codec: number;
  readonly how: string;
  readonly count: number;
  readonly data: string;
  readonly rebuilt: number;
  readonly kept: number;
  readonly records?: string;
}

export interface Disagreement {
  readonly how: string;
  /** `[rebuilt, kept]` */
  readonly kafka: readonly [number, number];
  readonly ours: readonly [number, number];
}

const FIRST_TIMESTAMP = 1_700_000_000_000;
const DIGEST_DIGITS = 32;
const OPTIONS = { origin: 'client', leaderEpoch: 0, now: FIRST_TIMESTAMP, apiVersion: 7 } as const;
const KEPT: AppendRules = {
  topicPartition: 'judged-0',
  targetCodec: -1,
  compressionLevel: undefined,
  isLogAppendTime: false,
  timestampBeforeMaxMs: 2n ** 63n - 1n,
  timestampAfterMaxMs: 3_600_000,
  isCompacted: false,
  maxMessageBytes: 1_048_588,
  maxDecompressedBytes: 64 * 1024 * 1024,
};
const REBUILT: AppendRules = { ...KEPT, targetCodec: 0 };

function batchOf({ codec, count, data }: Row): Buffer {
  const area = Buffer.from(data, 'base64');
  const bytes = Buffer.alloc(batch.HEADER_SIZE + area.length);
  bytes.set(area, batch.HEADER_SIZE);
  batch.putInt32(bytes, batch.BATCH_LENGTH, bytes.length - batch.LOG_OVERHEAD);
  bytes[batch.MAGIC] = batch.MAGIC_V2;
  batch.putInt16(bytes, batch.ATTRIBUTES, codec);
  batch.putInt32(bytes, batch.LAST_OFFSET_DELTA, count - 1);
  batch.putInt64(bytes, batch.BASE_TIMESTAMP, FIRST_TIMESTAMP);
  batch.putInt64(bytes, batch.MAX_TIMESTAMP, FIRST_TIMESTAMP + count - 1);
  batch.putInt64(bytes, batch.PRODUCER_ID, batch.NO_PRODUCER_ID);
  batch.putInt16(bytes, batch.PRODUCER_EPOCH, -1);
  batch.putInt32(bytes, batch.BASE_SEQUENCE, batch.NO_SEQUENCE);
  batch.putInt32(bytes, batch.RECORDS_COUNT, count);
  batch.updateChecksum(bytes);
  return bytes;
}

/** Where a verdict, or the records of a batch built anew, are not Kafka's. */
export function disagreements(): Disagreement[] {
  const text = gunzipSync(readFileSync(new URL('../../fixtures/codecs/judged.jsonl.gz', import.meta.url))).toString();
  const found: Disagreement[] = [];
  for (const line of text.trim().split('\n')) {
    const row = JSON.parse(line) as Row;
    const rebuilt = validateAppend(batchOf(row), REBUILT, { ...OPTIONS, validation: 'header' }, 0);
    const kept = validateAppend(batchOf(row), KEPT, { ...OPTIONS, validation: 'strict' }, 0);
    const digest = createHash('sha256').update(rebuilt.records.subarray(batch.HEADER_SIZE)).digest('hex');
    const isSame = rebuilt.errorCode === row.rebuilt && kept.errorCode === row.kept;
    const hasSameRecords = rebuilt.errorCode !== Errors.NONE || digest.slice(0, DIGEST_DIGITS) === row.records;
    if (isSame && hasSameRecords) continue;
    found.push({ how: row.how, kafka: [row.rebuilt, row.kept], ours: [rebuilt.errorCode, kept.errorCode] });
  }
  return found;
}
