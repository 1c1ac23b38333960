// What is sent, and what is told of it when it has been.
import type { Int64 } from '../../protocol/index.ts';
import type { Bytes, RecordHeader } from '../serializers.ts';

export interface ProducerRecord<K = Bytes, V = Bytes> {
  readonly key?: K;
  readonly value?: V;
  /** Left out: the partitioner chooses. */
  readonly partition?: number | undefined;
  /** Milliseconds since the epoch; left out: now. A bigint only where it lies beyond 2^53. */
  readonly timestamp?: Int64 | undefined;
  readonly headers?: readonly RecordHeader[] | Readonly<Record<string, Bytes>> | undefined;
}

export interface RecordMetadata {
  readonly topic: string;
  readonly partition: number;
  /** -1: not told (acks 0), or the broker had it already and no longer knows where. */
  readonly offset: number;
  /** As it was sent, or the broker's where the topic keeps its time (LogAppendTime). */
  readonly timestamp: Int64;
}

function bytesOf(data: Bytes): Uint8Array | null {
  if (data === null || data === undefined) return null;
  return typeof data === 'string' ? Buffer.from(data, 'utf8') : data;
}

export function headersOf(headers: ProducerRecord['headers']): RecordHeader[] {
  if (headers === undefined) return [];
  if (Array.isArray(headers)) return (headers as readonly RecordHeader[]).slice();
  return Object.entries(headers).map(([key, value]) => ({ key, value: bytesOf(value as Bytes) }));
}
