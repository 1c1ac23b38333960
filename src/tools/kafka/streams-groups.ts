// kafka-streams-groups: list, describe, delete, and reset or delete offsets (org.apache.kafka.tools.streams.StreamsGroupCommand).
import type { Admin, ListedGroup } from '../../client/index.ts';
import { print, type ToolIo } from '../tool-io.ts';
import { checkOneAction, runGroupCommand, usageOfMistakes } from './group-command.ts';
import { groupStates } from './group-states.ts';
import { executionError } from './java-error.ts';
import { listedGroups } from './listed-groups.ts';
import { scenarioOf } from './offset-resets.ts';
import type { CommandOptions } from './options/command-options.ts';
import { tool } from './run-tool.ts';
import { printGroups } from './share-groups.ts';
import { OPTIONS, streamsGroupOptions } from './streams-groups-options.ts';

const { list, describe, delete: remove, resetOffsets, deleteOffsets } = OPTIONS;
const ACTIONS = [list, describe, remove, resetOffsets, deleteOffsets];
const NO_ACTION =
  'Command must include exactly one action: --list, --describe, --delete, --reset-offsets, or --delete-offsets.';

export const streamsGroups = tool(async (args, io) => {
  const options = streamsGroupOptions(io, args);
  const isDone = await usageOfMistakes(options, () => {
    checkOneAction(options, ACTIONS, NO_ACTION);
    // Mistakes in their values show before anything is asked.
    scenarioOf(options, OPTIONS);
    const command = { kind: 'streams', ...OPTIONS, asThrown: executionError } as const;
    return runGroupCommand(io, options, command, (admin) => act(io, admin, options));
  });
  return isDone ? 0 : 1;
});

async function act(io: ToolIo, admin: Admin, options: CommandOptions): Promise<void> {
  if (options.has(list)) return listGroups(io, admin, options);
  if (options.has(describe)) {
    const { describeStreamsGroups } = await import('./streams-groups-describe.ts');
    return describeStreamsGroups(io, admin, options, await groupIds(admin, options));
  }
  if (options.has(remove)) {
    const { removeStreamsGroups } = await import('./streams-groups-delete.ts');
    return removeStreamsGroups(io, admin, options);
  }
  const offsets = await import('./streams-groups-offsets.ts');
  if (options.has(resetOffsets)) {
    return offsets.resetStreamsOffsets(io, admin, options, await groupIds(admin, options));
  }
  return offsets.deleteStreamsOffsets(io, admin, options);
}

export const timeoutOf = (options: CommandOptions): { readonly timeoutMs: number } => ({
  timeoutMs: options.required(OPTIONS.timeout),
});

/** Throws ClientError when a broker does not answer. */
export async function listedStreamsGroups(
  admin: Admin,
  options: CommandOptions,
  states: readonly string[] = [],
): Promise<readonly ListedGroup[]> {
  return listedGroups(admin, { types: ['Streams'], states, ...timeoutOf(options) });
}

async function groupIds(admin: Admin, options: CommandOptions): Promise<readonly string[]> {
  if (!options.has(OPTIONS.allGroups)) return options.valuesOf(OPTIONS.group);
  return (await listedStreamsGroups(admin, options)).map(({ groupId }) => groupId);
}

const STATES = ['Assigning', 'Reconciling', 'Stable', 'Dead', 'Empty', 'NotReady'];

async function listGroups(io: ToolIo, admin: Admin, options: CommandOptions): Promise<void> {
  if (!options.has(OPTIONS.state)) {
    for (const { groupId } of await listedStreamsGroups(admin, options)) print(io, groupId);
    return;
  }
  const states = groupStates(options.valueOf(OPTIONS.state) ?? '', STATES);
  printGroups(io, await listedStreamsGroups(admin, options, states));
}
