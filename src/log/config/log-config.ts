// The configs of the log room: Kafka's keys, defaults, bounds and dynamic scopes (org.apache.kafka.storage.internals.log.
// LogConfig and CleanerConfig, server/config/ServerLogConfigs), and one key of our own. What a topic may override is in
// topic-log-config.ts.
import { config, type ConfigOf } from '../../runtime/index.ts';

const { boolean, double, exactLong, int, list, long, optionalInt, optionalList, optionalLong, string } = config;

/** 2^63 - 1, "no limit". */
const NO_LIMIT = Number.MAX_SAFE_INTEGER;
const ONE_MIB = 1024 * 1024;
const DAY_MS = 24 * 60 * 60 * 1000;
const WEEK_HOURS = 168;
/** As Kafka puts it. */
const DEDUPE_BUFFER_TOO_SMALL =
  'requirement failed: log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread.';

const directories = {
  logDir: list('log.dir', ['/tmp/kafka-logs']).doc('Where logs are kept when log.dirs is not set.'),
  logDirs: optionalList('log.dirs').doc('Directories for logs. Unset: log.dir.'),
  cordonedLogDirs: list('cordoned.log.dirs', [])
    .dynamic('per-broker')
    .doc('Directories of log.dirs into which no new replicas come (KIP-1066); *: all of them.'),
} as const;

const segments = {
  segmentBytes: int('log.segment.bytes', 1024 * ONE_MIB)
    .atLeast(ONE_MIB)
    .dynamic('cluster-wide')
    .topic('segment.bytes')
    .doc('Size at which a segment file is left and a new one begun.'),
  rollMs: optionalLong('log.roll.ms')
    .requiring((ms) => (ms < 1 ? 'requirement failed: log.roll.ms must be greater than or equal to 1' : undefined))
    .dynamic('cluster-wide')
    .topic('segment.ms')
    .doc('Age, by record timestamps, at which a segment is left. Unset: log.roll.hours.'),
  rollHours: int('log.roll.hours', WEEK_HOURS).atLeast(1).topic('segment.ms').doc('The same in hours.'),
  rollJitterMs: optionalLong('log.roll.jitter.ms')
    .requiring((ms) =>
      ms < 0 ? 'requirement failed: log.roll.jitter.ms must be greater than or equal to 0' : undefined,
    )
    .dynamic('cluster-wide')
    .topic('segment.jitter.ms')
    .doc(
      'Up to this much is taken off log.roll.ms at random, so that segments do not all end together. Unset: log.roll.jitter.hours.',
    ),
  rollJitterHours: int('log.roll.jitter.hours', 0).atLeast(0).topic('segment.jitter.ms').doc('The same in hours.'),
  indexSizeMaxBytes: int('log.index.size.max.bytes', 10 * ONE_MIB)
    .atLeast(4)
    .dynamic('cluster-wide')
    .topic('segment.index.bytes')
    .doc('Size of an index at which its segment is left. Index files are not preallocated here.'),
  indexIntervalBytes: int('log.index.interval.bytes', 4096)
    .atLeast(0)
    .dynamic('cluster-wide')
    .topic('index.interval.bytes')
    .doc('Bytes of log between two index entries.'),
  preallocate: boolean('log.preallocate', false)
    .dynamic('cluster-wide')
    .topic('preallocate')
    .doc('Whether segment files get their full size at creation.')
    .withoutEffect(),
  segmentDeleteDelayMs: long('log.segment.delete.delay.ms', 60000)
    .atLeast(0)
    .dynamic('cluster-wide')
    .topic('file.delete.delay.ms')
    .doc('How long a removed file stays on disk under another name, for readers that are still at it.'),
} as const;

const retention = {
  cleanupPolicy: list('log.cleanup.policy', ['delete'])
    .oneOf('compact', 'delete')
    .dynamic('cluster-wide')
    .topic('cleanup.policy')
    .doc('What happens to old records: delete drops old segments; compact keeps the last record of each key.'),
  retentionBytes: long('log.retention.bytes', -1)
    .dynamic('cluster-wide')
    .topic('retention.bytes')
    .doc('Size of a partition above which its oldest segments are removed; -1: no limit.'),
  retentionMs: optionalLong('log.retention.ms')
    .requiring((ms) =>
      ms === 0
        ? 'requirement failed: log.retention.ms must be unlimited (-1) or, greater than or equal to 1'
        : undefined,
    )
    .dynamic('cluster-wide')
    .topic('retention.ms')
    .doc('Age, by record timestamps, above which segments are removed; -1: no limit. Unset: log.retention.minutes.'),
  retentionMinutes: optionalInt('log.retention.minutes')
    .topic('retention.ms')
    .doc('The same in minutes. Unset: log.retention.hours.'),
  retentionHours: int('log.retention.hours', WEEK_HOURS).topic('retention.ms').doc('The same in hours.'),
  retentionCheckIntervalMs: long('log.retention.check.interval.ms', 300000)
    .atLeast(1)
    .doc('How often logs are checked for what retention removes.'),
  localRetentionMs: long('log.local.retention.ms', -2)
    .atLeast(-2)
    .dynamic('cluster-wide')
    .topic('local.retention.ms')
    .doc('Tiered storage: age kept on this disk.')
    .withoutEffect(),
  localRetentionBytes: long('log.local.retention.bytes', -2)
    .atLeast(-2)
    .dynamic('cluster-wide')
    .topic('local.retention.bytes')
    .doc('Tiered storage: bytes kept on this disk.')
    .withoutEffect(),
  initialTaskDelayMs: long('log.initial.task.delay.ms', 30000)
    .atLeast(0)
    .doc('How long after the start the background work on logs begins.'),
} as const;

