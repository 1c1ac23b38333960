// What a consumer hands out.
import type { Int64 } from '../../protocol/index.ts';
import type { RecordHeader } from '../serializers.ts';

/** A partition by name. */
export interface Place {
  readonly topic: string;
  readonly partition: number;
}

/** What the batch of a record says for all of its records. */
export interface RecordBatchFacts {
  /** Kafka's number of the codec: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd. */
  readonly codec: number;
  readonly isTransactional: boolean;
  /** -1: the producer is not idempotent. */
  readonly producerId: Int64;
  readonly producerEpoch: number;
}

/**
 * One record. Keys, values and headers that no deserialiser has made something else of are views (Buffers) on the answer of the
 * broker, or on its unpacked batch: nothing writes to those any more, but one small view keeps the whole answer in memory (up to
 * `maxPartitionBytes` and more). Copy what is kept for long.
 */
export interface ConsumedRecord<K = Uint8Array | null, V = Uint8Array | null> {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** -1 when the broker does not tell (before Kafka 2.1). */
  readonly leaderEpoch: number;
  /** Milliseconds since 1970; -1 for none. A bigint beyond 2^53. */
  readonly timestamp: Int64;
  readonly timestampType: 'CreateTime' | 'LogAppendTime';
  readonly key: K;
  readonly value: V;
  readonly headers: readonly RecordHeader[];
  /** In bytes, as sent; -1 for null. */
  readonly keySize: number;
  readonly valueSize: number;
  /** Only where the consumer was asked for it (`tellsBatches`), and not of messages from before Kafka 0.11. */
  readonly batch?: RecordBatchFacts;
}

export type RawRecord = ConsumedRecord<Buffer | null, Buffer | null>;

export const placeName = (topic: string, partition: number): string => `${topic}-${partition}`;
