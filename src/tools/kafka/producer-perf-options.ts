// The arguments of kafka-producer-perf-test.
import { print, type ToolIo } from '../tool-io.ts';
import { loadProperties, readText } from './client-config.ts';
import { Exit } from './exit.ts';
import { illegalArgument } from './java-error.ts';
import { javaSplit } from './regex/java-split.ts';
import {
  ArgparseError,
  type ArgparseValues,
  parseArguments,
  printArgparseHelp,
  tellArgparseError,
} from './options/argparse.ts';
import type { ArgparseArgument, ArgparseParser } from './options/argparse-arguments.ts';
import { DOUBLE, INTEGER, LONG } from './options/option.ts';

const RECORD_SIZE: ArgparseArgument = {
  names: ['--record-size'],
  dest: 'recordSize',
  metavar: 'RECORD-SIZE',
  kind: INTEGER,
  help: 'Record size in bytes. Note that you must provide exactly one of --record-size, --payload-file or --payload-monotonic.',
};
const PAYLOAD_FILE: ArgparseArgument = {
  names: ['--payload-file'],
  dest: 'payloadFile',
  metavar: 'PAYLOAD-FILE',
  help: 'File to read the record payloads from. This works only for UTF-8 encoded text files. Payloads will be read from this file and a payload will be randomly selected when sending records. Note that you must provide exactly one of --record-size, --payload-file or --payload-monotonic.',
};
const PAYLOAD_MONOTONIC: ArgparseArgument = {
  names: ['--payload-monotonic'],
  dest: 'payloadMonotonic',
  metavar: 'PAYLOAD-MONOTONIC',
  action: 'true',
  help: 'Payload is a monotonically increasing integer. Note that you must provide exactly one of --record-size, --payload-file or --payload-monotonic.',
};

