// `group seek`: a group without members is put somewhere else: to the start, the end, a time, where another group is, or what a file says.
import type { AskedOffset } from '../../../client/index.ts';
import type { CommandContext, Work } from '../command-frame.ts';
import { readGiven } from '../connection.ts';
import { Failure } from '../failure.ts';
import { failureOf, isFailed } from '../outcome-rows.ts';
import type { Column } from '../output.ts';
import { parsePointInTimeMs } from '../times.ts';

interface SeekOptions {
  readonly to?: string;
  readonly toGroup?: string;
  readonly toFile?: string;
  readonly topics?: readonly string[];
  readonly allowNewTopics?: boolean;
  readonly dry?: boolean;
}

interface Place {
  readonly topic: string;
  readonly partition: number;
}

interface Commit extends Place {
  readonly offset: number;
}

export const seekGroup: Work<SeekOptions> = async (context, [group = ''], options) => {
  const given = [options.to, options.toGroup, options.toFile].filter((one) => one !== undefined);
  if (given.length !== 1) throw new Failure('say where with one of --to, --to-group, --to-file');
  const before = await committedBy(context, group);
  const wanted = await wantedOffsets(context, before, options);
  if (wanted.length === 0)
    throw new Failure(`${group} has committed nothing there: name topics with --topics and --allow-new-topics`);
  const failures = options.dry === true ? new Map<string, string>() : await commit(context, group, wanted);
  const rows = wanted.map(({ topic, partition, offset }) => ({
    topic,
    partition,
    prior_offset: before.find((one) => one.topic === topic && one.partition === partition)?.offset ?? -1,
    current_offset: offset,
    ...(failures.has(`${topic}-${partition}`) && { error: failures.get(`${topic}-${partition}`) }),
  }));
  context.output.list(rows, columnsOf(failures.size > 0));
  return failures.size > 0 ? 1 : 0;
};

interface SeekRow {
  readonly topic: string;
  readonly partition: number;
  readonly prior_offset: number;
  readonly current_offset: number;
  readonly error?: string | undefined;
}

function columnsOf(hasErrors: boolean): Column<SeekRow>[] {
  return [
    { heading: 'topic', cell: (row) => row.topic },
    { heading: 'partition', cell: (row) => row.partition },
    { heading: 'prior-offset', cell: (row) => row.prior_offset },
    { heading: 'current-offset', cell: (row) => row.current_offset },
    ...(hasErrors ? [{ heading: 'error', cell: (row: SeekRow) => row.error ?? '' }] : []),
  ];
}

async function committedBy(context: CommandContext, group: string): Promise<Commit[]> {
  const admin = await context.admin();
  const found = (await admin.listConsumerGroupOffsets([group], context.call)).get(group);
  if (found === undefined) return [];
  if (isFailed(found)) {
    if (found.code === 'GROUP_ID_NOT_FOUND') return [];
    throw new Failure(`${group}: ${failureOf(found)}`);
  }
  return found.flatMap(({ topic, partition, result }) =>
    result === null || isFailed(result) ? [] : [{ topic, partition, offset: Number(result.offset) }],
  );
}

async function wantedOffsets(
  context: CommandContext,
  before: readonly Commit[],
  options: SeekOptions,
): Promise<Commit[]> {
  const { to, toGroup, toFile, topics } = options;
  const isChosen = ({ topic }: Place): boolean => topics === undefined || topics.includes(topic);
  if (toFile !== undefined)
    return offsetsOfFile(new TextDecoder().decode(readGiven(context.io, toFile, '--to-file'))).filter(isChosen);
  if (toGroup !== undefined) return (await committedBy(context, toGroup)).filter(isChosen);
  const spec = specOf(context, to ?? '');
  const places: Place[] = before.filter(isChosen);
  const fresh = (topics ?? []).filter((topic) => !before.some((one) => one.topic === topic));
  if (fresh.length > 0 && options.allowNewTopics !== true) {
    throw new Failure(
      `the group has committed nothing of ${fresh.join(', ')}: --allow-new-topics commits it all the same`,
    );
  }
  return listedOffsets(context, [...places, ...(await partitionsOf(context, fresh))], spec);
}

async function partitionsOf(context: CommandContext, topics: readonly string[]): Promise<Place[]> {
  if (topics.length === 0) return [];
  const admin = await context.admin();
  const places: Place[] = [];
  for (const [topic, outcome] of await admin.describeTopics(topics, context.call)) {
    if (isFailed(outcome)) throw new Failure(`${topic}: ${failureOf(outcome)}`);
    places.push(...outcome.partitions.map(({ partition }) => ({ topic, partition })));
  }
  return places;
}

function specOf({ io }: CommandContext, to: string): AskedOffset['spec'] {
  if (to === 'start') return 'earliest';
  if (to === 'end') return 'latest';
  const ms = parsePointInTimeMs(to.replace(/^@/, ''), io.runtime.clock.nowMs());
  if (ms === undefined) throw new Failure(`--to ${to} is none of start, end and a time (1622505600, 2026-11-29, -1h)`);
  return { timestamp: ms };
}

/** Where there is nothing as late as the time it is the end. */
async function listedOffsets(
  context: CommandContext,
  places: readonly Place[],
  spec: AskedOffset['spec'],
): Promise<Commit[]> {
  if (places.length === 0) return [];
  const admin = await context.admin();
  const ask = (what: AskedOffset['spec']) =>
    admin.listOffsets(
      places.map(({ topic, partition }) => ({ topic, partition, spec: what })),
      context.call,
    );
  const [found, ends] = [await ask(spec), await ask('latest')];
  return found.map(({ topic, partition, result }, index) => {
    const end = ends[index]?.result;
    if (isFailed(result)) throw new Failure(`${topic}-${partition}: ${failureOf(result)}`);
    if (end === undefined || isFailed(end)) throw new Failure(`${topic}-${partition}: its end is not known`);
    return { topic, partition, offset: result.offset < 0 ? end.offset : result.offset };
  });
}

function offsetsOfFile(text: string): Commit[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  return lines.map((line) => {
    const [topic = '', partition = '', offset = '', ...more] = line.trim().split(/\s+/);
    if (!/^\d+$/.test(partition) || !/^\d+$/.test(offset) || more.length > 0) {
      throw new Failure(`--to-file: ${JSON.stringify(line)} is not TOPIC PARTITION OFFSET`);
    }
    return { topic, partition: Number(partition), offset: Number(offset) };
  });
}

/** What went wrong, by place. */
async function commit(
  context: CommandContext,
  group: string,
  offsets: readonly Commit[],
): Promise<Map<string, string>> {
  const admin = await context.admin();
  const failures = new Map<string, string>();
  for (const { topic, partition, result } of await admin.alterConsumerGroupOffsets(group, offsets, context.call)) {
    if (!isFailed(result)) continue;
    const isBusy = result.code === 'UNKNOWN_MEMBER_ID';
    failures.set(`${topic}-${partition}`, isBusy ? 'the group has members: stop them first' : failureOf(result));
  }
  return failures;
}
