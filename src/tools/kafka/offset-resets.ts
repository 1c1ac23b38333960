// Which offsets a group is to be set to, as --reset-offsets of several tools finds them (org.apache.kafka.tools.OffsetsUtils).
import {
  type Admin,
  allOf,
  ClientError,
  type OffsetSpec,
  type OutcomeFor,
  type TopicPartition,
  valueOf,
} from '../../client/index.ts';
import type { ErrorName } from '../../protocol/index.ts';
import { print, type ToolIo } from '../tool-io.ts';
import { readText } from './client-config.ts';
import { printGroupError } from './group-errors.ts';
import { exceptionClass, illegalArgument, JavaError, thrown, thrownText } from './java-error.ts';
import { hashOrderOfPlaces, placeText } from './java-order.ts';
import type { CommandOptions } from './options/command-options.ts';
import type { Option } from './options/option.ts';
import { resetPlanIn } from './reset-plan.ts';
import { row, widthOf } from './table-rows.ts';
import { durationMs, timestampMs } from './time-arguments.ts';

export interface NewOffset extends TopicPartition {
  readonly offset: number;
}

/** What the command line asks for; one of them is set. */
export interface Scenario {
  readonly toOffset?: number | undefined;
  readonly toEarliest?: boolean;
  readonly toLatest?: boolean;
  readonly toCurrent?: boolean;
  readonly shiftBy?: number | undefined;
  readonly toDatetime?: string | undefined;
  readonly byDuration?: string | undefined;
  readonly fromFile?: string | undefined;
}

/** The options of a command that has them all. */
export interface ScenarioOptions {
  readonly toOffset: Option<number>;
  readonly toEarliest: Option;
  readonly toLatest: Option;
  readonly toCurrent: Option;
  readonly shiftBy: Option<number>;
  readonly toDatetime: Option<string>;
  readonly byDuration: Option<string>;
  readonly fromFile: Option<string>;
}

/** What is given of them. Throws what the tool prints for a value that is none. */
export function scenarioOf(options: CommandOptions, named: ScenarioOptions): Scenario {
  return {
    toOffset: options.valueOf(named.toOffset),
    toEarliest: options.has(named.toEarliest),
    toLatest: options.has(named.toLatest),
    toCurrent: options.has(named.toCurrent),
    shiftBy: options.valueOf(named.shiftBy),
    toDatetime: options.valueOf(named.toDatetime),
    byDuration: options.valueOf(named.byDuration),
    fromFile: options.valueOf(named.fromFile),
  };
}

export interface ResetContext {
  readonly io: ToolIo;
  readonly admin: Admin;
  readonly timeoutMs: number;
  /** All that were named on the command line. */
  readonly groups: readonly string[];
}

type Ends = ReadonlyMap<string, number>;

/** undefined: no scenario is asked for. Throws JavaError, ClientError. */
export async function newOffsets(
  context: ResetContext,
  scenario: Scenario,
  groupId: string,
  places: readonly TopicPartition[],
): Promise<NewOffset[] | undefined> {
  const { io } = context;
  if (scenario.fromFile === undefined) await checkPlaces(context, places);
  const at = async (spec: OffsetSpec): Promise<NewOffset[]> => placed(places, await offsetsAt(context, places, spec));
  if (scenario.toOffset !== undefined) {
    return withinLog(
      context,
      places.map((place) => ({ ...place, offset: scenario.toOffset as number })),
    );
  }
  if (scenario.toEarliest === true) return at('earliest');
  if (scenario.toLatest === true) return at('latest');
  if (scenario.shiftBy !== undefined) return shifted(context, groupId, places, scenario.shiftBy);
  if (scenario.toDatetime !== undefined) return atTime(context, places, timestampMs(scenario.toDatetime));
  if (scenario.byDuration !== undefined) {
    return atTime(context, places, io.runtime.clock.nowMs() - durationMs(scenario.byDuration));
  }
  if (scenario.fromFile !== undefined) return fromFile(context, groupId, scenario.fromFile);
  return scenario.toCurrent === true ? current(context, groupId, places) : undefined;
}

