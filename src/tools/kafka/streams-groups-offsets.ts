// kafka-streams-groups --reset-offsets and --delete-offsets.
import { type Admin, allOf, ClientError, type GroupOffset, type TopicPartition, valueOf } from '../../client/index.ts';
import { print, type ToolIo } from '../tool-io.ts';
import { wrappedTwice } from './group-command.ts';
import { printGroupError } from './group-errors.ts';
import { hashOrderOfPlaces, placeText } from './java-order.ts';
import { deleteOffsetsAt, deleteOffsetsOfTopics } from './offset-deletions.ts';
import {
  altered,
  checkPlaces,
  committedPlaces,
  type NewOffset,
  newOffsets,
  placesOf,
  type ResetContext,
  scenarioOf,
} from './offset-resets.ts';
import type { CommandOptions } from './options/command-options.ts';
import { refuseWithoutScenario, resetInactiveGroups } from './reset-inactive-groups.ts';
import { deleteInternalTopics } from './streams-groups-delete.ts';
import { timeoutOf } from './streams-groups.ts';
import { OPTIONS } from './streams-groups-options.ts';
import { row } from './table-rows.ts';

export async function resetStreamsOffsets(
  io: ToolIo,
  admin: Admin,
  options: CommandOptions,
  ids: readonly string[],
): Promise<void> {
  const context: ResetContext = { io, admin, ...timeoutOf(options), groups: options.valuesOf(OPTIONS.group) };
  await resetInactiveGroups(io, options, {
    described: await admin.describeStreamsGroups(ids, timeoutOf(options)),
    namedCount: context.groups.length,
    reset: async (id, isMissing) => {
      const offsets = await resetGroup(context, options, id);
      if (options.has(OPTIONS.execute) && !isMissing) await deleteInternalTopics(io, admin, options, id);
      return offsets;
    },
    printTable: printNewOffsets,
  });
}

async function resetGroup(context: ResetContext, options: CommandOptions, id: string): Promise<readonly NewOffset[]> {
  const { admin, timeoutMs } = context;
  const places = await placesToReset(context, options, id);
  const offsets = await newOffsets(context, scenarioOf(options, OPTIONS), id, places);
  if (offsets === undefined) return refuseWithoutScenario(options, OPTIONS.resetOffsets);
  if (!options.has(OPTIONS.execute) || offsets.length === 0) return offsets;
  await altered(offsets, () => admin.alterStreamsGroupOffsets(id, offsets, { timeoutMs }));
  return offsets;
}

async function placesToReset(context: ResetContext, options: CommandOptions, id: string): Promise<TopicPartition[]> {
  const { admin, io, timeoutMs } = context;
  if (options.has(OPTIONS.allInputTopics)) return sourcePlaces(admin, id, timeoutMs);
  if (options.has(OPTIONS.inputTopic)) {
    const places = await placesOf(admin, options.valuesOf(OPTIONS.inputTopic), timeoutOf(options));
    await checkPlaces(context, places);
    const known = new Set((await committedPlaces(context, id)).map(placeText));
    if (places.every((place) => known.has(placeText(place)))) return places;
    printGroupError(io, `One or more topics are not part of the group '${id}'.`);
    return [];
  }
  if (options.has(OPTIONS.fromFile)) return [];
  return options.usage('One of the reset scopes should be defined: --all-topics, --topic.');
}

/** Where the group has committed something in a source topic of its topology. Throws JavaError. */
async function sourcePlaces(admin: Admin, groupId: string, timeoutMs: number): Promise<TopicPartition[]> {
  try {
    const group = allOf(await admin.describeStreamsGroups([groupId], { timeoutMs })).get(groupId);
    const sources = new Set(group?.subtopologies.flatMap(({ sourceTopics }) => sourceTopics));
    const committed = await committedOf(admin, groupId, timeoutMs);
    const places = [...committed.values()].map(({ topic, partition }) => ({ topic, partition }));
    return places.filter(({ topic }) => sources.has(topic));
  } catch (error) {
    throw error instanceof ClientError ? wrappedTwice(error) : error;
  }
}

/** By topic and partition. Throws ClientError. */
export async function committedOf(
  admin: Admin,
  groupId: string,
  timeoutMs: number,
): Promise<ReadonlyMap<string, TopicPartition & GroupOffset>> {
  const [offsets = []] = [...allOf(await admin.listStreamsGroupOffsets([groupId], { timeoutMs })).values()];
  return new Map(
    offsets.flatMap(({ topic, partition, result }): [string, TopicPartition & GroupOffset][] => {
      const own = valueOf(result);
      return own === null ? [] : [[placeText({ topic, partition }), { topic, partition, ...own }]];
    }),
  );
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
  await deleteOffsetsAt(io, what, await sourcePlaces(admin, groupId, timeoutMs));
}
