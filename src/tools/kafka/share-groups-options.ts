// The options of kafka-share-groups, and which of them go together.
import type { ToolIo } from '../tool-io.ts';
import { CommandOptions, listed } from './options/command-options.ts';
import { flag, LONG, type Option, valued } from './options/option.ts';
import { hashOrderOfOptions } from './options/option-order.ts';

const describe = flag('describe', 'Describe share group, members and offset information.');
const list = flag('list', 'List all share groups.');

export const OPTIONS = {
  bootstrapServer: valued('bootstrap-server', 'REQUIRED: The server(s) to connect to.', {
    name: 'server to connect to',
  }),
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
  timeout: valued(
    'timeout',
    'The timeout that can be set for some use cases. For example, it can be used when describing the group to specify the maximum amount of time in milliseconds to wait before the group stabilizes.',
    { name: 'timeout (ms)', type: LONG, defaults: [30_000] },
  ),
  commandConfig: valued('command-config', 'Property file containing configs to be passed to Admin Client.', {
    name: 'command config property file',
  }),
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
  execute: flag('execute', 'Execute operation. Supported operations: reset-offsets.'),
  toDatetime: valued('to-datetime', "Reset offsets to offset from datetime. Format: 'YYYY-MM-DDThh:mm:ss.sss'", {
    name: 'datetime',
  }),
  toEarliest: flag('to-earliest', 'Reset offsets to earliest offset.'),
  toLatest: flag('to-latest', 'Reset offsets to latest offset.'),
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

const without = (options: readonly Option[], ...left: readonly Option[]): Option[] =>
  hashOrderOfOptions(options.filter((option) => !left.includes(option)));
const texts = (options: readonly Option[]): string => options.map(listed).join(', ');

/** Throws OptionError, or Exit with the usage. */
export function shareGroupOptions(io: ToolIo, args: readonly string[]): CommandOptions {
  const options = new CommandOptions(io, args, OPTIONS);
  options.maybePrintHelpOrVersion(HELP);
  options.checkRequired(OPTIONS.bootstrapServer);
  if (options.has(OPTIONS.describe)) checkDescription(options);
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

function checkDescription(options: CommandOptions): void {
  if (!options.has(OPTIONS.group) && !options.has(OPTIONS.allGroups)) {
    options.usage(`Option ${listed(OPTIONS.describe)} takes one of these options: ${texts(SELECTIONS)}`);
  }
  const views = [OPTIONS.members, OPTIONS.offsets, OPTIONS.state];
  if (views.filter((option) => options.has(option)).length > 1) {
    options.usage(`Option ${listed(OPTIONS.describe)} takes at most one of these options: ${texts(views)}`);
  }
  if (options.has(OPTIONS.state) && options.valueOf(OPTIONS.state) !== undefined) {
    options.usage(`Option ${listed(OPTIONS.describe)} does not take a value for ${listed(OPTIONS.state)}`);
  }
}

function checkReset(options: CommandOptions): void {
  const { dryRun, execute, resetOffsets, group, topic, allTopics } = OPTIONS;
  const reset = listed(resetOffsets);
  const refuse = (what: string): never => options.usage(`Option ${reset} ${what}`);
  if (options.has(dryRun) && options.has(execute)) {
    refuse(`only accepts one of ${listed(execute)} and ${listed(dryRun)}`);
  }
  if (!options.has(dryRun) && !options.has(execute))
    refuse(`takes the option: ${listed(execute)} or ${listed(dryRun)}`);
  if (!options.has(group)) refuse(`takes the option: ${listed(group)}`);
  if (!options.has(topic) && !options.has(allTopics))
    refuse(`takes one of these options: ${texts([allTopics, topic])}`);
  if (!SCENARIOS.some((scenario) => options.has(scenario))) refuse(`takes one of these options: ${texts(SCENARIOS)}`);
  for (const scenario of SCENARIOS) options.checkInvalid(scenario, ...without(SCENARIOS, scenario));
}
