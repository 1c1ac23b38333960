// Builds a batch anew in the topic's codec, with offsets 0, 1, 2 … and nothing else changed: Kafka's buildRecordsAndAssignOffsets.
import {
  attributes,
  baseSequence,
  baseTimestamp,
  buildBatch,
  type CodecId,
  CompressionError,
  Errors,
  HEADER_SIZE,
  isTransactional,
  LOG_APPEND_TIME_FLAG,
  maxTimestamp,
  NO_PRODUCER_EPOCH,
  NO_PRODUCER_ID,
  type OpenedRecords,
  producerEpoch,
  producerId,
  RecordCursor,
  type RecordInput,
  recordsCount,
} from '../../protocol/index.ts';
import type { AppendOptions } from './append-info.ts';
import type { AppendRules } from './append-rules.ts';
import { type AppendVerdict, accepted, refused } from './append-verdict.ts';

/** `opened` when the batch comes compressed. The records must be well formed and within the topic's rules. */
export function rewriteBatch(
  records: Buffer,
  rules: AppendRules,
  options: AppendOptions,
  firstOffset: number,
  opened?: OpenedRecords,
): AppendVerdict {
  const inputs = readInputs(records, opened);
  const unbuildable = inputs === undefined ? 'a record has a negative timestamp' : headerFault(records);
  if (inputs === undefined || unbuildable !== undefined) {
    return refused(Errors.UNKNOWN_SERVER_ERROR, 'validate', `cannot build the batch anew: ${unbuildable}`);
  }
  let bytes: Buffer;
  try {
    bytes = buildBatch(inputs, {
      baseOffset: firstOffset,
      leaderEpoch: options.leaderEpoch,
      codec: rules.targetCodec as CodecId,
      compressionLevel: rules.compressionLevel,
      logAppendTimeMs: rules.isLogAppendTime ? options.now : undefined,
      producerId: producerId(records),
      producerEpoch: producerEpoch(records),
      baseSequence: baseSequence(records),
      isTransactional: isTransactional(records),
    });
  } catch (error) {
    if (!(error instanceof CompressionError)) throw error;
    return refused(Errors.UNKNOWN_SERVER_ERROR, 'validate', error.message);
  }
  if (bytes.length > rules.maxMessageBytes) {
    const reason = `a batch built anew has ${bytes.length} bytes, more than the maximum of ${rules.maxMessageBytes}`;
    return refused(Errors.MESSAGE_TOO_LARGE, 'batch', reason);
  }
  const lastOffset = firstOffset + inputs.length - 1;
  return accepted(bytes, true, firstOffset, lastOffset, maxTimestamp(bytes));
}

/** What Kafka's builder does not take in a header, though its validator lets it pass. */
function headerFault(records: Buffer): string | undefined {
  if (recordsCount(records) === 0) return 'no records';
  if (producerId(records) === NO_PRODUCER_ID)
    return isTransactional(records) ? 'transactional without a producer id' : undefined;
  if (producerEpoch(records) === NO_PRODUCER_EPOCH) return 'a producer id without an epoch';
  return baseSequence(records) < 0 ? 'a producer id without a sequence' : undefined;
}

/** undefined when a record has a timestamp that Kafka's builder does not take. */
function readInputs(records: Buffer, opened: OpenedRecords | undefined): RecordInput[] | undefined {
  const isAppendTime = (attributes(records) & LOG_APPEND_TIME_FLAG) !== 0;
  const appendTime = isAppendTime ? maxTimestamp(records) : undefined;
  const base = baseTimestamp(records);
  const cursor = new RecordCursor(opened?.bytes ?? records, opened?.start ?? HEADER_SIZE);
  const inputs: RecordInput[] = [];
  for (let i = 0; i < recordsCount(records); i++) {
    cursor.next();
    const timestamp = appendTime ?? cursor.timestampFrom(base);
    if (timestamp < -1) return undefined;
    inputs.push({ timestamp, key: cursor.key(), value: cursor.value(), headers: cursor.headers() });
  }
  return inputs;
}