const flushing = {
  flushIntervalMessages: long('log.flush.interval.messages', NO_LIMIT)
    .atLeast(1)
    .dynamic('cluster-wide')
    .topic('flush.messages')
    .doc('Records after which a log is flushed to the disk, beside what the durability setting does.'),
  flushIntervalMs: optionalLong('log.flush.interval.ms')
    .dynamic('cluster-wide')
    .topic('flush.ms')
    .doc('Time after which unflushed records are flushed. Unset: log.flush.scheduler.interval.ms.'),
  flushSchedulerIntervalMs: long('log.flush.scheduler.interval.ms', NO_LIMIT).doc(
    'How often logs are checked for a flush that is due.',
  ),
  flushOffsetCheckpointIntervalMs: int('log.flush.offset.checkpoint.interval.ms', 60000)
    .atLeast(0)
    .doc('How often recovery points are written down; what lies before them is not scanned after a crash.'),
  flushStartOffsetCheckpointIntervalMs: int('log.flush.start.offset.checkpoint.interval.ms', 60000)
    .atLeast(0)
    .doc('How often log start offsets are written down.'),
  highWatermarkCheckpointIntervalMs: long('replica.high.watermark.checkpoint.interval.ms', 5000).doc(
    'How often high watermarks are written down.',
  ),
  numRecoveryThreadsPerDataDir: int('num.recovery.threads.per.data.dir', 2)
    .atLeast(1)
    .dynamic('cluster-wide')
    .doc('Threads for recovery and shutdown; one event loop does both here.')
    .withoutEffect(),
} as const;

const records = {
  messageMaxBytes: int('message.max.bytes', ONE_MIB + 12)
    .atLeast(0)
    .dynamic('cluster-wide')
    .topic('max.message.bytes')
    .doc('Largest record batch, with its offset and length fields.'),
  messageTimestampType: string('log.message.timestamp.type', 'CreateTime')
    .oneOf('CreateTime', 'LogAppendTime')
    .dynamic('cluster-wide')
    .topic('message.timestamp.type')
    .doc('Whether records keep the timestamp of the producer or get the time of the append.'),
  messageTimestampBeforeMaxMs: exactLong('log.message.timestamp.before.max.ms', config.LONG_MAX)
    .atLeast(0)
    .dynamic('cluster-wide')
    .topic('message.timestamp.before.max.ms')
    .doc('A record older than this is refused.'),
  messageTimestampAfterMaxMs: exactLong('log.message.timestamp.after.max.ms', 3600000)
    .atLeast(0)
    .dynamic('cluster-wide')
    .topic('message.timestamp.after.max.ms')
    .doc('A record further than this in the future is refused.'),
  compressionType: string('compression.type', 'producer')
    .oneOf('uncompressed', 'zstd', 'lz4', 'snappy', 'gzip', 'producer')
    .dynamic('cluster-wide')
    .topic('compression.type')
    .doc('The codec that batches are stored in; producer keeps the one they came in.'),
  compressionGzipLevel: int('compression.gzip.level', -1)
    .refusing((level) =>
      level === -1 || (level >= 1 && level <= 9) ? undefined : 'Value must be between 1 and 9 or equal to -1',
    )
    .dynamic('cluster-wide')
    .topic('compression.gzip.level')
    .doc('Level when the broker itself compresses with gzip; -1: the default of zlib.'),
  compressionLz4Level: int('compression.lz4.level', 9)
    .between(1, 17)
    .dynamic('cluster-wide')
    .topic('compression.lz4.level')
    .withoutEffect()
    .doc('Level when the broker itself compresses with lz4.'),
  compressionZstdLevel: int('compression.zstd.level', 3)
    .between(-131072, 22)
    .dynamic('cluster-wide')
    .topic('compression.zstd.level')
    .doc('Level when the broker itself compresses with zstd.'),
  produceValidation: string('ottla.produce.validation', 'header')
    .oneOf('header', 'strict')
    .doc(
      'header: a compressed batch is opened only where a rule of the topic needs its inside; strict: always, as Apache Kafka does.',
    ),
} as const;

