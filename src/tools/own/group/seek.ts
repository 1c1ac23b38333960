// `group seek`: a group without members is put somewhere else: to the start, the end, a time, where another group is, or what a file says.
import type { CommandContext, Work } from '../command-frame.ts';
import { readGiven } from '../connection.ts';
import { Failure } from '../failure.ts';
import { failureOf, isFailed } from '../outcome-rows.ts';
import { type OffsetPlace, offsetsAt, partitionsOf, type Place, specOf } from '../offset-places.ts';
import type { Column } from '../output.ts';

interface SeekOptions {
  readonly to?: string;
  readonly toGroup?: string;
  readonly toFile?: string;
  readonly topics?: readonly string[];
  readonly allowNewTopics?: boolean;
  readonly dry?: boolean;
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

async function committedBy(context: CommandContext, group: string): Promise<OffsetPlace[]> {
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
  before: readonly OffsetPlace[],
  options: SeekOptions,
): Promise<OffsetPlace[]> {
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
  return offsetsAt(context, [...places, ...(await partitionsOf(context, fresh))], spec);
}

function offsetsOfFile(text: string): OffsetPlace[] {
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
  offsets: readonly OffsetPlace[],
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
