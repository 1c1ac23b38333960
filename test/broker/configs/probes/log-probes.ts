// Configs of logs: where they are, when segments are left, removed and flushed, what batches may be and become.
import { DeleteRecords } from '../../../../src/protocol/messages/21-delete-records.ts';
import { AlterReplicaLogDirs } from '../../../../src/protocol/messages/34-alter-replica-log-dirs.ts';
import { DescribeProducers } from '../../../../src/protocol/messages/61-describe-producers.ts';
import { DeleteTopics } from '../../../../src/protocol/messages/20-delete-topics.ts';
import { type BatchRecord, batchesOf, recordsOf } from '../../../../src/protocol/records/index.ts';
import { DATA, type ProbedBroker } from './probed-broker.ts';
import type { Probe, Probes } from './probe.ts';

const HOUR_MS = 3_600_000;
const MIB = 1_048_576;
const LOG = `${DATA}/t-0`;

const segments = (broker: ProbedBroker): number => broker.files(LOG, '.log').length;

/** Segments of a topic whose records are so far apart in time. */
const segmentsOf =
  (stepMs: number, count = 4) =>
  async (broker: ProbedBroker): Promise<number> => {
    await broker.createTopic('t');
    for (let at = 0; at < count; at++) {
      await broker.produce('t', [{ key: Buffer.from('k'), value: Buffer.alloc(1), timestamp: 1 + at * stepMs }]);
    }
    return segments(broker);
  };

/** Two old segments of 600 KB, and what is gone of them after a while. */
const startAfter =
  (waitMs: number) =>
  async (broker: ProbedBroker): Promise<boolean> => {
    await broker.createTopic('t');
    await broker.wait(1);
    const timestamp = broker.clock.nowMs() - 2 * HOUR_MS;
    for (let at = 0; at < 3; at++) await broker.produce('t', [{ value: Buffer.alloc(600_000), timestamp }]);
    await broker.wait(waitMs);
    return (await broker.offset('t', -2)) > 0;
  };
const EARLY = { 'log.initial.task.delay.ms': '0', 'log.retention.check.interval.ms': '1000' };
const SMALL = { 'log.segment.bytes': String(MIB) };
const retention = (values: Probe['values'], beside = {}): Probe => ({
  values,
  sees: [false, true],
  look: startAfter(1500),
  beside: { ...EARLY, ...SMALL, ...beside },
});

const produced =
  (record: { timestamp?: number; key?: Buffer | null; bytes?: number } = {}) =>
  async (broker: ProbedBroker) => {
    await broker.createTopic('t');
    const { bytes = 10, timestamp = broker.clock.nowMs(), key = null } = record;
    return (await broker.produce('t', [{ key, value: Buffer.alloc(bytes), timestamp }]))?.errorCode;
  };

const flushedAfter =
  (waitMs: number) =>
  async (broker: ProbedBroker): Promise<boolean> => {
    await produced()(broker);
    await broker.wait(waitMs);
    return broker.disk.flushed.has(`${LOG}/00000000000000000000.log`);
  };

/** What a checkpoint says of a topic after a record, a deletion up to it, and a while. */
const checkpointed =
  (file: string, waitMs: number) =>
  async (broker: ProbedBroker): Promise<boolean> => {
    await broker.createTopic('t');
    await broker.wait(1);
    await broker.produce('t', [{ value: null }, { value: null }]);
    const topics = [{ name: 't', partitions: [{ partitionIndex: 0, offset: 1 }] }];
    await broker.client.ask(DeleteRecords, 2, { topics, timeoutMs: 1000 });
    await broker.wait(waitMs);
    return / [12]$/m.test(broker.text(`${DATA}/${file}`).replace(/^.*\n.*\n/, ''));
  };

/** A compacted topic of small segments. */
const makeCompacted = (broker: ProbedBroker, segmentBytes = '150') =>
  broker.createTopic('t', { configs: { 'cleanup.policy': 'compact', 'internal.segment.bytes': segmentBytes } });

/** The cleaner has had its turn, if it is to have one by then. */
async function cleanerAfter(broker: ProbedBroker, waitMs = BACKOFF_MS + 1): Promise<void> {
  await broker.wait(waitMs);
  for (let turn = 0; turn < 15; turn++) await broker.settle();
}
const BACKOFF_MS = 15_000;

