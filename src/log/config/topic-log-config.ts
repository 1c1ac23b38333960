// What a topic may override, and the values in force for one topic: its own, else the broker's, else the default
// (Kafka's LogConfig). The declarations below are all topic-level keys that Apache Kafka 4.3 knows.
import { config, ConfigKey, type ConfigType, type ConfigValue, LONG_MAX_TEXT } from '../../runtime/index.ts';
import { type Int64, toInt64 } from '../../protocol/index.ts';
import { type LogConfig, logConfig } from './log-config.ts';

const HOUR_MS = 60 * 60 * 1000;
const MINUTE_MS = 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

/** The values in force for one topic. Units end the names. */
export interface TopicLogConfig {
  readonly cleanupPolicy: readonly string[];
  readonly compressionType: string;
  readonly compressionGzipLevel: number;
  readonly compressionLz4Level: number;
  readonly compressionZstdLevel: number;
  readonly deleteRetentionMs: number;
  readonly fileDeleteDelayMs: number;
  readonly flushMessages: number;
  readonly flushMs: number;
  readonly indexIntervalBytes: number;
  readonly maxCompactionLagMs: number;
  readonly maxMessageBytes: number;
  readonly messageTimestampAfterMaxMs: Int64;
  readonly messageTimestampBeforeMaxMs: Int64;
  readonly messageTimestampType: string;
  readonly minCleanableDirtyRatio: number;
  readonly minCompactionLagMs: number;
  readonly minInsyncReplicas: number;
  readonly retentionBytes: number;
  readonly retentionMs: number;
  readonly segmentBytes: number;
  readonly segmentIndexBytes: number;
  readonly segmentJitterMs: number;
  readonly segmentMs: number;
  readonly uncleanLeaderElectionEnable: boolean;
  /** The broker's `ottla.produce.validation`; topics have no key for it. */
  readonly produceValidation: 'header' | 'strict';
}

/** A topic key: its declaration, and the broker keys that give its default, strongest first. */
export interface TopicConfigKey {
  readonly key: ConfigKey;
  /** Broker keys with the factor from their unit to the topic's (hours to milliseconds). */
  readonly synonyms: readonly { readonly key: ConfigKey; readonly factor: number }[];
  /** Not shown unless it is set (Kafka: ConfigDef.defineInternal). */
  readonly isInternal: boolean;
}

/** Defaults that a topic has where the broker's key has none of the same unit. */
const ownDefaults: Readonly<Record<string, number>> = {
  'segment.ms': 168 * HOUR_MS,
  'segment.jitter.ms': 0,
  'retention.ms': 7 * DAY_MS,
  'flush.ms': Number.MAX_SAFE_INTEGER,
};

/** Bounds that differ from the broker key's. */
const ownMinimum: Readonly<Record<string, number>> = {
  'flush.ms': 0,
  'retention.ms': -1,
  'segment.ms': 1,
  'segment.jitter.ms': 0,
};

/** A segment size below the least segment.bytes, for tests; wins over it. Kafka bounds it by nothing. */
const INTERNAL_SEGMENT_BYTES = 'internal.segment.bytes';

const topicOnly: readonly ConfigKey[] = [
  config.optionalInt(INTERNAL_SEGMENT_BYTES).doc('Size at which a segment file is left, however small; for tests.'),
  throttledReplicas('follower.replication.throttled.replicas', 'Replicas whose fetching is throttled.'),
  throttledReplicas('leader.replication.throttled.replicas', 'Replicas whose being fetched from is throttled.'),
  topicKey('remote.log.copy.disable', 'boolean', false, 'Tiered storage: no more copying.'),
  topicKey(
    'remote.log.delete.on.disable',
    'boolean',
    false,
    'Tiered storage: remove remote data when it is switched off.',
  ),
  topicKey('remote.storage.enable', 'boolean', false, 'Tiered storage: keep old segments elsewhere.'),
];

/** `*`, or PARTITION:BROKER, … */
function throttledReplicas(name: string, documentation: string): ConfigKey {
  const fault = (value: NonNullable<ConfigValue>): string | undefined => {
    const items = value as readonly string[];
    if (items.join(',') === '*' || items.every((item) => /^\d+:\d+$/.test(item))) return undefined;
    return `${name} must be the literal '*' or a list of replicas in the following format: [partitionId]:[brokerId],[partitionId]:[brokerId],...`;
  };
  return topicKey(name, 'list', [], documentation).refusing(fault);
}

function topicKey(
  name: string,
  type: ConfigType,
  defaultValue: boolean | readonly string[],
  documentation: string,
): ConfigKey {
  return new ConfigKey({ name, type, defaultValue, documentation, hasEffect: false });
}

const factors: Readonly<Record<string, number>> = {
  'log.roll.hours': HOUR_MS,
  'log.roll.jitter.hours': HOUR_MS,
  'log.retention.minutes': MINUTE_MS,
  'log.retention.hours': HOUR_MS,
};

