// What `ottla streams` does.
import type { StreamsGroupDescription, StreamsMemberDescription } from '../../../client/index.ts';
import { facts, table } from '../../terminal/table.ts';
import type { CommandContext, Work } from '../command-frame.ts';
import { confirmed } from '../confirm.ts';
import { Failure } from '../failure.ts';
import { type OffsetPlace, offsetsAt, specOf } from '../offset-places.ts';
import { answered, failureOf, isFailed, tellOutcomes } from '../outcome-rows.ts';
import { lagRows, type LagRow } from './group-lag.ts';

interface DescribedStreamsGroup {
  readonly group: string;
  readonly coordinator: number;
  readonly state: string;
  readonly group_epoch: number;
  readonly topology_epoch: number;
  readonly subtopologies: readonly SubtopologyRow[];
  readonly members: readonly MemberRow[];
  readonly total_lag: number;
  readonly partitions: readonly LagRow[];
}

interface SubtopologyRow {
  readonly id: string;
  readonly source_topics: readonly string[];
  readonly internal_topics: readonly string[];
}

interface MemberRow {
  readonly member_id: string;
  readonly client_id: string;
  readonly host: string;
  readonly process_id: string;
  /** `0_1`: subtopology and partition. */
  readonly active_tasks: readonly string[];
  readonly standby_tasks: readonly string[];
  readonly warmup_tasks: readonly string[];
}

export const describeStreamsGroups: Work<object> = async (context, groups) => {
  const all: DescribedStreamsGroup[] = [];
  for (const group of groups) {
    const description = await describedGroup(context, group);
    const partitions = await lagRows(context, await committedBy(context, group));
    all.push({
      group,
      coordinator: description.coordinator.id,
      state: description.state,
      group_epoch: description.groupEpoch,
      topology_epoch: description.topologyEpoch,
      subtopologies: description.subtopologies.map((one) => ({
        id: one.subtopologyId,
        source_topics: one.sourceTopics,
        internal_topics: [...one.repartitionSourceTopics, ...one.stateChangelogTopics].map(({ name }) => name),
      })),
      members: description.members.map(memberRow),
      total_lag: partitions.reduce((sum, { lag }) => sum + (lag ?? 0), 0),
      partitions,
    });
  }
  if (context.output.isText) context.output.text(all.map(textOf).join('\n'));
  else context.output.data(all);
};

/** Rejects with Failure. */
async function describedGroup(context: CommandContext, group: string): Promise<StreamsGroupDescription> {
  const admin = await context.admin();
  return answered((await admin.describeStreamsGroups([group], context.call)).get(group), group);
}

async function committedBy(context: CommandContext, group: string): Promise<OffsetPlace[]> {
  const admin = await context.admin();
  const offsets = (await admin.listStreamsGroupOffsets([group], context.call)).get(group);
  return answered(offsets, `offsets of ${group}`).flatMap(({ topic, partition, result }) =>
    result === null || isFailed(result) ? [] : [{ topic, partition, offset: Number(result.offset) }],
  );
}

function memberRow(member: StreamsMemberDescription): MemberRow {
  const tasks = (kind: 'activeTasks' | 'standbyTasks' | 'warmupTasks'): string[] =>
    member.assignment[kind].flatMap(({ subtopologyId, partitions }) =>
      partitions.map((partition) => `${subtopologyId}_${partition}`),
    );
  return {
    member_id: member.memberId,
    client_id: member.clientId,
    host: member.host,
    process_id: member.processId,
    active_tasks: tasks('activeTasks'),
    standby_tasks: tasks('standbyTasks'),
    warmup_tasks: tasks('warmupTasks'),
  };
}

function textOf(group: DescribedStreamsGroup): string {
  const { subtopologies, members, partitions } = group;
  const head = facts([
    ['group', group.group],
    ['coordinator', group.coordinator],
    ['state', group.state],
    ['group-epoch', group.group_epoch],
    ['topology-epoch', group.topology_epoch],
    ['members', members.length],
    ['total-lag', group.total_lag],
  ]);
  const parts = subtopologies.map((one) => [one.id, one.source_topics.join(','), one.internal_topics.join(',')]);
  const lags = partitions.map((row) => [row.topic, row.partition, row.current_offset, row.log_end_offset, row.lag]);
  const people = members.map((one) => [
    one.member_id,
    one.client_id,
    one.host,
    one.active_tasks.join(','),
    one.standby_tasks.join(','),
    one.warmup_tasks.join(','),
  ]);
  return [
    head,
    ...(parts.length > 0 ? [table(['subtopology', 'source-topics', 'internal-topics'], parts)] : []),
    ...(lags.length > 0 ? [table(['topic', 'partition', 'current-offset', 'log-end-offset', 'lag'], lags)] : []),
    ...(people.length > 0
      ? [table(['member-id', 'client-id', 'host', 'active-tasks', 'standby-tasks', 'warmup-tasks'], people)]
      : []),
  ].join('\n');
}

