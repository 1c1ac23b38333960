// A second opinion on what our codecs read, by packages that share no code with them: `binary-parser` for the headers of
// requests and of record batches, `crc-32` for the checksum of a batch.
import crc32c from 'crc-32/crc32c.js';
import { Parser } from 'binary-parser';

/** What a header says; the names are those of our codecs. */
export type CrossReading = Readonly<Record<string, unknown>>;

/** A request header from key to client id; the tags of version 2 follow it. */
export function crossReadRequestHeader(frame: Uint8Array): CrossReading {
  const parser = new Parser()
    .endianness('big')
    .int16('requestApiKey')
    .int16('requestApiVersion')
    .int32('correlationId')
    .int16('clientIdLength')
    .string('clientId', {
      length() {
        return Math.max(0, this['clientIdLength'] ?? 0);
      },
    });
  const { clientIdLength, clientId, ...rest } = parser.parse(frame);
  return { ...rest, clientId: clientIdLength === -1 ? null : clientId };
}

/** The header of a batch of magic 2, and whether its checksum is right. */
export function crossReadBatch(batch: Uint8Array): CrossReading {
  const parser = new Parser()
    .endianness('big')
    .int64('baseOffset')
    .int32('batchLength')
    .int32('partitionLeaderEpoch')
    .int8('magic')
    .uint32('crc')
    .int16('attributes')
    .int32('lastOffsetDelta')
    .int64('baseTimestamp')
    .int64('maxTimestamp')
    .int64('producerId')
    .int16('producerEpoch')
    .int32('baseSequence')
    .int32('recordsCount');
  const header = parser.parse(batch);
  const checked = batch.subarray(21, 12 + Number(header['batchLength']));
  return { ...header, isChecksumRight: crc32c.buf(checked) >>> 0 === header['crc'] };
}