function placed(places: readonly TopicPartition[], offsets: Ends): NewOffset[] {
  return places.map((place) => ({ ...place, offset: offsets.get(placeText(place)) as number }));
}

/** Throws JavaError for partitions that are not there, or that nobody leads. */
export async function checkPlaces(
  { admin, timeoutMs }: ResetContext,
  places: readonly TopicPartition[],
): Promise<void> {
  const topics = [...new Set(places.map(({ topic }) => topic))];
  const described = allOf(await admin.describeTopics(topics, { timeoutMs }));
  const partitionOf = ({ topic, partition }: TopicPartition) =>
    described.get(topic)?.partitions.find((one) => one.partition === partition);
  const refuse = (wrong: readonly TopicPartition[], code: ErrorName, why: string): void => {
    const message = `The partitions "${wrong.map(placeText).join(',')}" ${why}`;
    if (wrong.length > 0) throw new JavaError(exceptionClass(code), message);
  };
  refuse(
    places.filter((place) => partitionOf(place) === undefined),
    'UNKNOWN_TOPIC_OR_PARTITION',
    'do not exist',
  );
  refuse(
    places.filter((place) => partitionOf(place)?.leader === undefined),
    'LEADER_NOT_AVAILABLE',
    'have no leader',
  );
}

async function offsetsAt(
  { admin, timeoutMs }: ResetContext,
  places: readonly TopicPartition[],
  spec: OffsetSpec,
): Promise<Ends> {
  const asked = places.map(({ topic, partition }) => ({ topic, partition, spec }));
  const found = await admin.listOffsets(asked, { timeoutMs });
  return new Map(found.map((one) => [placeText(one), valueOf(one.result).offset]));
}

async function withinLog(context: ResetContext, wanted: readonly NewOffset[]): Promise<NewOffset[]> {
  const starts = await offsetsAt(context, wanted, 'earliest');
  const ends = await offsetsAt(context, wanted, 'latest');
  return wanted.map((one) => {
    const start = starts.get(placeText(one)) as number;
    const end = ends.get(placeText(one)) as number;
    return { ...one, offset: Math.max(start, Math.min(end, one.offset)) };
  });
}

async function committedOf(
  { admin, timeoutMs }: ResetContext,
  groupId: string,
): Promise<ReadonlyMap<string, NewOffset>> {
  const [offsets = []] = [...allOf(await admin.listConsumerGroupOffsets([groupId], { timeoutMs })).values()];
  return new Map(
    offsets.flatMap(({ topic, partition, result }): [string, NewOffset][] => {
      const own = valueOf(result);
      return own === null ? [] : [[placeText({ topic, partition }), { topic, partition, offset: Number(own.offset) }]];
    }),
  );
}

/** Where the group has committed something. */
export async function committedPlaces(context: ResetContext, groupId: string): Promise<TopicPartition[]> {
  const committed = await committedOf(context, groupId);
  return [...committed.values()].map(({ topic, partition }) => ({ topic, partition }));
}

async function shifted(
  context: ResetContext,
  groupId: string,
  places: readonly TopicPartition[],
  shiftBy: number,
): Promise<NewOffset[]> {
  const committed = await committedOf(context, groupId);
  const wanted = places.map((place) => {
    const own = committed.get(placeText(place));
    if (own !== undefined) return { ...own, offset: own.offset + shiftBy };
    throw illegalArgument(
      `Cannot shift offset for partition ${placeText(place)} since there is no current committed offset`,
    );
  });
  return withinLog(context, wanted);
}

async function atTime(
  context: ResetContext,
  places: readonly TopicPartition[],
  timestamp: number,
): Promise<NewOffset[]> {
  const found = await offsetsAt(context, places, { timestamp });
  const missing = hashOrderOfPlaces(places.filter((place) => (found.get(placeText(place)) ?? -1) < 0));
  for (const { topic, partition } of missing) {
    print(
      context.io,
      `\nWarn: Partition ${partition} from topic ${topic} is empty. Falling back to latest known offset.`,
    );
  }
  const ends = await offsetsAt(context, missing, 'latest');
  return placed(places, new Map([...found, ...ends]));
}