const recordsLeft = (broker: ProbedBroker): BatchRecord[] =>
  broker.files(LOG, '.log').flatMap((name) => {
    const bytes = Buffer.from(broker.disk.readFileSync(`${LOG}/${name}`));
    return [...batchesOf(bytes)].flatMap((at) => [...recordsOf(bytes, { at })]);
  });

/** How many records are left of twelve: three times the keys 1 to 4, a segment each. */
const compactedAfter = (waitMs?: number) => async (broker: ProbedBroker) => {
  await makeCompacted(broker);
  for (let at = 0; at < 12; at++) await broker.produce('t', [keyed(at % 4)]);
  await cleanerAfter(broker, waitMs);
  return recordsLeft(broker).length;
};
const keyed = (key: number, value: Buffer | null = Buffer.alloc(30)) => ({
  key: Buffer.from(`key ${key}`),
  value,
  timestamp: 1_700_000_000_000,
});
/** The active segment is not looked at: five are left when all else is clean. */
const COMPACTED = 5;
const FEW_KEYS = { 'log.cleaner.min.cleanable.ratio': '0.95', 'log.cleaner.io.buffer.load.factor': '0.00005' };

/** Whether a tombstone is left after the second pass. */
async function tombstoneStays(broker: ProbedBroker): Promise<boolean> {
  await makeCompacted(broker);
  for (const at of [1, 2]) await broker.produce('t', [keyed(at)]);
  await broker.produce('t', [keyed(1, null)]);
  await broker.produce('t', [keyed(3)]);
  await cleanerAfter(broker);
  for (const at of [3, 3, 3, 3, 3]) await broker.produce('t', [keyed(at)]);
  await cleanerAfter(broker);
  return recordsLeft(broker).some(({ value }) => value === null);
}

/** Whether the cleaner has read 500 bytes at a time. */
async function readsInSmallSteps(broker: ProbedBroker): Promise<boolean> {
  await makeCompacted(broker, '2000');
  for (let at = 0; at < 30; at++) await broker.produce('t', [keyed(at % 4)]);
  await cleanerAfter(broker);
  return broker.disk.reads.some(({ path, length }) => path.endsWith('.log') && length === 500);
}

const storedBytes = async (broker: ProbedBroker): Promise<number> => {
  await broker.createTopic('t');
  const text = Array.from({ length: 4000 }, (_, at) => `${(at * 7919) % 613} ${at % 97} word${at % 31}`).join(' ');
  await broker.produce('t', [{ value: Buffer.from(text) }]);
  return (await broker.fetch('t')).records.length;
};
/** A stronger level gives a smaller batch: on which side of `bytes` it is. */
const level = (codec: string, weak: string, strong: string, bytes: number): Probe => ({
  values: [weak, strong],
  sees: ['large', 'small'],
  look: async (broker) => ((await storedBytes(broker)) > bytes ? 'large' : 'small'),
  beside: { 'compression.type': codec },
});

const producersAfter =
  (waitMs: number) =>
  async (broker: ProbedBroker): Promise<number | undefined> => {
    await broker.createTopic('t');
    const timestamp = broker.clock.nowMs();
    await broker.produce('t', [{ value: null, timestamp }], { producerId: 7, producerEpoch: 0, baseSequence: 0 });
    await broker.wait(waitMs);
    const request = { topics: [{ name: 't', partitionIndexes: [0] }] };
    const { topics } = await broker.client.ask(DescribeProducers, 0, request);
    return topics[0]?.partitions[0]?.activeProducers.length;
  };

/** Whether a move that failed because the disk was full has come to its end after a second. */
async function movedAfterFailure(broker: ProbedBroker): Promise<boolean> {
  await broker.createTopic('t');
  await broker.produce('t', [{ value: Buffer.alloc(100_000) }]);
  const from = ['/a', '/b'].find((path) => broker.disk.existsSync(`${path}/t-0`)) ?? '';
  const path = from === '/a' ? '/b' : '/a';
  broker.disk.capacityBytes = 160_000;
  const dirs = [{ path, topics: [{ name: 't', partitions: [0] }] }];
  await broker.client.ask(AlterReplicaLogDirs, 2, { dirs });
  for (let turn = 0; turn < 10; turn++) await broker.settle();
  broker.disk.capacityBytes = Number.POSITIVE_INFINITY;
  await broker.wait(2000);
  for (let turn = 0; turn < 20 && !broker.disk.existsSync(`${path}/t-0`); turn++) await broker.settle();
  return broker.disk.existsSync(`${path}/t-0`);
}

