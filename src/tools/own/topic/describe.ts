// `topic describe`: a summary, the configs, the partitions with their offsets; whichever of the three was asked for.
import type { ConfigEntry, TopicDescription } from '../../../client/index.ts';
import { table } from '../../terminal/table.ts';
import type { CommandContext, Work } from '../command-frame.ts';
import { Failure } from '../failure.ts';
import { answered, isFailed } from '../outcome-rows.ts';
import { describedTopics, summaryOf } from './list.ts';

interface DescribeOptions {
  readonly printSummary?: boolean;
  readonly printConfigs?: boolean;
  readonly printPartitions?: boolean;
  readonly printAll?: boolean;
  readonly regex?: boolean;
  readonly stable?: boolean;
}

interface Sections {
  readonly summary: boolean;
  readonly configs: boolean;
  readonly partitions: boolean;
}

interface DescribedPartition {
  readonly partition: number;
  readonly leader: number;
  readonly epoch: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
  readonly offline_replicas?: readonly number[];
  readonly log_start_offset: number | string;
  readonly last_stable_offset?: number | string;
  readonly high_watermark: number | string;
}

export const describeTopics: Work<DescribeOptions> = async (context, words, options) => {
  const { regex = false, stable = false } = options;
  const topics = await describedTopics(context, words, { isRegex: regex, includeInternal: true });
  if (topics.length === 0) throw new Failure('no topic is matched');
  const sections = sectionsOf(options, topics.length > 1 || !context.output.isText);
  const configs = sections.configs ? await configsOf(context, topics) : new Map<string, readonly ConfigEntry[]>();
  const all = [];
  for (const topic of topics) {
    const partitions = sections.partitions ? await partitionsOf(context, topic, stable) : [];
    all.push({ topic, configs: configs.get(topic.name) ?? [], partitions });
  }
  if (!context.output.isText) {
    context.output.data(all.map(dataOf));
    return;
  }
  const texts = all.map((one) => textOf(one, sections));
  context.output.text(texts.join('\n'));
};

function sectionsOf(options: DescribeOptions, isAll: boolean): Sections {
  const { printSummary = false, printConfigs = false, printPartitions = false, printAll = false } = options;
  if (isAll || printAll) return { summary: true, configs: true, partitions: true };
  if (!printSummary && !printConfigs && !printPartitions) return { summary: true, configs: true, partitions: false };
  return { summary: printSummary, configs: printConfigs, partitions: printPartitions };
}

async function configsOf(
  context: CommandContext,
  topics: readonly TopicDescription[],
): Promise<Map<string, readonly ConfigEntry[]>> {
  const admin = await context.admin();
  const asked = topics.map(({ name }) => ({ type: 'TOPIC' as const, name }));
  const found = new Map<string, readonly ConfigEntry[]>();
  for (const { name, result } of await admin.describeConfigs(asked, context.call)) {
    found.set(
      name,
      [...answered(result, `configs of ${name}`)].sort((a, b) => (a.name < b.name ? -1 : 1)),
    );
  }
  return found;
}

async function partitionsOf(
  context: CommandContext,
  { name, partitions }: TopicDescription,
  isStable: boolean,
): Promise<DescribedPartition[]> {
  const admin = await context.admin();
  const offsets = async (spec: 'earliest' | 'latest', isolation: 'read_uncommitted' | 'read_committed') => {
    const asked = partitions.map(({ partition }) => ({ topic: name, partition, spec }));
    const found = await admin.listOffsets(asked, { ...context.call, isolation });
    return new Map(
      found.map(({ partition, result }) => [partition, isFailed(result) ? (result.code ?? 'ERROR') : result.offset]),
    );
  };
  const [start, end, last] = await Promise.all([
    offsets('earliest', 'read_uncommitted'),
    offsets('latest', 'read_uncommitted'),
    isStable ? offsets('latest', 'read_committed') : undefined,
  ]);
  return partitions.map(({ partition, leader, leaderEpoch, replicas, isr, offlineReplicas }) => ({
    partition,
    leader: leader ?? -1,
    epoch: leaderEpoch,
    replicas: [...replicas].sort((a, b) => a - b),
    isr: [...isr].sort((a, b) => a - b),
    ...(offlineReplicas.length > 0 && { offline_replicas: offlineReplicas }),
    log_start_offset: start.get(partition) ?? '-',
    ...(last !== undefined && { last_stable_offset: last.get(partition) ?? '-' }),
    high_watermark: end.get(partition) ?? '-',
  }));
}

interface Described {
  readonly topic: TopicDescription;
  readonly configs: readonly ConfigEntry[];
  readonly partitions: readonly DescribedPartition[];
}

const valueOf = ({ value, isSensitive }: ConfigEntry): string => (isSensitive ? '(sensitive)' : (value ?? ''));

function dataOf({ topic, configs, partitions }: Described): object {
  return {
    summary: { ...summaryOf(topic), internal: topic.isInternal, topic_id: topic.topicId },
    configs: configs.map((entry) => ({ key: entry.name, value: valueOf(entry), source: entry.source })),
    partitions,
  };
}

function textOf(described: Described, sections: Sections): string {
  const { topic, configs, partitions } = described;
  const parts: [title: string, text: string][] = [];
  if (sections.summary) parts.push(['SUMMARY', summaryText(topic)]);
  if (sections.configs) {
    const rows = configs.map((entry) => [entry.name, valueOf(entry), entry.source]);
    parts.push(['CONFIGS', table(['key', 'value', 'source'], rows)]);
  }
  if (sections.partitions) parts.push(['PARTITIONS', partitionsText(partitions)]);
  if (parts.length === 1) return parts[0]?.[1] ?? '';
  return parts.map(([title, text]) => `${title}\n${'='.repeat(title.length)}\n${text}`).join('\n');
}

function summaryText(topic: TopicDescription): string {
  const { name, partitions, replicas } = summaryOf(topic);
  const rows = [
    ['NAME', name],
    ...(topic.isInternal ? [['INTERNAL', 'true']] : []),
    ['PARTITIONS', partitions],
    ['REPLICAS', replicas],
  ];
  return table([], rows);
}

function partitionsText(partitions: readonly DescribedPartition[]): string {
  const isOffline = partitions.some((one) => one.offline_replicas !== undefined);
  const isStable = partitions.some((one) => one.last_stable_offset !== undefined);
  const list = (ids: readonly number[] = []): string => `[${ids.join(' ')}]`;
  const headings = [
    'partition',
    'leader',
    'epoch',
    'replicas',
    'isr',
    ...(isOffline ? ['offline-replicas'] : []),
    'log-start-offset',
    ...(isStable ? ['last-stable-offset'] : []),
    'high-watermark',
  ];
  const rows = partitions.map((one) => [
    one.partition,
    one.leader,
    one.epoch,
    list(one.replicas),
    list(one.isr),
    ...(isOffline ? [list(one.offline_replicas)] : []),
    one.log_start_offset,
    ...(isStable ? [one.last_stable_offset] : []),
    one.high_watermark,
  ]);
  return table(headings, rows);
}
