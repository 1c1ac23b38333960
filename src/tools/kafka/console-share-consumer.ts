// kafka-console-share-consumer: records of a topic through a share group (org.apache.kafka.tools.consumer.ConsoleShareConsumer).
import { ShareConsumer } from '../../client/index.ts';
import { complain, print, type ToolIo } from '../tool-io.ts';
import { clientConfig, loadProperties } from './client-config.ts';
import { formatterConfig, renamed } from './console-consumer-options.ts';
import { JavaError, thrownText } from './java-error.ts';
import { keyValues } from './key-values.ts';
import { logError } from './log-line.ts';
import { CommandOptions } from './options/command-options.ts';
import { flag, INTEGER, valued } from './options/option.ts';
import { type FormattedRecord, formatterNamed, type MessageFormatter } from './records/message-formatter.ts';
import { tool } from './run-tool.ts';

const FORMATTER_PROPERTIES =
  "The properties to initialize the message formatter. Default properties include: \n print.timestamp=true|false\n print.key=true|false\n print.offset=true|false\n print.delivery=true|false\n print.epoch=true|false\n print.partition=true|false\n print.headers=true|false\n print.value=true|false\n key.separator=<key.separator>\n line.separator=<line.separator>\n headers.separator=<headers.separator>\n null.literal=<null.literal>\n key.deserializer=<key.deserializer>\n value.deserializer=<value.deserializer>\n header.deserializer=<header.deserializer>\n\nUsers can also pass in customized properties for their formatter; more specifically, users can pass in properties keyed with 'key.deserializer.', 'value.deserializer.' and 'headers.deserializer.' prefixes to configure their deserializers.";

const OPTIONS = {
  topic: valued('topic', 'The topic to consume from.', { name: 'topic' }),
  consumerProperty: valued(
    'consumer-property',
    '(DEPRECATED) Consumer config properties in the form key=value. This option will be removed in a future version. Use --command-property instead.',
    { name: 'consumer_prop' },
  ),
  commandProperty: valued('command-property', 'Consumer config properties in the form key=value.', {
    name: 'consumer_prop',
  }),
  consumerConfig: valued(
    'consumer-config',
    '(DEPRECATED) Consumer config properties file. Note that [command-property] takes precedence over this config. This option will be removed in a future version. Use --command-config instead.',
    { name: 'config file' },
  ),
  commandConfig: valued(
    'command-config',
    'Consumer config properties file. Note that [command-property] takes precedence over this config.',
    { name: 'config file' },
  ),
  messageFormatter: valued('formatter', 'The name of a class to use for formatting Kafka messages for display.', {
    name: 'class',
    defaults: ['org.apache.kafka.tools.consumer.DefaultMessageFormatter'],
  }),
  messageFormatterArgOptDeprecated: valued(
    'property',
    `(DEPRECATED) ${FORMATTER_PROPERTIES} \nThis option will be removed in a future version. Use --formatter-property instead.`,
    { name: 'prop' },
  ),
  messageFormatterArg: valued('formatter-property', FORMATTER_PROPERTIES, { name: 'prop' }),
  messageFormatterConfig: valued(
    'formatter-config',
    'Config properties file to initialize the message formatter. Note that [formatter-property] takes precedence over this config.',
    { name: 'config file' },
  ),
  maxMessages: valued(
    'max-messages',
    'The maximum number of messages to consume before exiting. If not set, consumption is continual.',
    { name: 'num_messages', type: INTEGER },
  ),
  timeoutMs: valued(
    'timeout-ms',
    'If specified, exit if no message is available for consumption for the specified interval.',
    { name: 'timeout_ms', type: INTEGER },
  ),
  reject: flag('reject', 'If specified, messages are rejected as they are consumed.'),
  release: flag('release', 'If specified, messages are released as they are consumed.'),
  rejectMessageOnError: flag(
    'reject-message-on-error',
    'If there is an error when processing a message, reject it instead of halting.',
  ),
  bootstrapServer: valued('bootstrap-server', 'REQUIRED: The server(s) to connect to.', {
    name: 'server to connect to',
  }),
  keyDeserializer: valued('key-deserializer', 'The name of the class to use for deserializing keys.', {
    name: 'deserializer for keys',
  }),
  valueDeserializer: valued('value-deserializer', 'The name of the class to use for deserializing values.', {
    name: 'deserializer for values',
  }),
  groupId: valued('group', 'The share group id of the consumer.', { name: 'share group id' }),
  enableSystestEventsLogging: flag(
    'enable-systest-events',
    'Log lifecycle events of the share consumer in addition to logging consumed messages. (This is specific for system tests.)',
  ),
};

const LOGGER = 'org.apache.kafka.tools.consumer.ConsoleShareConsumer';
const POLL_MS = 1000;
const DEFAULT_GROUP = 'console-share-consumer';

interface Call {
  readonly options: CommandOptions;
  readonly properties: Record<string, string>;
  readonly group: string;
  readonly formatter: MessageFormatter;
}

export const consoleShareConsumer = tool(async (args, io) => {
  const call = callOf(io, args);
  const counted = { messages: 0 };
  try {
    await consume(io, call, counted);
    return 0;
  } catch (error) {
    logError(io, LOGGER, 'Unknown error when running consumer: ');
    complain(io, thrownText(error));
    return 1;
  } finally {
    complain(io, `Processed a total of ${counted.messages} messages`);
    if (call.options.has(OPTIONS.enableSystestEventsLogging)) print(io, 'shutdown_complete');
  }
});

