// What the options of kafka-consumer-groups, kafka-streams-groups and kafka-share-groups have in common: those that are the same in each,
// and what each of them refuses in the same words.
import { type CommandOptions, listed } from './options/command-options.ts';
import { flag, LONG, type Option, valued } from './options/option.ts';
import { hashOrderOfOptions } from './options/option-order.ts';

/** Of share and streams groups; consumer groups say more about each. */
export const CONNECTION_OPTIONS = {
  bootstrapServer: valued('bootstrap-server', 'REQUIRED: The server(s) to connect to.', {
    name: 'server to connect to',
  }),
  timeout: valued(
    'timeout',
    'The timeout that can be set for some use cases. For example, it can be used when describing the group to specify the maximum amount of time in milliseconds to wait before the group stabilizes.',
    { name: 'timeout (ms)', type: LONG, defaults: [30_000] },
  ),
  commandConfig: valued('command-config', 'Property file containing configs to be passed to Admin Client.', {
    name: 'command config property file',
  }),
};

export const EXECUTE = flag('execute', 'Execute operation. Supported operations: reset-offsets.');

/** Where share groups can be put. */
export const PLACE_OPTIONS = {
  toDatetime: valued('to-datetime', "Reset offsets to offset from datetime. Format: 'YYYY-MM-DDThh:mm:ss.sss'", {
    name: 'datetime',
  }),
  toEarliest: flag('to-earliest', 'Reset offsets to earliest offset.'),
  toLatest: flag('to-latest', 'Reset offsets to latest offset.'),
};

/** Where groups that commit offsets can be put. */
export const SCENARIO_OPTIONS = {
  ...PLACE_OPTIONS,
  toOffset: valued('to-offset', 'Reset offsets to a specific offset.', { name: 'offset', type: LONG }),
  fromFile: valued('from-file', 'Reset offsets to values defined in CSV file.', { name: 'path to CSV file' }),
  byDuration: valued(
    'by-duration',
    "Reset offsets to offset by duration from current timestamp. Format: 'PnDTnHnMnS'",
    { name: 'duration' },
  ),
  toCurrent: flag('to-current', 'Reset offsets to current offset.'),
  shiftBy: valued('shift-by', "Reset offsets shifting current offset by 'n', where 'n' can be positive or negative.", {
    name: 'number-of-offsets',
    type: LONG,
  }),
  export: flag('export', 'Export operation execution to a CSV file. Supported operations: reset-offsets.'),
};

/** As the usage lists them. */
export const SCENARIOS: readonly Option[] = [
  SCENARIO_OPTIONS.toOffset,
  SCENARIO_OPTIONS.shiftBy,
  SCENARIO_OPTIONS.toDatetime,
  SCENARIO_OPTIONS.byDuration,
  SCENARIO_OPTIONS.toEarliest,
  SCENARIO_OPTIONS.toLatest,
  SCENARIO_OPTIONS.toCurrent,
  SCENARIO_OPTIONS.fromFile,
];

/** The rest in the order of a Java set. */
export const without = (options: readonly Option[], ...left: readonly Option[]): Option[] =>
  hashOrderOfOptions(options.filter((option) => !left.includes(option)));

export const texts = (options: readonly Option[]): string => options.map(listed).join(', ');

/** `selections`: --group and --all-groups, in the order in which they are told. Throws Exit with the usage. */
export function checkSelection(options: CommandOptions, action: Option, selections: readonly Option[]): void {
  if (selections.some((option) => options.has(option))) return;
  options.usage(`Option ${listed(action)} takes one of these options: ${texts(selections)}`);
}

export interface DescriptionOptions {
  readonly describe: Option;
  readonly members: Option;
  readonly offsets: Option;
  readonly state: Option;
}

/** Throws Exit with the usage. */
export function checkDescription(
  options: CommandOptions,
  { describe, members, offsets, state }: DescriptionOptions,
  selections: readonly Option[],
): void {
  checkSelection(options, describe, selections);
  const views = [members, offsets, state];
  if (views.filter((option) => options.has(option)).length > 1) {
    options.usage(`Option ${listed(describe)} takes at most one of these options: ${texts(views)}`);
  }
  if (options.has(state) && options.valueOf(state) !== undefined) {
    options.usage(`Option ${listed(describe)} does not take a value for ${listed(state)}`);
  }
}

export interface ExecutionOptions {
  readonly resetOffsets: Option;
  readonly dryRun: Option;
  readonly execute: Option;
}

/** Throws Exit with the usage when both are given, and, of those that need it, neither. */
export function checkExecution(
  options: CommandOptions,
  { resetOffsets, dryRun, execute }: ExecutionOptions,
  needsOne: boolean,
): void {
  const reset = listed(resetOffsets);
  if (options.has(dryRun) && options.has(execute)) {
    options.usage(`Option ${reset} only accepts one of ${listed(execute)} and ${listed(dryRun)}`);
  }
  if (needsOne && !options.has(dryRun) && !options.has(execute)) {
    options.usage(`Option ${reset} takes the option: ${listed(execute)} or ${listed(dryRun)}`);
  }
}

/** Throws Exit with the usage for a second one; the first that is given is told. */
export function checkOneScenario(options: CommandOptions, scenarios: readonly Option[]): void {
  for (const scenario of scenarios) options.checkInvalid(scenario, ...without(scenarios, scenario));
}
