// What `ottla share` does.
import { facts, table } from '../../terminal/table.ts';
import type { Work } from '../command-frame.ts';
import { Failure } from '../failure.ts';
import { offsetsAt, partitionsOf, specOf } from '../offset-places.ts';
import { failureOf, isFailed, tellOutcomes } from '../outcome-rows.ts';

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
  const found = await offsetsAt(context, await partitionsOf(context, topics), specOf(context, to));
  const wanted = found.map(({ topic, partition, offset }) => ({ topic, partition, startOffset: offset }));
  const admin = await context.admin();
  const outcomes = await admin.alterShareGroupOffsets(group, wanted, context.call);
  const rows = outcomes.map(({ topic, partition, result }) => [`${topic}-${partition}`, result] as const);
  return tellOutcomes(context.output, 'partition', rows);
};

export const deleteShareOffsets: Work<{ readonly topic: readonly string[] }> = async (
  context,
  [group = ''],
  options,
) => {
  const admin = await context.admin();
  return tellOutcomes(context.output, 'topic', await admin.deleteShareGroupOffsets(group, options.topic, context.call));
};
