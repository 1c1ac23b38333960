// The options of kafka-consumer-groups, and which of them go together.
import { complain, type ToolIo } from '../tool-io.ts';
import {
  checkDescription,
  checkExecution,
  checkOneScenario,
  checkSelection,
  EXECUTE,
  SCENARIO_OPTIONS,
  texts,
  without,
} from './group-options.ts';
import { CommandOptions, listed } from './options/command-options.ts';
import { flag, LONG, valued } from './options/option.ts';

const describe = flag(
  'describe',
  'Describe consumer group and list offset lag (number of messages not yet processed) related to given group.',
);
const list = flag('list', 'List all consumer groups.');
const EXAMPLE = 'Example: --bootstrap-server localhost:9092';

export const OPTIONS = {
  bootstrapServer: valued(
    'bootstrap-server',
    'The server(s) to connect to. REQUIRED for all options except for --validate-regex.',
    { name: 'server to connect to' },
  ),
  group: valued('group', 'The consumer group we wish to act on.', { name: 'consumer group' }),
  topic: valued(
    'topic',
    'The topic whose consumer group information should be deleted or topic whose should be included in the reset offset process. In `reset-offsets` case, partitions can be specified using this format: `topic1:0,1,2`, where 0,1,2 are the partition to be included in the process. Reset-offsets also supports multiple topic inputs.',
    { name: 'topic' },
  ),
  allTopics: flag('all-topics', 'Consider all topics assigned to a group in the `reset-offsets` process.'),
  list,
  describe,
  allGroups: flag('all-groups', 'Apply to all consumer groups.'),
  delete: flag(
    'delete',
    'Pass in groups to delete topic partition offsets and ownership information over the entire consumer group. For instance --group g1 --group g2',
  ),
  timeout: valued(
    'timeout',
    'The timeout that can be set for some use cases. For example, it can be used when describing the group to specify the maximum amount of time in milliseconds to wait before the group stabilizes (when the group is just created, or is going through some changes).',
    { name: 'timeout (ms)', type: LONG, defaults: [30_000] },
  ),
  commandConfig: valued(
    'command-config',
    'Property file containing configs to be passed to Admin Client and Consumer.',
    { name: 'command config property file' },
  ),
  resetOffsets: flag(
    'reset-offsets',
    `Reset offsets of consumer group. Supports one consumer group at the time, and instances should be inactive
Has 2 execution options: --dry-run (the default) to plan which offsets to reset, and --execute to update the offsets. Additionally, the --export option is used to export the results to a CSV format.
You must choose one of the following reset specifications: --to-datetime, --by-duration, --to-earliest, --to-latest, --shift-by, --from-file, --to-current, --to-offset.
To define the scope use --all-topics or --topic. One scope must be specified unless you use '--from-file'.`,
  ),
  deleteOffsets: flag(
    'delete-offsets',
    'Delete offsets of consumer group. Supports one consumer group at the time, and multiple topics.',
  ),
  dryRun: flag(
    'dry-run',
    'Only show results without executing changes on Consumer Groups. Supported operations: reset-offsets.',
  ),
  execute: EXECUTE,
  ...SCENARIO_OPTIONS,
  members: {
    ...flag(
      'members',
      `Describe members of the group. This option may be used with '--describe' and '--bootstrap-server' options only.
${EXAMPLE} --describe --group group1 --members`,
    ),
    availableIf: [describe],
  },
  verbose: {
    ...flag(
      'verbose',
      `Provide additional information, if any, when describing the group. This option may be used with '--offsets'/'--members'/'--state' and '--bootstrap-server' options only.
${EXAMPLE} --describe --group group1 --members --verbose`,
    ),
    availableIf: [describe],
  },
  offsets: {
    ...flag(
      'offsets',
      `Describe the group and list all topic partitions in the group along with their offset lag. This is the default sub-action of and may be used with '--describe' and '--bootstrap-server' options only.
${EXAMPLE} --describe --group group1 --offsets`,
    ),
    availableIf: [describe],
  },
  state: {
    ...valued(
      'state',
      `When specified with '--describe', includes the state of the group.
${EXAMPLE} --describe --group group1 --state
When specified with '--list', it displays the state of all groups. It can also be used to list groups with specific states.
${EXAMPLE} --list --state stable,empty
This option may be used with '--describe', '--list' and '--bootstrap-server' options only.`,
      { isOptional: true },
    ),
    availableIf: [describe, list],
  },
  type: {
    ...valued(
      'type',
      `When specified with '--list', it displays the types of all the groups. It can also be used to list groups with specific types.
${EXAMPLE} --list --type classic,consumer
This option may be used with the '--list' option only.`,
      { isOptional: true },
    ),
    availableIf: [list],
  },
  validateRegex: valued(
    'validate-regex',
    'Validate that the syntax of the provided regular expression is valid according to the RE2 format.',
    { name: 'regex' },
  ),
};

