// What the verifiable tools take.
import type { ArgparseArgument, ArgparseParser } from './options/argparse-arguments.ts';
import { INTEGER, LONG } from './options/option.ts';

const bootstrapServer = (help: string, isRequired = false): ArgparseArgument => ({
  names: ['--bootstrap-server'],
  metavar: 'HOST1:PORT1[,HOST2:PORT2[...]]',
  dest: 'bootstrapServer',
  help,
  ...(isRequired && { isRequired }),
});
const SERVERS =
  'The server(s) to connect to. Comma-separated list of Kafka brokers in the form HOST1:PORT1,HOST2:PORT2,...';
const CONNECTION = {
  title: 'Connection Group',
  description: 'Group of arguments for connection to brokers',
};

const topic = (help: string): ArgparseArgument => ({ names: ['--topic'], metavar: 'TOPIC', isRequired: true, help });
const groupId = (help: string): ArgparseArgument => ({
  names: ['--group-id'],
  metavar: 'GROUP-ID',
  dest: 'groupId',
  isRequired: true,
  help,
});
const most = (help: string): ArgparseArgument => ({
  names: ['--max-messages'],
  metavar: 'MAX-MESSAGES',
  dest: 'maxMessages',
  kind: INTEGER,
  default: -1,
  help,
});
const VERBOSE: ArgparseArgument = {
  names: ['--verbose'],
  action: 'true',
  help: 'Enable to log individual consumed records',
};
const COMMAND_CONFIG: ArgparseArgument = {
  names: ['--command-config'],
  metavar: 'CONFIG-FILE',
  dest: 'commandConfigFile',
  help: 'Config properties file (config options shared with command line parameters will be overridden).',
};
const oldConfig = (what: string, end: string): ArgparseArgument => ({
  names: [`--${what.toLowerCase()}.config`],
  metavar: 'CONFIG-FILE',
  dest: 'oldConfigFile',
  help: `(DEPRECATED) ${what} config properties file. This option will be removed in a future version. Use --command-config instead${end}`,
});

export const PRODUCER_PARSER: ArgparseParser = {
  name: 'verifiable-producer',
  tellsDefaults: true,
  description:
    'This tool produces increasing integers to the specified topic and prints JSON metadata to stdout on each "send" request, making externally visible which messages have been acked and which have not.',
  arguments: [
    topic('Produce messages to this topic.'),
    most('Produce this many messages. If -1, produce messages until the process is killed externally.'),
    {
      names: ['--throughput'],
      metavar: 'THROUGHPUT',
      kind: INTEGER,
      default: -1,
      help: 'If set >= 0, throttle maximum message throughput to *approximately* THROUGHPUT messages/sec.',
    },
    {
      names: ['--acks'],
      metavar: 'ACKS',
      kind: INTEGER,
      choices: [0, 1, -1],
      default: -1,
      help: 'Acks required on each produced message. See Kafka docs on acks for details.',
    },
    oldConfig('Producer', '.'),
    {
      names: ['--message-create-time'],
      metavar: 'CREATE-TIME',
      dest: 'createTime',
      kind: LONG,
      default: -1,
      help: 'Send messages with creation time starting at the arguments value, in milliseconds since epoch',
    },
    {
      names: ['--value-prefix'],
      metavar: 'VALUE-PREFIX',
      dest: 'valuePrefix',
      kind: INTEGER,
      help: 'If specified, each produced value will have this prefix with a dot separator',
    },
    {
      names: ['--repeating-keys'],
      metavar: 'REPEATING-KEYS',
      dest: 'repeatingKeys',
      kind: INTEGER,
      help: 'If specified, each produced record will have a key starting at 0 increment by 1 up to the number specified (exclusive), then the key is set to 0 again',
    },
    COMMAND_CONFIG,
  ],
  groups: [{ ...CONNECTION, isRequired: true, arguments: [bootstrapServer(`REQUIRED: ${SERVERS}`)] }],
};

export const CONSUMER_PARSER: ArgparseParser = {
  name: 'verifiable-consumer',
  tellsDefaults: true,
  description:
    'This tool consumes messages from a specific topic and emits consumer events (e.g. group rebalances, received messages, and offsets committed) as JSON objects to STDOUT.',
  arguments: [
    topic('Consumes messages from this topic.'),
    {
      names: ['--group-protocol'],
      metavar: 'GROUP-PROTOCOL',
      dest: 'groupProtocol',
      default: 'classic',
      help: 'Group protocol (must be one of CLASSIC, CONSUMER)',
    },
    {
      names: ['--group-remote-assignor'],
      metavar: 'GROUP-REMOTE-ASSIGNOR',
      dest: 'groupRemoteAssignor',
      help: 'Group remote assignor; only used if the group protocol is CONSUMER',
    },
    groupId('The group id of the consumer group'),
    {
      names: ['--group-instance-id'],
      metavar: 'GROUP-INSTANCE-ID',
      dest: 'groupInstanceId',
      help: 'A unique identifier of the consumer instance',
    },
    most(
      'Consume this many messages. If -1 (the default), the consumer will consume until the process is killed externally',
    ),
    {
      names: ['--session-timeout'],
      metavar: 'TIMEOUT-MS',
      dest: 'sessionTimeout',
      kind: INTEGER,
      help: "Set the consumer's session timeout, note that this configuration is not supported when group protocol is consumer",
    },
    VERBOSE,
    {
      names: ['--enable-autocommit'],
      action: 'true',
      dest: 'useAutoCommit',
      help: 'Enable offset auto-commit on consumer',
    },
    {
      names: ['--reset-policy'],
      metavar: 'RESET-POLICY',
      dest: 'resetPolicy',
      default: 'earliest',
      help: "Set reset policy (must be either 'earliest', 'latest', or 'none')",
    },
    {
      names: ['--assignment-strategy'],
      metavar: 'ASSIGNMENT-STRATEGY',
      dest: 'assignmentStrategy',
      default: 'org.apache.kafka.clients.consumer.RangeAssignor',
      help: 'Set assignment strategy (e.g. org.apache.kafka.clients.consumer.RoundRobinAssignor); only used if the group protocol is CLASSIC',
    },
    oldConfig('Consumer', ''),
    COMMAND_CONFIG,
  ],
  sections: [{ ...CONNECTION, arguments: [bootstrapServer(SERVERS, true)] }],
};

export const SHARE_CONSUMER_PARSER: ArgparseParser = {
  name: 'verifiable-share-consumer',
  tellsDefaults: true,
  description:
    'This tool creates a share group and consumes messages from a specific topic and emits share consumer events (e.g. share consumer startup, received messages, and offsets acknowledged) as JSON objects to STDOUT.',
  arguments: [
    topic('Consumes messages from this topic.'),
    groupId('The group id of the share group'),
    most(
      'Consume this many messages. If -1 (the default), the share consumers will consume until the process is killed externally',
    ),
    VERBOSE,
    {
      names: ['--acknowledgement-mode'],
      metavar: 'ACKNOWLEDGEMENT-MODE',
      dest: 'acknowledgementMode',
      default: 'auto',
      help: "Acknowledgement mode for the share consumers (must be either 'auto', 'sync' or 'async')",
    },
    {
      names: ['--offset-reset-strategy'],
      metavar: 'OFFSET-RESET-STRATEGY',
      dest: 'offsetResetStrategy',
      default: '',
      help: "Share group offset reset strategy (must be either 'earliest' or 'latest')",
    },
    COMMAND_CONFIG,
  ],
  sections: [{ ...CONNECTION, arguments: [bootstrapServer(SERVERS, true)] }],
};
