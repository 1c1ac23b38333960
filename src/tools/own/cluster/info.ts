import { table } from '../../terminal/table.ts';
import type { Work } from '../command-frame.ts';
import { describedTopics, summaryOf } from '../topic/list.ts';

interface InfoOptions {
  readonly printCluster?: boolean;
  readonly printBrokers?: boolean;
  readonly printTopics?: boolean;
  readonly printInternal?: boolean;
}

export const clusterInfo: Work<InfoOptions> = async (context, _, options) => {
  const admin = await context.admin();
  const cluster = await admin.describeCluster(context.call);
  const isAll = options.printCluster !== true && options.printBrokers !== true && options.printTopics !== true;
  const needsTopics = isAll || options.printTopics === true || !context.output.isText;
  const topics = needsTopics
    ? await describedTopics(context, [], { isRegex: false, includeInternal: options.printInternal === true })
    : [];
  const brokers = cluster.nodes.map(({ id, host, port, rack, isFenced }) => ({
    id,
    host,
    port,
    ...(rack !== undefined && { rack }),
    is_controller: id === cluster.controllerId,
    ...(isFenced && { is_fenced: true }),
  }));
  const summaries = topics.map(summaryOf);
  if (!context.output.isText) {
    context.output.data({
      cluster: cluster.clusterId ?? null,
      controller: cluster.controllerId ?? -1,
      brokers,
      topics: summaries,
    });
    return;
  }
  const hasRacks = brokers.some(({ rack }) => rack !== undefined);
  const rows = brokers.map((one) => [
    `${one.id}${one.is_controller ? '*' : ''}${one.is_fenced === true ? ' (fenced)' : ''}`,
    one.host,
    one.port,
    ...(hasRacks ? [one.rack ?? ''] : []),
  ]);
  const parts: [title: string, isShown: boolean, text: string][] = [
    ['CLUSTER', isAll || options.printCluster === true, `${cluster.clusterId ?? 'unknown'}\n`],
    [
      'BROKERS',
      isAll || options.printBrokers === true,
      table(['id', 'host', 'port', ...(hasRacks ? ['rack'] : [])], rows),
    ],
    [
      'TOPICS',
      isAll || options.printTopics === true,
      table(
        ['name', 'partitions', 'replicas'],
        summaries.map((one) => [one.name, one.partitions, one.replicas]),
      ),
    ],
  ];
  const shown = parts.filter(([, isShown]) => isShown);
  const texts = shown.map(([title, , text]) =>
    shown.length === 1 ? text : `${title}\n${'='.repeat(title.length)}\n${text}`,
  );
  context.output.text(texts.join('\n'));
};
