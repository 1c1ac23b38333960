// kafka-streams-groups --reset-offsets and --delete-offsets.
import { type Admin, ClientError, type TopicPartition } from '../../client/index.ts';
import { print, type ToolIo } from '../tool-io.ts';
import { printGroupError } from './group-errors.ts';
import { hashOrderOfPlaces } from './java-order.ts';
import { deleteOffsetsAt, deleteOffsetsOfTopics } from './offset-deletions.ts';
import { committedPlaces, type NewOffset, newOffsets, placesOf, type ResetContext } from './offset-resets.ts';
import { type CommandOptions, listed } from './options/command-options.ts';
import { resetPlanText } from './reset-plan.ts';
import { deleteInternalTopics } from './streams-groups-delete.ts';
import { timeoutOf } from './streams-groups.ts';
import { OPTIONS, SCENARIOS } from './streams-groups-options.ts';
import { row } from './table-rows.ts';

export async function resetStreamsOffsets(
  io: ToolIo,
  admin: Admin,
  options: CommandOptions,
  ids: readonly string[],
): Promise<void> {
  const context: ResetContext = { io, admin, ...timeoutOf(options), groups: options.valuesOf(OPTIONS.group) };
  const resets = new Map<string, readonly NewOffset[]>();
  for (const [id, group] of await admin.describeStreamsGroups(ids, timeoutOf(options))) {
    const isMissing = group instanceof ClientError && group.code === 'GROUP_ID_NOT_FOUND';
    if (group instanceof ClientError && !isMissing) throw group;
    const state = group instanceof ClientError ? 'Dead' : group.state;
    if (state === 'Empty' || state === 'Dead') {
      resets.set(id, await resetGroup(context, options, id));
      if (options.has(OPTIONS.execute)) await deleteInternalTopics(io, admin, options, id);
    } else {
      printGroupError(
        io,
        `Assignments can only be reset if the group '${id}' is inactive, but the current state is ${state}.`,
      );
      resets.set(id, []);
    }
  }
  if (options.has(OPTIONS.export)) print(io, resetPlanText(resets, context.groups.length !== 1));
  else printNewOffsets(io, resets);
}

async function resetGroup(context: ResetContext, options: CommandOptions, id: string): Promise<readonly NewOffset[]> {
  const { admin, timeoutMs } = context;
  const places = await placesToReset(context, options, id);
  const offsets = await newOffsets(context, scenarioOf(options), id, places);
  if (offsets === undefined) {
    const scenarios = SCENARIOS.map(listed).join(', ');
    return options.usage(
      `Option '${listed(OPTIONS.resetOffsets)}' requires one of the following scenarios: [${scenarios}]`,
    );
  }
  if (!options.has(OPTIONS.execute) || offsets.length === 0) return offsets;
  for (const { result } of await admin.alterStreamsGroupOffsets(id, offsets, { timeoutMs })) {
    if (result !== undefined) throw result;
  }
  return offsets;
}

const scenarioOf = (options: CommandOptions) => ({
  toOffset: options.valueOf(OPTIONS.toOffset),
  toEarliest: options.has(OPTIONS.toEarliest),
  toLatest: options.has(OPTIONS.toLatest),
  toCurrent: options.has(OPTIONS.toCurrent),
  shiftBy: options.valueOf(OPTIONS.shiftBy),
  toDatetime: options.valueOf(OPTIONS.toDatetime),
  byDuration: options.valueOf(OPTIONS.byDuration),
  fromFile: options.valueOf(OPTIONS.fromFile),
});

async function placesToReset(context: ResetContext, options: CommandOptions, id: string): Promise<TopicPartition[]> {
  if (options.has(OPTIONS.allInputTopics)) return committedPlaces(context, id);
  if (options.has(OPTIONS.inputTopic)) {
    return placesOf(context.admin, options.valuesOf(OPTIONS.inputTopic), timeoutOf(options));
  }
  if (options.has(OPTIONS.fromFile)) return [];
  return options.usage('One of the reset scopes should be defined: --all-topics, --topic.');
}

const WIDTHS = [30, 30, 10, 15];

function printNewOffsets(io: ToolIo, resets: ReadonlyMap<string, readonly NewOffset[]>): void {
  if (resets.size > 0) io.stdout.write(`\n${row(WIDTHS, ['GROUP', 'TOPIC', 'PARTITION', 'NEW-OFFSET'])}`);
  for (const [group, offsets] of resets) {
    for (const { topic, partition, offset } of hashOrderOfPlaces(offsets)) {
      io.stdout.write(`\n${row(WIDTHS, [group, topic, partition, offset])}`);
    }
  }
  print(io, '');
}

export async function deleteStreamsOffsets(io: ToolIo, admin: Admin, options: CommandOptions): Promise<void> {
  const groupId = options.required(OPTIONS.group);
  const { timeoutMs } = timeoutOf(options);
  const what = { admin, groupId, timeoutMs };
  if (!options.has(OPTIONS.allInputTopics)) {
    return deleteOffsetsOfTopics(io, what, options.valuesOf(OPTIONS.inputTopic));
  }
  await deleteOffsetsAt(io, what, await committedPlaces({ io, ...what, groups: [groupId] }, groupId));
}
