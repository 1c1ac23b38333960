// kafka-dump-log on the log itself: a line a batch, a line a record.
import {
  attributes,
  batchSizeAt,
  type BatchRecord,
  baseOffset,
  baseSequence,
  baseTimestamp,
  checksum,
  compression,
  ControlRecordType,
  controlRecordType,
  DELETE_HORIZON_FLAG,
  decodeRecordKey,
  isBatchValid,
  isControl,
  isTransactional,
  lastOffsetOf,
  lastSequence,
  legacyHeader,
  loadCodec,
  LOG_APPEND_TIME_FLAG,
  magic,
  MAGIC_V2,
  maxTimestamp,
  type MessageSchema,
  partitionLeaderEpoch,
  producerEpoch,
  producerId,
  readEndTransactionMarker,
  recordsCount,
  recordsOf,
  codecOf,
  Reader,
} from '../../protocol/index.ts';
import * as control from '../../protocol/messages/control-records.ts';
import type { DiskFile } from '../../runtime/index.ts';
import type { ToolIo } from '../tool-io.ts';
import type { LogParser } from './records/log-parsers.ts';
import { messageJson } from './records/message-json.ts';

export interface LogDumpOptions {
  readonly printsContents: boolean;
  readonly isDeep: boolean;
  readonly skipsRecordMetadata: boolean;
  readonly maxBytes: number;
  readonly parser: LogParser;
}

const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
const WINDOW_BYTES = 1 << 20;
const NO_LIMIT = 2_147_483_647;
const LEAST_BATCH = 17;

/** The batches of a file, each read whole, one after the other. */
export function* batchesIn(
  file: DiskFile,
  limit: number,
  from = 0,
): Generator<{ batch: Buffer; position: number }, number> {
  const end = Math.min(file.sizeSync(), from + limit);
  let window = Buffer.alloc(0);
  let windowAt = from;
  let position = from;
  const have = (bytes: number): boolean => {
    if (position + bytes <= windowAt + window.length) return true;
    window = Buffer.alloc(Math.min(Math.max(bytes, WINDOW_BYTES), end - position));
    windowAt = position;
    return file.readSync(window, 0, window.length, position) >= bytes;
  };
  while (end - position >= LEAST_BATCH && have(LEAST_BATCH)) {
    const needed = 12 + window.readInt32BE(position - windowAt + 8);
    if (needed > end - position || !have(Math.max(needed, LEAST_BATCH))) break;
    const size = batchSizeAt(window, position - windowAt);
    yield { batch: window.subarray(position - windowAt, position - windowAt + size), position };
    position += size;
  }
  return position - from;
}

/** Pairs of offsets between which some are missing come back. Rejects with CorruptRecordError or InvalidRecordError. */
export async function dumpBatches(
  io: ToolIo,
  file: DiskFile,
  name: string,
  options: LogDumpOptions,
): Promise<[number, number][]> {
  const gaps: [number, number][] = [];
  const batches = batchesIn(file, options.maxBytes);
  let last = -1;
  let step = batches.next();
  for (; step.done !== true; step = batches.next()) {
    const { batch, position } = step.value;
    const lines = [batchLine(batch, position)];
    if (options.isDeep) {
      await loadCodec(codecIn(batch));
      for (const record of recordsOf(batch)) {
        if (record.offset !== last + 1) gaps.push([last, record.offset]);
        last = record.offset;
        lines.push(recordLine(batch, record, options));
      }
    }
    if (!io.stdout.write(`${lines.join('\n')}\n`)) await io.stdout.drained();
    if (io.signal.aborted) return gaps;
  }
  const trailing = Math.min(file.sizeSync(), options.maxBytes) - step.value;
  if (trailing > 0 && options.maxBytes === NO_LIMIT) {
    io.stdout.write(`Found ${trailing} invalid bytes at the end of ${name}\n`);
  }
  return gaps;
}

const isLegacy = (batch: Uint8Array): boolean => magic(batch) < MAGIC_V2;

/** Of the formats before 2 the header is held in the shape of theirs. */
const codecIn = (batch: Uint8Array): number => (isLegacy(batch) ? (batch[17] as number) & 0x07 : compression(batch));

const timestampType = (batch: Uint8Array): string => {
  if (magic(batch) === 0) return 'NoTimestampType';
  const flags = isLegacy(batch) ? (batch[17] as number) : attributes(batch);
  return (flags & LOG_APPEND_TIME_FLAG) === 0 ? 'CreateTime' : 'LogAppendTime';
};

