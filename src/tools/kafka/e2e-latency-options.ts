// The options of kafka-e2e-latency, and its arguments of old, which stand one after the other.
import { print, type ToolIo } from '../tool-io.ts';
import { loadProperties, type Properties } from './client-config.ts';
import { TerseError } from './java-error.ts';
import { CommandOptions } from './options/command-options.ts';
import { INTEGER, type Option, valued } from './options/option.ts';

const OPTIONS = {
  bootstrapServer: valued(
    'bootstrap-server',
    'REQUIRED: The Kafka broker list string in the form HOST1:PORT1,HOST2:PORT2.',
    { name: 'bootstrap-server' },
  ),
  topic: valued('topic', 'REQUIRED: The topic to use for the test.', { name: 'topic-name' }),
  records: valued('num-records', 'REQUIRED: The number of messages to send.', { name: 'count', type: INTEGER }),
  acks: valued('producer-acks', "REQUIRED: Producer acknowledgements. Must be '1' or 'all'.", {
    name: 'producer-acks',
  }),
  recordSize: valued('record-size', 'REQUIRED: The size of each message payload in bytes.', {
    name: 'bytes',
    type: INTEGER,
  }),
  keySize: valued(
    'record-key-size',
    'Optional: The size of the message key in bytes. If not set, messages are sent without a key.',
    { name: 'bytes', type: INTEGER, defaults: [0], isOptional: true },
  ),
  headerSize: valued(
    'record-header-size',
    'Optional: The size of message header value in bytes. Use -1 for null header value.',
    { name: 'bytes', type: INTEGER, defaults: [0], isOptional: true },
  ),
  headerKeySize: valued(
    'record-header-key-size',
    'Optional: The size of the message header key in bytes. Used together with record-header-size.',
    { name: 'bytes', type: INTEGER, defaults: [0], isOptional: true },
  ),
  headers: valued('num-headers', 'Optional: The number of headers to include in each message.', {
    name: 'count',
    type: INTEGER,
    defaults: [0],
    isOptional: true,
  }),
  commandConfig: valued(
    'command-config',
    'Optional: A property file for Kafka producer/consumer/admin client configuration.',
    { name: 'config-file', isOptional: true },
  ),
};

export interface LatencyCall {
  readonly bootstrapServers: string;
  readonly topic: string;
  readonly records: number;
  readonly acks: string;
  /** Bytes; of a header's value -1 for null. */
  readonly recordSize: number;
  readonly keySize: number;
  readonly headers: number;
  readonly headerKeySize: number;
  readonly headerSize: number;
  readonly properties: Properties;
}

/** Throws Exit, OptionError, TerseError, JavaError. */
export function latencyCall(io: ToolIo, given: readonly string[]): LatencyCall {
  const options = new CommandOptions(io, namedArguments(io, given), OPTIONS);
  options.maybePrintHelpOrVersion(
    'This tool measures end-to-end latency in Kafka by sending messages and timing their reception.',
  );
  check(options);
  return {
    bootstrapServers: options.required(OPTIONS.bootstrapServer),
    topic: options.required(OPTIONS.topic),
    records: options.required(OPTIONS.records),
    acks: options.required(OPTIONS.acks),
    recordSize: options.required(OPTIONS.recordSize),
    keySize: options.required(OPTIONS.keySize),
    headers: options.required(OPTIONS.headers),
    headerKeySize: options.required(OPTIONS.headerKeySize),
    headerSize: options.required(OPTIONS.headerSize),
    properties: loadProperties(io, options.valueOf(OPTIONS.commandConfig)),
  };
}

function check(options: CommandOptions): void {
  const { bootstrapServer, topic, records, acks, recordSize } = OPTIONS;
  options.checkRequired(bootstrapServer, topic, records, acks, recordSize);
  if (options.required(records) <= 0) options.usage('Value for --num-records must be a positive integer.');
  const least = (option: Option<number>, lowest: number): void => {
    if (options.required(option) >= lowest) return;
    options.usage(`Value for --${option.names[0]} must be a non-negative integer${lowest < 0 ? ' or -1' : ''}.`);
  };
  least(recordSize, 0);
  if (!['1', 'all'].includes(options.required(acks))) {
    options.usage(
      "Invalid value for --producer-acks. Latency testing requires synchronous acknowledgement. Please use '1' or 'all'.",
    );
  }
  least(OPTIONS.keySize, 0);
  least(OPTIONS.headers, 0);
  least(OPTIONS.headerKeySize, 0);
  least(OPTIONS.headerSize, -1);
}

const POSITIONAL = [
  '--bootstrap-server',
  '--topic',
  '--num-records',
  '--producer-acks',
  '--record-size',
  '--command-config',
];

/** Without the new names: what stood in these places. */
function namedArguments(io: ToolIo, args: readonly string[]): readonly string[] {
  if (args.length === 0 || args.some((one) => POSITIONAL.includes(one))) return args;
  if (args.length < POSITIONAL.length - 1 || args.length > POSITIONAL.length) {
    throw new TerseError(
      `Invalid number of arguments. Expected 5 or 6 positional arguments, but got ${args.length}. Usage: bootstrap-server topic num-records producer-acks record-size [optional] command-config`,
    );
  }
  print(
    io,
    `WARNING: Positional argument usage is deprecated and will be removed in Apache Kafka 5.0. Please use named arguments instead: ${POSITIONAL.join(', ')}`,
  );
  return args.flatMap((one, index) => [POSITIONAL[index] as string, one]);
}
