// kafka-consumer-groups: list, describe, delete, and reset or delete offsets (org.apache.kafka.tools.consumer.group.ConsumerGroupCommand).
import { type Admin, allOf, ClientError, type GroupType, type ListedGroup, type Outcome } from '../../client/index.ts';
import { InvalidRegexError, loadRegexEngine } from '../../runtime/index.ts';
import { print, type ToolIo } from '../tool-io.ts';
import { OPTIONS, consumerGroupOptions } from './consumer-groups-options.ts';
import { checkOneAction, runGroupCommand, usageOfMistakes, wrappedTwice } from './group-command.ts';
import { printGroupError } from './group-errors.ts';
import { groupStates } from './group-states.ts';
import { executionError, illegalArgument, thrown, thrownText } from './java-error.ts';
import { hashOrderOfTexts } from './java-order.ts';
import { listedGroups } from './listed-groups.ts';
import type { CommandOptions } from './options/command-options.ts';
import { tool } from './run-tool.ts';
import { row, widthOf } from './table-rows.ts';

const { list, describe, delete: remove, resetOffsets, deleteOffsets, validateRegex } = OPTIONS;
const ACTIONS = [list, describe, remove, resetOffsets, deleteOffsets, validateRegex];

export const consumerGroups = tool(async (args, io) => {
  const options = consumerGroupOptions(io, args);
  return usageOfMistakes(options, async () => {
    const names = ACTIONS.map(({ names: [name = ''] }) => `--${name}`).join(', ');
    checkOneAction(options, ACTIONS, `Command must include exactly one action: ${names}`);
    if (options.has(validateRegex)) return validate(io, options.required(validateRegex));
    const asThrown = options.has(describe) ? executionError : wrappedTwice;
    const command = { kind: 'consumer', ...OPTIONS, asThrown, tellsMistakes: true } as const;
    await runGroupCommand(io, options, command, (admin) => act(io, admin, options));
    return 0;
  });
});

async function act(io: ToolIo, admin: Admin, options: CommandOptions): Promise<void> {
  if (options.has(OPTIONS.list)) return listGroups(io, admin, options);
  if (options.has(OPTIONS.describe)) {
    const { describeGroups } = await import('./consumer-groups-describe.ts');
    return describeGroups(io, admin, options, await groupIds(admin, options));
  }
  if (options.has(OPTIONS.delete)) return removeGroups(io, admin, await groupIds(admin, options), timeoutOf(options));
  const offsets = await import('./consumer-groups-offsets.ts');
  if (options.has(OPTIONS.resetOffsets)) {
    return offsets.resetOffsets(io, admin, options, await groupIds(admin, options));
  }
  return offsets.deleteOffsets(io, admin, options);
}

async function validate(io: ToolIo, regex: string): Promise<number> {
  try {
    (await loadRegexEngine()).compile(regex);
    print(io, `The regular expression \`${regex}\` is valid.`);
  } catch (error) {
    const why = error instanceof InvalidRegexError ? error.description : thrown(error).message;
    print(io, `The regular expression \`${regex}\` is invalid: ${why}.`);
  }
  return 0;
}

export const timeoutOf = (options: CommandOptions): { readonly timeoutMs: number } => ({
  timeoutMs: options.required(OPTIONS.timeout),
});

async function groupIds(admin: Admin, options: CommandOptions): Promise<readonly string[]> {
  if (!options.has(OPTIONS.allGroups)) return options.valuesOf(OPTIONS.group);
  return (await listed(admin, options, [], [])).map(({ groupId }) => groupId);
}

/** Throws ClientError when a broker does not answer. */
async function listed(
  admin: Admin,
  options: CommandOptions,
  types: readonly GroupType[],
  states: readonly string[],
): Promise<readonly ListedGroup[]> {
  const protocols = ['', 'consumer'];
  const asked: readonly GroupType[] = types.length > 0 ? types : ['Classic', 'Consumer'];
  return listedGroups(admin, { types: asked, states, protocols, ...timeoutOf(options) });
}

async function listGroups(io: ToolIo, admin: Admin, options: CommandOptions): Promise<void> {
  const withType = options.has(OPTIONS.type);
  const withState = options.has(OPTIONS.state);
  const types = typesIn(options.valueOf(OPTIONS.type) ?? '');
  const states = groupStates(options.valueOf(OPTIONS.state) ?? '', STATES);
  const groups = await listed(admin, options, types, states);
  if (!withType && !withState) {
    for (const { groupId } of groups) print(io, groupId);
    return;
  }
  const widths = [
    widthOf(
      15,
      groups.map(({ groupId }) => groupId),
    ) + 10,
    20,
    20,
  ];
  const cells = (id: string, type: string, state: string): string[] => [
    id,
    ...(withType ? [type] : []),
    ...(withState ? [state] : []),
  ];
  print(io, row(widths, cells('GROUP', 'TYPE', 'STATE')));
  for (const { groupId, type = 'Unknown', state = 'Unknown' } of groups)
    print(io, row(widths, cells(groupId, type, state)));
}

const TYPES: readonly GroupType[] = ['Classic', 'Consumer'];
const STATES = ['PreparingRebalance', 'CompletingRebalance', 'Stable', 'Dead', 'Empty', 'Assigning', 'Reconciling'];

/** Throws JavaError. */
function typesIn(text: string): GroupType[] {
  if (text === '') return [];
  const found = text.split(',').map((one) => TYPES.find((type) => type.toLowerCase() === one.trim().toLowerCase()));
  if (!found.includes(undefined)) return found as GroupType[];
  throw illegalArgument(`Invalid types list '${text}'. Valid types are: ${TYPES.join(', ')}`);
}

async function removeGroups(
  io: ToolIo,
  admin: Admin,
  ids: readonly string[],
  how: { readonly timeoutMs: number },
): Promise<void> {
  const outcomes: ReadonlyMap<string, Outcome<undefined>> = await admin.deleteConsumerGroups(ids, how);
  const inOrder = hashOrderOfTexts(outcomes.keys());
  const failed = inOrder.filter((id) => outcomes.get(id) instanceof ClientError);
  const done = inOrder.filter((id) => !failed.includes(id));
  const quoted = done.map((id) => `'${id}'`).join(', ');
  if (failed.length === 0) {
    allOf(outcomes);
    print(io, `Deletion of requested consumer groups (${quoted}) was successful.`);
    return;
  }
  printGroupError(io, 'Deletion of some consumer groups failed:');
  for (const id of failed) print(io, `* Group '${id}' could not be deleted due to: ${thrownText(outcomes.get(id))}`);
  if (done.length > 0) print(io, `\nThese consumer groups were deleted successfully: ${quoted}`);
}