function callOf(io: ToolIo, args: readonly string[]): Call {
  const options = new CommandOptions(io, args, OPTIONS, { tellsMistakes: true });
  options.maybePrintHelpOrVersion(
    'This tool helps to read data from Kafka topics using share groups and outputs it to standard output.',
  );
  if (!options.has(OPTIONS.topic)) options.usage('--topic is a required argument');
  options.checkRequired(OPTIONS.bootstrapServer);
  if (options.has(OPTIONS.reject) && options.has(OPTIONS.release)) {
    options.usage('At most one of --reject and --release may be specified.');
  }
  renamed(io, options, OPTIONS.commandProperty, OPTIONS.consumerProperty);
  renamed(io, options, OPTIONS.commandConfig, OPTIONS.consumerConfig);
  const config = options.valueOf(OPTIONS.consumerConfig) ?? options.valueOf(OPTIONS.commandConfig);
  const fromFile = loadProperties(io, config);
  const given = keyValues([
    ...options.valuesOf(OPTIONS.consumerProperty),
    ...options.valuesOf(OPTIONS.commandProperty),
  ]);
  const group = groupOf(options, fromFile['group.id'], given['group.id']);
  const all: Record<string, string> = { 'client.id': 'console-share-consumer', ...fromFile, ...given };
  const { 'group.id': _, ...properties } = all;
  return { options, properties, group: group ?? DEFAULT_GROUP, formatter: formatterOf(io, options) };
}

/** Ends with the usage when --group, properties and file name different groups. */
function groupOf(options: CommandOptions, ...others: readonly (string | undefined)[]): string | undefined {
  const named = [options.valueOf(OPTIONS.groupId), ...others];
  const groups = [...new Set(named.filter((one) => one !== undefined))];
  if (groups.length > 1) {
    options.usage(
      `The group ids provided in different places (directly using '--group', via '--consumer-property', or via '--consumer-config') do not match. Detected group ids: ${groups.map((group) => `'${group}'`).join(', ')}`,
    );
  }
  return groups[0];
}

function formatterOf(io: ToolIo, options: CommandOptions): MessageFormatter {
  const old = OPTIONS.messageFormatterArgOptDeprecated;
  renamed(io, options, OPTIONS.messageFormatterArg, old);
  const [key, value] = [options.valueOf(OPTIONS.keyDeserializer), options.valueOf(OPTIONS.valueDeserializer)];
  const properties = {
    ...formatterConfig(io, options, OPTIONS.messageFormatterConfig),
    ...(key !== undefined && key !== '' && { 'key.deserializer': key }),
    ...(value !== undefined && value !== '' && { 'value.deserializer': value }),
    ...keyValues(options.valuesOf(options.has(old) ? old : OPTIONS.messageFormatterArg)),
  };
  try {
    return formatterNamed(io, options.required(OPTIONS.messageFormatter), properties);
  } catch (error) {
    if (error instanceof JavaError) return options.usage(error.message);
    throw error;
  }
}

async function consume(io: ToolIo, call: Call, counted: { messages: number }): Promise<void> {
  const { options, properties, group, formatter } = call;
  const { clock } = io.runtime;
  const most = options.valueOf(OPTIONS.maxMessages) ?? -1;
  const given = options.valueOf(OPTIONS.timeoutMs) ?? -1;
  const limitMs = given < 0 ? Infinity : given;
  await using consumer = new ShareConsumer({
    ...clientConfig(io, options.required(OPTIONS.bootstrapServer), properties),
    group,
    topics: [options.required(OPTIONS.topic)],
    acknowledgementMode: 'explicit',
  });
  const type = options.has(OPTIONS.reject) ? 'reject' : options.has(OPTIONS.release) ? 'release' : 'accept';
  let startedMs = clock.monotonicMs();
  while (!io.signal.aborted && (most < 0 || counted.messages < most)) {
    const restMs = startedMs + limitMs - clock.monotonicMs();
    const records = await consumer.poll(Math.max(0, Math.min(POLL_MS, restMs)));
    for (const record of records) {
      // What is beyond the number that was asked for goes back when the consumer is closed.
      if (most >= 0 && counted.messages >= most) break;
      counted.messages++;
      consumer.acknowledge(record, written(io, options, formatter, record, type));
    }
    if (records.length > 0) {
      startedMs = clock.monotonicMs();
      await consumer.commit();
      await io.stdout.drained();
    } else if (clock.monotonicMs() - startedMs > limitMs) {
      logError(io, LOGGER, 'Error processing message, terminating consumer process: ');
      complain(io, 'org.apache.kafka.common.errors.TimeoutException');
      return;
    }
  }
}

type Acknowledgement = 'accept' | 'reject' | 'release';

function written(
  io: ToolIo,
  options: CommandOptions,
  formatter: MessageFormatter,
  record: FormattedRecord,
  type: Acknowledgement,
): Acknowledgement {
  try {
    io.stdout.write(formatter(record));
    return type;
  } catch (error) {
    if (!options.has(OPTIONS.rejectMessageOnError)) throw error;
    logError(io, LOGGER, 'Error processing message, rejecting this message: ');
    complain(io, thrownText(error));
    return 'reject';
  }
}
