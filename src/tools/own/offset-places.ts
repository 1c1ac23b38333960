// Partitions of topics, and the offset in each that a place in words means: start, end, a time.
import type { AskedOffset } from '../../client/index.ts';
import type { CommandContext } from './command-frame.ts';
import { Failure } from './failure.ts';
import { answered, isFailed } from './outcome-rows.ts';
import { parsePointInTimeMs } from './times.ts';

export interface Place {
  readonly topic: string;
  readonly partition: number;
}

export interface OffsetPlace extends Place {
  readonly offset: number;
}

/** All partitions. Rejects with Failure for a topic that cannot be described. */
export async function partitionsOf(context: CommandContext, topics: readonly string[]): Promise<Place[]> {
  if (topics.length === 0) return [];
  const admin = await context.admin();
  const places: Place[] = [];
  for (const [topic, outcome] of await admin.describeTopics(topics, context.call)) {
    places.push(...answered(outcome, topic).partitions.map(({ partition }) => ({ topic, partition })));
  }
  return places;
}

/** Of `--to`. Throws Failure. */
export function specOf({ io }: CommandContext, to: string): AskedOffset['spec'] {
  if (to === 'start') return 'earliest';
  if (to === 'end') return 'latest';
  const ms = parsePointInTimeMs(to.replace(/^@/, ''), io.runtime.clock.nowMs());
  if (ms === undefined) throw new Failure(`--to ${to} is none of start, end and a time (1622505600, 2026-11-29, -1h)`);
  return { timestamp: ms };
}

/** Where there is nothing as late as the time it is the end. Rejects with Failure, ClientError. */
export async function offsetsAt(
  context: CommandContext,
  places: readonly Place[],
  spec: AskedOffset['spec'],
): Promise<OffsetPlace[]> {
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
    const { offset } = answered(result, `${topic}-${partition}`);
    if (end === undefined || isFailed(end)) throw new Failure(`${topic}-${partition}: its end is not known`);
    return { topic, partition, offset: offset < 0 ? end.offset : offset };
  });
}
