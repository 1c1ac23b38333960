// `group describe`: members, offsets and lag; once, or followed.
import { facts, table } from '../../terminal/table.ts';
import type { CommandContext, Work } from '../command-frame.ts';
import { Failure } from '../failure.ts';
import { followed } from '../follow.ts';
import { matching } from '../name-patterns.ts';
import { type GroupLag, lagOfGroups } from './group-lag.ts';

interface DescribeOptions {
  readonly printSummary?: boolean;
  readonly printCommits?: boolean;
  readonly printLagPerTopic?: boolean;
  readonly regex?: boolean;
  readonly follow?: boolean;
  readonly interval: number;
}

export const describeGroups: Work<DescribeOptions> = async (context, words, options) => {
  const groups = options.regex === true ? await matchedGroups(context, words) : words;
  if (options.follow !== true) {
    tell(context, await lagOfGroups(context, groups), options);
    return;
  }
  await followed(context, options.interval, async () => textOf(context, await lagOfGroups(context, groups), options));
};

async function matchedGroups(context: CommandContext, words: readonly string[]): Promise<string[]> {
  const admin = await context.admin();
  const { groups } = await admin.listGroups({ ...context.call, types: ['Classic', 'Consumer'] });
  const names = await matching(
    groups.map(({ groupId }) => groupId),
    words,
  );
  if (names.length === 0) throw new Failure('no group is matched');
  return names;
}

function tell(context: CommandContext, groups: readonly GroupLag[], options: DescribeOptions): void {
  context.output.text(textOf(context, groups, options));
}

function textOf({ output, io }: CommandContext, groups: readonly GroupLag[], options: DescribeOptions): string {
  if (!output.isText) return groups.map((group) => `${JSON.stringify(group)}\n`).join('');
  const width = io.isTerminal && output.format !== 'wide' ? { columns: io.columns } : {};
  const texts = groups.map((group) => {
    if (options.printSummary === true) return summaryText(group);
    if (options.printCommits === true) return commitsText(group, width);
    if (options.printLagPerTopic === true) return `${summaryText(group)}\n${topicsText(group)}`;
    return group.partitions.length === 0 ? summaryText(group) : `${summaryText(group)}\n${commitsText(group, width)}`;
  });
  return texts.join('\n');
}

function summaryText(group: GroupLag): string {
  return facts([
    ['group', group.group],
    ['type', group.type],
    ['coordinator', group.coordinator],
    ['state', group.state],
    ['balancer', group.balancer === '' ? null : group.balancer],
    ['members', group.members],
    ['total-lag', group.total_lag],
  ]);
}

function commitsText({ partitions }: GroupLag, width: { readonly columns?: number }): string {
  const hasInstances = partitions.some((row) => row.instance_id !== undefined);
  const hasErrors = partitions.some((row) => row.error !== undefined);
  const headings = [
    'topic',
    'partition',
    'current-offset',
    'log-start-offset',
    'log-end-offset',
    'lag',
    'member-id',
    ...(hasInstances ? ['instance-id'] : []),
    'client-id',
    'host',
    ...(hasErrors ? ['error'] : []),
  ];
  const rows = partitions.map((row) => [
    row.topic,
    row.partition,
    row.current_offset,
    row.log_start_offset,
    row.log_end_offset,
    row.lag,
    row.member_id ?? '',
    ...(hasInstances ? [row.instance_id ?? ''] : []),
    row.client_id ?? '',
    row.host ?? '',
    ...(hasErrors ? [row.error ?? ''] : []),
  ]);
  return table(headings, rows, width);
}

function topicsText({ partitions }: GroupLag): string {
  const lags = new Map<string, number>();
  for (const { topic, lag } of partitions) lags.set(topic, (lags.get(topic) ?? 0) + (lag ?? 0));
  return table(['topic', 'lag'], [...lags]);
}
