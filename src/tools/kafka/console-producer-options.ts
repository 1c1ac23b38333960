// The options of kafka-console-producer, and what they make of a producer's and the line reader's properties.
import { print, type ToolIo } from '../tool-io.ts';
import { checkBootstrapServer } from './bootstrap-server.ts';
import { loadProperties } from './client-config.ts';
import { keyValues } from './key-values.ts';
import { CommandOptions } from './options/command-options.ts';
import { flag, INTEGER, LONG, type Option, valued } from './options/option.ts';

export const OPTIONS = {
  topic: valued('topic', 'REQUIRED: The topic name to produce messages to.', { name: 'topic' }),
  bootstrapServer: valued(
    'bootstrap-server',
    'REQUIRED: The server(s) to connect to. The broker list string in the form HOST1:PORT1,HOST2:PORT2.',
    { name: 'server to connect to' },
  ),
  sync: flag('sync', 'If set message send requests to the brokers are synchronously, one at a time as they arrive.'),
  compressionCodec: valued(
    'compression-codec',
    "The compression codec: either 'none', 'gzip', 'snappy', 'lz4', or 'zstd'.If specified without value, then it defaults to 'gzip'",
    { name: 'compression-codec', isOptional: true },
  ),
  batchSize: valued(
    'batch-size',
    'The buffer size in bytes allocated for a partition. When records are received which are smaller than this size the producer will attempt to optimistically group them together until this size is reached. This is the option to control batch.size in producer configs. Please note that this option will be replaced if max-partition-memory-bytes is also set.',
    { name: 'size', type: INTEGER, defaults: [16384] },
  ),
  messageSendMaxRetries: valued(
    'message-send-max-retries',
    'Brokers can fail receiving the message for multiple reasons, and being unavailable transiently is just one of them. This property specifies the number of retries before the producer give up and drop this message. This is the option to control `retries` in producer configs.',
    { type: INTEGER, defaults: [3] },
  ),
  retryBackoffMs: valued(
    'retry-backoff-ms',
    'Before each retry, the producer refreshes the metadata of relevant topics. Since leader election takes a bit of time, this property specifies the amount of time that the producer waits before refreshing the metadata. This is the option to control `retry.backoff.ms` in producer configs.',
    { type: LONG, defaults: [100] },
  ),
  sendTimeout: valued(
    'timeout',
    'If set and the producer is running in asynchronous mode, this gives the maximum amount of time a message will queue awaiting sufficient batch size. The value is given in ms. This is the option to control `linger.ms` in producer configs.',
    { name: 'timeout_ms', type: LONG, defaults: [1000] },
  ),
  requestRequiredAcks: valued('request-required-acks', 'The required `acks` of the producer requests', {
    name: 'request required acks',
    defaults: ['-1'],
  }),
  requestTimeoutMs: valued(
    'request-timeout-ms',
    'The ack timeout of the producer requests. Value must be non-negative and non-zero.',
    { name: 'request timeout ms', type: INTEGER, defaults: [1500] },
  ),
  metadataExpiryMs: valued(
    'metadata-expiry-ms',
    "The period of time in milliseconds after which we force a refresh of metadata even if we haven't seen any leadership changes. This is the option to control `metadata.max.age.ms` in producer configs.",
    { name: 'metadata expiration interval', type: LONG, defaults: [300000] },
  ),
  maxBlockMs: valued('max-block-ms', 'The max time that the producer will block for during a send request.', {
    name: 'max block on send',
    type: LONG,
    defaults: [60000],
  }),
  maxMemoryBytes: valued(
    'max-memory-bytes',
    'The total memory used by the producer to buffer records waiting to be sent to the server. This is the option to control `buffer.memory` in producer configs.',
    { name: 'total memory in bytes', type: LONG, defaults: [33554432] },
  ),
  maxPartitionMemoryBytes: valued(
    'max-partition-memory-bytes',
    '(Deprecated) The buffer size in bytes allocated for a partition. When records are received which are smaller than this size the producer will attempt to optimistically group them together until this size is reached. This is the option to control batch.size in producer configs. This option will be removed in Apache Kafka 5.0. Use --batch-size instead.',
    { name: 'memory in bytes per partition', type: INTEGER, defaults: [16384] },
  ),
  messageReader: valued(
    'line-reader',
    'The class name of the class to use for reading lines from standard in. By default each line is read as a separate message.',
    { name: 'reader_class', defaults: ['org.apache.kafka.tools.LineMessageReader'] },
  ),
  socketBufferSize: valued(
    'socket-buffer-size',
    'The size of the tcp RECV size. This is the option to control `send.buffer.bytes` in producer configs.',
    { name: 'size', type: INTEGER, defaults: [102400] },
  ),
  property: valued(
    'property',
    '(DEPRECATED) A mechanism to pass user-defined properties in the form key=value to the message reader. This allows custom configuration for a user-defined message reader.\nDefault properties include:\n parse.key=false\n parse.headers=false\n ignore.error=false\n key.separator=\\t\n headers.delimiter=\\t\n headers.separator=,\n headers.key.separator=:\n null.marker=   When set, any fields (key, value and headers) equal to this will be replaced by null\nDefault parsing pattern when:\n parse.headers=true and parse.key=true:\n  "h1:v1,h2:v2...\\tkey\\tvalue"\n parse.key=true:\n  "key\\tvalue"\n parse.headers=true:\n  "h1:v1,h2:v2...\\tvalue"\n This option will be removed in a future version. Use --reader-property instead.',
    { name: 'prop' },
  ),
  readerProperty: valued(
    'reader-property',
    'A mechanism to pass user-defined properties in the form key=value to the message reader. This allows custom configuration for a user-defined message reader.\nDefault properties include:\n parse.key=false\n parse.headers=false\n ignore.error=false\n key.separator=\\t\n headers.delimiter=\\t\n headers.separator=,\n headers.key.separator=:\n null.marker=   When set, any fields (key, value and headers) equal to this will be replaced by null\nDefault parsing pattern when:\n parse.headers=true and parse.key=true:\n  "h1:v1,h2:v2...\\tkey\\tvalue"\n parse.key=true:\n  "key\\tvalue"\n parse.headers=true:\n  "h1:v1,h2:v2...\\tvalue"',
    { name: 'prop' },
  ),
  readerConfig: valued(
    'reader-config',
    'Config properties file for the message reader. Note that [reader-property] takes precedence over this config.',
    { name: 'config file' },
  ),
  producerProperty: valued(
    'producer-property',
    '(DEPRECATED) Producer config properties in the form key=value. This option will be removed in a future version. Use --command-property instead.',
    { name: 'producer_prop' },
  ),
  commandProperty: valued('command-property', 'Producer config properties in the form key=value.', {
    name: 'producer_prop',
  }),
  producerConfig: valued(
    'producer.config',
    '(DEPRECATED) Producer config properties file. Note that [command-property] takes precedence over this config. This option will be removed in a future version. Use --command-config instead.',
    { name: 'config file' },
  ),
  commandConfig: valued(
    'command-config',
    'Producer config properties file. Note that [command-property] takes precedence over this config.',
    { name: 'config file' },
  ),
};

