// What a member of a share group may be told, by name or by Kafka's keys, and Kafka's defaults for what it is not told.
import type { KafkaKeys } from '../connections/kafka-keys.ts';
import type { ShareConsumerOptions } from './share-consumer.ts';

export interface ShareSettings {
  readonly isExplicit: boolean;
  /** No more records than maxPollRecords are acquired, even where a batch holds more (KIP-1206). */
  readonly isRecordLimit: boolean;
  readonly rack: string;
  readonly minBytes: number;
  readonly maxWaitMs: number;
  readonly maxBytes: number;
  readonly maxPollRecords: number;
  readonly checksCrcs: boolean;
}

const ACKNOWLEDGEMENT_MODE = 'share.acknowledgement.mode';
const ACQUIRE_MODE = 'share.acquire.mode';

/** Names win over keys. Throws ConfigurationError that names the key. */
export function shareSettings<K, V>(options: ShareConsumerOptions<K, V>, keys: KafkaKeys): ShareSettings {
  const mode = options.acknowledgementMode ?? keys.oneOf(ACKNOWLEDGEMENT_MODE, ['implicit', 'explicit']);
  const acquires = options.acquireMode ?? keys.oneOf(ACQUIRE_MODE, ['batch_optimized', 'record_limit']);
  return {
    isExplicit: mode === 'explicit',
    isRecordLimit: acquires === 'record_limit',
    rack: options.rack ?? keys.text('client.rack') ?? '',
    minBytes: options.minBytes ?? keys.number('fetch.min.bytes') ?? 1,
    maxWaitMs: options.maxWaitMs ?? keys.number('fetch.max.wait.ms') ?? 500,
    maxBytes: options.maxBytes ?? keys.number('fetch.max.bytes') ?? 52_428_800,
    maxPollRecords: options.maxPollRecords ?? keys.number('max.poll.records', 1) ?? 500,
    checksCrcs: keys.flag('check.crcs') ?? true,
  };
}