function batchLine(batch: Buffer, position: number): string {
  const head = isLegacy(batch) ? `offset: ${lastOffsetOf(batch)}` : headLine(batch);
  const time = isLegacy(batch) ? legacyTimestamp(batch) : maxTimestamp(batch);
  const crc = isLegacy(batch) ? batch.readUInt32BE(12) : checksum(batch);
  return [
    `${head} position: ${position} ${timestampType(batch)}: ${time} size: ${batch.length} magic: ${magic(batch)}`,
    `compresscodec: ${CODECS[codecIn(batch)] ?? 'none'} crc: ${crc} isvalid: ${isBatchValid(batch)}`,
  ].join(' ');
}

const legacyTimestamp = (batch: Buffer): number | bigint => (magic(batch) === 0 ? -1 : batch.readBigInt64BE(18));

function headLine(batch: Uint8Array): string {
  const horizon =
    (attributes(batch) & DELETE_HORIZON_FLAG) === 0 ? 'OptionalLong.empty' : `OptionalLong[${baseTimestamp(batch)}]`;
  return [
    `baseOffset: ${baseOffset(batch)} lastOffset: ${lastOffsetOf(batch)} count: ${recordsCount(batch)}`,
    `baseSequence: ${baseSequence(batch)} lastSequence: ${lastSequence(batch)}`,
    `producerId: ${producerId(batch)} producerEpoch: ${producerEpoch(batch)}`,
    `partitionLeaderEpoch: ${partitionLeaderEpoch(batch)} isTransactional: ${isTransactional(batch)}`,
    `isControl: ${isControl(batch)} deleteHorizonMs: ${horizon}`,
  ].join(' ');
}

function recordLine(batch: Uint8Array, record: BatchRecord, options: LogDumpOptions): string {
  const hasControl = !isLegacy(batch) && isControl(batch);
  const metadata = options.skipsRecordMetadata ? '' : recordMetadata(batch, record, hasControl);
  let line = metadata === '' ? '' : `| ${metadata}`;
  if (!options.printsContents || hasControl) return line;
  const { key, payload } = options.parser(record);
  const prefix = (): string => (line === '' ? '| ' : ' ');
  if (key !== undefined) line += `${prefix()}key: ${key}`;
  if (payload !== undefined) line += `${prefix()}payload: ${payload}`;
  return line;
}

function recordMetadata(batch: Uint8Array, record: BatchRecord, hasControl: boolean): string {
  const { offset, timestamp, key, value, sequence, headers } = record;
  const sizes = `keySize: ${key?.length ?? -1} valueSize: ${value?.length ?? -1}`;
  const common = `offset: ${offset} ${timestampType(batch)}: ${timestamp} ${sizes}`;
  if (isLegacy(batch))
    return `${common} isValid: ${isBatchValid(batch)} crc: ${Buffer.from(legacyHeader(batch)).readUInt32BE(12)}`;
  const keys = headers.map((header) => header.key).join(',');
  return `${common} sequence: ${sequence} headerKeys: [${keys}]${hasControl ? controlText(record) : ''}`;
}

function controlText({ key, value }: BatchRecord): string {
  switch (controlRecordType(key)) {
    case ControlRecordType.ABORT:
    case ControlRecordType.COMMIT: {
      const kind = controlRecordType(key) === ControlRecordType.COMMIT ? 'COMMIT' : 'ABORT';
      return ` endTxnMarker: ${kind} coordinatorEpoch: ${readEndTransactionMarker(value).coordinatorEpoch}`;
    }
    case ControlRecordType.LEADER_CHANGE:
      return ` LeaderChange: ${controlJson(control.leaderChangeMessage, value)}`;
    case ControlRecordType.SNAPSHOT_HEADER:
      return ` SnapshotHeader ${controlJson(control.snapshotHeaderRecord, value)}`;
    case ControlRecordType.SNAPSHOT_FOOTER:
      return ` SnapshotFooter ${controlJson(control.snapshotFooterRecord, value)}`;
    case ControlRecordType.KRAFT_VERSION:
      return ` KRaftVersion ${controlJson(control.kRaftVersionRecord, value)}`;
    case ControlRecordType.KRAFT_VOTERS:
      return ` KRaftVoters ${controlJson(control.votersRecord, value)}`;
    default: {
      const { type } = decodeRecordKey(control.controlRecordTypeSchema, key ?? new Uint8Array());
      return ` controlType: UNKNOWN(${type})`;
    }
  }
}

/** The bodies begin with their version. */
function controlJson(schema: MessageSchema, value: Uint8Array | null): string {
  const bytes = Buffer.from(value ?? []);
  const version = Math.min(bytes.readInt16BE(0), schema.versions[1]);
  return messageJson(schema, version, codecOf(schema, version).decode(new Reader(bytes)));
}
