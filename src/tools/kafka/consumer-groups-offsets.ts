// kafka-consumer-groups --reset-offsets and --delete-offsets.
import type { Admin, TopicPartition } from '../../client/index.ts';
import type { ToolIo } from '../tool-io.ts';
import { timeoutOf } from './consumer-groups.ts';
import { OPTIONS } from './consumer-groups-options.ts';
import { deleteOffsetsOfTopics } from './offset-deletions.ts';
import {
  altered,
  committedPlaces,
  type NewOffset,
  newOffsets,
  placesOf,
  printNewOffsets,
  type ResetContext,
  scenarioOf,
} from './offset-resets.ts';
import type { CommandOptions } from './options/command-options.ts';
import { refuseWithoutScenario, resetInactiveGroups } from './reset-inactive-groups.ts';

export async function resetOffsets(
  io: ToolIo,
  admin: Admin,
  options: CommandOptions,
  ids: readonly string[],
): Promise<void> {
  const { timeoutMs } = timeoutOf(options);
  const context: ResetContext = { io, admin, timeoutMs, groups: options.valuesOf(OPTIONS.group) };
  await resetInactiveGroups(io, options, {
    described: await admin.describeConsumerGroups(ids, { timeoutMs }),
    namedCount: context.groups.length,
    reset: (id) => resetGroup(context, options, id),
    printTable: printNewOffsets,
  });
}

async function resetGroup(context: ResetContext, options: CommandOptions, id: string): Promise<readonly NewOffset[]> {
  const { admin, timeoutMs } = context;
  const scenario = scenarioOf(options, OPTIONS);
  const offsets = await newOffsets(context, scenario, id, await placesToReset(context, options, id));
  if (offsets === undefined) return refuseWithoutScenario(options, OPTIONS.resetOffsets);
  const isDry = options.has(OPTIONS.dryRun) || !options.has(OPTIONS.execute);
  if (isDry || offsets.length === 0) return offsets;
  await altered(offsets, () => admin.alterConsumerGroupOffsets(id, offsets, { timeoutMs }));
  return offsets;
}

async function placesToReset(context: ResetContext, options: CommandOptions, id: string): Promise<TopicPartition[]> {
  if (options.has(OPTIONS.allTopics)) return committedPlaces(context, id);
  if (options.has(OPTIONS.topic)) return placesOf(context.admin, options.valuesOf(OPTIONS.topic), timeoutOf(options));
  if (options.has(OPTIONS.fromFile)) return [];
  return options.usage('One of the reset scopes should be defined: --all-topics, --topic.');
}

export async function deleteOffsets(io: ToolIo, admin: Admin, options: CommandOptions): Promise<void> {
  const groupId = options.required(OPTIONS.group);
  await deleteOffsetsOfTopics(io, { admin, groupId, ...timeoutOf(options) }, options.valuesOf(OPTIONS.topic));
}
