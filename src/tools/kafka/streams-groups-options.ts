// The options of kafka-streams-groups, and which of them go together.
import { complain, type ToolIo } from '../tool-io.ts';
import { Exit } from './exit.ts';
import { CommandOptions, listed } from './options/command-options.ts';
import { flag, LONG, type Option, valued } from './options/option.ts';
import { OptionError } from './options/option-parser.ts';
import { hashOrderOfOptions } from './options/option-order.ts';

const describe = flag('describe', 'Describe streams group and list offset lag related to given group.');
const list = flag('list', 'List all streams groups.');

export const OPTIONS = {
  bootstrapServer: valued('bootstrap-server', 'REQUIRED: The server(s) to connect to.', {
    name: 'server to connect to',
  }),
  group: valued('group', 'The streams group we wish to act on.', { name: 'streams group' }),
  inputTopic: valued(
    'input-topic',
    'The input topic whose committed offset should be deleted or reset. In `reset-offsets` case, partitions can be specified using this format: `topic1:0,1,2`, where 0,1,2 are the partition to be included in the process. Multiple input topics can be specified. Supported operations: delete-offsets, reset-offsets.',
    { name: 'topic' },
  ),
  allInputTopics: flag(
    'all-input-topics',
    'Consider all source topics used in the topology of the group. Supported operations: delete-offsets, reset-offsets.',
  ),
  list,
  describe,
  allGroups: flag('all-groups', 'Apply to all streams groups.'),
  delete: flag(
    'delete',
    'Pass in groups to delete topic partition offsets and ownership information over the entire streams group. For instance --group g1 --group g2',
  ),
  deleteOffsets: flag(
    'delete-offsets',
    'Delete offsets of streams group. Supports one streams group at the time, and multiple topics.',
  ),
  timeout: valued(
    'timeout',
    'The timeout that can be set for some use cases. For example, it can be used when describing the group to specify the maximum amount of time in milliseconds to wait before the group stabilizes.',
    { name: 'timeout (ms)', type: LONG, defaults: [30_000] },
  ),
  commandConfig: valued('command-config', 'Property file containing configs to be passed to Admin Client.', {
    name: 'command config property file',
  }),
  state: {
    ...valued(
      'state',
      "When specified with '--list', it displays the state of all groups. It can also be used to list groups with specific states. Valid values are Empty, NotReady, Stable, Assigning, Reconciling, and Dead.",
      { isOptional: true },
    ),
    availableIf: [describe, list],
  },
  members: {
    ...flag('members', "Describe members of the group. This option may be used with the '--describe' option only."),
    availableIf: [describe],
  },
  offsets: {
    ...flag(
      'offsets',
      "Describe the group and list all topic partitions in the group along with their offset information.This is the default sub-action and may be used with the '--describe' option only.",
    ),
    availableIf: [describe],
  },
  resetOffsets: flag(
    'reset-offsets',
    `Reset offsets of streams group. The instances should be inactive.
Has 2 execution options: --dry-run to plan which offsets to reset, and --execute to update the offsets.
If you use --execute, all internal topics linked to the group will also be deleted.
You must choose one of the following reset specifications: --to-datetime, --by-duration, --to-earliest, --to-latest, --shift-by, --from-file, --to-current, --to-offset.
To define the scope use --all-input-topics or --input-topic. One scope must be specified unless you use '--from-file'.
Fails if neither '--dry-run' nor '--execute' is specified.`,
  ),
  toOffset: valued('to-offset', 'Reset offsets to a specific offset.', { name: 'offset', type: LONG }),
  fromFile: valued('from-file', 'Reset offsets to values defined in CSV file.', { name: 'path to CSV file' }),
  toDatetime: valued('to-datetime', "Reset offsets to offset from datetime. Format: 'YYYY-MM-DDThh:mm:ss.sss'", {
    name: 'datetime',
  }),
  byDuration: valued(
    'by-duration',
    "Reset offsets to offset by duration from current timestamp. Format: 'PnDTnHnMnS'",
    { name: 'duration' },
  ),
  toEarliest: flag('to-earliest', 'Reset offsets to earliest offset.'),
  toLatest: flag('to-latest', 'Reset offsets to latest offset.'),
  toCurrent: flag('to-current', 'Reset offsets to current offset.'),
  shiftBy: valued('shift-by', "Reset offsets shifting current offset by 'n', where 'n' can be positive or negative.", {
    name: 'number-of-offsets',
    type: LONG,
  }),
  deleteInternalTopic: valued(
    'delete-internal-topic',
    'Delete specified internal topic of the streams group. Supported operations: reset-offsets.This option is applicable only when --execute is used.',
  ),
  deleteAllInternalTopics: flag(
    'delete-all-internal-topics',
    'Delete all internal topics linked to the streams group. Supported operations: reset-offsets, delete.With reset-offsets, this option is applicable only when --execute is used.',
  ),
  verbose: {
    ...flag(
      'verbose',
      `Use with --describe --state  to show group epoch and target assignment epoch.
Use with --describe --members to show for each member the member epoch, target assignment epoch, current assignment, target assignment, and whether member is still using the classic rebalance protocol.
Use with --describe --offsets  and --describe  to show leader epochs for each partition.`,
    ),
    availableIf: [describe],
  },
  dryRun: flag(
    'dry-run',
    'Only show results without executing changes on streams group. Supported operations: reset-offsets.',
  ),
  execute: flag('execute', 'Execute operation. Supported operations: reset-offsets.'),
  export: flag('export', 'Export operation execution to a CSV file. Supported operations: reset-offsets.'),
};

