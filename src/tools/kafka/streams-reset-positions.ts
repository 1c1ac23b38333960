// kafka-streams-application-reset: where the application reads its topics from when it starts again.
import { type Admin, allOf, type OffsetSpec, type TopicPartition, valueOf } from '../../client/index.ts';
import { complain, print, type ToolIo } from '../tool-io.ts';
import { readText } from './client-config.ts';
import { JavaError, thrown } from './java-error.ts';
import { hashOrderOfPlaces, hashOrderOfTexts, placeText } from './java-order.ts';
import type { NewOffset } from './offset-resets.ts';
import type { CommandOptions } from './options/command-options.ts';
import { OPTIONS } from './streams-reset-options.ts';
import { durationMs, timestampMs } from './time-arguments.ts';

interface Resetting {
  readonly io: ToolIo;
  readonly admin: Admin;
  readonly options: CommandOptions;
  readonly groupId: string;
}

/** The exit code: 1 when topics are missing. Throws ClientError, JavaError. */
export async function resetPositions(
  io: ToolIo,
  admin: Admin,
  options: CommandOptions,
  topics: ReadonlySet<string>,
): Promise<number> {
  if (options.has(OPTIONS.intermediateTopics)) {
    print(io, 'WARN: `--intermediate-topics` is deprecated and will be removed in a future release');
  }
  const inputs = options.valuesOf(OPTIONS.inputTopics);
  const intermediates = options.valuesOf(OPTIONS.intermediateTopics);
  if (inputs.length === 0 && intermediates.length === 0) {
    print(io, 'No input or intermediate topics specified. Skipping seek.');
    return 0;
  }
  if (inputs.length > 0) print(io, `Reset-offsets for input topics [${inputs.join(', ')}]`);
  if (intermediates.length > 0) print(io, `Seek-to-end for intermediate topics [${intermediates.join(', ')}]`);
  const missing = [...inputs, ...intermediates].filter((topic) => !topics.has(topic));
  tellMissing(
    io,
    'input',
    'Topic: ',
    inputs.filter((topic) => !topics.has(topic)),
  );
  tellMissing(
    io,
    'intermediate',
    'Topic:',
    intermediates.filter((topic) => !topics.has(topic)),
  );
  const code = missing.length > 0 ? 1 : 0;
  const known = hashOrderOfTexts(new Set([...inputs, ...intermediates].filter((topic) => topics.has(topic))));
  if (known.length === 0) return code;
  const resetting = { io, admin, options, groupId: options.required(OPTIONS.applicationId) };
  try {
    await resetKnown(resetting, known, inputs);
  } catch (error) {
    if (isOfFile(error)) complain(io, 'ERROR: Resetting offsets failed.');
    throw error;
  }
  print(io, 'Done.');
  return code;
}

/** Whether Java's exception is one that says that it comes from input. */
const isOfFile = (error: unknown): boolean =>
  error instanceof Error && ['java.io.IOException', 'java.text.ParseException'].includes(error.name);

function tellMissing(io: ToolIo, kind: string, label: string, topics: readonly string[]): void {
  if (topics.length === 0) return;
  print(io, `Following ${kind} topics are not found, skipping them`);
  for (const topic of topics) print(io, `${label}${topic}`);
}

async function resetKnown(resetting: Resetting, topics: readonly string[], inputs: readonly string[]): Promise<void> {
  const { io, admin, options, groupId } = resetting;
  const described = allOf(await admin.describeTopics(topics));
  const places = [...described].flatMap(([topic, { partitions }]) =>
    partitions.map(({ partition }) => ({ topic, partition })),
  );
  const ofInputs = hashOrderOfPlaces(places.filter(({ topic }) => inputs.includes(topic)));
  const others = hashOrderOfPlaces(places.filter(({ topic }) => !inputs.includes(topic)));
  const offsets: NewOffset[] = [];
  if (ofInputs.length > 0) {
    print(io, `Following input topics offsets will be reset to (for consumer group ${groupId})`);
    const moved = await newPositions(resetting, ofInputs);
    for (const { topic, partition, offset } of moved) {
      print(io, `Topic: ${topic} Partition: ${partition} Offset: ${offset}`);
    }
    offsets.push(...moved);
  }
  if (others.length > 0) {
    print(io, `Following intermediate topics offsets will be reset to end (for consumer group ${groupId})`);
    for (const { topic } of others) print(io, `Topic: ${topic}`);
    offsets.push(...(await offsetsAt(admin, others, 'latest')));
  }
  if (options.has(OPTIONS.dryRun)) return;
  for (const { result } of await admin.alterConsumerGroupOffsets(groupId, offsets)) valueOf(result);
}

async function offsetsAt(admin: Admin, places: readonly TopicPartition[], spec: OffsetSpec): Promise<NewOffset[]> {
  const found = await admin.listOffsets(places.map(({ topic, partition }) => ({ topic, partition, spec })));
  return found.map(({ topic, partition, result }) => ({ topic, partition, offset: valueOf(result).offset }));
}

