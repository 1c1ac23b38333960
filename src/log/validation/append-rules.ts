// A topic's part in the validation of what is appended.
import { type CodecId, Codecs, codecOfName, type Int64 } from '../../protocol/index.ts';
import type { TopicLogConfig } from '../config/topic-log-config.ts';

/** `compression.type=producer`: batches keep the codec they come with. */
export const PRODUCER_CODEC = -1;
/** A batch may unpack to so many times the topic's max.message.bytes where a rule needs its inside. */
const DECOMPRESSED_FACTOR = 64;
const LEAST_DECOMPRESSED_BYTES = 64 * 1024 * 1024;

/** Made once per partition and config, not per append. */
export interface AppendRules {
  /** `topic-0`: error texts name it. */
  readonly topicPartition: string;
  readonly targetCodec: CodecId | typeof PRODUCER_CODEC;
  readonly compressionLevel: number | undefined;
  readonly isLogAppendTime: boolean;
  readonly timestampBeforeMaxMs: Int64;
  readonly timestampAfterMaxMs: Int64;
  readonly isCompacted: boolean;
  readonly maxMessageBytes: number;
  readonly maxDecompressedBytes: number;
}

export function appendRules(topicPartition: string, config: TopicLogConfig): AppendRules {
  const name = config.compressionType === 'uncompressed' ? 'none' : config.compressionType;
  const targetCodec = codecOfName(name) ?? PRODUCER_CODEC;
  const levels: Partial<Record<number, number>> = {
    [Codecs.GZIP]: config.compressionGzipLevel,
    [Codecs.LZ4]: config.compressionLz4Level,
    [Codecs.ZSTD]: config.compressionZstdLevel,
  };
  return {
    topicPartition,
    targetCodec,
    compressionLevel: levels[targetCodec],
    isLogAppendTime: config.messageTimestampType === 'LogAppendTime',
    timestampBeforeMaxMs: config.messageTimestampBeforeMaxMs,
    timestampAfterMaxMs: config.messageTimestampAfterMaxMs,
    isCompacted: config.cleanupPolicy.includes('compact'),
    maxMessageBytes: config.maxMessageBytes,
    maxDecompressedBytes: Math.max(LEAST_DECOMPRESSED_BYTES, config.maxMessageBytes * DECOMPRESSED_FACTOR),
  };
}