const replicas = {
  minInsyncReplicas: int('min.insync.replicas', 1)
    .atLeast(1)
    .dynamic('cluster-wide')
    .topic('min.insync.replicas')
    .doc('Replicas that must have a record before a producer that asks for all is answered.'),
  uncleanLeaderElectionEnable: boolean('unclean.leader.election.enable', false)
    .dynamic('cluster-wide')
    .topic('unclean.leader.election.enable')
    .doc('Whether a replica that may lack records can become leader when no other is left.'),
} as const;

const producers = {
  transactionPartitionVerificationEnable: boolean('transaction.partition.verification.enable', true)
    .dynamic('cluster-wide')
    .doc('Whether the first batch of a transaction in a partition is checked against the state of its coordinator.'),
  producerIdExpirationMs: int('producer.id.expiration.ms', DAY_MS)
    .atLeast(1)
    .dynamic('cluster-wide')
    .doc('How long a partition remembers the last batches of a producer that sends no more.'),
  producerIdExpirationCheckIntervalMs: int('producer.id.expiration.check.interval.ms', 600000)
    .atLeast(1)
    .doc('How often expired producers are looked for.'),
} as const;

const cleaner = {
  cleanerEnable: boolean('log.cleaner.enable', true).doc('Whether logs with the policy compact are cleaned.'),
  cleanerThreads: int('log.cleaner.threads', 1)
    .atLeast(0)
    .dynamic('cluster-wide')
    .doc('Threads of the cleaner; one event loop does its work here, one log after the other.')
    .withoutEffect(),
  cleanerIoMaxBytesPerSecond: double('log.cleaner.io.max.bytes.per.second', Number.MAX_VALUE)
    .dynamic('cluster-wide')
    .doc('The most bytes a second that the cleaner reads and writes, on average.'),
  cleanerDedupeBufferSize: long('log.cleaner.dedupe.buffer.size', 128 * ONE_MIB)
    .requiring((bytes) => (bytes > ONE_MIB ? undefined : DEDUPE_BUFFER_TOO_SMALL))
    .dynamic('cluster-wide')
    .doc(
      'The most memory for the keys of a pass, 24 bytes each; it is taken for the pass alone, as much as its records can fill.',
    ),
  cleanerIoBufferSize: int('log.cleaner.io.buffer.size', 512 * 1024)
    .atLeast(0)
    .dynamic('cluster-wide')
    .doc('Memory of the cleaner for reading and writing, half each; a larger batch gets a buffer of its own.'),
  cleanerIoBufferLoadFactor: double('log.cleaner.io.buffer.load.factor', 0.9)
    .dynamic('cluster-wide')
    .doc('How full the memory for keys may get. More keys in one pass mean longer searches.'),
  cleanerBackoffMs: long('log.cleaner.backoff.ms', 15000)
    .atLeast(0)
    .dynamic('cluster-wide')
    .doc('Rest of the cleaner when no log is dirty enough.'),
  cleanerMinCleanableRatio: double('log.cleaner.min.cleanable.ratio', 0.5)
    .between(0, 1)
    .dynamic('cluster-wide')
    .topic('min.cleanable.dirty.ratio')
    .doc(
      'A log is cleaned when more than this share of its bytes has not been cleaned; the active segment does not count.',
    ),
  cleanerDeleteRetentionMs: long('log.cleaner.delete.retention.ms', DAY_MS)
    .atLeast(0)
    .dynamic('cluster-wide')
    .topic('delete.retention.ms')
    .doc('How long tombstones and transaction markers stay once the cleaner has met them.'),
  cleanerMinCompactionLagMs: long('log.cleaner.min.compaction.lag.ms', 0)
    .atLeast(0)
    .dynamic('cluster-wide')
    .topic('min.compaction.lag.ms')
    .doc('Segments with a record younger than this are not compacted.'),
  cleanerMaxCompactionLagMs: long('log.cleaner.max.compaction.lag.ms', NO_LIMIT)
    .atLeast(1)
    .dynamic('cluster-wide')
    .topic('max.compaction.lag.ms')
    .doc(
      'A log with a record older than this is compacted, however little of it is dirty; bounds the age of a segment.',
    ),
} as const;

/** Every broker key of this room. */
export const logConfig = {
  ...directories,
  ...segments,
  ...retention,
  ...flushing,
  ...records,
  ...replicas,
  ...producers,
  ...cleaner,
} as const;

export type LogConfig = ConfigOf<typeof logConfig>;

/** All defaults: for tests and tools. */
export const defaultLogConfig: LogConfig = Object.freeze(
  Object.fromEntries(Object.entries(logConfig).map(([property, key]) => [property, key.defaultValue])),
) as unknown as LogConfig;
