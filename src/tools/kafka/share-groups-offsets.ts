// kafka-share-groups --reset-offsets and --delete-offsets.
import { type Admin, allOf, ClientError, type Outcomes, type TopicPartition } from '../../client/index.ts';
import type { ErrorName } from '../../protocol/index.ts';
import { complain, print, type ToolIo } from '../tool-io.ts';
import { Exit } from './exit.ts';
import { printGroupError } from './group-errors.ts';
import { thrown, thrownText } from './java-error.ts';
import { altered, type NewOffset, newOffsets, placesOf, printNewOffsets, type ResetContext } from './offset-resets.ts';
import type { CommandOptions } from './options/command-options.ts';
import { timeoutOf } from './share-groups.ts';
import { OPTIONS } from './share-groups-options.ts';
import { row, widthOf } from './table-rows.ts';

export async function resetShareOffsets(io: ToolIo, admin: Admin, options: CommandOptions): Promise<void> {
  const groupId = options.required(OPTIONS.group);
  const how = timeoutOf(options);
  const group = (await admin.describeShareGroups([groupId], how)).get(groupId);
  const isMissing = group instanceof ClientError && group.code === 'GROUP_ID_NOT_FOUND';
  if (group instanceof ClientError && !isMissing) throw group;
  if (group !== undefined && !(group instanceof ClientError) && group.state !== 'Empty' && group.state !== 'Dead') {
    complain(io, `Share group '${groupId}' is not empty.`);
    throw new Exit(1);
  }
  const context: ResetContext = { io, admin, ...how, groups: [groupId] };
  const places = await placesToReset(context, options, groupId);
  const offsets = (await newOffsets(context, scenarioOf(options), groupId, places)) ?? [];
  if (options.has(OPTIONS.execute)) await alter(admin, groupId, offsets, how);
  printNewOffsets(io, new Map([[groupId, offsets]]));
}

const scenarioOf = (options: CommandOptions) => ({
  toEarliest: options.has(OPTIONS.toEarliest),
  toLatest: options.has(OPTIONS.toLatest),
  toDatetime: options.valueOf(OPTIONS.toDatetime),
});

async function placesToReset(
  context: ResetContext,
  options: CommandOptions,
  groupId: string,
): Promise<TopicPartition[]> {
  const { admin, timeoutMs } = context;
  if (options.has(OPTIONS.topic)) return placesOf(admin, options.valuesOf(OPTIONS.topic), { timeoutMs });
  const offsets = allOf(await admin.listShareGroupOffsets([groupId], { timeoutMs })).get(groupId) ?? [];
  return offsets.map(({ topic, partition }) => ({ topic, partition }));
}

async function alter(
  admin: Admin,
  groupId: string,
  offsets: readonly NewOffset[],
  how: { readonly timeoutMs: number },
): Promise<void> {
  const wanted = offsets.map(({ topic, partition, offset }) => ({ topic, partition, startOffset: offset }));
  await altered(wanted, () => admin.alterShareGroupOffsets(groupId, wanted, how));
}

/** Codes of the request as a whole that are told in the broker's words; topics have told of theirs. */
const WHOLE: ReadonlySet<ErrorName | undefined> = new Set<ErrorName>([
  'INVALID_GROUP_ID',
  'GROUP_ID_NOT_FOUND',
  'GROUP_AUTHORIZATION_FAILED',
  'NON_EMPTY_GROUP',
]);
const OF_TOPICS: ReadonlySet<ErrorName | undefined> = new Set<ErrorName>([
  'TOPIC_AUTHORIZATION_FAILED',
  'UNKNOWN_TOPIC_OR_PARTITION',
]);

export async function deleteShareOffsets(io: ToolIo, admin: Admin, options: CommandOptions): Promise<void> {
  const topics = [...new Set(options.valuesOf(OPTIONS.topic))];
  const outcomes = await deleted(admin, options, topics);
  const whole = outcomes instanceof ClientError ? outcomes : [...outcomes.values()].find((one) => one !== undefined);
  if (whole !== undefined) tellWhole(io, whole);
  const widths = [widthOf(15, topics), undefined];
  io.stdout.write(`\n${row(widths, ['TOPIC', 'STATUS'])}`);
  for (const topic of topics.sort()) {
    const error = outcomes instanceof ClientError ? outcomes : outcomes.get(topic);
    const status = error === undefined ? 'Successful' : `Error: ${thrown(error).message}`;
    io.stdout.write(`\n${row(widths, [topic, status])}`);
  }
  print(io, '');
}

async function deleted(
  admin: Admin,
  options: CommandOptions,
  topics: readonly string[],
): Promise<Outcomes<string, undefined> | ClientError> {
  try {
    return await admin.deleteShareGroupOffsets(options.required(OPTIONS.group), topics, timeoutOf(options));
  } catch (error) {
    if (error instanceof ClientError) return error;
    throw error;
  }
}

function tellWhole(io: ToolIo, error: ClientError): void {
  if (WHOLE.has(error.code)) printGroupError(io, thrown(error).message);
  else if (!OF_TOPICS.has(error.code)) printGroupError(io, `Encounter some unknown error: ${thrownText(error)}`);
}
