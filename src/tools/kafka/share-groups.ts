// kafka-share-groups: list, describe, delete, and reset or delete offsets (org.apache.kafka.tools.consumer.group.ShareGroupCommand).
import { type Admin, ClientError, type ListedGroup } from '../../client/index.ts';
import { print, type ToolIo } from '../tool-io.ts';
import { checkOneAction, runGroupCommand, usageOfMistakes } from './group-command.ts';
import { printGroupError } from './group-errors.ts';
import { groupStates } from './group-states.ts';
import { exceptionClass, executionError, illegalArgument, JavaError, thrownText } from './java-error.ts';
import { hashOrderOfTexts } from './java-order.ts';
import { listedGroups } from './listed-groups.ts';
import type { CommandOptions } from './options/command-options.ts';
import { tool } from './run-tool.ts';
import { OPTIONS, shareGroupOptions } from './share-groups-options.ts';
import { row, widthOf } from './table-rows.ts';

const { list, describe, delete: remove, resetOffsets, deleteOffsets } = OPTIONS;
const ACTIONS = [list, describe, remove, resetOffsets, deleteOffsets];
const NO_ACTION =
  'Command must include exactly one action: --list, --describe, --delete, --reset-offsets, --delete-offsets.';

export const shareGroups = tool(async (args, io) => {
  const options = shareGroupOptions(io, args);
  await usageOfMistakes(options, () => {
    checkOneAction(options, ACTIONS, NO_ACTION);
    const command = { kind: 'share', ...OPTIONS, asThrown: executionError, tellsMistakes: true } as const;
    return runGroupCommand(io, options, command, (admin) => act(io, admin, options));
  });
});

async function act(io: ToolIo, admin: Admin, options: CommandOptions): Promise<void> {
  if (options.has(list)) return listGroups(io, admin, options);
  if (options.has(describe)) {
    const { describeShareGroups } = await import('./share-groups-describe.ts');
    return describeShareGroups(io, admin, options, await groupIds(admin, options));
  }
  if (options.has(remove)) return removeGroups(io, admin, options);
  const offsets = await import('./share-groups-offsets.ts');
  if (options.has(resetOffsets)) return offsets.resetShareOffsets(io, admin, options);
  return offsets.deleteShareOffsets(io, admin, options);
}

export const timeoutOf = (options: CommandOptions): { readonly timeoutMs: number } => ({
  timeoutMs: options.required(OPTIONS.timeout),
});

/** Throws ClientError when a broker does not answer. */
async function listed(
  admin: Admin,
  options: CommandOptions,
  states: readonly string[],
): Promise<readonly ListedGroup[]> {
  return listedGroups(admin, { types: ['Share'], states, ...timeoutOf(options) });
}

async function groupIds(admin: Admin, options: CommandOptions): Promise<readonly string[]> {
  if (!options.has(OPTIONS.allGroups)) return options.valuesOf(OPTIONS.group);
  return (await listed(admin, options, [])).map(({ groupId }) => groupId);
}

const STATES = ['Stable', 'Dead', 'Empty'];

async function listGroups(io: ToolIo, admin: Admin, options: CommandOptions): Promise<void> {
  if (!options.has(OPTIONS.state)) {
    for (const { groupId } of await listed(admin, options, [])) print(io, groupId);
    return;
  }
  printGroups(io, await listed(admin, options, groupStates(options.valueOf(OPTIONS.state) ?? '', STATES)));
}

export function printGroups(io: ToolIo, groups: readonly ListedGroup[]): void {
  const ids = groups.map(({ groupId }) => groupId);
  const widths = [widthOf(15, ids), undefined];
  print(io, row(widths, ['GROUP', 'STATE']));
  for (const { groupId, state = '' } of groups) print(io, row(widths, [groupId, state]));
}

async function removeGroups(io: ToolIo, admin: Admin, options: CommandOptions): Promise<void> {
  const groups = new Map((await listed(admin, options, [])).map((group) => [group.groupId, group]));
  const ids = options.has(OPTIONS.allGroups) ? [...groups.keys()] : options.valuesOf(OPTIONS.group);
  const failed = new Map<string, Error>(
    hashOrderOfTexts(ids.filter((id) => !groups.has(id))).map((id) => [
      id,
      illegalArgument(`Group '${id}' is not a share group.`),
    ]),
  );
  for (const id of hashOrderOfTexts(ids)) {
    const why = whyKept(id, groups.get(id)?.state);
    if (why !== undefined) failed.set(id, why);
  }
  const done: string[] = [];
  const tried = ids.filter((id) => !failed.has(id));
  for (const [id, outcome] of await admin.deleteShareGroups(tried, timeoutOf(options))) {
    if (outcome instanceof ClientError) failed.set(id, outcome);
    else done.push(id);
  }
  const quoted = hashOrderOfTexts(done)
    .map((id) => `'${id}'`)
    .join(', ');
  if (failed.size === 0) return print(io, `Deletion of requested share groups (${quoted}) was successful.`);
  printGroupError(io, 'Deletion of some share groups failed:');
  for (const [id, error] of failed) print(io, `* Group '${id}' could not be deleted due to: ${thrownText(error)}`);
  if (done.length > 0) print(io, `\nThese share groups were deleted successfully: ${quoted}`);
}

function whyKept(id: string, state: string | undefined): JavaError | undefined {
  if (state === undefined || state === 'Empty') return undefined;
  if (state === 'Dead') {
    return new JavaError('java.lang.IllegalStateException', `Share group '${id}' group state is DEAD.`);
  }
  return new JavaError(exceptionClass('NON_EMPTY_GROUP'), `Share group '${id}' is not EMPTY.`);
}
