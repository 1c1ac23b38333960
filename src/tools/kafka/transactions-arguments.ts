// What kafka-transactions takes.
import type { ArgparseArgument, ArgparseParser } from './options/argparse-arguments.ts';
import { KAFKA_VERSION } from './options/command-options.ts';
import { INTEGER, LONG, SHORT } from './options/option.ts';

const topic: ArgparseArgument = { names: ['--topic'], help: 'topic name', isRequired: true };
const partition: ArgparseArgument = {
  names: ['--partition'],
  help: 'partition number',
  kind: INTEGER,
  isRequired: true,
};

const abort: ArgparseParser = {
  name: 'abort',
  help: 'abort a hanging transaction (requires administrative privileges)',
  arguments: [topic, partition],
  sections: [
    {
      title: 'Brokers on versions 3.0 and above',
      description: 'For newer brokers, only the start offset of the transaction to be aborted is required',
      arguments: [{ names: ['--start-offset'], help: 'start offset of the transaction to abort', kind: LONG }],
    },
    {
      title: 'Brokers on versions older than 3.0',
      description: 'For older brokers, you must provide all of these arguments',
      arguments: [
        { names: ['--producer-id'], help: 'producer id', kind: LONG },
        { names: ['--producer-epoch'], help: 'producer epoch', kind: SHORT },
        { names: ['--coordinator-epoch'], help: 'coordinator epoch', kind: INTEGER },
      ],
    },
  ],
};

const findHanging: ArgparseParser = {
  name: 'find-hanging',
  help: 'find hanging transactions',
  arguments: [
    { names: ['--broker-id'], help: 'broker id to search for hanging transactions', kind: INTEGER },
    {
      names: ['--max-transaction-timeout'],
      help: 'maximum transaction timeout in minutes to limit the scope of the search (15 minutes by default)',
      kind: INTEGER,
      default: 15,
    },
    { names: ['--topic'], help: 'topic name to limit search to (required if --partition is specified)' },
    { names: ['--partition'], help: 'partition number', kind: INTEGER },
  ],
};

export const TRANSACTIONS_PARSER: ArgparseParser = {
  name: 'kafka-transactions.sh',
  version: `${KAFKA_VERSION} (Commit:26b251a451ce941d)`,
  description:
    'This tool is used to analyze the transactional state of producers in the cluster. It can be used to detect and recover from hanging transactions.',
  arguments: [
    { names: ['-v', '--version'], help: 'show the version of this Kafka distribution and exit', action: 'version' },
    {
      names: ['--command-config'],
      help: 'property file containing configs to be passed to admin client',
      metavar: 'FILE',
    },
    {
      names: ['--bootstrap-server'],
      help: 'hostname and port for the broker to connect to, in the form `host:port`  (multiple comma-separated entries can be given)',
      metavar: 'host:port',
      isRequired: true,
    },
  ],
  commands: {
    dest: 'command',
    title: 'commands',
    metavar: 'COMMAND',
    parsers: [
      {
        name: 'list',
        help: 'list transactions',
        arguments: [
          {
            names: ['--duration-filter'],
            help: 'Duration (in millis) to filter by: if < 0, all transactions will be returned; otherwise, only transactions running longer than this duration will be returned',
            kind: LONG,
          },
          {
            names: ['--transactional-id-pattern'],
            help: 'Transactional id regular expression pattern to filter by',
          },
        ],
      },
      {
        name: 'describe',
        help: 'describe the state of an active transactional-id',
        description: 'Describe the state of an active transactional-id.',
        arguments: [{ names: ['--transactional-id'], help: 'transactional id', isRequired: true }],
      },
      {
        name: 'describe-producers',
        help: 'describe the states of active producers for a topic partition',
        arguments: [
          {
            names: ['--broker-id'],
            help: 'optional broker id to describe the producer state on a specific replica',
            kind: INTEGER,
          },
          topic,
          partition,
        ],
      },
      abort,
      findHanging,
      {
        name: 'forceTerminateTransaction',
        help: 'Force abort an ongoing transaction on transactionalId (requires administrative privileges)',
        description: 'Force abort an ongoing transaction on transactionalId',
        arguments: [{ names: ['--transactionalId'], help: 'transactional id', isRequired: true }],
      },
    ],
  },
};