const HELP =
  'This tool helps to list all consumer groups, describe a consumer group, delete consumer group info, or reset consumer group offsets.';
const NO_ACTION =
  'WARN: No action will be performed as the --execute option is missing. In version 5.0, this command will require either --dry-run or --execute to be specified. You should add the --dry-run option explicitly if you are scripting this command and want to keep the current default behavior without prompting.';
const TOPIC_DELETION = 'The consumer does not support topic-specific offset deletion from a consumer group.';

const SELECTIONS = [OPTIONS.group, OPTIONS.allGroups];
const LEVELS = [OPTIONS.list, OPTIONS.describe, OPTIONS.delete, OPTIONS.resetOffsets];
/** The order in which a second one is noticed. */
const SCENARIOS_CHECKED = [
  OPTIONS.toOffset,
  OPTIONS.toDatetime,
  OPTIONS.byDuration,
  OPTIONS.toEarliest,
  OPTIONS.toLatest,
  OPTIONS.toCurrent,
  OPTIONS.shiftBy,
  OPTIONS.fromFile,
];

/** Throws OptionError, or Exit with the usage. */
export function consumerGroupOptions(io: ToolIo, args: readonly string[]): CommandOptions {
  const options = new CommandOptions(io, args, OPTIONS);
  options.maybePrintHelpOrVersion(HELP);
  if (options.has(OPTIONS.validateRegex)) return options;
  options.checkRequired(OPTIONS.bootstrapServer);
  if (options.has(OPTIONS.describe)) checkDescription(options, OPTIONS, SELECTIONS);
  if (options.has(OPTIONS.delete)) {
    checkSelection(options, OPTIONS.delete, SELECTIONS);
    if (options.has(OPTIONS.topic)) options.usage(TOPIC_DELETION);
  }
  if (options.has(OPTIONS.deleteOffsets) && !(options.has(OPTIONS.group) && options.has(OPTIONS.topic))) {
    const needed = texts([OPTIONS.group, OPTIONS.topic]);
    options.usage(`Option ${listed(OPTIONS.deleteOffsets)} takes the following options: ${needed}`);
  }
  if (options.has(OPTIONS.resetOffsets)) checkReset(io, options);
  options.checkInvalid(OPTIONS.group, ...without(SELECTIONS, OPTIONS.group));
  options.checkInvalid(OPTIONS.group, ...without(LEVELS, OPTIONS.describe, OPTIONS.delete, OPTIONS.resetOffsets));
  options.checkInvalid(OPTIONS.topic, ...without(LEVELS, OPTIONS.delete, OPTIONS.resetOffsets));
  return options;
}

function checkReset(io: ToolIo, options: CommandOptions): void {
  const { dryRun, execute, resetOffsets } = OPTIONS;
  checkExecution(options, OPTIONS, false);
  if (!options.has(dryRun) && !options.has(execute)) complain(io, NO_ACTION);
  checkSelection(options, resetOffsets, SELECTIONS);
  checkOneScenario(options, SCENARIOS_CHECKED);
}
