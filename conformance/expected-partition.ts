// What test/fixtures/expected*.json says of a partition, held against what a broker serves of it.

import { createHash } from 'node:crypto';
import { same } from './suite.ts';
import type { WireConnection } from './wire/connection.ts';
import {
  type BatchView,
  batchesOf,
  codecOf,
  computedCrc,
  hasLogAppendTime,
  isControl,
  isTransactional,
  type RecordView,
  recordsOf,
} from './wire/record-batch.ts';
import { describeProducers, type FetchedPartition, fetch, knownOffset } from './wire/requests.ts';

export interface ExpectedPartition {
  readonly logStartOffset: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly leaderEpoch: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
  readonly maxTimestamp: number;
  readonly offsetOfMaxTimestamp: number;
  readonly recordCount: number;
  readonly controlRecordCount: number;
  readonly bytes: number;
  readonly recordsSha256: string;
  readonly abortedTransactions?: readonly unknown[];
  readonly batches?: readonly Readonly<Record<string, unknown>>[];
  readonly records?: readonly Readonly<Record<string, unknown>>[];
  readonly producers?: readonly unknown[];
}

export interface ExpectedTopic {
  readonly topicId: string;
  readonly configs: Readonly<Record<string, string>>;
  readonly partitions: Readonly<Record<string, ExpectedPartition>>;
}

export interface ExpectedDirectory {
  readonly readAtMs: number;
  readonly clusterId: string;
  readonly nodeId: number;
  readonly topics: Readonly<Record<string, ExpectedTopic>>;
  readonly internalTopics: Readonly<
    Record<
      string,
      {
        readonly topicId: string;
        readonly partitionCount: number;
        readonly configs: Readonly<Record<string, string>>;
        readonly nonEmptyPartitions: Readonly<Record<string, ExpectedPartition>>;
      }
    >
  >;
  readonly dynamicConfigs: {
    readonly clusterDefault: Readonly<Record<string, string>>;
    readonly broker: Readonly<Record<string, string>>;
  };
}

interface At {
  readonly topic: string;
  readonly partition: number;
}

const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
const FETCH_BYTES = 64 << 20;
const LONGEST_TEXT_BYTES = 400;

/** Throws at the first difference. */
export async function matchPartition(connection: WireConnection, at: At, expected: ExpectedPartition): Promise<void> {
  const where = `partition ${at.partition}`;
  const earliest = await knownOffset(connection, { ...at, timestamp: -2 });
  same(earliest.offset, expected.logStartOffset, `${where}: earliest offset`);
  const latest = await knownOffset(connection, { ...at, timestamp: -1 });
  same(latest.offset, expected.highWatermark, `${where}: latest offset`);
  const largest = await knownOffset(connection, { ...at, timestamp: -3 });
  const ofLargest = [expected.maxTimestamp, expected.offsetOfMaxTimestamp];
  same([largest.timestamp, largest.offset], ofLargest, `${where}: largest timestamp and its offset`);
  const whole = await fetchAll(connection, { ...at, offset: expected.logStartOffset }, false);
  matchEnds(whole.last, expected, where);
  matchRecords(whole.batches, expected, where);
  const committed = await fetchAll(connection, { ...at, offset: expected.logStartOffset }, true);
  same(committed.abortedTransactions, expected.abortedTransactions ?? [], `${where}: aborted transactions`);
  const lastStable = committed.batches.at(-1)?.lastOffset ?? expected.logStartOffset - 1;
  same(lastStable < expected.lastStableOffset, true, `${where}: read_committed stops at the last stable offset`);
  const producers = [...(await describeProducers(connection, at))].sort((a, b) => a.producerId - b.producerId);
  same(producers, expected.producers ?? [], `${where}: producers`);
}

interface Fetched {
  readonly batches: readonly BatchView[];
  readonly abortedTransactions: readonly unknown[];
  readonly last: FetchedPartition;
}

/** Kafka reads one segment at a time, so that a partition takes as many fetches as it has segments. */
async function fetchAll(
  connection: WireConnection,
  from: At & { readonly offset: number },
  readCommitted: boolean,
): Promise<Fetched> {
  const batches: BatchView[] = [];
  const aborted = new Set<string>();
  for (let offset = from.offset; ; ) {
    const last = await fetch(connection, { ...from, offset }, { maxBytes: FETCH_BYTES, readCommitted });
    for (const entry of last.abortedTransactions) aborted.add(JSON.stringify(entry));
    const found = [...batchesOf(last.records)];
    batches.push(...found);
    const next = found.at(-1);
    if (next === undefined) {
      const abortedTransactions = [...aborted].map((entry) => JSON.parse(entry) as unknown);
      return { batches, abortedTransactions, last };
    }
    offset = next.lastOffset + 1;
  }
}