async function newPositions(resetting: Resetting, places: readonly TopicPartition[]): Promise<NewOffset[]> {
  const { io, admin, options } = resetting;
  const [toOffset, shiftBy] = [options.valueOf(OPTIONS.toOffset), options.valueOf(OPTIONS.shiftBy)];
  const toDatetime = options.valueOf(OPTIONS.toDatetime);
  const byDuration = options.valueOf(OPTIONS.byDuration);
  const file = options.valueOf(OPTIONS.fromFile);
  if (toOffset !== undefined) {
    return withinLog(
      resetting,
      places.map((place) => ({ ...place, offset: toOffset })),
    );
  }
  if (options.has(OPTIONS.toLatest)) return offsetsAt(admin, places, 'latest');
  if (shiftBy !== undefined) {
    const now = await positions(resetting, places);
    return withinLog(
      resetting,
      now.map((place) => ({ ...place, offset: place.offset + shiftBy })),
    );
  }
  if (toDatetime !== undefined) return atTime(resetting, places, parsedTime(toDatetime));
  if (byDuration !== undefined) return atTime(resetting, places, io.runtime.clock.nowMs() - durationMs(byDuration));
  if (file !== undefined) return fromFile(resetting, places, file);
  return offsetsAt(admin, places, 'earliest');
}

/** As they are now: the committed ones, or the ends. */
async function positions({ admin, groupId }: Resetting, places: readonly TopicPartition[]): Promise<NewOffset[]> {
  const [committed = []] = [...allOf(await admin.listConsumerGroupOffsets([groupId])).values()];
  const known = new Map(committed.map((one) => [placeText(one), valueOf(one.result)]));
  const ends = await offsetsAt(admin, places, 'latest');
  return ends.map((end) => ({ ...end, offset: Number(known.get(placeText(end))?.offset ?? end.offset) }));
}

async function withinLog({ io, admin }: Resetting, wanted: readonly NewOffset[]): Promise<NewOffset[]> {
  const byPlace = (list: readonly NewOffset[]) => new Map(list.map((one) => [placeText(one), one.offset]));
  const starts = byPlace(await offsetsAt(admin, wanted, 'earliest'));
  const ends = byPlace(await offsetsAt(admin, wanted, 'latest'));
  return wanted.map((one) => {
    const start = starts.get(placeText(one)) as number;
    const end = ends.get(placeText(one)) as number;
    if (one.offset >= end) {
      print(io, `New offset (${one.offset}) is higher than latest offset. Value will be set to ${end}`);
    } else if (one.offset <= start) {
      print(io, `New offset (${one.offset}) is lower than earliest offset. Value will be set to ${start}`);
    }
    return { ...one, offset: Math.max(start, Math.min(end, one.offset)) };
  });
}

async function atTime(
  { io, admin }: Resetting,
  places: readonly TopicPartition[],
  timestamp: number,
): Promise<NewOffset[]> {
  const found = await offsetsAt(admin, places, { timestamp });
  const missing = found.filter(({ offset }) => offset < 0);
  for (const { topic, partition } of missing) {
    print(
      io,
      `Partition ${partition} from topic ${topic} is empty, without a committed record. Falling back to latest known offset.`,
    );
  }
  const ends = new Map((await offsetsAt(admin, missing, 'latest')).map((one) => [placeText(one), one]));
  return found.map((one) => ends.get(placeText(one)) ?? one);
}

/** Throws JavaError: what other tools wrap comes bare. */
function parsedTime(text: string): number {
  try {
    return timestampMs(text);
  } catch (error) {
    const [, className = '', message = ''] = /^([\w.]+): (.*)$/s.exec(thrown(error).message) ?? [];
    throw new JavaError(className, message);
  }
}

/** It has to name all partitions. */
async function fromFile(resetting: Resetting, places: readonly TopicPartition[], path: string): Promise<NewOffset[]> {
  const text = readText(resetting.io, path);
  if (text === '') throw new JavaError('java.text.ParseException', 'Error parsing reset plan CSV file. It is empty,');
  const planned = text
    .split('\n')
    .filter((line) => line !== '')
    .map(plannedIn);
  const byPlace = new Map(planned.map((one) => [placeText(one), one]));
  return withinLog(
    resetting,
    places.map((place) => {
      const one = byPlace.get(placeText(place));
      if (one === undefined) throw new JavaError('java.lang.NullPointerException', NO_OFFSET);
      return one;
    }),
  );
}

/** As the original puts it. */
const NO_OFFSET =
  'Cannot invoke "java.lang.Long.longValue()" because the return value of "java.util.Map.get(Object)" is null';

function plannedIn(line: string): NewOffset {
  const [topic = '', partition = '', offset = '', ...more] = line.split(',');
  if (more.length > 0 || !/^\d+$/.test(partition) || !/^\d+$/.test(offset)) {
    throw new JavaError(
      'java.text.ParseException',
      'Reset plan CSV file is not following the format `TOPIC,PARTITION,OFFSET`.',
    );
  }
  return { topic, partition: Number(partition), offset: Number(offset) };
}