const PARSER: ArgparseParser = {
  name: 'kafka-producer-perf-test',
  tellsDefaults: true,
  description:
    'This tool is used to verify the producer performance. To enable transactions, you can specify a transactional id or set a transaction duration using --transaction-duration-ms. There are three ways to specify the transactional id: set transactional.id=<id> via --command-property, set transactional.id=<id> in the config file via --command-config, or use --transactional-id <id>.',
  groups: [
    {
      isRequired: true,
      description: 'Note that you must provide exactly one of --record-size, --payload-file or --payload-monotonic.',
      arguments: [RECORD_SIZE, PAYLOAD_FILE, PAYLOAD_MONOTONIC],
    },
  ],
  arguments: [
    {
      names: ['--bootstrap-server'],
      dest: 'bootstrapServer',
      metavar: 'BOOTSTRAP-SERVER',
      help: 'The server(s) to connect to. This config takes precedence over bootstrap.servers specified via --command-property or --command-config.',
    },
    { names: ['--topic'], metavar: 'TOPIC', isRequired: true, help: 'Produce records to this topic.' },
    {
      names: ['--num-records'],
      dest: 'numRecords',
      metavar: 'NUM-RECORDS',
      kind: LONG,
      isRequired: true,
      help: 'Number of records to produce.',
    },
    RECORD_SIZE,
    PAYLOAD_FILE,
    PAYLOAD_MONOTONIC,
    {
      names: ['--payload-delimiter'],
      dest: 'payloadDelimiter',
      metavar: 'PAYLOAD-DELIMITER',
      default: '\\n',
      help: 'Provides the delimiter to be used when --payload-file is provided. Defaults to new line. Note that this parameter will be ignored if --payload-file is not provided.',
    },
    {
      names: ['--throughput'],
      metavar: 'THROUGHPUT',
      kind: DOUBLE,
      isRequired: true,
      help: 'Throttle maximum record throughput to *approximately* THROUGHPUT records/sec. Set this to -1 to disable throttling.',
    },
    {
      names: ['--producer-props'],
      dest: 'producerConfig',
      metavar: 'PROP-NAME=PROP-VALUE',
      count: '+',
      help: '(DEPRECATED) Kafka producer related configuration properties like client.id. These configs take precedence over those passed via --command-config or --producer.config. This option will be removed in a future version. Use --command-property instead. Example: --command-property linger.ms=10 batch.size=32768',
    },
    {
      names: ['--command-property'],
      dest: 'commandProperties',
      metavar: 'PROP-NAME=PROP-VALUE',
      count: '+',
      help: 'Kafka producer related configuration properties like client.id. These configs take precedence over those passed via --command-config or --producer.config. Example: --command-property linger.ms=10 batch.size=32768',
    },
    {
      names: ['--producer.config'],
      dest: 'producerConfigFile',
      metavar: 'CONFIG-FILE',
      help: '(DEPRECATED) Producer config properties file. This option will be removed in a future version. Use --command-config instead.',
    },
    {
      names: ['--command-config'],
      dest: 'commandConfigFile',
      metavar: 'CONFIG-FILE',
      help: 'Producer config properties file.',
    },
    {
      names: ['--print-metrics'],
      dest: 'printMetrics',
      metavar: 'PRINT-METRICS',
      action: 'true',
      help: 'Print out metrics at the end of the test.',
    },
    {
      names: ['--transactional-id'],
      dest: 'transactionalId',
      metavar: 'TRANSACTIONAL-ID',
      help: 'The transactional id to use. This config takes precedence over the transactional.id specified via --command-property or --command-config. Note that if the transactional id is not specified while --transaction-duration-ms is provided, the default value for the transactional id will be performance-producer- followed by a random uuid.',
    },
    {
      names: ['--transaction-duration-ms'],
      dest: 'transactionDurationMs',
      metavar: 'TRANSACTION-DURATION',
      kind: LONG,
      help: 'The maximum duration of each transaction. The commitTransaction will be called after this time has elapsed. The value should be greater than 0. If the transactional id is specified via --command-property, --command-config or --transactional-id but --transaction-duration-ms is not specified, the default value will be 3000.',
    },
    {
      names: ['--warmup-records'],
      dest: 'warmupRecords',
      metavar: 'WARMUP-RECORDS',
      kind: LONG,
      default: 0,
      help: 'The number of records to treat as warmup. These initial records will not be included in steady-state statistics. An additional summary line will be printed describing the steady-state statistics.',
    },
    {
      names: ['--reporting-interval'],
      dest: 'reportingInterval',
      metavar: 'INTERVAL-MS',
      kind: LONG,
      default: 5000,
      help: 'Interval in milliseconds at which to print progress info.',
    },
  ],
};

export interface ProducerPerfCall {
  readonly topic: string;
  readonly records: number;
  readonly warmupRecords: number;
  /** Records a second; none above 0: as fast as it goes. */
  readonly throughput: number;
  readonly recordSize: number | undefined;
  readonly isMonotonic: boolean;
  readonly payloads: readonly Uint8Array[];
  readonly printsMetrics: boolean;
  readonly reportingIntervalMs: number;
  readonly transactionalId: string | undefined;
  readonly transactionDurationMs: number;
  readonly bootstrapServers: string;
  readonly properties: Record<string, string>;
}

const DEFAULT_TRANSACTION_MS = 3000;

/** Throws Exit after help, and when something is wrong with the arguments. */
export function producerPerfCall(io: ToolIo, args: readonly string[]): ProducerPerfCall {
  if (args.length === 0) {
    printArgparseHelp(io, PARSER);
    throw new Exit(0);
  }
  try {
    return callOf(io, parseArguments(io, PARSER, args));
  } catch (error) {
    if (!(error instanceof ArgparseError)) throw error;
    tellArgparseError(io, PARSER, error);
    throw new Exit(1);
  }
}

