// kafka-consumer-groups --reset-offsets and --delete-offsets.
import { type Admin, ClientError, type TopicPartition } from '../../client/index.ts';
import { print, type ToolIo } from '../tool-io.ts';
import { timeoutOf } from './consumer-groups.ts';
import { OPTIONS, SCENARIOS } from './consumer-groups-options.ts';
import { printGroupError } from './group-errors.ts';
import { hashOrderOfCopiedTexts } from './java-order.ts';
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
import { type CommandOptions, listed } from './options/command-options.ts';
import { resetPlanText } from './reset-plan.ts';

export async function resetOffsets(
  io: ToolIo,
  admin: Admin,
  options: CommandOptions,
  ids: readonly string[],
): Promise<void> {
  const { timeoutMs } = timeoutOf(options);
  const context: ResetContext = { io, admin, timeoutMs, groups: options.valuesOf(OPTIONS.group) };
  const described = await admin.describeConsumerGroups(ids, { timeoutMs });
  const resets = new Map<string, readonly NewOffset[]>();
  for (const id of hashOrderOfCopiedTexts(described.keys())) {
    const group = described.get(id);
    const isMissing = group instanceof ClientError && group.code === 'GROUP_ID_NOT_FOUND';
    if (group instanceof ClientError && !isMissing) throw group;
    const state = group === undefined || group instanceof ClientError ? 'Dead' : group.state;
    if (state === 'Empty' || state === 'Dead') resets.set(id, await resetGroup(context, options, id));
    else {
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
  const offsets = await newOffsets(
    context,
    scenarioOf(options, OPTIONS),
    id,
    await placesToReset(context, options, id),
  );
  if (offsets === undefined) {
    const scenarios = SCENARIOS.map(listed).join(', ');
    return options.usage(
      `Option '${listed(OPTIONS.resetOffsets)}' requires one of the following scenarios: [${scenarios}]`,
    );
  }
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
