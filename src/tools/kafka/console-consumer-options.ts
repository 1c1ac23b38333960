// The options of kafka-console-consumer, and what they make of a consumer's and the formatter's properties.
import { complain, print, type ToolIo } from '../tool-io.ts';
import { loadProperties } from './client-config.ts';
import { Exit } from './exit.ts';
import { thrown } from './java-error.ts';
import { keyValues } from './key-values.ts';
import { CommandOptions } from './options/command-options.ts';
import { flag, INTEGER, LONG, type Option, valued } from './options/option.ts';

const FORMATTER_PROPERTIES =
  "The properties to initialize the message formatter. Default properties include: \n print.timestamp=true|false\n print.key=true|false\n print.offset=true|false\n print.epoch=true|false\n print.partition=true|false\n print.headers=true|false\n print.value=true|false\n key.separator=<key.separator>\n line.separator=<line.separator>\n headers.separator=<headers.separator>\n null.literal=<null.literal>\n key.deserializer=<key.deserializer>\n value.deserializer=<value.deserializer>\n header.deserializer=<header.deserializer>\n\nUsers can also pass in customized properties for their formatter; more specifically, users can pass in properties keyed with 'key.deserializer.', 'value.deserializer.' and 'headers.deserializer.' prefixes to configure their deserializers.";

