// What kafka_exporter tells, under its names, so that none has to run beside the broker. A partition is told of by its leader, a group
// by its coordinator: over all brokers each stands there once. The lag needs a replica of the partition on the coordinator.
import type { GroupSnapshot } from '../../group-coordinator/snapshots/index.ts';
import { type Family, gauge, labels, one, type Sample, sample } from '../family.ts';
import type { BrokerSources, Page, ShownPartition } from '../sources.ts';

export function* exporterFamilies(page: Page, broker: BrokerSources): Generator<Family> {
  yield* brokerFamilies(page);
  yield* partitionFamilies(page);
  yield* groupFamilies(page, broker);
}

function* brokerFamilies({ image }: Page): Generator<Family> {
  const brokers = [...image().cluster.brokers.values()].filter(({ isFenced }) => !isFenced);
  yield gauge('kafka_brokers', 'Brokers of the cluster that take part.', one(brokers.length));
  yield gauge(
    'kafka_broker_info',
    'A broker of the cluster.',
    brokers.map(({ id, listeners }) => {
      const { host = '', port = 0 } = listeners[0] ?? {};
      return sample(1, labels({ id, address: `${host}:${port}` }));
    }),
  );
}

function* partitionFamilies({ shown, image }: Page): Generator<Family> {
  const led = shown.filter(({ partition }) => partition.isLeader);
  const { byName } = image().topics;
  yield gauge(
    'kafka_topic_partitions',
    'Partitions of a topic.',
    // The leader of the first partition tells of the topic.
    led
      .filter(({ partition }) => partition.index === 0)
      .map(({ partition: { topic } }) => sample(byName.get(topic)?.partitions.length ?? 0, labels({ topic }))),
  );
  const rows: readonly (readonly [string, string, (one: ShownPartition['partition']) => number])[] = [
    ['current_offset', 'The offset of the next record that consumers see.', ({ log }) => log.highWatermark],
    ['oldest_offset', 'The first offset of the log.', ({ log }) => log.logStartOffset],
    ['leader', 'The broker that leads.', ({ leader }) => leader],
    ['replicas', 'Replicas.', ({ state }) => state.replicas.length],
    ['in_sync_replica', 'Replicas in sync.', ({ state }) => state.isr.length],
    [
      'leader_is_preferred',
      '1: the preferred replica leads.',
      ({ leader, state }) => Number(leader === state.replicas[0]),
    ],
    [
      'under_replicated_partition',
      '1: not all replicas are in sync.',
      ({ state }) => Number(state.isr.length < state.replicas.length),
    ],
  ];
  for (const [name, help, read] of rows) {
    yield gauge(`kafka_topic_partition_${name}`, help, partitionSamples(led, read));
  }
}

function* partitionSamples(
  led: readonly ShownPartition[],
  read: (partition: ShownPartition['partition']) => number,
): Generator<Sample> {
  for (const { partition, labels: text } of led) yield sample(read(partition), text);
}

interface GroupRow {
  readonly consumergroup: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** undefined: the end of the partition is not known here. */
  readonly lag: number | undefined;
}

function* groupFamilies({ groupsTold, maxPartitions }: Page, { replicas }: BrokerSources): Generator<Family> {
  const rows = groupRows(groupsTold, replicas, maxPartitions);
  yield gauge(
    'kafka_consumergroup_current_offset',
    'The next record that a group reads.',
    rows.map((row) => sample(row.offset, rowLabels(row))),
  );
  yield gauge(
    'kafka_consumergroup_lag',
    'Records that a group has not read.',
    rows.flatMap((row) => (row.lag === undefined ? [] : sample(row.lag, rowLabels(row)))),
  );
  yield gauge(
    'kafka_consumergroup_current_offset_sum',
    'Offsets of a group in a topic.',
    sums(rows, ({ offset }) => offset),
  );
  yield gauge(
    'kafka_consumergroup_lag_sum',
    'Records of a topic that a group has not read.',
    sums(rows, ({ lag }) => lag),
  );
  yield gauge(
    'kafka_consumergroup_members',
    'Members of a group.',
    groupsTold.map(({ groupId, members }) => sample(members.length, labels({ consumergroup: groupId }))),
  );
}

const rowLabels = ({ consumergroup, topic, partition }: GroupRow): string =>
  labels({ consumergroup, topic, partition });

function groupRows(groups: readonly GroupSnapshot[], replicas: BrokerSources['replicas'], most: number): GroupRow[] {
  const rows: GroupRow[] = [];
  for (const { groupId: consumergroup, offsets } of groups) {
    for (const { partition: name, offset: told } of offsets) {
      if (rows.length >= most) return rows;
      const at = name.lastIndexOf('-');
      const [topic, partition, offset] = [name.slice(0, at), Number(name.slice(at + 1)), Number(told)];
      const log = replicas.partition(topic, partition)?.log;
      const lag = log === undefined ? undefined : Math.max(0, log.highWatermark - offset);
      rows.push({ consumergroup, topic, partition, offset, lag });
    }
  }
  return rows;
}

/** By group and topic, in the order in which they come. */
function* sums(rows: readonly GroupRow[], read: (row: GroupRow) => number | undefined): Generator<Sample> {
  const byTopic = new Map<string, number>();
  for (const row of rows) {
    const value = read(row);
    if (value === undefined) continue;
    const text = labels({ consumergroup: row.consumergroup, topic: row.topic });
    byTopic.set(text, (byTopic.get(text) ?? 0) + value);
  }
  for (const [text, value] of byTopic) yield sample(value, text);
}