const HELP = 'This tool helps to list, or describe streams groups.';
const TOPIC_DELETION = 'Kafka Streams does not support topic-specific offset deletion from a streams group.';

const SELECTIONS: readonly Option[] = [OPTIONS.allGroups, OPTIONS.group];
const LEVELS: readonly Option[] = [OPTIONS.list, OPTIONS.describe, OPTIONS.delete];
const SCOPES: readonly Option[] = [OPTIONS.allInputTopics, OPTIONS.inputTopic];
export const SCENARIOS: readonly Option[] = [
  OPTIONS.toOffset,
  OPTIONS.shiftBy,
  OPTIONS.toDatetime,
  OPTIONS.byDuration,
  OPTIONS.toEarliest,
  OPTIONS.toLatest,
  OPTIONS.toCurrent,
  OPTIONS.fromFile,
];

const without = (options: readonly Option[], ...left: readonly Option[]): Option[] =>
  hashOrderOfOptions(options.filter((option) => !left.includes(option)));
const texts = (options: readonly Option[]): string => options.map(listed).join(', ');

/** Throws OptionError, or Exit with the usage. */
export function streamsGroupOptions(io: ToolIo, args: readonly string[]): CommandOptions {
  const options = parsed(io, args);
  options.maybePrintHelpOrVersion(HELP);
  options.checkRequired(OPTIONS.bootstrapServer);
  if (options.has(OPTIONS.describe)) checkDescription(options);
  checkExtras(options);
  if (options.has(OPTIONS.delete)) {
    checkSelection(options, OPTIONS.delete);
    if (options.has(OPTIONS.inputTopic)) options.usage(TOPIC_DELETION);
  }
  if (options.has(OPTIONS.deleteOffsets)) checkOffsetDeletion(options);
  if (options.has(OPTIONS.resetOffsets)) checkReset(options);
  options.checkInvalid(OPTIONS.group, ...without(SELECTIONS, OPTIONS.group));
  options.checkInvalid(OPTIONS.group, ...without(LEVELS, OPTIONS.describe, OPTIONS.delete));
  options.checkInvalid(OPTIONS.inputTopic, ...without(LEVELS, OPTIONS.delete));
  return options;
}

/** What joptsimple refuses is told without the usage. */
function parsed(io: ToolIo, args: readonly string[]): CommandOptions {
  try {
    return new CommandOptions(io, args, OPTIONS);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    complain(io, error.message);
    throw new Exit(1);
  }
}

function checkSelection(options: CommandOptions, action: Option): void {
  if (options.has(OPTIONS.group) || options.has(OPTIONS.allGroups)) return;
  options.usage(`Option ${listed(action)} takes one of these options: ${texts(SELECTIONS)}`);
}

function checkDescription(options: CommandOptions): void {
  checkSelection(options, OPTIONS.describe);
  const views = [OPTIONS.members, OPTIONS.offsets, OPTIONS.state];
  if (views.filter((option) => options.has(option)).length > 1) {
    options.usage(`Option ${listed(OPTIONS.describe)} takes at most one of these options: ${texts(views)}`);
  }
  if (options.has(OPTIONS.state) && options.valueOf(OPTIONS.state) !== undefined) {
    options.usage(`Option ${listed(OPTIONS.describe)} does not take a value for ${listed(OPTIONS.state)}`);
  }
}

function checkOffsetDeletion(options: CommandOptions): void {
  const action = listed(OPTIONS.deleteOffsets);
  const group = listed(OPTIONS.group);
  if (!options.has(OPTIONS.group) || !SCOPES.some((option) => options.has(option))) {
    options.usage(`Option ${action} takes the ${group} and one of these options: ${texts(SCOPES)}`);
  }
  const groups = options.valuesOf(OPTIONS.group);
  if (groups.length > 1) {
    options.usage(`Option ${action} supports only one ${group} at a time, but found: [${groups.join(', ')}]`);
  }
}

/** What belongs to one action only. */
function checkExtras(options: CommandOptions): void {
  const { dryRun, execute, resetOffsets, delete: remove, deleteInternalTopic, deleteAllInternalTopics } = OPTIONS;
  const [some, all] = [listed(deleteInternalTopic), listed(deleteAllInternalTopics)];
  const isReset = options.has(resetOffsets);
  if (!isReset && (options.has(dryRun) || options.has(execute))) {
    options.usage(`Only Option ${listed(resetOffsets)} accepts ${listed(execute)} or ${listed(dryRun)}`);
  }
  if (options.has(deleteInternalTopic) && !(isReset && options.has(execute))) {
    options.usage(`Option ${some} takes ${listed(resetOffsets)} when ${listed(execute)} is used.`);
  }
  if (!options.has(deleteAllInternalTopics)) return;
  if (!isReset && !options.has(remove)) {
    options.usage(`Option ${all} takes one of these options: ${texts([remove, resetOffsets])}`);
  }
  if (isReset && !options.has(execute)) {
    options.usage(`Option ${all} takes ${listed(execute)} when ${listed(resetOffsets)} is used.`);
  }
}

function checkReset(options: CommandOptions): void {
  const { dryRun, execute, resetOffsets } = OPTIONS;
  const reset = listed(resetOffsets);
  if (options.has(dryRun) && options.has(execute)) {
    options.usage(`Option ${reset} only accepts one of ${listed(execute)} and ${listed(dryRun)}`);
  }
  if (!options.has(dryRun) && !options.has(execute)) {
    options.usage(`Option ${reset} takes the option: ${listed(execute)} or ${listed(dryRun)}`);
  }
  checkSelection(options, resetOffsets);
  for (const scenario of SCENARIOS) options.checkInvalid(scenario, ...without(SCENARIOS, scenario));
}