export const OPTIONS = {
  topic: valued('topic', 'The topic to consume from.', { name: 'topic' }),
  include: valued('include', 'Regular expression specifying list of topics to include for consumption.', {
    name: 'Java regex (String)',
  }),
  partitionId: valued(
    'partition',
    "The partition to consume from. Consumption starts from the end of the partition unless '--offset' is specified.",
    { name: 'partition', type: INTEGER },
  ),
  offset: valued(
    'offset',
    "The offset to consume from (a non-negative number), or 'earliest' which means from beginning, or 'latest' which means from end",
    { name: 'consume offset', defaults: ['latest'] },
  ),
  consumerProperty: valued(
    'consumer-property',
    '(DEPRECATED) Consumer config properties in the form key=value. This option will be removed in a future version. Use --command-property instead.',
    { name: 'consumer_prop' },
  ),
  commandProperty: valued('command-property', 'Consumer config properties in the form key=value.', {
    name: 'consumer_prop',
  }),
  consumerConfig: valued(
    'consumer.config',
    '(DEPRECATED) Consumer config properties file. Note that [command-property] takes precedence over this config. This option will be removed in a future version. Use --command-config instead.',
    { name: 'config file' },
  ),
  commandConfig: valued(
    'command-config',
    'Consumer config properties file. Note that [command-property] takes precedence over this config.',
    { name: 'config file' },
  ),
  messageFormatter: valued('formatter', 'The name of a class to use for formatting kafka messages for display.', {
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
  resetBeginning: flag(
    'from-beginning',
    'If the consumer does not already have an established offset to consume from, start with the earliest message present in the log rather than the latest message.',
  ),
  maxMessages: valued(
    'max-messages',
    'The maximum number of messages to consume before exiting. If not set, consumption is continual.',
    { name: 'num_messages', type: INTEGER },
  ),
  timeoutMs: valued(
    'timeout-ms',
    'If specified, exit if no message is available for consumption for the specified interval.',
    { name: 'timeout_ms', type: LONG },
  ),
  skipMessageOnError: flag(
    'skip-message-on-error',
    'If there is an error when processing a message, skip it instead of halt.',
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
  enableSystestEventsLogging: flag(
    'enable-systest-events',
    'Log lifecycle events of the consumer in addition to logging consumed messages. (This is specific for system tests.)',
  ),
  isolationLevel: valued(
    'isolation-level',
    'Set to read_committed in order to filter out transactional messages which are not committed. Set to read_uncommitted to read all messages.',
    { defaults: ['read_uncommitted'] },
  ),
  groupId: valued('group', 'The consumer group id of the consumer.', { name: 'consumer group id' }),
};

const EARLIEST = -2;
const LATEST = -1;

export interface ConsumerCall {
  readonly options: CommandOptions;
  /** Kafka's keys. */
  readonly properties: Record<string, string>;
  /** -2: the beginning, -1: the end. */
  readonly offset: number;
  readonly formatter: { readonly className: string; readonly properties: Record<string, string> };
}

/** Throws Exit. */
export function consumerCall(io: ToolIo, args: readonly string[]): ConsumerCall {
  const options = new CommandOptions(io, args, OPTIONS, { tellsMistakes: true });
  options.maybePrintHelpOrVersion('This tool helps to read data from Kafka topics and outputs it to standard output.');
  checkRequired(options);
  renamed(io, options, OPTIONS.commandProperty, OPTIONS.consumerProperty);
  renamed(io, options, OPTIONS.commandConfig, OPTIONS.consumerConfig);
  const config = options.valueOf(OPTIONS.consumerConfig) ?? options.valueOf(OPTIONS.commandConfig);
  const fromFile = loadProperties(io, config);
  const given = keyValues([
    ...options.valuesOf(OPTIONS.consumerProperty),
    ...options.valuesOf(OPTIONS.commandProperty),
  ]);
  const groups = groupsIn(options, fromFile, given);
  const properties = consumerProperties(io, options, { ...fromFile, ...given }, groups);
  return { options, properties, offset: offsetOf(options), formatter: formatterOf(io, options) };
}

function checkRequired(options: CommandOptions): void {
  options.checkOneOf(OPTIONS.topic, OPTIONS.include);
  if (options.has(OPTIONS.partitionId)) {
    if (!options.has(OPTIONS.topic)) options.usage('The topic is required when partition is specified.');
    if (options.has(OPTIONS.resetBeginning) && options.has(OPTIONS.offset)) {
      options.usage('Options from-beginning and offset cannot be specified together.');
    }
  } else if (options.has(OPTIONS.offset)) {
    options.usage('The partition is required when offset is specified.');
  }
  options.checkRequired(OPTIONS.bootstrapServer);
}

/** Only one of the two names of an option may be given; the old one is told of. */
export function renamed(io: ToolIo, options: CommandOptions, current: Option, old: Option): void {
  if (!options.has(old)) return;
  const [oldName, name] = [old.names[0], current.names[0]];
  if (options.has(current)) options.usage(`Options --${oldName} and --${name} cannot be specified together.`);
  print(io, `Option --${oldName} is deprecated and will be removed in a future version. Use --${name} instead.`);
}

type Given = Readonly<Record<string, string>>;

/** Ends with the usage when --group, properties and file name different groups. */
function groupsIn(options: CommandOptions, fromFile: Given, given: Given): string[] {
  const named = [options.valueOf(OPTIONS.groupId), given['group.id'], fromFile['group.id']];
  const groups = [...new Set(named.filter((one) => one !== undefined))];
  if (groups.length > 1) {
    const shown = groups.map((group) => `'${group}'`).join(', ');
    options.usage(
      `The group ids provided in different places (directly using '--group', via '--consumer-property', or via '--consumer.config') do not match. Detected group ids: ${shown}`,
    );
  }
  if (groups.length > 0 && options.has(OPTIONS.partitionId)) {
    options.usage('Options group and partition cannot be specified together.');
  }
  return groups;
}

const LARGEST_GROUP_NUMBER = 100_000;

function consumerProperties(
  io: ToolIo,
  options: CommandOptions,
  given: Given,
  [group]: readonly string[],
): Record<string, string> {
  const isolation = options.required(OPTIONS.isolationLevel);
  const properties: Record<string, string> = {
    'client.id': 'console-consumer',
    'isolation.level': isolation,
    ...given,
  };
  const reset = given['auto.offset.reset'];
  const fromBeginning = options.has(OPTIONS.resetBeginning);
  if (reset !== undefined && fromBeginning && reset !== 'earliest') {
    complain(
      io,
      `Can't simultaneously specify --from-beginning and 'auto.offset.reset=${reset}', please remove one option`,
    );
    throw new Exit(1);
  }
  properties['auto.offset.reset'] = reset ?? (fromBeginning ? 'earliest' : 'latest');
  if (options.has(OPTIONS.isolationLevel)) properties['isolation.level'] = isolation;
  if (group === undefined) {
    const number = Math.trunc(io.runtime.random.next() * LARGEST_GROUP_NUMBER);
    return { 'enable.auto.commit': 'false', ...properties, 'group.id': `console-consumer-${number}` };
  }
  return { ...properties, 'group.id': group };
}

function offsetOf(options: CommandOptions): number {
  if (!options.has(OPTIONS.offset)) return options.has(OPTIONS.resetBeginning) ? EARLIEST : LATEST;
  const text = options.required(OPTIONS.offset);
  if (text.toLowerCase() === 'earliest') return EARLIEST;
  if (text.toLowerCase() === 'latest') return LATEST;
  const offset = LONG.convert(text);
  if (offset !== undefined && offset >= 0) return offset;
  return options.usage(
    `The provided offset value '${text}' is incorrect. Valid values are 'earliest', 'latest', or a non-negative long.`,
  );
}

function formatterOf(io: ToolIo, options: CommandOptions): ConsumerCall['formatter'] {
  const old = OPTIONS.messageFormatterArgOptDeprecated;
  const isOld = options.has(old);
  renamed(io, options, OPTIONS.messageFormatterArg, old);
  const [key, value] = [options.valueOf(OPTIONS.keyDeserializer), options.valueOf(OPTIONS.valueDeserializer)];
  return {
    className: options.required(OPTIONS.messageFormatter),
    properties: {
      ...formatterConfig(io, options, OPTIONS.messageFormatterConfig),
      ...(key !== undefined && key !== '' && { 'key.deserializer': key }),
      ...(value !== undefined && value !== '' && { 'value.deserializer': value }),
      ...keyValues(options.valuesOf(isOld ? old : OPTIONS.messageFormatterArg)),
    },
  };
}

/** Ends the tool with its usage when the file cannot be read. Throws Exit. */
export function formatterConfig(io: ToolIo, options: CommandOptions, option: Option<string>): Record<string, string> {
  try {
    return loadProperties(io, options.valueOf(option));
  } catch (error) {
    return options.usage(thrown(error).message);
  }
}
