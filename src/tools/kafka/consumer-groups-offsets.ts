// kafka-consumer-groups --reset-offsets and --delete-offsets.
import { type Admin, ClientError, type TopicPartition } from '../../client/index.ts';
import { type ErrorName, errorMessage, Errors } from '../../protocol/index.ts';
import { print, type ToolIo } from '../tool-io.ts';
import { timeoutOf } from './consumer-groups.ts';
import { OPTIONS, SCENARIOS } from './consumer-groups-options.ts';
import { printGroupError } from './group-errors.ts';
import { thrownText } from './java-error.ts';
import { hashOrderOfTexts, placeText } from './java-order.ts';
import {
  committedPlaces,
  type NewOffset,
  newOffsets,
  partitionsIn,
  placesOf,
  printNewOffsets,
  type ResetContext,
  type Scenario,
} from './offset-resets.ts';
import { type CommandOptions, listed } from './options/command-options.ts';
import { resetPlanText } from './reset-plan.ts';
import { row, widthOf } from './table-rows.ts';

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
  for (const id of hashOrderOfTexts(described.keys())) {
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
  const offsets = await newOffsets(context, scenarioOf(options), id, await placesToReset(context, options, id));
  if (offsets === undefined) {
    const scenarios = SCENARIOS.map(listed).join(', ');
    return options.usage(
      `Option '${listed(OPTIONS.resetOffsets)}' requires one of the following scenarios: [${scenarios}]`,
    );
  }
  const isDry = options.has(OPTIONS.dryRun) || !options.has(OPTIONS.execute);
  if (isDry || offsets.length === 0) return offsets;
  for (const { result } of await admin.alterConsumerGroupOffsets(id, offsets, { timeoutMs })) {
    if (result !== undefined) throw result;
  }
  return offsets;
}

function scenarioOf(options: CommandOptions): Scenario {
  return {
    toOffset: options.valueOf(OPTIONS.toOffset),
    toEarliest: options.has(OPTIONS.toEarliest),
    toLatest: options.has(OPTIONS.toLatest),
    toCurrent: options.has(OPTIONS.toCurrent),
    shiftBy: options.valueOf(OPTIONS.shiftBy),
    toDatetime: options.valueOf(OPTIONS.toDatetime),
    byDuration: options.valueOf(OPTIONS.byDuration),
    fromFile: options.valueOf(OPTIONS.fromFile),
  };
}

async function placesToReset(context: ResetContext, options: CommandOptions, id: string): Promise<TopicPartition[]> {
  if (options.has(OPTIONS.allTopics)) return committedPlaces(context, id);
  if (options.has(OPTIONS.topic)) return placesOf(context.admin, options.valuesOf(OPTIONS.topic), timeoutOf(options));
  if (options.has(OPTIONS.fromFile)) return [];
  return options.usage('One of the reset scopes should be defined: --all-topics, --topic.');
}

/** Codes of the request as a whole, told in Kafka's own words; of others: of partitions, or unknown. */
const WHOLE: ReadonlySet<ErrorName | undefined> = new Set<ErrorName>([
  'INVALID_GROUP_ID',
  'GROUP_ID_NOT_FOUND',
  'GROUP_AUTHORIZATION_FAILED',
  'NON_EMPTY_GROUP',
]);
const PARTIAL: ReadonlySet<ErrorName | undefined> = new Set<ErrorName>([
  'GROUP_SUBSCRIBED_TO_TOPIC',
  'TOPIC_AUTHORIZATION_FAILED',
  'UNKNOWN_TOPIC_OR_PARTITION',
]);

export async function deleteOffsets(io: ToolIo, admin: Admin, options: CommandOptions): Promise<void> {
  const group = options.required(OPTIONS.group);
  const topics = options.valuesOf(OPTIONS.topic);
  const how = timeoutOf(options);
  const named = topics.filter((topic) => topic.includes(':')).flatMap(partitionsIn);
  const described = await admin.describeTopics(
    topics.filter((topic) => !topic.includes(':')),
    how,
  );
  const statuses: { place: TopicPartition; error: unknown }[] = [];
  const places = [...named];
  for (const [topic, outcome] of described) {
    if (outcome instanceof ClientError) statuses.push({ place: { topic, partition: -1 }, error: outcome });
    else places.push(...outcome.partitions.map(({ partition }) => ({ topic, partition })));
  }
  const unique = [...new Map(places.map((place) => [placeText(place), place])).values()];
  let whole: unknown;
  try {
    const results = await admin.deleteConsumerGroupOffsets(group, unique, how);
    statuses.push(...results.map(({ topic, partition, result }) => ({ place: { topic, partition }, error: result })));
    whole = results.find(({ result }) => result !== undefined)?.result;
  } catch (error) {
    whole = error;
    statuses.push(...unique.map((place) => ({ place, error })));
  }
  tellWhole(io, group, whole);
  const widths = [
    widthOf(
      15,
      statuses.map(({ place }) => place.topic),
    ),
    10,
    15,
  ];
  io.stdout.write(`\n${row(widths, ['TOPIC', 'PARTITION', 'STATUS'])}`);
  const keyOf = ({ place: { topic, partition } }: { place: TopicPartition }): string => `${topic}${partition}`;
  for (const { place, error } of statuses.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))) {
    const status = error === undefined ? 'Successful' : `Error: ${thrownText(error)}`;
    io.stdout.write(`\n${row(widths, [place.topic, place.partition < 0 ? '-' : place.partition, status])}`);
  }
  print(io, '');
}

function tellWhole(io: ToolIo, group: string, error: unknown): void {
  if (error === undefined) return print(io, `Request succeeded for deleting offsets from group ${group}.`);
  const code = error instanceof ClientError ? error.code : undefined;
  if (code !== undefined && WHOLE.has(code)) return printGroupError(io, errorMessage(Errors[code]));
  if (PARTIAL.has(code)) {
    return printGroupError(io, 'Encountered some partition-level error, see the follow-up details.');
  }
  printGroupError(io, `Encountered some unknown error: ${code ?? 'UNKNOWN_SERVER_ERROR'}`);
}
