// Where to begin and to end in each partition of the topics: a range held against what the partitions hold now.
import type { AskedOffset } from '../../client/index.ts';
import type { CommandContext } from './command-frame.ts';
import type { ConsumeRange, RangeEnd, RangeStart } from './consume-range.ts';
import { Failure } from './failure.ts';
import { answered } from './outcome-rows.ts';
import type { PartitionBounds } from './records/record-printer.ts';

export interface ReadPlace {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Before which it ends; undefined: it does not. */
  readonly end: number | undefined;
  readonly bounds: PartitionBounds;
}

interface Place {
  readonly topic: string;
  readonly partition: number;
}

interface Wanted {
  readonly topics: readonly string[];
  /** undefined: all. */
  readonly partitions: readonly number[] | undefined;
  readonly range: ConsumeRange;
  readonly isCommitted: boolean;
}

/** Partitions that end before they begin are left out. Rejects with Failure, ClientError. */
export async function readPlaces(context: CommandContext, { topics, partitions, range, isCommitted }: Wanted) {
  const places = await partitionsOf(context, topics, partitions);
  const isolation = isCommitted ? 'read_committed' : 'read_uncommitted';
  const ask = async (spec: AskedOffset['spec'], how: 'read_committed' | 'read_uncommitted' = isolation) => {
    const admin = await context.admin();
    const found = await admin.listOffsets(
      places.map((place) => ({ ...place, spec })),
      { ...context.call, isolation: how },
    );
    return found.map(({ topic, partition, result }) => answered(result, `${topic}-${partition}`).offset);
  };
  const [first, last, high] = await Promise.all([ask('earliest'), ask('latest'), ask('latest', 'read_uncommitted')]);
  const starts = range.start.kind === 'time' ? await ask({ timestamp: range.start.ms }) : undefined;
  const ends = range.end.kind === 'time' ? await ask({ timestamp: range.end.ms }) : undefined;
  const found = places.map((place, index): ReadPlace => {
    const [begin = 0, limit = 0, highWatermark = 0] = [first[index], last[index], high[index]];
    const bounds = { logStartOffset: begin, lastStableOffset: limit, highWatermark };
    const offset = startOf(range.start, { begin, limit, timed: starts?.[index] });
    return { ...place, offset, end: endOf(range.end, limit, ends?.[index]), bounds };
  });
  return found.filter(({ offset, end }) => end === undefined || offset < end);
}

async function partitionsOf(
  context: CommandContext,
  topics: readonly string[],
  wanted: readonly number[] | undefined,
): Promise<Place[]> {
  const admin = await context.admin();
  const places: Place[] = [];
  for (const [topic, outcome] of await admin.describeTopics(topics, context.call)) {
    const ids = answered(outcome, topic).partitions.map(({ partition }) => partition);
    const missing = wanted?.find((id) => !ids.includes(id));
    if (missing !== undefined) throw new Failure(`${topic} has no partition ${missing}: it has ${ids.length}`);
    for (const partition of wanted ?? ids) places.push({ topic, partition });
  }
  return places;
}

interface Known {
  readonly begin: number;
  readonly limit: number;
  /** First record at or behind the time; -1: none. */
  readonly timed: number | undefined;
}

function startOf(start: RangeStart, { begin, limit, timed = -1 }: Known): number {
  switch (start.kind) {
    case 'start':
      return Math.min(begin + start.plus, limit);
    case 'end':
      return Math.max(limit - start.minus, begin);
    case 'at':
      return Math.max(start.offset, begin);
    case 'time':
      return timed < 0 ? limit : timed;
  }
}

/** Nothing is waited for that is not there yet: an end in the future is the end of now. */
function endOf(end: RangeEnd, limit: number, timed = -1): number | undefined {
  switch (end.kind) {
    case 'never':
      return undefined;
    case 'end':
      return limit;
    case 'at':
      return Math.min(end.offset, limit);
    case 'time':
      return timed < 0 ? limit : Math.min(timed, limit);
  }
}
