// The options of kafka-share-consumer-perf-test.
import { flag, INTEGER, LONG, valued } from './options/option.ts';

export const OPTIONS = {
  bootstrapServer: valued('bootstrap-server', 'REQUIRED. The server(s) to connect to.', {
    name: 'server to connect to',
  }),
  topic: valued('topic', 'REQUIRED: The topic to consume from.', { name: 'topic' }),
  groupId: valued('group', 'The group id to consume on.', { name: 'gid', defaults: ['perf-share-consumer'] }),
  fetchSize: valued('fetch-size', 'The amount of data to fetch in a single request.', {
    name: 'size',
    type: INTEGER,
    defaults: [1_048_576],
  }),
  commandProperties: valued(
    'command-property',
    'Kafka share consumer related configuration properties like client.id. These configs take precedence over those passed via --command-config or --consumer.config.',
    { name: 'prop1=val1' },
  ),
  socketBufferSize: valued('socket-buffer-size', 'The size of the tcp RECV size.', {
    name: 'size',
    type: INTEGER,
    defaults: [2_097_152],
  }),
  consumerConfig: valued(
    'consumer.config',
    '(DEPRECATED) Share consumer config properties file. This option will be removed in a future version. Use --command-config instead.',
    { name: 'config file' },
  ),
  commandConfig: valued('command-config', 'Config properties file.', { name: 'config file' }),
  printMetrics: flag('print-metrics', 'Print out the metrics.'),
  showDetailedStats: flag(
    'show-detailed-stats',
    'If set, stats are reported for each reporting interval as configured by reporting-interval.',
  ),
  showConsumerStats: flag(
    'show-consumer-stats',
    'If set, stats are reported for each share consumer depending on the no. of threads.',
  ),
  recordFetchTimeout: valued('timeout', 'The maximum allowed time in milliseconds between returned records.', {
    name: 'milliseconds',
    type: LONG,
    defaults: [10_000],
    isOptional: true,
  }),
  numMessages: valued(
    'messages',
    '(DEPRECATED) The number of records to consume. This option will be removed in a future version. Use --num-records instead.',
    { name: 'count', type: LONG },
  ),
  numRecords: valued('num-records', 'REQUIRED: The number of records to consume.', { name: 'count', type: LONG }),
  threads: valued('threads', 'The number of share consumers to use for sharing the load.', {
    name: 'count',
    type: INTEGER,
    defaults: [1],
  }),
  reportingInterval: valued('reporting-interval', 'Interval in milliseconds at which to print progress info.', {
    name: 'interval_ms',
    type: LONG,
    defaults: [5000],
  }),
  dateFormat: valued(
    'date-format',
    'The date format to use for formatting the time field. See java.text.SimpleDateFormat for options.',
    { name: 'date format', defaults: ['yyyy-MM-dd HH:mm:ss:SSS'] },
  ),
  hideHeader: flag('hide-header', 'If set, skips printing the header for the stats.'),
};