interface ResetOptions {
  readonly to: string;
  readonly topics?: readonly string[];
  readonly keepInternalTopics?: boolean;
  readonly dry?: boolean;
  readonly confirm: boolean;
}

export const resetStreamsGroup: Work<ResetOptions> = async (context, [group = ''], options) => {
  const { subtopologies, state } = await describedGroup(context, group);
  if (state !== 'Empty' && state !== 'Dead')
    throw new Failure(`${group} has members (${state}): stop the application first`);
  const sources = new Set(subtopologies.flatMap(({ sourceTopics }) => sourceTopics));
  const stranger = options.topics?.find((topic) => !sources.has(topic));
  if (stranger !== undefined)
    throw new Failure(`${stranger} is no input topic of ${group}: it reads ${[...sources].sort().join(', ')}`);
  const isReset = ({ topic }: OffsetPlace): boolean => options.topics?.includes(topic) ?? sources.has(topic);
  const before = (await committedBy(context, group)).filter(isReset);
  const wanted = await offsetsAt(context, before, specOf(context, options.to));
  const internal = options.keepInternalTopics === true ? [] : await internalTopics(context, subtopologies);
  if (options.dry === true) return tellReset(context, before, wanted, internal);
  if (options.confirm && !(await confirmed(context, questionOf(group, internal))))
    throw new Failure('nothing was reset');
  const admin = await context.admin();
  const outcomes = wanted.length === 0 ? [] : await admin.alterStreamsGroupOffsets(group, wanted, context.call);
  for (const { topic, partition, result } of outcomes)
    if (isFailed(result)) throw new Failure(`${topic}-${partition}: ${failureOf(result)}`);
  const code = internal.length === 0 ? 0 : await deleted(context, internal);
  tellReset(context, before, wanted, internal);
  return code;
};

function questionOf(group: string, internal: readonly string[]): string {
  return internal.length === 0 ? `Reset ${group}?` : `Reset ${group}, and delete ${internal.join(', ')}?`;
}

/** Those that are there. */
async function internalTopics(
  context: CommandContext,
  subtopologies: StreamsGroupDescription['subtopologies'],
): Promise<string[]> {
  const admin = await context.admin();
  const there = new Set((await admin.listTopics(context.call)).map(({ name }) => name));
  const names = subtopologies.flatMap((one) => [...one.repartitionSourceTopics, ...one.stateChangelogTopics]);
  return [...new Set(names.map(({ name }) => name))].filter((name) => there.has(name)).sort();
}

/** Tells of them only when one could not be deleted. */
async function deleted(context: CommandContext, topics: readonly string[]): Promise<number> {
  const admin = await context.admin();
  const outcomes = await admin.deleteTopics(topics, context.call);
  return [...outcomes.values()].some(isFailed) ? tellOutcomes(context.output, 'topic', outcomes) : 0;
}

function tellReset(
  { output }: CommandContext,
  before: readonly OffsetPlace[],
  wanted: readonly OffsetPlace[],
  internal: readonly string[],
): void {
  const rows = wanted.map(({ topic, partition, offset }, index) => ({
    topic,
    partition,
    prior_offset: before[index]?.offset ?? -1,
    current_offset: offset,
  }));
  if (!output.isText) {
    output.data({ offsets: rows, deleted_topics: internal });
    return;
  }
  output.list(rows, [
    { heading: 'topic', cell: (row) => row.topic },
    { heading: 'partition', cell: (row) => row.partition },
    { heading: 'prior-offset', cell: (row) => row.prior_offset },
    { heading: 'current-offset', cell: (row) => row.current_offset },
  ]);
  if (internal.length > 0) output.text(`\n${['DELETED-TOPIC', ...internal].join('\n')}\n`);
}