async function indexBytes(broker: ProbedBroker): Promise<number> {
  await segmentsOf(0)(broker);
  await broker.restart();
  return broker.disk.readFileSync(`${LOG}/00000000000000000000.index`).length;
}

async function isLeftOnDisk(broker: ProbedBroker): Promise<boolean> {
  await produced()(broker);
  await broker.client.ask(DeleteTopics, 5, { topicNames: ['t'], topics: [], timeoutMs: 1000 });
  await broker.wait(2000);
  return broker.files(DATA, '-delete').length > 0;
}

export const logProbes: Probes = {
  'log.dir': {
    values: ['/a', '/b'],
    sees: [true, false],
    look: (broker) => broker.disk.existsSync('/a/meta.properties'),
    beside: { 'log.dirs': undefined },
  },
  'cordoned.log.dirs': {
    values: ['', '/a'],
    sees: ['/a', '/b'],
    look: async (broker) => {
      await broker.createTopic('t');
      await broker.produce('t', [{ value: Buffer.alloc(1) }]);
      return ['/a', '/b'].find((path) => broker.disk.existsSync(`${path}/t-0`));
    },
    beside: { 'log.dirs': '/a,/b' },
  },
  'log.dirs': {
    values: ['/a', '/a,/b'],
    sees: [false, true],
    look: (broker) => broker.disk.existsSync('/b/meta.properties'),
  },
  'replica.fetch.backoff.ms': {
    values: ['60000', '1000'],
    sees: [false, true],
    look: movedAfterFailure,
    beside: { 'log.dirs': '/a,/b' },
  },
  'log.segment.bytes': {
    values: [String(10 * MIB), String(MIB)],
    sees: [1, 3],
    look: async (broker) => {
      await broker.createTopic('t');
      for (let at = 0; at < 3; at++) await broker.produce('t', [{ value: Buffer.alloc(600_000) }]);
      return segments(broker);
    },
  },
  'log.roll.ms': { values: [undefined, '10'], sees: [1, 4], look: segmentsOf(1000) },
  'log.roll.hours': { values: ['100', '1'], sees: [1, 4], look: segmentsOf(2 * HOUR_MS) },
  'log.roll.jitter.ms': {
    values: ['0', '10000'],
    sees: [false, true],
    // Without jitter every second record begins a segment; at random, more do.
    look: async (broker) => (await segmentsOf(9000, 24)(broker)) > 12,
    beside: { 'log.roll.ms': '10000' },
  },
  'log.roll.jitter.hours': {
    values: ['0', '10'],
    sees: [false, true],
    look: async (broker) => (await segmentsOf(9 * HOUR_MS, 24)(broker)) > 12,
    beside: { 'log.roll.hours': '10' },
  },
  'log.cleaner.enable': { values: ['false', 'true'], sees: [12, COMPACTED], look: compactedAfter() },
  'log.cleaner.backoff.ms': { values: ['60000', '1000'], sees: [12, COMPACTED], look: compactedAfter(1100) },
  'log.cleaner.min.cleanable.ratio': { values: ['1', '0.5'], sees: [12, COMPACTED], look: compactedAfter() },
  'log.cleaner.min.compaction.lag.ms': {
    values: ['9000000000000', '0'],
    sees: [12, COMPACTED],
    look: compactedAfter(),
  },
  'log.cleaner.dedupe.buffer.size': {
    values: ['1048577', '134217728'],
    // Of the first two keys older records go, then too little is dirty.
    sees: [12, COMPACTED],
    look: compactedAfter(),
    beside: FEW_KEYS,
  },
  'log.cleaner.io.buffer.load.factor': {
    values: ['0.00005', '0.9'],
    sees: [12, COMPACTED],
    look: compactedAfter(),
    beside: { ...FEW_KEYS, 'log.cleaner.dedupe.buffer.size': '1048577' },
  },
  'log.cleaner.io.buffer.size': { values: ['524288', '1000'], sees: [false, true], look: readsInSmallSteps },
  'log.cleaner.io.max.bytes.per.second': { values: ['1', '1.0E300'], sees: [12, COMPACTED], look: compactedAfter() },
  'log.cleaner.delete.retention.ms': { values: ['86400000', '0'], sees: [true, false], look: tombstoneStays },
  'log.cleaner.max.compaction.lag.ms': {
    values: [undefined, '10'],
    sees: [1, 4],
    look: segmentsOf(1000),
    beside: { 'log.cleanup.policy': 'compact' },
  },
  'log.index.size.max.bytes': {
    values: ['100000', '16'],
    sees: [false, true],
    look: async (broker) => (await segmentsOf(0, 8)(broker)) > 1,
    beside: { 'log.index.interval.bytes': '1' },
  },
  'log.index.interval.bytes': { values: ['4096', '1'], sees: [0, 24], look: indexBytes },
  'log.segment.delete.delay.ms': { values: ['60000', '1000'], sees: [true, false], look: isLeftOnDisk },
  'log.cleanup.policy': { values: ['delete', 'compact'], sees: [0, 87], look: produced() },
  'log.retention.ms': retention([String(3 * HOUR_MS), String(HOUR_MS)]),
  'log.retention.minutes': retention(['180', '60']),
  'log.retention.hours': retention(['3', '1']),
  'log.retention.bytes': retention(['-1', '1000']),
  'log.retention.check.interval.ms': retention(['300000', '1000'], {
    'log.retention.ms': '1000',
    'log.retention.check.interval.ms': undefined,
  }),
  'log.initial.task.delay.ms': retention(['30000', '1000'], { 'log.retention.ms': '1000' }),
  'log.flush.interval.messages': { values: [undefined, '1'], sees: [false, true], look: flushedAfter(0) },
  'log.flush.interval.ms': {
    values: ['100000', '500'],
    sees: [false, true],
    look: flushedAfter(1100),
    beside: { 'log.flush.scheduler.interval.ms': '1000' },
  },
  'log.flush.scheduler.interval.ms': {
    values: [undefined, '1000'],
    sees: [false, true],
    look: flushedAfter(1100),
    beside: { 'log.flush.interval.ms': '1' },
  },
  'log.flush.offset.checkpoint.interval.ms': {
    values: ['60000', '1000'],
    sees: [false, true],
    look: checkpointed('recovery-point-offset-checkpoint', 1100),
    beside: { 'log.flush.interval.messages': '1', 'log.initial.task.delay.ms': '0' },
  },
  'log.flush.start.offset.checkpoint.interval.ms': {
    values: ['60000', '1000'],
    sees: [false, true],
    look: checkpointed('log-start-offset-checkpoint', 1100),
    beside: { 'log.initial.task.delay.ms': '0' },
  },
  'replica.high.watermark.checkpoint.interval.ms': {
    values: ['60000', '1000'],
    sees: [false, true],
    look: checkpointed('replication-offset-checkpoint', 1100),
  },
  'message.max.bytes': { values: ['10000', '500'], sees: [0, 10], look: produced({ bytes: 1000 }) },
  'log.message.timestamp.type': {
    values: ['CreateTime', 'LogAppendTime'],
    sees: [true, false],
    look: async (broker) => {
      await broker.createTopic('t');
      return Number((await broker.produce('t', [{ value: null, timestamp: 1 }]))?.logAppendTimeMs) === -1;
    },
  },
  'log.message.timestamp.before.max.ms': {
    values: [undefined, '1000'],
    sees: [0, 32],
    look: produced({ timestamp: 1 }),
  },
  'log.message.timestamp.after.max.ms': {
    values: ['3600000', '9223372036854775807'],
    sees: [32, 0],
    look: produced({ timestamp: 4_000_000_000_000 }),
  },
  'compression.type': {
    values: ['producer', 'gzip'],
    sees: [0, 1],
    look: async (broker) => {
      await produced()(broker);
      return broker.codec('t');
    },
  },
  'compression.gzip.level': level('gzip', '1', '9', 18_000),
  'compression.zstd.level': level('zstd', '-131072', '22', 30_000),
  'producer.id.expiration.ms': {
    values: ['86400000', '1000'],
    sees: [1, 0],
    look: producersAfter(600_001),
    beside: { 'connections.max.idle.ms': '-1' },
  },
  'producer.id.expiration.check.interval.ms': {
    values: ['600000', '1000'],
    sees: [1, 0],
    look: producersAfter(2500),
    beside: { 'producer.id.expiration.ms': '1000' },
  },
};
