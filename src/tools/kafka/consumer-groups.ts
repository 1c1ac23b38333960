// kafka-consumer-groups: list, describe, delete, and reset or delete offsets (org.apache.kafka.tools.consumer.group.ConsumerGroupCommand).
import { type Admin, allOf, ClientError, type GroupType, type ListedGroup, type Outcome } from '../../client/index.ts';
import { InvalidRegexError, loadRegexEngine } from '../../runtime/index.ts';
import { complain, print, type ToolIo } from '../tool-io.ts';
import { loadProperties } from './client-config.ts';
import { OPTIONS, consumerGroupOptions } from './consumer-groups-options.ts';
import { printGroupError } from './group-errors.ts';
import { executionError, illegalArgument, JavaError, thrown, thrownText } from './java-error.ts';
import { hashOrderOfTexts } from './java-order.ts';
import { withAdmin } from './open-admin.ts';
import type { CommandOptions } from './options/command-options.ts';
import { OptionError } from './options/option-parser.ts';
import { tool } from './run-tool.ts';
import { row, widthOf } from './table-rows.ts';

export const consumerGroups = tool(async (args, io) => {
  const options = consumerGroupOptions(io, args);
  try {
    const { list, describe, delete: remove, resetOffsets, deleteOffsets, validateRegex } = OPTIONS;
    const actions = [list, describe, remove, resetOffsets, deleteOffsets, validateRegex];
    if (actions.filter((action) => options.has(action)).length !== 1) {
      const names = actions.map(({ names: [name = ''] }) => `--${name}`).join(', ');
      options.usage(`Command must include exactly one action: ${names}`);
    }
    if (options.has(validateRegex)) return await validate(io, options.required(validateRegex));
    await run(io, options);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    options.usage(error.message);
  }
  return 0;
});

/** What a group command answers to errors of its work: usage for arguments, a line and a trace for the rest. */
async function run(io: ToolIo, options: CommandOptions): Promise<void> {
  const properties = loadProperties(io, options.valueOf(OPTIONS.commandConfig));
  const target = { bootstrapServers: options.required(OPTIONS.bootstrapServer), properties };
  try {
    await withAdmin(io, target, (admin) => act(io, admin, options));
  } catch (error) {
    if (!(error instanceof Error) || error.name === 'Exit' || error instanceof OptionError) throw error;
    if (error.name === 'java.lang.IllegalArgumentException') options.usage(error.message);
    const told = error instanceof ClientError ? asExecution(error, options.has(OPTIONS.describe)) : error;
    printGroupError(io, `Executing consumer group command failed due to ${told.message}`);
    complain(io, thrownText(told));
  }
}

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
  const { groups, errors } = await admin.listGroups({ types: asked, states, protocols, ...timeoutOf(options) });
  if (errors[0] !== undefined) throw errors[0];
  return groups;
}

async function listGroups(io: ToolIo, admin: Admin, options: CommandOptions): Promise<void> {
  const withType = options.has(OPTIONS.type);
  const withState = options.has(OPTIONS.state);
  const types = typesIn(options.valueOf(OPTIONS.type) ?? '');
  const states = statesIn(options.valueOf(OPTIONS.state) ?? '');
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

/** Throws JavaError. */
function statesIn(text: string): string[] {
  if (text === '') return [];
  const plain = (state: string): string => state.toLowerCase().replaceAll('_', '');
  const found = text.split(',').map((one) => STATES.find((state) => plain(state) === plain(one.trim())));
  if (!found.includes(undefined)) return found as string[];
  throw illegalArgument(`Invalid state list '${text}'. Valid states are: ${STATES.join(', ')}`);
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

/** Java's futures wrap what went wrong, and most of the tool's methods wrap that once more. */
function asExecution(error: ClientError, isOnce: boolean): JavaError {
  const execution = executionError(error);
  return isOnce ? execution : new JavaError('java.lang.RuntimeException', thrownText(execution));
}
