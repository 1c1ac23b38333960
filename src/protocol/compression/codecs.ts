// One door to the codecs by Kafka's numbers. Nothing here is loaded before it is used; gzip, snappy and lz4 are always ready,
// zstd needs `loadCodec` once where Node has none of its own.
import { CompressionError } from './compression-error.ts';
import { compressGzip, decompressGzip } from './gzip.ts';
import { compressLz4, decompressLz4 } from './lz4.ts';
import { compressSnappy, decompressSnappy } from './snappy.ts';
import { compressZstd, decompressZstd, isZstdReady, loadZstd } from './zstd.ts';

export { CompressionError };

/** The low three bits of a batch's attributes. */
export const Codecs = { NONE: 0, GZIP: 1, SNAPPY: 2, LZ4: 3, ZSTD: 4 } as const;
export type CodecId = (typeof Codecs)[keyof typeof Codecs];

const NAMES = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;

/** As in `compression.type`; undefined for the numbers 5 to 7, which name none. */
export const codecName = (codec: number): (typeof NAMES)[number] | undefined => NAMES[codec];

/** undefined unless it is a codec; `uncompressed` and `producer` are values of a topic's config, not codecs. */
export function codecOfName(name: string): CodecId | undefined {
  const index = (NAMES as readonly string[]).indexOf(name);
  return index < 0 ? undefined : (index as CodecId);
}

/** Whether `compress` and `decompress` work at full speed at once; otherwise `loadCodec` first. False for unknown codecs. */
export function codecReady(codec: number): boolean {
  return codec === Codecs.ZSTD ? isZstdReady() : codec >= Codecs.NONE && codec < Codecs.ZSTD;
}

/** Makes `codecReady` true. Rejects with CompressionError when the codec is unknown or its package missing. */
export async function loadCodec(codec: number): Promise<void> {
  if (codec === Codecs.ZSTD) await loadZstd();
  else if (!codecReady(codec)) throw unknownCodec(codec);
}

/**
 * Unpacks `bytes` to at most `maxSizeBytes`. The result may be `bytes` itself (codec 0) or a view, never shared with a later
 * call. Throws CompressionError; nothing else, whatever the bytes.
 */
export function decompress(codec: number, bytes: Uint8Array, maxSizeBytes: number): Uint8Array {
  switch (codec) {
    case Codecs.NONE:
      if (bytes.length > maxSizeBytes) throw new CompressionError('limit', `more than ${maxSizeBytes} bytes`);
      return bytes;
    case Codecs.GZIP:
      return decompressGzip(bytes, maxSizeBytes);
    case Codecs.SNAPPY:
      return decompressSnappy(bytes, maxSizeBytes);
    case Codecs.LZ4:
      return decompressLz4(bytes, maxSizeBytes);
    case Codecs.ZSTD:
      return decompressZstd(bytes, maxSizeBytes);
    default:
      throw unknownCodec(codec);
  }
}

/**
 * Packs `bytes` in the framing of Kafka's Java client. `level` is in the scale of the codec, its default Kafka's; snappy and
 * lz4 have one. Throws CompressionError (`unavailable`) for an unknown codec or one that is not loaded.
 */
export function compress(codec: number, bytes: Uint8Array, level?: number): Uint8Array {
  switch (codec) {
    case Codecs.NONE:
      return bytes;
    case Codecs.GZIP:
      return compressGzip(bytes, level);
    case Codecs.SNAPPY:
      return compressSnappy(bytes);
    case Codecs.LZ4:
      return compressLz4(bytes);
    case Codecs.ZSTD:
      return compressZstd(bytes, level);
    default:
      throw unknownCodec(codec);
  }
}

const unknownCodec = (codec: number): CompressionError =>
  new CompressionError('unavailable', `Unknown compression type id: ${codec}`);
