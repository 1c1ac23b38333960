// The options of kafka-topics, and which of them go together.
import { complain, print, type ToolIo } from '../tool-io.ts';
import { illegalArgument } from './java-error.ts';
import { CommandOptions } from './options/command-options.ts';
import { flag, INTEGER, type Option, valued } from './options/option.ts';
import { TOPIC_CONFIG_NAMES } from './topic-config-names.ts';

const CONFIGS = `\n${TOPIC_CONFIG_NAMES.map((name) => `\t${name}`).join('\n')}\n`;

export const OPTIONS = {
  bootstrapServer: valued('bootstrap-server', 'REQUIRED: The Kafka server to connect to.', {
    name: 'server to connect to',
  }),
  commandConfig: valued('command-config', 'Property file containing configs to be passed to Admin Client.', {
    name: 'command config property file',
  }),
  list: flag('list', 'List all available topics.'),
  create: flag('create', 'Create a new topic.'),
  delete: flag('delete', 'Delete a topic.'),
  alter: flag(
    'alter',
    'Alter the number of partitions and replica assignment. (To alter topic configurations, the kafka-configs tool can be used.)',
  ),
  describe: flag('describe', 'List details for the given topics.'),
  topic: valued(
    'topic',
    'The topic to create, alter, describe or delete. It also accepts a regular expression, except for --create option.',
    { name: 'topic' },
  ),
  topicId: valued('topic-id', 'The topic-id to describe.', { name: 'topic-id' }),
  config: valued(
    'config',
    `A topic configuration override for the topic being created. The following is a list of valid configurations: ${CONFIGS}See the Kafka documentation for full details on the topic configs. It is supported only in combination with --create. (To alter topic configurations, the kafka-configs tool can be used.)`,
    { name: 'name=value' },
  ),
  deleteConfig: valued('delete-config', 'This option is no longer supported and has been deprecated since 4.0', {
    name: 'name',
  }),
  partitions: valued(
    'partitions',
    'The number of partitions for the topic being created or altered. If not supplied with --create, the topic uses the cluster default. (WARNING: If partitions are increased for a topic that has a key, the partition logic or ordering of the messages will be affected).',
    { name: '# of partitions', type: INTEGER },
  ),
  replicationFactor: valued(
    'replication-factor',
    'The replication factor for each partition in the topic being created. If not supplied, the topic uses the cluster default.',
    { name: 'replication factor', type: INTEGER },
  ),
  replicaAssignment: valued(
    'replica-assignment',
    'A list of manual partition-to-broker assignments for the topic being created or altered.',
    {
      name: 'broker_id_for_part1_replica1 : broker_id_for_part1_replica2 , broker_id_for_part2_replica1 : broker_id_for_part2_replica2 , ...',
    },
  ),
  reportUnderReplicatedPartitions: flag(
    'under-replicated-partitions',
    'If set when describing topics, only show under-replicated partitions.',
  ),
  reportUnavailablePartitions: flag(
    'unavailable-partitions',
    'If set when describing topics, only show partitions whose leader is not available.',
  ),
  reportUnderMinIsrPartitions: flag(
    'under-min-isr-partitions',
    'If set when describing topics, only show partitions whose isr count is less than the configured minimum.',
  ),
  reportAtMinIsrPartitions: flag(
    'at-min-isr-partitions',
    'If set when describing topics, only show partitions whose isr count is equal to the configured minimum.',
  ),
  topicsWithOverrides: flag(
    'topics-with-overrides',
    'If set when describing topics, only show topics that have overridden configs.',
  ),
  ifExists: flag(
    'if-exists',
    'If set when altering or deleting or describing topics, the action will only execute if the topic exists.',
  ),
  ifNotExists: flag(
    'if-not-exists',
    'If set when creating topics, the create request will not fail if the topic already exists, but the request will still be sent.',
  ),
  excludeInternalTopic: flag(
    'exclude-internal',
    'Exclude internal topics when listing or describing topics. By default, the internal topics are included.',
  ),
  partitionSizeLimitPerResponse: valued(
    'partition-size-limit-per-response',
    'The maximum partition size to be included in one DescribeTopicPartitions response.',
    { name: 'maximum number of partitions per response', type: INTEGER },
  ),
};