function callOf(io: ToolIo, values: ArgparseValues): ProducerPerfCall {
  check(values);
  const payloads = payloadsOf(io, values);
  for (const [dest, old, current] of [
    ['producerConfig', 'producer-props', 'command-property'],
    ['producerConfigFile', 'producer.config', 'command-config'],
  ] as const) {
    if (values.get(dest) === undefined) continue;
    print(io, `Option --${old} has been deprecated and will be removed in a future version. Use --${current} instead.`);
  }
  const properties = propertiesOf(io, values);
  const duration = values.get('transactionDurationMs') as number | undefined;
  const given = (values.get('transactionalId') as string | undefined) ?? properties['transactional.id'];
  const isTransactional = duration !== undefined || given !== undefined;
  const { 'transactional.id': ignored, ...config } = properties;
  return {
    topic: values.get('topic') as string,
    records: values.get('numRecords') as number,
    warmupRecords: Math.max(0, values.get('warmupRecords') as number),
    throughput: values.get('throughput') as number,
    recordSize: values.get('recordSize') as number | undefined,
    isMonotonic: values.get('payloadMonotonic') === true,
    payloads,
    printsMetrics: values.get('printMetrics') === true,
    reportingIntervalMs: values.get('reportingInterval') as number,
    transactionalId: isTransactional ? (given ?? `performance-producer-${randomId(io)}`) : ignored,
    transactionDurationMs: duration ?? DEFAULT_TRANSACTION_MS,
    bootstrapServers: (values.get('bootstrapServer') as string | undefined) ?? properties['bootstrap.servers'] ?? '',
    properties: config,
  };
}

const randomId = (io: ToolIo): string => Buffer.from(io.runtime.random.bytes(16)).toString('base64url');

function check(values: ArgparseValues): void {
  const refuse = (message: string): never => {
    throw new ArgparseError([PARSER], message);
  };
  const has = (dest: string): boolean => values.get(dest) !== undefined;
  const number = (dest: string): number => values.get(dest) as number;
  if (number('numRecords') <= 0) refuse('--num-records should be greater than zero.');
  if (number('warmupRecords') >= number('numRecords')) {
    refuse(
      'The value for --warmup-records must be strictly fewer than the number of records in the test, --num-records.',
    );
  }
  if (has('recordSize') && number('recordSize') <= 0) refuse('--record-size should be greater than zero.');
  const sources = ['bootstrapServer', 'commandProperties', 'producerConfig', 'producerConfigFile', 'commandConfigFile'];
  if (!sources.some(has)) {
    refuse(
      'At least one of --bootstrap-server, --command-property, --producer-props, --producer.config or --command-config must be specified.',
    );
  }
  if (has('commandProperties') && has('producerConfig')) {
    refuse('--command-property and --producer-props cannot be specified together.');
  }
  if (has('commandConfigFile') && has('producerConfigFile')) {
    refuse('--command-config and --producer.config cannot be specified together.');
  }
  if (has('transactionDurationMs') && number('transactionDurationMs') <= 0) {
    refuse('--transaction-duration-ms should be greater than zero.');
  }
  if (number('reportingInterval') <= 0) refuse('--reporting-interval should be greater than zero.');
}

function payloadsOf(io: ToolIo, values: ArgparseValues): Uint8Array[] {
  const path = values.get('payloadFile') as string | undefined;
  if (path === undefined) return [];
  print(io, `Reading payloads from: ${path}`);
  const text = readText(io, path);
  if (text === '') throw illegalArgument('File does not exist or empty file provided.');
  const given = values.get('payloadDelimiter') as string;
  const lines = javaSplit(text, given === '\\n' ? '\n' : given);
  print(io, `Number of records read: ${lines.length}`);
  return lines.map((line) => Buffer.from(line));
}

function propertiesOf(io: ToolIo, values: ArgparseValues): Record<string, string> {
  const file = (values.get('commandConfigFile') ?? values.get('producerConfigFile')) as string | undefined;
  const properties: Record<string, string> = { 'client.id': 'perf-producer-client', ...loadProperties(io, file) };
  for (const text of ((values.get('commandProperties') ?? values.get('producerConfig')) as string[] | undefined) ??
    []) {
    const parts = text.split('=');
    if (parts.length !== 2) throw illegalArgument(`Invalid property: ${text}`);
    properties[parts[0] as string] = parts[1] as string;
  }
  return properties;
}
