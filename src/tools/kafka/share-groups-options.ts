// The options of kafka-share-groups, and which of them go together.
import type { ToolIo } from '../tool-io.ts';
import {
  checkDescription,
  checkExecution,
  checkOneScenario,
  CONNECTION_OPTIONS,
  EXECUTE,
  PLACE_OPTIONS,
  texts,
  without,
} from './group-options.ts';
import { CommandOptions, listed } from './options/command-options.ts';
import { flag, type Option, valued } from './options/option.ts';

const describe = flag('describe', 'Describe share group, members and offset information.');
const list = flag('list', 'List all share groups.');

export const OPTIONS = {
  ...CONNECTION_OPTIONS,
  group: valued('group', 'The share group we wish to act on.', { name: 'share group' }),
  topic: valued(
    'topic',
    "The topic whose offset information should be deleted or included in the reset offset process. When resetting offsets, partitions can be specified using this format: 'topic1:0,1,2', where 0,1,2 are the partitions to be included.",
    { name: 'topic' },
  ),
  allTopics: flag('all-topics', "Consider all topics assigned to a share group in the 'reset-offsets' process."),
  list,
  describe,
  allGroups: flag('all-groups', 'Apply to all share groups.'),
  delete: flag('delete', 'Delete share group.'),
  resetOffsets: flag(
    'reset-offsets',
    `Reset offsets of share group. Supports one share group at the time, and instances must be inactive.
Has 2 execution options: --dry-run to plan which offsets to reset, and --execute to reset the offsets. 
You must choose one of the following reset specifications: --to-datetime, --to-earliest, --to-latest.
To define the scope use --all-topics or --topic.
Fails if neither '--dry-run' nor '--execute' is specified.`,
  ),
  deleteOffsets: flag(
    'delete-offsets',
    'Delete offsets of share group. Supports one share group at the time, and multiple topics.',
  ),
  dryRun: flag(
    'dry-run',
    'Only show results without executing changes on share groups. Supported operations: reset-offsets.',
  ),
  execute: EXECUTE,
  ...PLACE_OPTIONS,
  members: {
    ...flag('members', "Describe members of the group. This option may be used with the '--describe' option only."),
    availableIf: [describe],
  },
  offsets: {
    ...flag(
      'offsets',
      "Describe the group and list all topic partitions in the group along with their offset information. This is the default sub-action and may be used with the '--describe' option only.",
    ),
    availableIf: [describe],
  },
  state: {
    ...valued(
      'state',
      `When specified with '--describe', includes the state of the group.
When specified with '--list', it displays the state of all groups. It can also be used to list groups with specific states. Valid values are Empty, Stable and Dead.`,
      { isOptional: true },
    ),
    availableIf: [describe, list],
  },
  verbose: {
    ...flag(
      'verbose',
      "Provide additional information, if any, when describing the group. This option may be used with the '--describe' option only.",
    ),
    availableIf: [describe],
  },
};

const HELP = 'This tool helps to list, describe, reset and delete share groups.';

const SELECTIONS: readonly Option[] = [OPTIONS.allGroups, OPTIONS.group];
const LEVELS: readonly Option[] = [OPTIONS.list, OPTIONS.describe, OPTIONS.delete, OPTIONS.resetOffsets];
const SCENARIOS: readonly Option[] = [OPTIONS.toDatetime, OPTIONS.toEarliest, OPTIONS.toLatest];

/** Throws OptionError, or Exit with the usage. */
export function shareGroupOptions(io: ToolIo, args: readonly string[]): CommandOptions {
  const options = new CommandOptions(io, args, OPTIONS);
  options.maybePrintHelpOrVersion(HELP);
  options.checkRequired(OPTIONS.bootstrapServer);
  if (options.has(OPTIONS.describe)) checkDescription(options, OPTIONS, SELECTIONS);
  if (options.has(OPTIONS.delete)) checkDeletion(options);
  if (options.has(OPTIONS.deleteOffsets) && !(options.has(OPTIONS.group) && options.has(OPTIONS.topic))) {
    const needed = texts([OPTIONS.group, OPTIONS.topic]);
    options.usage(`Option ${listed(OPTIONS.deleteOffsets)} takes the following options: ${needed}`);
  }
  if (options.has(OPTIONS.resetOffsets)) checkReset(options);
  options.checkInvalid(OPTIONS.group, ...without(SELECTIONS, OPTIONS.group));
  options.checkInvalid(OPTIONS.group, ...without(LEVELS, OPTIONS.describe, OPTIONS.delete, OPTIONS.resetOffsets));
  options.checkInvalid(OPTIONS.topic, ...without(LEVELS, OPTIONS.delete, OPTIONS.resetOffsets));
  return options;
}

function checkDeletion(options: CommandOptions): void {
  const { group, allGroups, topic } = OPTIONS;
  const action = listed(OPTIONS.delete);
  const [isOfSome, isOfAll] = [options.has(group), options.has(allGroups)];
  if (!isOfSome && !isOfAll)
    options.usage(`Option ${action} takes the options ${listed(group)} or ${listed(allGroups)}`);
  if (isOfSome && isOfAll) {
    options.usage(`Option ${action} takes either ${listed(group)} or ${listed(allGroups)}, not both.`);
  }
  if (options.has(topic)) options.usage(`Option ${action} does not take the option: ${listed(topic)}`);
}

function checkReset(options: CommandOptions): void {
  const { resetOffsets, group, topic, allTopics } = OPTIONS;
  const refuse = (what: string): never => options.usage(`Option ${listed(resetOffsets)} ${what}`);
  checkExecution(options, OPTIONS, true);
  if (!options.has(group)) refuse(`takes the option: ${listed(group)}`);
  if (!options.has(topic) && !options.has(allTopics))
    refuse(`takes one of these options: ${texts([allTopics, topic])}`);
  if (!SCENARIOS.some((scenario) => options.has(scenario))) refuse(`takes one of these options: ${texts(SCENARIOS)}`);
  checkOneScenario(options, SCENARIOS);
}