const CONFIGS_TOOL = ' (To alter topic configurations, the kafka-configs tool can be used.)';
const ACTIONS: readonly Option[] = [OPTIONS.alter, OPTIONS.create, OPTIONS.describe, OPTIONS.list, OPTIONS.delete];
const REPORTS: readonly Option[] = [
  OPTIONS.reportUnderReplicatedPartitions,
  OPTIONS.reportUnderMinIsrPartitions,
  OPTIONS.reportAtMinIsrPartitions,
  OPTIONS.reportUnavailablePartitions,
];

/** Throws Exit, OptionError or JavaError. */
export function topicOptions(io: ToolIo, args: readonly string[]): CommandOptions {
  const options = new CommandOptions(io, args, OPTIONS);
  if (options.isEmpty) options.usage('Create, delete, describe, or change a topic.');
  options.maybePrintHelpOrVersion('This tool helps to create, delete, describe, or change a topic.');
  if (ACTIONS.filter((action) => options.has(action)).length !== 1) {
    options.usage('Command must include exactly one action: --list, --describe, --create, --alter or --delete');
  }
  if (options.has(OPTIONS.deleteConfig)) {
    complain(
      io,
      'delete-config option is no longer supported and deprecated since version 4.0. The config will be fully removed in future releases.',
    );
  }
  checkRequired(io, options);
  checkInvalid(options);
  return options;
}

function checkRequired(io: ToolIo, options: CommandOptions): void {
  const { bootstrapServer, describe, ifExists, topic, topicId, list, alter, config, partitions } = OPTIONS;
  if (!options.has(bootstrapServer)) throw illegalArgument('--bootstrap-server must be specified');
  if (options.has(describe) && options.has(ifExists)) {
    if (!options.has(topic) && !options.has(topicId)) {
      options.usage('--topic or --topic-id is required to describe a topic');
    }
    if (options.has(topic) && options.has(topicId)) {
      print(
        io,
        'Only topic id will be used when both --topic and --topic-id are specified and topicId is not Uuid.ZERO_UUID',
      );
    }
  }
  if (!options.has(list) && !options.has(describe)) options.checkRequired(topic);
  if (!options.has(alter)) return;
  options.checkInvalidSet([bootstrapServer, config], [alter], CONFIGS_TOOL);
  options.checkRequired(partitions);
}

function checkInvalid(options: CommandOptions): void {
  const { alter, create, describe, list, topicsWithOverrides } = OPTIONS;
  const onlyWith = (option: Option, actions: readonly Option[], excluded: readonly Option[] = []): void => {
    options.checkInvalid(option, ...ACTIONS.filter((action) => !actions.includes(action)), ...excluded);
  };
  onlyWith(OPTIONS.config, [alter, create]);
  onlyWith(OPTIONS.partitions, [alter, create]);
  onlyWith(OPTIONS.replicationFactor, [create]);
  onlyWith(OPTIONS.replicaAssignment, [alter, create]);
  if (options.has(create)) {
    options.checkInvalid(OPTIONS.replicaAssignment, OPTIONS.partitions, OPTIONS.replicationFactor);
  }
  for (const report of REPORTS) onlyWith(report, [describe], [topicsWithOverrides]);
  onlyWith(topicsWithOverrides, [describe], REPORTS);
  onlyWith(OPTIONS.ifExists, [alter, OPTIONS.delete, describe]);
  onlyWith(OPTIONS.ifNotExists, [create]);
  onlyWith(OPTIONS.excludeInternalTopic, [list, describe]);
}
