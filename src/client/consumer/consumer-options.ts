// What a consumer is told, under our names or Kafka's (ConsumerConfig 4.3): what is given by name wins, and what is left out is Kafka's
// default.
import { KafkaKeys } from '../connections/kafka-keys.ts';
import { ConfigurationError } from '../errors.ts';
import { type Assignor } from '../group/assignors/assignor.ts';
import type { Deserializer } from '../serializers.ts';
import type { RebalanceListeners } from './rebalancing.ts';
import type { Place } from './consumed-record.ts';
import type { OffsetReset } from './find-positions.ts';

export type AssignorName = 'range' | 'roundrobin' | 'sticky' | 'cooperative-sticky';

export interface ConsumerOptions<K = Uint8Array | null, V = Uint8Array | null> extends RebalanceListeners {
  /** group.id: without one nothing is committed, and partitions are assigned by hand. */
  readonly group?: string;
  readonly topics?: readonly string[];
  /** Topics by name, in RE2's syntax; the whole name has to match. */
  readonly pattern?: string;
  /** group.protocol: `auto` is `consumer` (KIP-848) where the cluster has it, else `classic`. */
  readonly groupProtocol?: 'auto' | 'classic' | 'consumer';
  /** partition.assignment.strategy, of classic groups: names, or assignors of one's own. Naming some makes `auto` classic. */
  readonly assignors?: readonly (AssignorName | Assignor)[];
  /** group.remote.assignor, of consumer groups: `uniform` or `range`. */
  readonly remoteAssignor?: string;
  /** group.instance.id (KIP-345) */
  readonly groupInstanceId?: string;
  /** auto.offset.reset; Kafka's own default is `latest`. */
  readonly autoOffsetReset?: OffsetReset;
  /** isolation.level */
  readonly isolation?: 'read_uncommitted' | 'read_committed';
  readonly deserializers?: { readonly key?: Deserializer<K>; readonly value?: Deserializer<V> };
  /** What becomes of a record that cannot be decoded: it stops the reading, is passed over, or goes to a topic. */
  readonly onDecodeError?: 'fail' | 'skip' | { readonly deadLetter: string };
  /** client.rack: the nearest replica is read (KIP-392). */
  readonly rack?: string;
  /** fetch.min.bytes, fetch.max.wait.ms, fetch.max.bytes, max.partition.fetch.bytes */
  readonly minBytes?: number;
  readonly maxWaitMs?: number;
  readonly maxBytes?: number;
  readonly maxPartitionBytes?: number;
  /** What is fetched ahead of the program, in all. */
  readonly maxBufferedBytes?: number;
  /** A batch that unpacks to more cannot be read. */
  readonly maxUnpackedBytes?: number;
  /** max.poll.records */
  readonly maxPollRecords?: number;
  /** enable.auto.commit, auto.commit.interval.ms */
  readonly autoCommit?: boolean;
  readonly autoCommitIntervalMs?: number;
  /** session.timeout.ms, heartbeat.interval.ms (classic groups), max.poll.interval.ms */
  readonly sessionTimeoutMs?: number;
  readonly heartbeatIntervalMs?: number;
  readonly maxPollIntervalMs?: number;
  /** check.crcs */
  readonly checkCrcs?: boolean;
  /** Records come with what their batch says: its codec, and which producer it is of. */
  readonly tellsBatches?: boolean;
  /** Told when the log of a partition was cut below the position (KIP-320), which goes back to `offset`. */
  readonly onTruncated?: (place: Place & { readonly offset: number }) => void;
}

export interface ConsumerSettings {
  readonly group: string | undefined;
  readonly groupProtocol: 'auto' | 'classic' | 'consumer';
  readonly remoteAssignor: string | null;
  readonly groupInstanceId: string | null;
  readonly assignors: readonly (AssignorName | Assignor)[] | undefined;
  readonly autoOffsetReset: OffsetReset;
  readonly isolation: 'read_uncommitted' | 'read_committed';
  readonly rack: string;
  readonly minBytes: number;
  readonly maxWaitMs: number;
  readonly maxBytes: number;
  readonly maxPartitionBytes: number;
  readonly maxBufferedBytes: number;
  readonly maxUnpackedBytes: number;
  readonly maxPollRecords: number;
  readonly autoCommit: boolean;
  readonly autoCommitIntervalMs: number;
  readonly sessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly maxPollIntervalMs: number;
  readonly checksCrcs: boolean;
  readonly tellsBatches: boolean;
}

export type Configs = Readonly<Record<string, string | number | boolean>>;

const BUFFERED_BYTES = 67_108_864;
const UNPACKED_BYTES = 104_857_600;

