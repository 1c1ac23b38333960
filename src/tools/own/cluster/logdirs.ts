// `cluster logdirs`: how large what is where.
import type { CommandContext, Work } from '../command-frame.ts';
import { Failure } from '../failure.ts';
import { failureOf, isFailed } from '../outcome-rows.ts';
import type { Column } from '../output.ts';
import { shownBytes } from '../../terminal/duration.ts';

const LEVELS = ['broker', 'dir', 'topic', 'partition'] as const;

interface LogDirOptions {
  readonly broker?: number;
  readonly topics?: readonly string[];
  readonly aggregateInto: (typeof LEVELS)[number];
  readonly sortBySize?: boolean;
  readonly humanReadable?: boolean;
}

interface SizeRow {
  readonly broker: number;
  readonly dir?: string;
  readonly topic?: string;
  readonly partition?: number;
  size: number;
  error?: string;
}

export const describeLogDirs: Work<LogDirOptions> = async (context, _, options) => {
  const rows = aggregated(await sizes(context, options), options.aggregateInto);
  if (options.sortBySize === true) rows.sort((a, b) => b.size - a.size);
  const depth = LEVELS.indexOf(options.aggregateInto);
  const columns: Column<SizeRow>[] = [
    { heading: 'broker', cell: ({ broker }) => broker },
    ...(depth >= 1 ? [{ heading: 'dir', cell: ({ dir }: SizeRow) => dir }] : []),
    ...(depth >= 2 ? [{ heading: 'topic', cell: ({ topic }: SizeRow) => topic }] : []),
    ...(depth >= 3 ? [{ heading: 'partition', cell: ({ partition }: SizeRow) => partition }] : []),
    { heading: 'size', cell: ({ size }) => (options.humanReadable === true ? shownBytes(size) : size) },
    { heading: 'error', cell: ({ error }) => error ?? '' },
  ];
  context.output.list(rows, columns);
  return rows.some(({ error }) => error !== undefined) ? 1 : 0;
};

async function sizes(context: CommandContext, { broker, topics }: LogDirOptions): Promise<SizeRow[]> {
  const admin = await context.admin();
  const { nodes } = await admin.describeCluster(context.call);
  const ids = nodes.map(({ id }) => id).filter((id) => broker === undefined || id === broker);
  if (ids.length === 0)
    throw new Failure(`there is no broker ${broker}: there are ${nodes.map(({ id }) => id).join(', ')}`);
  const rows: SizeRow[] = [];
  for (const [id, outcome] of await admin.describeLogDirs(
    ids.sort((a, b) => a - b),
    context.call,
  )) {
    if (isFailed(outcome)) {
      rows.push({ broker: id, size: 0, error: failureOf(outcome) });
      continue;
    }
    for (const [dir, { error, replicas }] of outcome) {
      if (error !== undefined) rows.push({ broker: id, dir, size: 0, error: failureOf(error) });
      for (const { topic, partition, sizeBytes } of replicas) {
        if (topics === undefined || topics.includes(topic))
          rows.push({ broker: id, dir, topic, partition, size: sizeBytes });
      }
    }
  }
  return rows;
}

/** Sums of the rows that are the same up to this level, in order. */
function aggregated(rows: readonly SizeRow[], level: (typeof LEVELS)[number]): SizeRow[] {
  const depth = LEVELS.indexOf(level);
  const sums = new Map<string, SizeRow>();
  for (const { broker, dir, topic, partition, size, error } of rows) {
    const row: SizeRow = {
      broker,
      ...(depth >= 1 && dir !== undefined && { dir }),
      ...(depth >= 2 && topic !== undefined && { topic }),
      ...(depth >= 3 && partition !== undefined && { partition }),
      size,
      ...(error !== undefined && { error }),
    };
    const key = JSON.stringify([row.broker, row.dir, row.topic, row.partition, row.error]);
    const known = sums.get(key);
    if (known === undefined) sums.set(key, row);
    else known.size += size;
  }
  return [...sums.values()].sort(byPlace);
}

function byPlace(a: SizeRow, b: SizeRow): number {
  if (a.broker !== b.broker) return a.broker - b.broker;
  for (const key of ['dir', 'topic'] as const) {
    const [one = '', other = ''] = [a[key], b[key]];
    if (one !== other) return one < other ? -1 : 1;
  }
  return (a.partition ?? -1) - (b.partition ?? -1);
}
