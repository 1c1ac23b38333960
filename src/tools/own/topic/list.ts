import type { TopicDescription } from '../../../client/index.ts';
import type { CommandContext, Work } from '../command-frame.ts';
import { Failure } from '../failure.ts';
import { matching } from '../name-patterns.ts';
import { answered } from '../outcome-rows.ts';
import type { Column } from '../output.ts';

interface ListOptions {
  readonly detailed?: boolean;
  readonly internal?: boolean;
  readonly regex?: boolean;
}

export interface TopicSummary {
  readonly name: string;
  readonly partitions: number;
  readonly replicas: number;
}

export const listTopics: Work<ListOptions> = async (context, words, { detailed, internal = false, regex = false }) => {
  if (internal && regex) throw new Failure('--regex matches no internal topics: leave out --internal');
  const described = await describedTopics(context, words, { isRegex: regex, includeInternal: internal });
  if (detailed === true) {
    if (context.output.isText) context.output.text(described.map(detailedText).join('\n'));
    else context.output.data(described);
    return;
  }
  context.output.list(described.map(summaryOf), SUMMARY);
};

export const SUMMARY: readonly Column<TopicSummary>[] = [
  { heading: 'name', cell: ({ name }) => name },
  { heading: 'partitions', cell: ({ partitions }) => partitions },
  { heading: 'replicas', cell: ({ replicas }) => replicas },
];

export function summaryOf({ name, partitions }: TopicDescription): TopicSummary {
  return { name, partitions: partitions.length, replicas: partitions[0]?.replicas.length ?? 0 };
}

/** In the order of their names. Throws Failure for one that was named and cannot be described. */
export async function describedTopics(
  context: CommandContext,
  words: readonly string[],
  how: { readonly isRegex: boolean; readonly includeInternal?: boolean },
): Promise<TopicDescription[]> {
  const admin = await context.admin();
  const { includeInternal = false, isRegex } = how;
  let names = words;
  if (isRegex || words.length === 0) {
    const listed = await admin.listTopics({ ...context.call, includeInternal });
    const all = listed.map(({ name }) => name);
    names = isRegex ? await matching(all, words) : all;
  }
  const outcomes = await admin.describeTopics([...names].sort(), context.call);
  const described: TopicDescription[] = [];
  for (const [name, outcome] of outcomes) {
    described.push(answered(outcome, name));
  }
  return described;
}

function detailedText(topic: TopicDescription): string {
  const { name, isInternal, partitions } = topic;
  const heading = `${name}${isInternal ? ' (internal)' : ''}, ${partitions.length} partitions, ${summaryOf(topic).replicas} replicas\n`;
  const lines = partitions.map(({ partition, leader, leaderEpoch, replicas, isr, offlineReplicas }) => {
    const offline = offlineReplicas.length === 0 ? '' : `  offline [${offlineReplicas.join(' ')}]`;
    return `      ${partition}: leader ${leader ?? 'none'}, epoch ${leaderEpoch}, replicas [${replicas.join(' ')}], isr [${isr.join(' ')}]${offline}\n`;
  });
  return heading + lines.join('');
}
