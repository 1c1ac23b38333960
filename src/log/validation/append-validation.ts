// What a leader does to a produced batch before it is appended: the first check of a Produce request, the checks of Kafka's
// UnifiedLog (base offset, size, checksum), and its LogValidator (record-validation.ts). One buffer, in place: offsets are
// assigned by patching the header; only a topic that asks for another codec has its batches built anew.
// docs/produce-validation.md tells users about the two modes.
import {
  BatchLengthOverflowError,
  baseOffset,
  batchSizeAt,
  checksum,
  CorruptRecordError,
  Codecs,
  codecReady,
  compression,
  Errors,
  isBatchValid,
  MAGIC,
  MAGIC_V2,
} from '../../protocol/index.ts';
import type { AppendOptions } from './append-info.ts';
import type { AppendRules } from './append-rules.ts';
import { type AppendVerdict, refused } from './append-verdict.ts';
import { opensBatch, targetCodecOf, validateRecords } from './record-validation.ts';

/** zstd came with version 7 of Produce (KIP-110). */
const ZSTD_SINCE_VERSION = 7;

/**
 * Judges the one batch in `records` and readies it for the log, where it gets `firstOffset`. Patches `records` in place,
 * only when it is accepted. Throws nothing for bad input. The origins are `client` and `coordinator`: replicas and raft
 * have set the offsets themselves.
 */
export function validateAppend(
  records: Buffer,
  rules: AppendRules,
  options: AppendOptions,
  firstOffset: number,
): AppendVerdict {
  return (
    checkProduceRequest(records, options.apiVersion) ??
    checkBatch(records, rules, options) ??
    validateRecords(records, rules, options, firstOffset)
  );
}

/** A codec that `loadCodec` must load before `validateAppend` can do its work on `records`, or 0. */
export function codecNeededToAppend(records: Buffer, rules: AppendRules, validation: 'header' | 'strict'): number {
  if (records.length <= MAGIC || records[MAGIC] !== MAGIC_V2) return 0;
  const source = compression(records);
  const target = targetCodecOf(records, rules);
  if (target !== source && !codecReady(target)) return target;
  return source <= Codecs.ZSTD && opensBatch(records, rules, validation) && !codecReady(source) ? source : 0;
}

/** Exactly one batch, of magic 2. undefined when it is so. */
export function checkProduceRequest(records: Buffer, apiVersion: number | undefined): AppendVerdict | undefined {
  let size = 0;
  try {
    size = batchSizeAt(records);
    if (size === 0) return refused(Errors.INVALID_RECORD, 'request', 'no whole record batch');
    if (records[MAGIC] !== MAGIC_V2)
      return refused(Errors.INVALID_RECORD, 'request', 'a record batch of another magic than 2');
    if (apiVersion !== undefined && apiVersion < ZSTD_SINCE_VERSION && compression(records) === Codecs.ZSTD) {
      return refused(Errors.UNSUPPORTED_COMPRESSION_TYPE, 'request', `zstd in version ${apiVersion} of Produce`);
    }
    if (batchSizeAt(records, size) > 0) return refused(Errors.INVALID_RECORD, 'request', 'more than one record batch');
    return undefined;
  } catch (error) {
    if (!(error instanceof CorruptRecordError)) throw error;
    if (error instanceof BatchLengthOverflowError)
      return refused(Errors.UNKNOWN_SERVER_ERROR, 'request', error.message);
    // Over the first batch Kafka stumbles before it looks at partitions one by one, and says what it is (RequestUtils).
    return refused(Errors.CORRUPT_MESSAGE, 'request', error.message, size === 0 ? error.message : undefined);
  }
}

/** Base offset, size and checksum. undefined when they are right. */
function checkBatch(records: Buffer, rules: AppendRules, options: AppendOptions): AppendVerdict | undefined {
  const { topicPartition, maxMessageBytes } = rules;
  if (options.origin === 'client' && baseOffset(records) !== 0) {
    const found = `but it is ${baseOffset(records)}`;
    const reason = `The baseOffset of the record batch in the append to ${topicPartition} should be 0, ${found}`;
    return refused(Errors.INVALID_RECORD, 'validate', reason);
  }
  const size = batchSizeAt(records);
  if (size > maxMessageBytes) {
    const reason = `The record batch size in the append to ${topicPartition} is ${size} bytes which exceeds the maximum of ${maxMessageBytes}`;
    return refused(Errors.MESSAGE_TOO_LARGE, 'batch', reason);
  }
  return checkChecksum(records, topicPartition);
}

export function checkChecksum(records: Buffer, topicPartition: string): AppendVerdict | undefined {
  if (isBatchValid(records)) return undefined;
  const reason = `Record is corrupt (stored crc = ${checksum(records)}) in topic partition ${topicPartition}.`;
  return refused(Errors.CORRUPT_MESSAGE, 'batch', reason);
}
