// Data directories that Apache Kafka 4.3.1 wrote, one stopped cleanly and one killed under load, against what Kafka itself
// answered about them.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { defaultLogConfig, LogManager, type PartitionLog, topicLogConfig } from '../../src/log/index.ts';
import { Codecs, loadCodec } from '../../src/protocol/index.ts';
import * as batch from '../../src/protocol/records/index.ts';
import { Metrics, silentLogger } from '../../src/runtime/index.ts';
import { MemoryDisk } from '../../src/runtime/memory/index.ts';
import { nextTurn } from '../../src/runtime/node/index.ts';
import { SimClock } from '../../src/runtime/sim/index.ts';
import { unpack } from './data-directory.ts';

const fixtures = new URL('../fixtures/', import.meta.url);
const codecNames = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

interface ExpectedPartition {
  logStartOffset: number;
  highWatermark: number;
  lastStableOffset: number;
  maxTimestamp: number;
  offsetOfMaxTimestamp: number;
  recordCount: number;
  controlRecordCount: number;
  bytes: number;
  recordsSha256: string;
  abortedTransactions?: { producerId: number; firstOffset: number }[];
  batches?: Record<string, unknown>[];
  producers: Record<string, unknown>[];
}
interface Expected {
  readAtMs: number;
  topics: Record<string, { topicId: string; partitions: Record<string, ExpectedPartition> }>;
  internalTopics: Record<string, { topicId: string; nonEmptyPartitions: Record<string, ExpectedPartition> }>;
}

for (const { archive, expectation, isClean } of [
  { archive: 'kafka-4.3.1-datadir.tar.gz', expectation: 'expected.json', isClean: true },
  { archive: 'kafka-4.3.1-datadir-crashed.tar.gz', expectation: 'expected-crashed.json', isClean: false },
]) {
  describe(`the log opens ${archive}`, () => {
    const expected = JSON.parse(readFileSync(new URL(expectation, fixtures), 'utf8')) as Expected;
    let manager: LogManager;
    let clock: SimClock;

    before(async () => {
      for (const codec of Object.values(Codecs)) await loadCodec(codec);
      clock = new SimClock({ nextTurn, startMs: expected.readAtMs });
      const disk = new MemoryDisk({ nowMs: () => clock.nowMs() });
      unpack(new URL(archive, fixtures), disk, '/data');
      manager = await clock.run(
        LogManager.open({
          runtime: { disk, clock, logger: silentLogger, metrics: new Metrics() },
          logDirs: ['/data'],
          // As in server.properties.example of the archive.
          config: { ...defaultLogConfig, producerIdExpirationMs: 2147483647 },
          durability: 'memory',
          topicConfig: () => topicLogConfig(defaultLogConfig),
        }),
      );
      for (const log of manager.logs()) log.updateHighWatermark(log.logEndOffset);
    });

    after(() => manager.abandon());

    it('knows whether the broker before it stopped in an orderly way', () => {
      expect(manager.previousBrokerEpoch >= 0).to.equal(isClean);
    });

    for (const [topic, { topicId, partitions }] of Object.entries(expected.topics)) {
      it(`and finds all of ${topic.slice(0, 40)}`, async () => {
        for (const [index, partition] of Object.entries(partitions)) {
          const log = manager.getLog(topic, Number(index));
          expect(log, `${topic}-${index}`).to.not.equal(undefined);
          expect((log as PartitionLog).topicId).to.equal(topicId);
          await clock.run(compare(log as PartitionLog, partition));
        }
      });
    }

    it('and the internal topics end where they did', () => {
      for (const [topic, { topicId, nonEmptyPartitions }] of Object.entries(expected.internalTopics)) {
        for (const [index, partition] of Object.entries(nonEmptyPartitions)) {
          const log = manager.getLog(topic, Number(index)) as PartitionLog;
          expect(log.topicId).to.equal(topicId);
          expect(log.logStartOffset).to.equal(partition.logStartOffset);
          expect(log.logEndOffset, `${topic}-${index}`).to.equal(partition.highWatermark);
          expect(log.lastStableOffset, `${topic}-${index}`).to.equal(partition.lastStableOffset);
        }
      }
    });
  });
}

