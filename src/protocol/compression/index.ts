// Kafka's four codecs, all bounded: nothing unpacks to more than the caller allows.
export {
  codecReady,
  type CodecId,
  codecName,
  codecOfName,
  Codecs,
  CompressionError,
  compress,
  decompress,
  loadCodec,
} from './codecs.ts';
