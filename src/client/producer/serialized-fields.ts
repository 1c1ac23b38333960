// What a record is sent as: its key and value through the serialisers, where there are some, its time, its headers.
import type { Clock } from '../../runtime/index.ts';
import { ClientError, SerializationError } from '../errors.ts';
import type { Bytes, RecordHeader, Serializer } from '../serializers.ts';
import type { Content } from './batch-writer.ts';
import type { ReadyRecord } from './producer-batch.ts';
import { headersOf, type ProducerRecord } from './producer-record.ts';

type Made = Uint8Array | null | Promise<Uint8Array | null>;

const NO_HEADERS: readonly RecordHeader[] = [];

export interface FieldSerializers<K, V> {
  readonly key?: Serializer<K>;
  readonly value?: Serializer<V>;
}

export class SerializedFields<K, V> {
  readonly #clock: Clock;
  readonly #key: Serializer<K> | undefined;
  readonly #value: Serializer<V> | undefined;

  constructor(clock: Clock, { key, value }: FieldSerializers<K, V>) {
    this.#clock = clock;
    this.#key = key;
    this.#value = value;
  }

  /** A promise only where a serialiser makes one. Throws, or rejects with, SerializationError. */
  of(topic: string, record: ProducerRecord<K, V>): ReadyRecord | Promise<ReadyRecord> {
    const timestamp = record.timestamp ?? this.#clock.nowMs();
    if (this.#key === undefined && this.#value === undefined) {
      const { key, value, headers } = record as ProducerRecord;
      const listed = headers === undefined ? NO_HEADERS : headersOf(headers);
      return { key: contentOf(key), value: contentOf(value), timestamp, headers: listed };
    }
    const headers = headersOf(record.headers);
    // The key first: both may add headers.
    const key = this.#made(this.#key, record.key, { topic, isKey: true, headers });
    const value = this.#made(this.#value, record.value, { topic, isKey: false, headers });
    if (!(key instanceof Promise) && !(value instanceof Promise)) return { key, value, timestamp, headers };
    return Promise.all([key, value]).then(
      ([keyBytes, valueBytes]) => ({ key: keyBytes, value: valueBytes, timestamp, headers }),
      (error: unknown) => {
        throw serializationError(topic, error);
      },
    );
  }

  #made<T>(
    serializer: Serializer<T> | undefined,
    data: T | undefined,
    context: { readonly topic: string; readonly isKey: boolean; readonly headers: RecordHeader[] },
  ): Content | Promise<Uint8Array | null> {
    if (serializer === undefined) return contentOf(data as Bytes);
    try {
      return serializer.serialize(data as T, context) as Made;
    } catch (error) {
      throw serializationError(context.topic, error);
    }
  }
}

function contentOf(data: Bytes): Content {
  if (data === null || data === undefined) return null;
  if (typeof data === 'string' || data instanceof Uint8Array) return data;
  throw new SerializationError(`${typeof data} is neither bytes nor a text; give the producer a serialiser`, undefined);
}

function serializationError(topic: string, error: unknown): ClientError {
  if (error instanceof ClientError) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new SerializationError(`${topic}: a record cannot be serialised: ${why}`, error);
}
