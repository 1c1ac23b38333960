// What a producer may be told, by name or by Kafka's keys; the defaults are those of Kafka 4.3's own producer.
import { codecOfName, type CodecId, Codecs } from '../../protocol/index.ts';
import type { KafkaKeys } from '../connections/kafka-keys.ts';
import { ConfigurationError } from '../errors.ts';
import type { Bytes, Serializer } from '../serializers.ts';
import type { Partitioner } from './partitioner.ts';

export type CompressionName = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

export interface ProducerOptions<K = Bytes, V = Bytes> {
  readonly serializers?: { readonly key?: Serializer<K>; readonly value?: Serializer<V> } | undefined;
  /** Who has to have a record before it counts as sent: nobody, its leader, all in-sync replicas. Default all. */
  readonly acks?: 0 | 1 | 'all' | undefined;
  /** Whether each record is written once, and in order, through retries too (enable.idempotence). Default: with acks=all. */
  readonly idempotent?: boolean | undefined;
  readonly transactionalId?: string | undefined;
  /** transaction.timeout.ms, 60 s */
  readonly transactionTimeoutMs?: number | undefined;
  /** compression.type, none */
  readonly compression?: CompressionName | undefined;
  /** In the scale of the codec (compression.gzip.level, compression.zstd.level). */
  readonly compressionLevel?: number | undefined;
  /** How long a batch waits for more records (linger.ms), 5 ms. */
  readonly lingerMs?: number | undefined;
  /** batch.size, 16 KiB */
  readonly batchSize?: number | undefined;
  /** Bytes of records that are not acknowledged yet; whoever sends more waits (buffer.memory), 32 MiB. */
  readonly bufferMemory?: number | undefined;
  /** How long `send` waits for memory or metadata (max.block.ms), 60 s. */
  readonly maxBlockMs?: number | undefined;
  /** max.request.size, 1 MiB */
  readonly maxRequestSize?: number | undefined;
  /** From `send` to the acknowledgement (delivery.timeout.ms), 120 s. */
  readonly deliveryTimeoutMs?: number | undefined;
  /** Requests to one broker at a time (max.in.flight.requests.per.connection), 5. */
  readonly maxInFlight?: number | undefined;
  /** How often a batch is sent again at most (retries): as often as the time allows. */
  readonly retries?: number | undefined;
  readonly partitioner?: Partitioner | undefined;
  /** Whether a topic that is not there may be made by the broker, if auto.create.topics.enable lets it; true as in Kafka. */
  readonly autoCreateTopics?: boolean | undefined;
}

export interface ProducerSettings {
  readonly acks: 0 | 1 | -1;
  readonly isIdempotent: boolean;
  readonly transactionalId: string | null;
  readonly transactionTimeoutMs: number;
  readonly codec: CodecId;
  readonly compressionLevel: number | undefined;
  readonly lingerMs: number;
  readonly batchSize: number;
  readonly bufferMemory: number;
  readonly maxBlockMs: number;
  readonly maxRequestSize: number;
  readonly deliveryTimeoutMs: number;
  readonly maxInFlight: number;
  readonly retries: number;
  readonly ignoresKeys: boolean;
  readonly autoCreateTopics: boolean;
}

/** A broker keeps the last five batches of a producer apart (KIP-98): more under way could not be put in order again. */
const MOST_IN_FLIGHT_IDEMPOTENT = 5;

/** Throws ConfigurationError. */
export function producerSettings(options: ProducerOptions<never, never>, keys: KafkaKeys): ProducerSettings {
  const transactionalId = options.transactionalId ?? keys.text('transactional.id') ?? null;
  const acks = acksOf(String(options.acks ?? keys.oneOf('acks', ['0', '1', '-1', 'all']) ?? 'all'));
  const maxInFlight = options.maxInFlight ?? keys.number('max.in.flight.requests.per.connection', 1) ?? 5;
  const retries = options.retries ?? keys.number('retries') ?? Number.POSITIVE_INFINITY;
  const asked = options.idempotent ?? keys.flag('enable.idempotence');
  const isPossible = acks === -1 && retries > 0 && maxInFlight <= MOST_IN_FLIGHT_IDEMPOTENT;
  if ((asked === true || transactionalId !== null) && !isPossible) {
    throw new ConfigurationError(
      'an idempotent producer needs acks=all, retries, and at most 5 requests in flight',
      'Leave acks, retries and maxInFlight as they are, or do without idempotence and transactions.',
    );
  }
  if (asked === false && transactionalId !== null) {
    throw new ConfigurationError('a producer with a transactional id has to be idempotent');
  }
  const codec = codecOfName(options.compression ?? keys.text('compression.type') ?? 'none');
  if (codec === undefined) throw new ConfigurationError('compression.type is none of none, gzip, snappy, lz4, zstd');
  return {
    acks,
    isIdempotent: asked ?? isPossible,
    transactionalId,
    transactionTimeoutMs: options.transactionTimeoutMs ?? keys.number('transaction.timeout.ms', 1) ?? 60_000,
    codec,
    compressionLevel: options.compressionLevel ?? levelOf(codec, keys),
    maxInFlight,
    retries,
    autoCreateTopics: options.autoCreateTopics ?? true,
    ignoresKeys: keys.flag('partitioner.ignore.keys') ?? false,
    ...boundsOf(options, keys),
  };
}

function boundsOf(options: ProducerOptions<never, never>, keys: KafkaKeys) {
  return {
    lingerMs: options.lingerMs ?? keys.number('linger.ms') ?? 5,
    batchSize: options.batchSize ?? keys.number('batch.size') ?? 16_384,
    bufferMemory: options.bufferMemory ?? keys.number('buffer.memory') ?? 33_554_432,
    maxBlockMs: options.maxBlockMs ?? keys.number('max.block.ms') ?? 60_000,
    maxRequestSize: options.maxRequestSize ?? keys.number('max.request.size') ?? 1_048_576,
    deliveryTimeoutMs: options.deliveryTimeoutMs ?? keys.number('delivery.timeout.ms') ?? 120_000,
  };
}

function acksOf(acks: string): 0 | 1 | -1 {
  if (acks === '0') return 0;
  return acks === '1' ? 1 : -1;
}

function levelOf(codec: CodecId, keys: KafkaKeys): number | undefined {
  if (codec === Codecs.GZIP) return keys.number('compression.gzip.level', -1);
  if (codec === Codecs.ZSTD) return keys.number('compression.zstd.level', Number.NEGATIVE_INFINITY);
  return undefined;
}