/** Throws ConfigurationError that names the key. */
export function settingsOf(options: ConsumerOptions<never, never>, configs: Configs = {}): ConsumerSettings {
  const keys = new KafkaKeys(configs);
  const settings: ConsumerSettings = {
    group: options.group ?? keys.text('group.id'),
    groupProtocol: options.groupProtocol ?? keys.oneOf('group.protocol', ['classic', 'consumer', 'auto']) ?? 'auto',
    remoteAssignor: options.remoteAssignor ?? keys.text('group.remote.assignor') ?? null,
    groupInstanceId: options.groupInstanceId ?? keys.text('group.instance.id') ?? null,
    assignors: options.assignors ?? assignorsOf(keys.text('partition.assignment.strategy')),
    autoOffsetReset:
      options.autoOffsetReset ?? keys.oneOf('auto.offset.reset', ['earliest', 'latest', 'none']) ?? 'latest',
    isolation:
      options.isolation ?? keys.oneOf('isolation.level', ['read_uncommitted', 'read_committed']) ?? 'read_uncommitted',
    rack: options.rack ?? keys.text('client.rack') ?? '',
    minBytes: options.minBytes ?? keys.number('fetch.min.bytes') ?? 1,
    maxWaitMs: options.maxWaitMs ?? keys.number('fetch.max.wait.ms') ?? 500,
    maxBytes: options.maxBytes ?? keys.number('fetch.max.bytes') ?? 52_428_800,
    maxPartitionBytes: options.maxPartitionBytes ?? keys.number('max.partition.fetch.bytes') ?? 1_048_576,
    maxBufferedBytes: options.maxBufferedBytes ?? BUFFERED_BYTES,
    maxUnpackedBytes: options.maxUnpackedBytes ?? UNPACKED_BYTES,
    maxPollRecords: options.maxPollRecords ?? keys.number('max.poll.records') ?? 500,
    autoCommit: options.autoCommit ?? keys.flag('enable.auto.commit') ?? true,
    autoCommitIntervalMs: options.autoCommitIntervalMs ?? keys.number('auto.commit.interval.ms') ?? 5_000,
    sessionTimeoutMs: options.sessionTimeoutMs ?? keys.number('session.timeout.ms') ?? 45_000,
    heartbeatIntervalMs: options.heartbeatIntervalMs ?? keys.number('heartbeat.interval.ms') ?? 3_000,
    maxPollIntervalMs: options.maxPollIntervalMs ?? keys.number('max.poll.interval.ms') ?? 300_000,
    checksCrcs: options.checkCrcs ?? keys.flag('check.crcs') ?? true,
    tellsBatches: options.tellsBatches ?? false,
  };
  check(options, settings);
  return settings;
}

function check(options: ConsumerOptions<never, never>, settings: ConsumerSettings): void {
  const { topics, pattern } = options;
  if (topics !== undefined && pattern !== undefined) {
    throw new ConfigurationError('topics, pattern: give one of the two');
  }
  if ((topics !== undefined || pattern !== undefined) && settings.group === undefined) {
    throw new ConfigurationError(
      'group: topics are shared among the members of a group; name one, or assign partitions',
    );
  }
  if (settings.group === '') throw new ConfigurationError('group: the name is empty');
  const positive = [
    'maxPollRecords',
    'maxPartitionBytes',
    'maxBytes',
    'maxBufferedBytes',
    'maxPollIntervalMs',
  ] as const;
  for (const name of positive) {
    if (!(settings[name] >= 1)) throw new ConfigurationError(`${name}: ${settings[name]} is less than 1`);
  }
  if (settings.groupProtocol === 'consumer' && settings.assignors !== undefined) {
    throw new ConfigurationError('assignors: in a consumer group (KIP-848) the broker assigns; name a remoteAssignor');
  }
}

/** Kafka's class names, or the names of the assignors. */
function assignorsOf(text: string | undefined): AssignorName[] | undefined {
  const names: Readonly<Record<string, AssignorName>> = {
    RangeAssignor: 'range',
    RoundRobinAssignor: 'roundrobin',
    StickyAssignor: 'sticky',
    CooperativeStickyAssignor: 'cooperative-sticky',
    range: 'range',
    roundrobin: 'roundrobin',
    sticky: 'sticky',
    'cooperative-sticky': 'cooperative-sticky',
  };
  return text?.split(',').map((one) => {
    const name = names[one.trim().split('.').at(-1) as string];
    if (name === undefined) throw new ConfigurationError(`partition.assignment.strategy: nobody knows '${one.trim()}'`);
    return name;
  });
}
