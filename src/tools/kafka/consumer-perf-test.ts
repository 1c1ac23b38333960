// kafka-consumer-perf-test: how fast records are read (org.apache.kafka.tools.ConsumerPerformance).
import { type ConsumedRecord, Consumer } from '../../client/index.ts';
import { print, type ToolIo } from '../tool-io.ts';
import { clientConfig, loadProperties } from './client-config.ts';
import { illegalArgument } from './java-error.ts';
import { javaDate } from './java-date.ts';
import { keyValues } from './key-values.ts';
import { CommandOptions } from './options/command-options.ts';
import { flag, INTEGER, LONG, valued } from './options/option.ts';
import { toolWithTrace } from './run-tool.ts';

const optionsFor = (group: string) => ({
  bootstrapServer: valued('bootstrap-server', 'REQUIRED: The server(s) to connect to.', {
    name: 'server to connect to',
  }),
  topic: valued('topic', 'The topic to consume from.', { name: 'topic' }),
  include: valued('include', 'Regular expression specifying list of topics to include for consumption.', {
    name: 'Java regex (String)',
  }),
  groupId: valued('group', 'The group id to consume on.', { name: 'gid', defaults: [group] }),
  fetchSize: valued('fetch-size', 'The maximum amount of data to fetch from a single partition per request.', {
    name: 'size',
    type: INTEGER,
    defaults: [1048576],
  }),
  commandProperties: valued(
    'command-property',
    'Kafka consumer related configuration properties like client.id. These configs take precedence over those passed via --command-config or --consumer.config.',
    { name: 'prop1=val1' },
  ),
  resetBeginningOffset: flag(
    'from-latest',
    'If the consumer does not already have an established offset to consume from, start with the latest record present in the log rather than the earliest record.',
  ),
  socketBufferSize: valued('socket-buffer-size', 'The size of the tcp RECV size.', {
    name: 'size',
    type: INTEGER,
    defaults: [2097152],
  }),
  consumerConfig: valued(
    'consumer.config',
    '(DEPRECATED) Consumer config properties file. This option will be removed in a future version. Use --command-config instead.',
    { name: 'config file' },
  ),
  commandConfig: valued('command-config', 'Config properties file.', { name: 'config file' }),
  printMetrics: flag('print-metrics', 'Print out the metrics.'),
  showDetailedStats: flag(
    'show-detailed-stats',
    'If set, stats are reported for each reporting interval as configured by reporting-interval.',
  ),
  recordFetchTimeout: valued('timeout', 'The maximum allowed time in milliseconds between returned records.', {
    name: 'milliseconds',
    type: LONG,
    defaults: [10000],
    isOptional: true,
  }),
  numMessages: valued(
    'messages',
    '(DEPRECATED) The number of records to consume. This option will be removed in a future version. Use --num-records instead.',
    { name: 'count', type: LONG },
  ),
  numRecords: valued('num-records', 'REQUIRED: The number of records to consume.', { name: 'count', type: LONG }),
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
});
type Options = ReturnType<typeof optionsFor>;

const MEGABYTE = 1024 * 1024;
const POLL_MS = 100;
const LARGEST_GROUP_NUMBER = 100_000;

export const consumerPerfTest = toolWithTrace(async (args, io) => {
  const OPTIONS = optionsFor(`perf-consumer-${Math.trunc(io.runtime.random.next() * LARGEST_GROUP_NUMBER)}`);
  const options = new CommandOptions(io, args, OPTIONS, { tellsMistakes: true });
  options.maybePrintHelpOrVersion('This tool is used to verify the consumer performance.');
  check(io, options, OPTIONS);
  await new PerfRun(io, options, OPTIONS).run();
});

function check(io: ToolIo, options: CommandOptions, OPTIONS: Options): void {
  options.checkRequired(OPTIONS.bootstrapServer);
  options.checkOneOf(OPTIONS.topic, OPTIONS.include);
  options.checkOneOf(OPTIONS.numMessages, OPTIONS.numRecords);
  options.checkInvalid(OPTIONS.consumerConfig, OPTIONS.commandConfig);
  if (options.has(OPTIONS.numMessages)) print(io, 'Warning: --messages is deprecated. Use --num-records instead.');
  if (options.has(OPTIONS.consumerConfig)) {
    print(io, 'Warning: --consumer.config is deprecated. Use --command-config instead.');
  }
}

interface Counted {
  bytes: number;
  records: number;
}

class PerfRun {
  readonly #io: ToolIo;
  readonly #options: CommandOptions;
  readonly #names: Options;
  readonly #total: Counted = { bytes: 0, records: 0 };
  #reported: Counted = { bytes: 0, records: 0 };
  #reportedMs = 0;
  #joinMs = 0;
  #joinMsOfRound = 0;
  #joinStartMs = 0;

  constructor(io: ToolIo, options: CommandOptions, names: Options) {
    this.#io = io;
    this.#options = options;
    this.#names = names;
  }

