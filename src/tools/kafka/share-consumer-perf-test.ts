// kafka-share-consumer-perf-test: how fast the members of a share group read records (org.apache.kafka.tools.ShareConsumerPerformance).
import { ShareConsumer } from '../../client/index.ts';
import { print, type ToolIo } from '../tool-io.ts';
import { clientConfig, loadProperties, type Properties } from './client-config.ts';
import { executionError, illegalArgument } from './java-error.ts';
import { javaDate } from './java-date.ts';
import { keyValues } from './key-values.ts';
import { CommandOptions } from './options/command-options.ts';
import { toolWithTrace } from './run-tool.ts';
import { OPTIONS } from './share-perf-options.ts';

const MEGABYTE = 1024 * 1024;
const POLL_MS = 100;
const HEADER = 'start.time, end.time, data.consumed.in.MB, MB.sec, nMsg.sec, data.consumed.in.nMsg, fetch.time.ms';
/** Letters that SimpleDateFormat gives a meaning. */
const PATTERN_LETTERS = /^[GyYMLwWDdFEuaHkKhmsSzZX]$/;

export const shareConsumerPerfTest = toolWithTrace(async (args, io) => {
  const options = new CommandOptions(io, args, OPTIONS, { tellsMistakes: true });
  options.maybePrintHelpOrVersion('This tool is used to verify the share consumer performance.');
  options.checkRequired(OPTIONS.topic, OPTIONS.bootstrapServer);
  options.checkOneOf(OPTIONS.numMessages, OPTIONS.numRecords);
  options.checkInvalid(OPTIONS.consumerConfig, OPTIONS.commandConfig);
  if (options.has(OPTIONS.numMessages)) print(io, 'Warning: --messages is deprecated. Use --num-records instead.');
  if (options.has(OPTIONS.consumerConfig)) {
    print(io, 'Warning: --consumer.config is deprecated. Use --command-config instead.');
  }
  if (!options.has(OPTIONS.hideHeader)) print(io, HEADER);
  await new PerfRun(io, options).run();
});

interface Counted {
  bytes: number;
  records: number;
}

class PerfRun {
  readonly #io: ToolIo;
  readonly #options: CommandOptions;
  readonly #total: Counted = { bytes: 0, records: 0 };
  readonly #wanted: number;
  readonly #limitMs: number;
  readonly #intervalMs: number;
  readonly #startMs: number;

  constructor(io: ToolIo, options: CommandOptions) {
    this.#io = io;
    this.#options = options;
    this.#wanted = options.valueOf(OPTIONS.numRecords) ?? options.required(OPTIONS.numMessages);
    this.#limitMs = options.required(OPTIONS.recordFetchTimeout);
    this.#intervalMs = options.required(OPTIONS.reportingInterval);
    this.#startMs = this.#now();
  }

  async run(): Promise<void> {
    const options = this.#options;
    const properties = propertiesOf(this.#io, options);
    const threads = options.required(OPTIONS.threads);
    if (threads <= 0) throw illegalArgument('');
    this.#checkDate();
    const members = Array.from({ length: threads }, (_, index) => index + 1);
    const counts = await Promise.all(members.map((number) => this.#member(number, properties)));
    if (options.has(OPTIONS.showConsumerStats)) {
      for (const [index, counted] of counts.entries()) {
        const who = `Share consumer ${index + 1} having client id ${clientId(properties, index + 1)}`;
        print(this.#io, `${who} consumption metrics- ${this.#figures(counted)}`);
      }
    }
    if (this.#total.records < this.#wanted) {
      print(
        this.#io,
        `WARNING: Exiting before consuming the expected number of records: timeout (${this.#limitMs} ms) exceeded. You can use the --timeout option to increase the timeout.`,
      );
    }
    print(this.#io, this.#figures(this.#total));
  }

  #now(): number {
    return this.#io.runtime.clock.nowMs();
  }

  /** What one member has read. */
  async #member(number: number, properties: Properties): Promise<Counted> {
    const { signal } = this.#io;
    const own: Counted = { bytes: 0, records: 0 };
    const config = { ...properties, 'client.id': clientId(properties, number) };
    await using consumer = new ShareConsumer({
      ...clientConfig(this.#io, this.#options.required(OPTIONS.bootstrapServer), config),
      group: this.#options.required(OPTIONS.groupId),
      topics: [this.#options.required(OPTIONS.topic)],
    });
    let lastMs = this.#now();
    let reportedMs = lastMs;
    while (this.#total.records < this.#wanted && this.#now() - lastMs <= this.#limitMs && !signal.aborted) {
      const records = await consumer.poll(POLL_MS);
      const nowMs = this.#now();
      for (const { keySize, valueSize } of records) {
        lastMs = nowMs;
        for (const counted of [own, this.#total]) {
          counted.records++;
          counted.bytes += Math.max(0, keySize) + Math.max(0, valueSize);
        }
        if (nowMs - reportedMs < this.#intervalMs) continue;
        reportedMs = nowMs;
        if (this.#options.has(OPTIONS.showDetailedStats)) {
          print(this.#io, `${this.#figures(own)} for share consumer ${number}`);
        }
      }
    }
    return own;
  }

  #figures({ bytes, records }: Counted): string {
    const endMs = this.#now();
    const seconds = (endMs - this.#startMs) / 1000;
    const megabytes = bytes / MEGABYTE;
    return [
      this.#date(this.#startMs),
      this.#date(endMs),
      megabytes.toFixed(4),
      (megabytes / seconds).toFixed(4),
      (records / seconds).toFixed(4),
      records,
      endMs - this.#startMs,
    ].join(', ');
  }

  #date(timeMs: number): string {
    return javaDate(this.#options.required(OPTIONS.dateFormat), timeMs);
  }

  /** The original finds out in the threads of its members. */
  #checkDate(): void {
    const bare = this.#options.required(OPTIONS.dateFormat).replaceAll(/'[^']*'/g, '');
    const stranger = [...bare].find((letter) => /[A-Za-z]/.test(letter) && !PATTERN_LETTERS.test(letter));
    if (stranger !== undefined) throw executionError(illegalArgument(`Illegal pattern character '${stranger}'`));
  }
}

const clientId = (properties: Properties, number: number): string =>
  `${properties['client.id'] ?? 'perf-share-consumer-client'}-${number}`;

function propertiesOf(io: ToolIo, options: CommandOptions): Properties {
  const file = options.valueOf(OPTIONS.consumerConfig) ?? options.valueOf(OPTIONS.commandConfig);
  return {
    ...loadProperties(io, file),
    ...keyValues(options.valuesOf(OPTIONS.commandProperties)),
    'receive.buffer.bytes': String(options.valueOf(OPTIONS.socketBufferSize)),
    'max.partition.fetch.bytes': String(options.valueOf(OPTIONS.fetchSize)),
    'check.crcs': 'false',
  };
}
