// What `ottla share` does.
import { facts, table } from '../../terminal/table.ts';
import type { CommandContext, Work } from '../command-frame.ts';
import { Failure } from '../failure.ts';
import { failureOf, isFailed, tellOutcomes } from '../outcome-rows.ts';
import { parsePointInTimeMs } from '../times.ts';

interface DescribedShareGroup {
  readonly group: string;
  readonly coordinator: number;
  readonly state: string;
  readonly assignor: string;
  readonly members: readonly {
    readonly member_id: string;
    readonly client_id: string;
    readonly host: string;
    readonly partitions: string;
  }[];
  readonly partitions: readonly {
    readonly topic: string;
    readonly partition: number;
    readonly start_offset: number | null;
    readonly lag: number | null;
  }[];
}

export const describeShareGroups: Work<object> = async (context, groups) => {
  const admin = await context.admin();
  const described = await admin.describeShareGroups(groups, context.call);
  const offsets = await admin.listShareGroupOffsets(groups, context.call);
  const all: DescribedShareGroup[] = [];
  for (const [group, outcome] of described) {
    if (isFailed(outcome)) throw new Failure(`${group}: ${failureOf(outcome)}`);
    const places = offsets.get(group);
    all.push({
      group,
      coordinator: outcome.coordinator.id,
      state: outcome.state,
      assignor: outcome.assignor,
      members: outcome.members.map(({ memberId, clientId, host, assignment }) => ({
        member_id: memberId,
        client_id: clientId,
        host,
        partitions: assignment.map(({ topic, partition }) => `${topic}-${partition}`).join(','),
      })),
      partitions: (places === undefined || isFailed(places) ? [] : places).map(({ topic, partition, result }) => {
        const known = result === null || isFailed(result) ? undefined : result;
        return { topic, partition, start_offset: known?.startOffset ?? null, lag: known?.lag ?? null };
      }),
    });
  }
  if (context.output.isText) context.output.text(all.map(textOf).join('\n'));
  else context.output.data(all);
};

function textOf({ group, coordinator, state, assignor, members, partitions }: DescribedShareGroup): string {
  const head = facts([
    ['group', group],
    ['coordinator', coordinator],
    ['state', state],
    ['assignor', assignor],
    ['members', members.length],
    ['total-lag', partitions.reduce((sum, { lag }) => sum + (lag ?? 0), 0)],
  ]);
  const rows = partitions.map(({ topic, partition, start_offset: start, lag }) => [topic, partition, start, lag]);
  const people = members.map((one) => [one.member_id, one.client_id, one.host, one.partitions]);
  return [
    head,
    ...(rows.length > 0 ? [table(['topic', 'partition', 'start-offset', 'lag'], rows)] : []),
    ...(people.length > 0 ? [table(['member-id', 'client-id', 'host', 'partitions'], people)] : []),
  ].join('\n');
}

interface SeekOptions {
  readonly to: string;
  readonly topics: readonly string[];
}

export const seekShareGroup: Work<SeekOptions> = async (context, [group = ''], { to, topics }) => {
  const admin = await context.admin();
  const places = await partitionsOf(context, topics);
  const ms = to === 'start' || to === 'end' ? 0 : parsePointInTimeMs(to, context.io.runtime.clock.nowMs());
  if (ms === undefined) throw new Failure(`--to ${to} is none of start, end and a time`);
  const spec = to === 'start' ? ('earliest' as const) : to === 'end' ? ('latest' as const) : { timestamp: ms };
  const found = await admin.listOffsets(
    places.map((place) => ({ ...place, spec })),
    context.call,
  );
  const ends = await admin.listOffsets(
    places.map((place) => ({ ...place, spec: 'latest' as const })),
    context.call,
  );
  const wanted = found.map(({ topic, partition, result }, index) => {
    const end = ends[index]?.result;
    if (isFailed(result)) throw new Failure(`${topic}-${partition}: ${failureOf(result)}`);
    if (end === undefined || isFailed(end)) throw new Failure(`${topic}-${partition}: its end is not known`);
    return { topic, partition, startOffset: result.offset < 0 ? end.offset : result.offset };
  });
  const outcomes = await admin.alterShareGroupOffsets(group, wanted, context.call);
  const rows = outcomes.map(({ topic, partition, result }) => [`${topic}-${partition}`, result] as const);
  return tellOutcomes(context.output, 'partition', rows);
};

async function partitionsOf(context: CommandContext, topics: readonly string[]) {
  const admin = await context.admin();
  const places: { topic: string; partition: number }[] = [];
  for (const [topic, outcome] of await admin.describeTopics(topics, context.call)) {
    if (isFailed(outcome)) throw new Failure(`${topic}: ${failureOf(outcome)}`);
    places.push(...outcome.partitions.map(({ partition }) => ({ topic, partition })));
  }
  return places;
}

export const deleteShareOffsets: Work<{ readonly topic: readonly string[] }> = async (
  context,
  [group = ''],
  options,
) => {
  const admin = await context.admin();
  return tellOutcomes(context.output, 'topic', await admin.deleteShareGroupOffsets(group, options.topic, context.call));
};
