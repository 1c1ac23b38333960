// Messages of formats 0 and 1, byte for byte as producers and brokers of before Kafka 0.11 wrote them (KIP-31, KIP-32).
import { Codecs, compress } from '../../src/protocol/compression/index.ts';
import { xxhash32 } from '../../src/protocol/compression/xxhash32.ts';
import { optionalModule } from '../../src/protocol/compression/optional-module.ts';

export type OldMagic = 0 | 1;

export interface OldMessage {
  readonly magic: OldMagic;
  readonly offset: number;
  /** Format 0 has none. */
  readonly timestamp?: number;
  readonly key?: Uint8Array | null;
  readonly value?: Uint8Array | null;
  readonly attributes?: number;
}

const LOG_APPEND_TIME = 0x08;
const crc32 = (bytes: Uint8Array): number =>
  (optionalModule('crc-32') as { buf(bytes: Uint8Array): number }).buf(bytes) >>> 0;

function sized(bytes: Uint8Array | null): Buffer {
  const size = Buffer.alloc(4);
  size.writeInt32BE(bytes === null ? -1 : bytes.length);
  return Buffer.concat([size, bytes ?? Buffer.alloc(0)]);
}

/** Offset, size, CRC-32, magic, attributes, timestamp from format 1 on, key, value. */
export function oldMessage({ magic, offset, timestamp = -1, key, value, attributes = 0 }: OldMessage): Buffer {
  const time = Buffer.alloc(magic === 0 ? 0 : 8);
  if (magic === 1) time.writeBigInt64BE(BigInt(timestamp));
  const content = Buffer.concat([
    Buffer.of(magic, attributes),
    time,
    sized(key === undefined ? Buffer.from('k') : key),
    sized(value === undefined ? Buffer.from('v') : value),
  ]);
  const head = Buffer.alloc(16);
  head.writeBigInt64BE(BigInt(offset));
  head.writeInt32BE(4 + content.length, 8);
  head.writeUInt32BE(crc32(content), 12);
  return Buffer.concat([head, content]);
}

export interface OldWrapper {
  readonly magic: OldMagic;
  readonly codec: 1 | 2 | 3;
  /** With absolute offsets, ascending. */
  readonly messages: readonly Omit<OldMessage, 'magic'>[];
  /** Given: the broker's time, which stands in the wrapper alone. */
  readonly logAppendTimeMs?: number;
}

/** A set of messages packed as the value of one, which has the offset of the last and from format 1 on the latest timestamp. */
export function oldWrapper({ magic, codec, messages, logAppendTimeMs }: OldWrapper): Buffer {
  const first = (messages[0] as OldMessage).offset;
  const last = (messages.at(-1) as OldMessage).offset;
  const inner = messages.map((one) =>
    oldMessage({ ...one, magic, offset: magic === 0 ? one.offset : one.offset - first }),
  );
  const packed = Buffer.from(compress(codec, Buffer.concat(inner)));
  // The writer of format 0 hashed the magic of the frame too (KAFKA-3160).
  if (codec === Codecs.LZ4 && magic === 0) packed[6] = (xxhash32(packed.subarray(0, 6)) >>> 8) & 0xff;
  const timestamp = logAppendTimeMs ?? Math.max(...messages.map((one) => one.timestamp ?? -1));
  const attributes = codec | (logAppendTimeMs === undefined ? 0 : LOG_APPEND_TIME);
  return oldMessage({ magic, offset: last, timestamp, key: null, value: packed, attributes });
}