  async run(): Promise<void> {
    const isDetailed = this.#options.has(this.#names.showDetailedStats);
    if (!this.#options.has(this.#names.hideHeader)) {
      const first = isDetailed ? 'time, threadId' : 'start.time, end.time';
      print(
        this.#io,
        `${first}, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec`,
      );
    }
    const startMs = this.#now();
    await this.#consume();
    const endMs = this.#now();
    if (!isDetailed) print(this.#io, this.#summary(startMs, endMs));
  }

  #now(): number {
    return this.#io.runtime.clock.nowMs();
  }

  async #consume(): Promise<void> {
    const wanted = this.#options.valueOf(this.#names.numRecords) ?? this.#options.required(this.#names.numMessages);
    const limitMs = this.#options.required(this.#names.recordFetchTimeout);
    const intervalMs = this.#options.required(this.#names.reportingInterval);
    if (intervalMs <= 0) throw illegalArgument('Reporting interval must be greater than 0.');
    await using consumer = this.#consumer();
    this.#joinStartMs = this.#reportedMs = this.#now();
    let lastMs = this.#joinStartMs;
    while (this.#total.records < wanted && this.#now() - lastMs <= limitMs && !this.#io.signal.aborted) {
      const records = await consumer.poll(POLL_MS);
      const nowMs = this.#now();
      if (records.length > 0) lastMs = nowMs;
      for (const record of records) this.#count(record, nowMs, intervalMs);
    }
    if (this.#total.records >= wanted) return;
    print(
      this.#io,
      `WARNING: Exiting before consuming the expected number of records: timeout (${limitMs} ms) exceeded. You can use the --timeout option to increase the timeout.`,
    );
  }

  #consumer(): Consumer {
    const names = this.#names;
    const options = this.#options;
    const file = options.valueOf(names.consumerConfig) ?? options.valueOf(names.commandConfig);
    const properties = {
      'client.id': 'perf-consumer-client',
      ...loadProperties(this.#io, file),
      ...keyValues(options.valuesOf(names.commandProperties)),
      'receive.buffer.bytes': String(options.valueOf(names.socketBufferSize)),
      'max.partition.fetch.bytes': String(options.valueOf(names.fetchSize)),
      'auto.offset.reset': options.has(names.resetBeginningOffset) ? 'latest' : 'earliest',
      'check.crcs': 'false',
    };
    const topic = options.valueOf(names.topic);
    return new Consumer({
      ...clientConfig(this.#io, options.required(names.bootstrapServer), properties),
      group: options.required(names.groupId),
      ...(topic === undefined ? { pattern: options.required(names.include) } : { topics: [topic] }),
      onAssigned: () => {
        const elapsedMs = this.#now() - this.#joinStartMs;
        this.#joinMs += elapsedMs;
        this.#joinMsOfRound += elapsedMs;
      },
      onRevoked: () => {
        this.#joinStartMs = this.#now();
      },
    });
  }

  #count({ keySize, valueSize }: ConsumedRecord, nowMs: number, intervalMs: number): void {
    const total = this.#total;
    total.records++;
    total.bytes += Math.max(0, keySize) + Math.max(0, valueSize);
    if (nowMs - this.#reportedMs < intervalMs) return;
    if (this.#options.has(this.#names.showDetailedStats)) print(this.#io, this.#progress(nowMs));
    this.#joinMsOfRound = 0;
    this.#reportedMs = nowMs;
    this.#reported = { ...total };
  }

  #progress(nowMs: number): string {
    const elapsedMs = nowMs - this.#reportedMs;
    const megabytes = (this.#total.bytes - this.#reported.bytes) / MEGABYTE;
    const records = this.#total.records - this.#reported.records;
    const fetchMs = elapsedMs - this.#joinMsOfRound;
    const perSecond = (amount: number, ms: number): string => (ms <= 0 ? 0 : (1000 * amount) / ms).toFixed(4);
    return [
      this.#date(nowMs),
      '0',
      (this.#total.bytes / MEGABYTE).toFixed(4),
      ((1000 * megabytes) / elapsedMs).toFixed(4),
      this.#total.records,
      ((1000 * records) / elapsedMs).toFixed(4),
      this.#joinMsOfRound,
      fetchMs,
      perSecond(megabytes, fetchMs),
      perSecond(records, fetchMs),
    ].join(', ');
  }

  #summary(startMs: number, endMs: number): string {
    const seconds = (endMs - startMs) / 1000;
    const fetchMs = endMs - startMs - this.#joinMs;
    const megabytes = this.#total.bytes / MEGABYTE;
    const { records } = this.#total;
    return [
      this.#date(startMs),
      this.#date(endMs),
      megabytes.toFixed(4),
      (megabytes / seconds).toFixed(4),
      records,
      (records / seconds).toFixed(4),
      this.#joinMs,
      fetchMs,
      (megabytes / (fetchMs / 1000)).toFixed(4),
      (records / (fetchMs / 1000)).toFixed(4),
    ].join(', ');
  }

  #date(timeMs: number): string {
    return javaDate(this.#options.required(this.#names.dateFormat), timeMs);
  }
}