/** Throws Exit. */
export function producerOptions(io: ToolIo, args: readonly string[]): CommandOptions {
  const options = new CommandOptions(io, args, OPTIONS, { tellsMistakes: true });
  options.maybePrintHelpOrVersion('This tool helps to read data from standard input and publish it to Kafka.');
  options.checkRequired(OPTIONS.topic);
  const renamed: readonly (readonly [Option, Option])[] = [
    [OPTIONS.commandConfig, OPTIONS.producerConfig],
    [OPTIONS.commandProperty, OPTIONS.producerProperty],
    [OPTIONS.readerProperty, OPTIONS.property],
  ];
  for (const [current, old] of renamed) {
    if (!options.has(current) || !options.has(old)) continue;
    options.usage(`Options --${current.names[0]} and --${old.names[0]} cannot be specified together.`);
  }
  const deprecated: readonly (readonly [Option, string, string])[] = [
    [OPTIONS.producerProperty, 'a future version', 'command-property'],
    [OPTIONS.producerConfig, 'a future version', 'command-config'],
    [OPTIONS.property, 'a future version', 'reader-property'],
    [OPTIONS.maxPartitionMemoryBytes, 'Apache Kafka 5.0', 'batch-size'],
  ];
  for (const [option, when, current] of deprecated) {
    if (!options.has(option)) continue;
    print(io, `Warning: --${option.names[0]} is deprecated and will be removed in ${when}. Use --${current} instead.`);
  }
  checkBootstrapServer(options, options.valueOf(OPTIONS.bootstrapServer));
  return options;
}

/** What the line reader is configured with. */
export function readerProperties(io: ToolIo, options: CommandOptions): Record<string, string> {
  const given = options.has(OPTIONS.property) ? OPTIONS.property : OPTIONS.readerProperty;
  return {
    ...loadProperties(io, options.valueOf(OPTIONS.readerConfig)),
    topic: options.required(OPTIONS.topic),
    ...keyValues(options.valuesOf(given)),
  };
}

/** Kafka's keys for the producer. An option that was given wins over the files, its default does not. */
export function producerProperties(io: ToolIo, options: CommandOptions): Record<string, string> {
  const config = options.valueOf(OPTIONS.producerConfig) ?? options.valueOf(OPTIONS.commandConfig);
  const given = options.has(OPTIONS.producerProperty) ? OPTIONS.producerProperty : OPTIONS.commandProperty;
  const properties: Record<string, string> = {
    'client.id': 'console-producer',
    ...loadProperties(io, config),
    ...keyValues(options.valuesOf(given)),
    'compression.type': compressionType(options),
  };
  const merged: readonly (readonly [string, Option])[] = [
    ['linger.ms', OPTIONS.sendTimeout],
    ['acks', OPTIONS.requestRequiredAcks],
    ['request.timeout.ms', OPTIONS.requestTimeoutMs],
    ['retries', OPTIONS.messageSendMaxRetries],
    ['retry.backoff.ms', OPTIONS.retryBackoffMs],
    ['send.buffer.bytes', OPTIONS.socketBufferSize],
    ['buffer.memory', OPTIONS.maxMemoryBytes],
    ['batch.size', OPTIONS.batchSize],
    ['batch.size', OPTIONS.maxPartitionMemoryBytes],
    ['metadata.max.age.ms', OPTIONS.metadataExpiryMs],
    ['max.block.ms', OPTIONS.maxBlockMs],
  ];
  for (const [key, option] of merged) {
    if (options.has(option) || !(key in properties)) properties[key] = String(options.valueOf(option));
  }
  return properties;
}

function compressionType(options: CommandOptions): string {
  if (!options.has(OPTIONS.compressionCodec)) return 'none';
  const given = options.valueOf(OPTIONS.compressionCodec) ?? '';
  return given === '' ? 'gzip' : given;
}