function matchEnds(fetched: FetchedPartition, expected: ExpectedPartition, where: string): void {
  const { errorCode, logStartOffset, highWatermark, lastStableOffset } = fetched;
  const wanted = [0, expected.logStartOffset, expected.highWatermark, expected.lastStableOffset];
  same([errorCode, logStartOffset, highWatermark, lastStableOffset], wanted, `${where}: error, start, HW, LSO`);
}

function matchRecords(batches: readonly BatchView[], expected: ExpectedPartition, where: string): void {
  const digest = createHash('sha256');
  const listed: unknown[] = [];
  let [recordCount, controlRecordCount, bytes] = [0, 0, 0];
  for (const batch of batches) {
    same(computedCrc(batch), batch.crc, `${where}: checksum of the batch at ${batch.baseOffset}`);
    bytes += batch.bytes.length;
    for (const record of recordsOf(batch)) {
      // DeleteRecords may cut inside a batch; the batch is served whole all the same.
      if (record.offset < expected.logStartOffset) continue;
      listed.push(isControl(batch) ? controlLine(record, batch) : dataLine(record));
      if (isControl(batch)) controlRecordCount++;
      else {
        recordCount++;
        addTo(digest, record);
      }
    }
  }
  for (const [i, header] of (expected.batches ?? []).entries()) {
    const batch = batches[i];
    const seen = batch === undefined ? undefined : only(headerLine(batch), Object.keys(header));
    same(seen, header, `${where}: batch ${i}`);
  }
  for (const [i, record] of (expected.records ?? []).entries()) same(listed[i], record, `${where}: record ${i}`);
  same(recordCount, expected.recordCount, `${where}: records`);
  same(controlRecordCount, expected.controlRecordCount, `${where}: control records`);
  same(bytes, expected.bytes, `${where}: bytes`);
  same(digest.digest('hex'), expected.recordsSha256, `${where}: digest of all records`);
}

function addTo(digest: ReturnType<typeof createHash>, { offset, timestamp, key, value }: RecordView): void {
  digest.update(`${offset} ${timestamp} ${key?.length ?? -1} ${value?.length ?? -1}\n`);
  if (key !== null) digest.update(key);
  if (value !== null) digest.update(value);
}

function only(line: Readonly<Record<string, unknown>>, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(keys.map((key) => [key, line[key]]));
}

function headerLine(batch: BatchView): Record<string, unknown> {
  return {
    baseOffset: batch.baseOffset,
    lastOffset: batch.lastOffset,
    count: batch.count,
    sizeInBytes: batch.bytes.length,
    codec: CODECS[codecOf(batch)],
    timestampType: hasLogAppendTime(batch) ? 'LogAppendTime' : 'CreateTime',
    maxTimestamp: batch.maxTimestamp,
    leaderEpoch: batch.leaderEpoch,
    producerId: batch.producerId,
    producerEpoch: batch.producerEpoch,
    baseSequence: batch.baseSequence,
    transactional: isTransactional(batch),
    control: isControl(batch),
    crc: batch.crc.toString(16),
  };
}

function controlLine(record: RecordView, batch: BatchView): Record<string, unknown> {
  const control = record.key?.readInt16BE(2) === 1 ? 'COMMIT' : 'ABORT';
  return { offset: record.offset, control, producerId: batch.producerId };
}

function dataLine({ offset, timestamp, key, value, headers }: RecordView): Record<string, unknown> {
  const line = { offset, timestamp, key: shown(key), value: shown(value) };
  if (headers.length === 0) return line;
  return { ...line, headers: headers.map((header) => ({ key: header.key, value: shown(header.value) })) };
}

function shown(bytes: Buffer | null): unknown {
  if (bytes === null) return null;
  if (bytes.length > LONGEST_TEXT_BYTES) {
    return { length: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  }
  const text = bytes.toString('utf8');
  return Buffer.from(text).equals(bytes) ? text : `base64:${bytes.toString('base64')}`;
}