async function compare(log: PartitionLog, expected: ExpectedPartition): Promise<void> {
  expect(log.logStartOffset).to.equal(expected.logStartOffset);
  expect(log.logEndOffset).to.equal(expected.highWatermark);
  expect(log.lastStableOffset).to.equal(expected.lastStableOffset);
  const found = readAll(log);
  expect(found.bytes).to.equal(expected.bytes);
  expect(found.recordCount).to.equal(expected.recordCount);
  expect(found.controlRecordCount).to.equal(expected.controlRecordCount);
  expect(found.sha256).to.equal(expected.recordsSha256);
  if (expected.batches !== undefined) expect(found.batches).to.deep.equal(expected.batches);
  const aborted = log.abortedTransactions(log.logStartOffset, log.lastStableOffset);
  expect(aborted.map(({ producerId, firstOffset }) => ({ producerId, firstOffset }))).to.deep.equal(
    expected.abortedTransactions ?? [],
  );
  const byId = (a: { producerId?: unknown }, b: { producerId?: unknown }): number =>
    Number(a.producerId) - Number(b.producerId);
  const producers = log.producers().map(({ currentTxnStartOffset, ...row }) => ({
    ...row,
    currentTransactionStartOffset: currentTxnStartOffset,
  }));
  expect(producers.sort(byId)).to.deep.equal(expected.producers.sort(byId));
  const largest = await log.maxTimestampOffset();
  expect(largest?.timestamp ?? -1).to.equal(expected.maxTimestamp);
  expect(largest?.offset ?? -1).to.equal(expected.offsetOfMaxTimestamp);
}

/** Fetches from the log start to its end, a little at a time, as a consumer would. */
function readAll(log: PartitionLog): {
  bytes: number;
  recordCount: number;
  controlRecordCount: number;
  sha256: string;
  batches: Record<string, unknown>[];
} {
  const hash = createHash('sha256');
  const batches: Record<string, unknown>[] = [];
  let bytes = 0;
  let recordCount = 0;
  let controlRecordCount = 0;
  for (let offset = log.logStartOffset; offset < log.logEndOffset; ) {
    const slice = log.read(offset, 10_000, { upTo: log.highWatermark, minOneBatch: true });
    const read = Buffer.concat(slice.readSync());
    expect(read.length, `at ${offset}`).to.be.greaterThan(0);
    expect(batch.baseOffset(read)).to.equal(slice.firstBatchOffset);
    for (const at of batch.batchesOf(read)) {
      bytes += batch.sizeInBytes(read, at);
      batches.push(describeBatch(read, at));
      offset = batch.lastOffset(read, at) + 1;
      if (batch.isControl(read, at)) {
        controlRecordCount += batch.recordsCount(read, at);
        continue;
      }
      for (const record of batch.recordsOf(read, { at })) {
        if (record.offset < log.logStartOffset) continue;
        recordCount++;
        hash.update(`${record.offset} ${record.timestamp} ${record.key?.length ?? -1} ${record.value?.length ?? -1}\n`);
        hash.update(record.key ?? '').update(record.value ?? '');
      }
    }
  }
  return { bytes, recordCount, controlRecordCount, sha256: hash.digest('hex'), batches };
}

function describeBatch(bytes: Uint8Array, at: number): Record<string, unknown> {
  const hasProducer = batch.producerId(bytes, at) >= 0;
  return {
    baseOffset: batch.baseOffset(bytes, at),
    lastOffset: batch.lastOffset(bytes, at),
    count: batch.recordsCount(bytes, at),
    sizeInBytes: batch.sizeInBytes(bytes, at),
    codec: codecNames[batch.compression(bytes, at)],
    timestampType: (batch.attributes(bytes, at) & batch.LOG_APPEND_TIME_FLAG) === 0 ? 'CreateTime' : 'LogAppendTime',
    maxTimestamp: batch.maxTimestamp(bytes, at),
    leaderEpoch: batch.partitionLeaderEpoch(bytes, at),
    ...(hasProducer && {
      producerId: batch.producerId(bytes, at),
      producerEpoch: batch.producerEpoch(bytes, at),
      baseSequence: batch.baseSequence(bytes, at),
    }),
    ...(batch.isTransactional(bytes, at) && { transactional: true }),
    ...(batch.isControl(bytes, at) && { control: true }),
    crc: batch.checksum(bytes, at).toString(16),
  };
}