function declareTopicKeys(): TopicConfigKey[] {
  const byName = new Map<string, { key: ConfigKey; factor: number }[]>();
  for (const key of Object.values(logConfig) as ConfigKey[]) {
    if (key.topicName === undefined) continue;
    const synonyms = byName.get(key.topicName) ?? [];
    synonyms.push({ key, factor: factors[key.name] ?? 1 });
    byName.set(key.topicName, synonyms);
  }
  const declared: TopicConfigKey[] = topicOnly.map((key) => ({
    key,
    synonyms: [],
    isInternal: key.name === INTERNAL_SEGMENT_BYTES,
  }));
  for (const [name, synonyms] of byName) {
    const first = (synonyms[0] as { key: ConfigKey }).key;
    const defaultValue = ownDefaults[name] ?? first.defaultValue;
    const minimum = ownMinimum[name] ?? first.minimum;
    const type = first.type;
    declared.push({
      key: new ConfigKey({ ...first, name, type, defaultValue, minimum, topicName: undefined, requirement: undefined }),
      synonyms,
      isInternal: false,
    });
  }
  return declared.sort((a, b) => (a.key.name < b.key.name ? -1 : 1));
}

/** Every key that a topic can have, by name in alphabetical order (as DescribeConfigs lists them). */
export const topicConfigKeys: readonly TopicConfigKey[] = declareTopicKeys();

const byTopicName: ReadonlyMap<string, TopicConfigKey> = new Map(
  topicConfigKeys.map((entry) => [entry.key.name, entry]),
);

/** undefined for a name that no topic can have. */
export const topicConfigKey = (name: string): TopicConfigKey | undefined => byTopicName.get(name);

/** The values for a topic with these overrides (as the metadata log holds them). A value that does not parse is passed over. */
export function topicLogConfig(broker: LogConfig, overrides: ReadonlyMap<string, string> = new Map()): TopicLogConfig {
  const number = (name: string, inherited: number): number => {
    const text = overrides.get(name);
    const value = text === undefined ? Number.NaN : parseNumber(text);
    return Number.isNaN(value) ? inherited : value;
  };
  const exact = (name: string, inherited: Int64): Int64 => {
    const text = overrides.get(name)?.trim() ?? '';
    return /^[+-]?\d+$/.test(text) ? toInt64(BigInt(text.replace('+', ''))) : inherited;
  };
  const ratio = (name: string, inherited: number): number => {
    const value = Number.parseFloat(overrides.get(name) ?? '');
    return Number.isNaN(value) ? inherited : value;
  };
  const text = (name: string, inherited: string): string => overrides.get(name) ?? inherited;
  const policy = overrides.get('cleanup.policy');
  const unclean = overrides.get('unclean.leader.election.enable');
  return {
    cleanupPolicy: policy === undefined ? broker.cleanupPolicy : splitList(policy),
    compressionType: text('compression.type', broker.compressionType),
    compressionGzipLevel: number('compression.gzip.level', broker.compressionGzipLevel),
    compressionLz4Level: number('compression.lz4.level', broker.compressionLz4Level),
    compressionZstdLevel: number('compression.zstd.level', broker.compressionZstdLevel),
    deleteRetentionMs: number('delete.retention.ms', broker.cleanerDeleteRetentionMs),
    fileDeleteDelayMs: number('file.delete.delay.ms', broker.segmentDeleteDelayMs),
    flushMessages: number('flush.messages', broker.flushIntervalMessages),
    flushMs: number('flush.ms', broker.flushIntervalMs ?? broker.flushSchedulerIntervalMs),
    indexIntervalBytes: number('index.interval.bytes', broker.indexIntervalBytes),
    maxCompactionLagMs: number('max.compaction.lag.ms', broker.cleanerMaxCompactionLagMs),
    maxMessageBytes: number('max.message.bytes', broker.messageMaxBytes),
    messageTimestampAfterMaxMs: exact('message.timestamp.after.max.ms', broker.messageTimestampAfterMaxMs),
    messageTimestampBeforeMaxMs: exact('message.timestamp.before.max.ms', broker.messageTimestampBeforeMaxMs),
    messageTimestampType: text('message.timestamp.type', broker.messageTimestampType),
    minCleanableDirtyRatio: ratio('min.cleanable.dirty.ratio', broker.cleanerMinCleanableRatio),
    minCompactionLagMs: number('min.compaction.lag.ms', broker.cleanerMinCompactionLagMs),
    minInsyncReplicas: number('min.insync.replicas', broker.minInsyncReplicas),
    retentionBytes: number('retention.bytes', broker.retentionBytes),
    retentionMs: number('retention.ms', brokerRetentionMs(broker)),
    segmentBytes: number(INTERNAL_SEGMENT_BYTES, number('segment.bytes', broker.segmentBytes)),
    segmentIndexBytes: number('segment.index.bytes', broker.indexSizeMaxBytes),
    segmentJitterMs: number('segment.jitter.ms', broker.rollJitterMs ?? broker.rollJitterHours * HOUR_MS),
    segmentMs: number('segment.ms', broker.rollMs ?? broker.rollHours * HOUR_MS),
    uncleanLeaderElectionEnable: unclean === undefined ? broker.uncleanLeaderElectionEnable : unclean === 'true',
    produceValidation: broker.produceValidation === 'strict' ? 'strict' : 'header',
  };
}

/** log.retention.ms, else .minutes, else .hours; any negative value means for ever. */
function brokerRetentionMs(broker: LogConfig): number {
  const ms = broker.retentionMs ?? (broker.retentionMinutes === null ? null : broker.retentionMinutes * MINUTE_MS);
  const value = ms ?? broker.retentionHours * HOUR_MS;
  return value < 0 ? -1 : value;
}

function parseNumber(text: string): number {
  const trimmed = text.trim();
  if (!/^[+-]?\d+$/.test(trimmed)) return Number.NaN;
  if (trimmed === LONG_MAX_TEXT) return Number.MAX_SAFE_INTEGER;
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Number(trimmed)));
}

const splitList = (text: string): string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
