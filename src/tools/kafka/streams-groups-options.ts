// The options of kafka-streams-groups, and which of them go together.
import { complain, type ToolIo } from '../tool-io.ts';
import { Exit } from './exit.ts';
import {
  checkDescription,
  checkExecution,
  checkOneScenario,
  checkSelection,
  CONNECTION_OPTIONS,
  EXECUTE,
  SCENARIO_OPTIONS,
  SCENARIOS,
  texts,
  without,
} from './group-options.ts';
import { CommandOptions, listed } from './options/command-options.ts';
import { flag, type Option, valued } from './options/option.ts';
import { OptionError } from './options/option-parser.ts';

const describe = flag('describe', 'Describe streams group and list offset lag related to given group.');
const list = flag('list', 'List all streams groups.');

export const OPTIONS = {
  ...CONNECTION_OPTIONS,
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
  ...SCENARIO_OPTIONS,
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
  execute: EXECUTE,
};

const HELP = 'This tool helps to list, or describe streams groups.';
const TOPIC_DELETION = 'Kafka Streams does not support topic-specific offset deletion from a streams group.';

const SELECTIONS: readonly Option[] = [OPTIONS.allGroups, OPTIONS.group];
const LEVELS: readonly Option[] = [OPTIONS.list, OPTIONS.describe, OPTIONS.delete];
const SCOPES: readonly Option[] = [OPTIONS.allInputTopics, OPTIONS.inputTopic];

/** Throws OptionError, or Exit with the usage. */
export function streamsGroupOptions(io: ToolIo, args: readonly string[]): CommandOptions {
  const options = parsed(io, args);
  options.maybePrintHelpOrVersion(HELP);
  options.checkRequired(OPTIONS.bootstrapServer);
  if (options.has(OPTIONS.describe)) checkDescription(options, OPTIONS, SELECTIONS);
  checkExtras(options);
  if (options.has(OPTIONS.delete)) {
    checkSelection(options, OPTIONS.delete, SELECTIONS);
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
  checkExecution(options, OPTIONS, true);
  checkSelection(options, OPTIONS.resetOffsets, SELECTIONS);
  checkOneScenario(options, SCENARIOS);
}
