// What a client has pushed, unpacked: bounded, whatever was packed, and of the form that it must have (OTLP MetricsData).
import { CompressionError, decompress, loadCodec } from '../../protocol/compression/index.ts';
import { Errors, KafkaError } from '../../protocol/index.ts';

/** Metrics are names that repeat and pack well, but not so well; what goes beyond is made to fill memory. */
const RATIO_AT_MOST = 100;
/** Times telemetry.max.bytes, which bounds what is packed. */
const SIZE_AT_MOST = 16;

/** A copy of its own. Rejects with KafkaError. */
export async function unpackMetrics(codec: number, packed: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  const limit = Math.min(packed.length * RATIO_AT_MOST, maxBytes * SIZE_AT_MOST);
  let unpacked: Uint8Array;
  try {
    await loadCodec(codec);
    unpacked = Uint8Array.from(decompress(codec, packed, limit));
  } catch (error) {
    if (!(error instanceof CompressionError)) throw error;
    const code = error.kind === 'limit' ? Errors.TELEMETRY_TOO_LARGE : Errors.INVALID_RECORD;
    throw new KafkaError(code, `The metrics cannot be unpacked: ${error.message}`);
  }
  if (!isMetricsData(unpacked)) throw new KafkaError(Errors.INVALID_RECORD, 'What was pushed are no metrics');
  return unpacked;
}

/** Field 1, a message with its length in front: ResourceMetrics. */
const RESOURCE_METRICS_TAG = 0x0a;
const VARINT_BYTES_AT_MOST = 5;

/** MetricsData is nothing but a row of ResourceMetrics. */
function isMetricsData(bytes: Uint8Array): boolean {
  let at = 0;
  while (at < bytes.length) {
    if (bytes[at] !== RESOURCE_METRICS_TAG) return false;
    at += 1;
    let size = 0;
    let shift = 0;
    for (;;) {
      const byte = bytes[at];
      if (byte === undefined || shift >= 7 * VARINT_BYTES_AT_MOST) return false;
      at += 1;
      size += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
      shift += 7;
    }
    at += size;
  }
  return at === bytes.length;
}
