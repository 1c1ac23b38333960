// `topic trim-prefix`: records below an offset are deleted for good.
import type { AskedOffset } from '../../../client/index.ts';
import { table } from '../../terminal/table.ts';
import type { CommandContext, Work } from '../command-frame.ts';
import { confirmed } from '../confirm.ts';
import { readGiven } from '../connection.ts';
import { Failure } from '../failure.ts';
import { offsetsAt } from '../offset-places.ts';
import { failureOf, isFailed } from '../outcome-rows.ts';
import { parsePointInTimeMs } from '../times.ts';
import { describedTopics } from './list.ts';

interface TrimOptions {
  readonly offset?: string;
  readonly partitions?: readonly number[];
  readonly fromFile?: string;
  readonly confirm: boolean;
}

interface Trim {
  readonly topic: string;
  readonly partition: number;
  readonly beforeOffset: number;
}

export const trimPrefix: Work<TrimOptions> = async (context, [topic], options) => {
  const trims = await trimsOf(context, topic, options);
  if (trims.length === 0) throw new Failure('there is nothing to trim');
  if (options.confirm) {
    const rows = trims.map((one) => [one.topic, one.partition, one.beforeOffset]);
    context.io.stderr.write(`${table(['topic', 'partition', 'new-start-offset'], rows)}\n`);
    if (!(await confirmed(context, 'Delete all records before these offsets?')))
      throw new Failure('nothing was deleted');
  }
  const admin = await context.admin();
  const deleted = await admin.deleteRecords(trims, context.call);
  const rows = deleted.map(({ topic: name, partition, result }) =>
    isFailed(result)
      ? { topic: name, partition, error: failureOf(result) }
      : { topic: name, partition, start_offset: result.lowWatermark },
  );
  context.output.list(rows, [
    { heading: 'topic', cell: (row) => row.topic },
    { heading: 'partition', cell: (row) => row.partition },
    { heading: 'new-start-offset', cell: (row) => row.start_offset },
    { heading: 'error', cell: (row) => row.error ?? '' },
  ]);
  return rows.some(({ error }) => error !== undefined) ? 1 : 0;
};

async function trimsOf(
  context: CommandContext,
  topic: string | undefined,
  options: TrimOptions,
): Promise<readonly Trim[]> {
  const { offset, partitions, fromFile } = options;
  if (fromFile !== undefined) {
    if (offset !== undefined || partitions !== undefined)
      throw new Failure('--from-file excludes --offset and --partitions');
    return fileTrims(new TextDecoder().decode(readGiven(context.io, fromFile, '--from-file')), topic);
  }
  if (topic === undefined) throw new Failure('name a topic, or give --from-file');
  if (offset === undefined) throw new Failure('--offset says up to where: an offset, end, or @TIME');
  const [described] = await describedTopics(context, [topic], { isRegex: false });
  const wanted = partitions ?? described?.partitions.map(({ partition }) => partition) ?? [];
  if (/^\d+$/.test(offset)) return wanted.map((partition) => ({ topic, partition, beforeOffset: Number(offset) }));
  const places = wanted.map((partition) => ({ topic, partition }));
  const found = await offsetsAt(context, places, specOf(context, offset));
  return found.map(({ offset: beforeOffset, ...place }) => ({ ...place, beforeOffset }));
}

function specOf({ io }: CommandContext, offset: string): AskedOffset['spec'] {
  if (offset === 'end') return 'latest';
  const ms = offset.startsWith('@') ? parsePointInTimeMs(offset.slice(1), io.runtime.clock.nowMs()) : undefined;
  if (ms === undefined) throw new Failure(`--offset ${offset} is neither an offset nor end nor @TIME`);
  return { timestamp: ms };
}

/** Lines `topic partition offset`, or, with the topic as argument, `partition offset`; or a JSON list of objects with these names. */
function fileTrims(text: string, topic: string | undefined): Trim[] {
  if (text.trimStart().startsWith('[')) {
    const rows = JSON.parse(text) as { topic?: string; partition: number; offset: number }[];
    return rows.map((row) => trimOf(row.topic ?? topic, row.partition, row.offset, JSON.stringify(row)));
  }
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  return lines.map((line) => {
    const fields = line.trim().split(/\s+/);
    const [partition, offset] = fields.slice(-2).map(Number);
    return trimOf(fields.length === 3 ? fields[0] : topic, partition, offset, line);
  });
}

function trimOf(topic: string | undefined, partition: unknown, offset: unknown, line: string): Trim {
  if (topic === undefined || !Number.isSafeInteger(partition) || !Number.isSafeInteger(offset)) {
    throw new Failure(`--from-file: ${JSON.stringify(line)} is not TOPIC PARTITION OFFSET`);
  }
  return { topic, partition: partition as number, beforeOffset: offset as number };
}