function planText(io: ToolIo, path: string): string {
  try {
    return readText(io, path);
  } catch (error) {
    throw new JavaError('java.lang.RuntimeException', thrownText(error));
  }
}

async function fromFile(context: ResetContext, groupId: string, path: string): Promise<NewOffset[]> {
  const plan = resetPlanIn(planText(context.io, path), context.groups).get(groupId);
  if (plan !== undefined) return withinLog(context, plan);
  printGroupError(context.io, `No reset plan for group ${groupId} found`);
  return [];
}

async function current(
  context: ResetContext,
  groupId: string,
  places: readonly TopicPartition[],
): Promise<NewOffset[]> {
  const committed = await committedOf(context, groupId);
  const others = places.filter((place) => !committed.has(placeText(place)));
  const ends = placed(others, await offsetsAt(context, others, 'latest'));
  const known = places.flatMap((place) => committed.get(placeText(place)) ?? []);
  return [...known, ...ends];
}

/** Throws JavaError that names the partitions whose offsets could not be set, as the result of Kafka's client does. */
export async function altered(
  places: readonly TopicPartition[],
  alter: () => Promise<readonly OutcomeFor<TopicPartition, undefined>[]>,
): Promise<void> {
  let failed: readonly TopicPartition[] = places;
  let error: ClientError | undefined;
  try {
    const results = await alter();
    failed = results.filter(({ result }) => result instanceof ClientError);
    error = results.map(({ result }) => result).find((result) => result !== undefined);
  } catch (thrownError) {
    if (!(thrownError instanceof ClientError)) throw thrownError;
    error = thrownError;
  }
  if (error === undefined) return;
  const texts = hashOrderOfPlaces(failed).map(placeText).join(', ');
  const message = `Failed altering group offsets for the following partitions: [${texts}]`;
  throw new JavaError(thrown(error).className, message);
}

/** `topic` or `topic:0,1`. Throws JavaError, ClientError. */
export async function placesOf(
  admin: Admin,
  args: readonly string[],
  how: { readonly timeoutMs: number },
): Promise<TopicPartition[]> {
  const named = args.filter((arg) => arg.includes(':')).flatMap(partitionsIn);
  const topics = args.filter((arg) => !arg.includes(':'));
  if (topics.length === 0) return named;
  const described = await describedTopics(admin, topics, how);
  const others = [...described].flatMap(([topic, { partitions }]) =>
    partitions.map(({ partition }) => ({ topic, partition })),
  );
  return [...named, ...others];
}

/** Throws JavaError for topics that are not there. */
async function describedTopics(admin: Admin, topics: readonly string[], how: { readonly timeoutMs: number }) {
  try {
    return allOf(await admin.describeTopics(topics, how));
  } catch (error) {
    const { className, message } = thrown(error);
    throw new JavaError(className, message);
  }
}

/** Throws JavaError. */
export function partitionsIn(arg: string): TopicPartition[] {
  const parts = arg.split(':');
  while (parts.at(-1) === '') parts.pop();
  const [topic = '', partitions = ''] = parts;
  if (parts.length !== 2) throw illegalArgument(`Invalid topic arg '${arg}', expected topic name and partitions`);
  return partitions.split(',').map((text) => {
    if (/^[-+]?\d+$/.test(text)) return { topic, partition: Number(text) };
    throw illegalArgument(`Invalid partition '${text}' specified in topic arg '${arg}''`);
  });
}

export function printNewOffsets(io: ToolIo, resets: ReadonlyMap<string, readonly NewOffset[]>): void {
  const all = [...resets].flatMap(([group, offsets]) => hashOrderOfPlaces(offsets).map((one) => ({ group, ...one })));
  const topics = all.map(({ topic }) => topic);
  const widths = [widthOf(15, resets.keys()), widthOf(15, topics), 10, undefined];
  if (resets.size > 0) io.stdout.write(`\n${row(widths, ['GROUP', 'TOPIC', 'PARTITION', 'NEW-OFFSET'])}`);
  for (const { group, topic, partition, offset } of all) {
    io.stdout.write(`\n${row(widths, [group, topic, partition, offset])}`);
  }
  print(io, '');
}
