// Partitions of this node: kafka.server:type=ReplicaManager, kafka.cluster:type=Partition, kafka.log:type=Log.
import type { Partition } from '../../replication/index.ts';
import { counter, type Family, gauge, one, type Sample, sample } from '../family.ts';
import type { PartitionChanges } from '../partition-changes.ts';
import type { BrokerSources, Page, ShownPartition } from '../sources.ts';

const isUnderReplicated = ({ isLeader, state }: Partition): boolean =>
  isLeader && state.isr.length < state.replicas.length;
const isUnderMinIsr = (partition: Partition): boolean =>
  partition.isLeader && partition.state.isr.length < partition.effectiveMinIsr;
const isAtMinIsr = (partition: Partition): boolean =>
  partition.isLeader && partition.state.isr.length === partition.effectiveMinIsr;

export function* replicaFamilies(page: Page, broker: BrokerSources, changes: PartitionChanges): Generator<Family> {
  yield* managerFamilies(page, broker, changes);
  yield* partitionFamilies(page.shown);
  yield* logFamilies(page.shown);
  const { directories } = broker.replicas.logManager;
  yield gauge(
    'kafka_log_logmanager_offlinelogdirectorycount',
    'Log directories that have failed.',
    one(directories.failed.size),
  );
  yield gauge('ottla_metrics_partitions_left_out', 'Partitions that have no series of their own.', one(page.leftOut));
}

function* managerFamilies(page: Page, { replicas }: BrokerSources, changes: PartitionChanges): Generator<Family> {
  const sums = { partitions: 0, led: 0, underReplicated: 0, underMinIsr: 0, atMinIsr: 0 };
  for (const partition of replicas.partitions()) {
    sums.partitions += 1;
    if (partition.isLeader) sums.led += 1;
    if (isUnderReplicated(partition)) sums.underReplicated += 1;
    if (isUnderMinIsr(partition)) sums.underMinIsr += 1;
    if (isAtMinIsr(partition)) sums.atMinIsr += 1;
  }
  const name = 'kafka_server_replicamanager_';
  const rows: readonly (readonly [string, string, number])[] = [
    ['partitioncount', 'Partitions of which this broker is a replica.', sums.partitions],
    ['leadercount', 'Partitions that this broker leads.', sums.led],
    ['underreplicatedpartitions', 'Partitions led here whose followers are not all in sync.', sums.underReplicated],
    ['underminisrpartitioncount', 'Partitions led here with fewer than min.insync.replicas.', sums.underMinIsr],
    ['atminisrpartitioncount', 'Partitions led here with just min.insync.replicas.', sums.atMinIsr],
    ['offlinereplicacount', 'Replicas here whose log directory has failed.', offlineCount(page, replicas)],
    ['reassigningpartitions', 'Partitions led here that are being moved.', reassigning(page)],
  ];
  for (const [suffix, help, value] of rows) yield gauge(name + suffix, help, one(value));
  yield counter(`${name}isrshrinks`, 'Members that have left the in-sync replicas.', one(changes.isrShrinks));
  yield counter(`${name}isrexpands`, 'Members that have come back in sync.', one(changes.isrExpands));
}

function offlineCount({ nodeId, image }: Page, replicas: BrokerSources['replicas']): number {
  if (replicas.logManager.directories.failed.size === 0) return 0;
  let count = 0;
  for (const [name, { partitions }] of image().topics.byName) {
    for (const { partition, replicas: ids } of partitions) {
      if (ids.includes(nodeId) && replicas.isOffline(name, partition)) count += 1;
    }
  }
  return count;
}

function reassigning({ nodeId, image }: Page): number {
  let count = 0;
  for (const [, { partitions }] of image().topics.byName) {
    for (const { leader, addingReplicas, removingReplicas } of partitions) {
      if (leader === nodeId && addingReplicas.length + removingReplicas.length > 0) count += 1;
    }
  }
  return count;
}

function* partitionFamilies(shown: readonly ShownPartition[]): Generator<Family> {
  const rows: readonly (readonly [string, string, (partition: Partition) => number])[] = [
    ['underreplicated', '1: not all followers are in sync.', (one) => Number(isUnderReplicated(one))],
    ['underminisr', '1: fewer than min.insync.replicas are in sync.', (one) => Number(isUnderMinIsr(one))],
    ['atminisr', '1: just min.insync.replicas are in sync.', (one) => Number(isAtMinIsr(one))],
    ['replicascount', 'Replicas, where they are led here.', (one) => (one.isLeader ? one.state.replicas.length : 0)],
    ['insyncreplicascount', 'Replicas in sync.', (one) => (one.isLeader ? one.state.isr.length : 0)],
    ['laststableoffsetlag', 'Records of open transactions.', ({ log }) => log.highWatermark - log.lastStableOffset],
  ];
  for (const [name, help, read] of rows) yield gauge(`kafka_cluster_partition_${name}`, help, each(shown, read));
}

function* logFamilies(shown: readonly ShownPartition[]): Generator<Family> {
  const rows: readonly (readonly [string, string, (partition: Partition) => number])[] = [
    ['size', 'Bytes of the log.', ({ log }) => log.sizeBytes],
    ['logstartoffset', 'The first offset of the log.', ({ log }) => log.logStartOffset],
    ['logendoffset', 'The offset of the next record.', ({ log }) => log.logEndOffset],
    ['numlogsegments', 'Segments of the log.', ({ log }) => log.segmentCount],
  ];
  for (const [name, help, read] of rows) yield gauge(`kafka_log_log_${name}`, help, each(shown, read));
}

function* each(shown: readonly ShownPartition[], read: (partition: Partition) => number): Generator<Sample> {
  for (const { partition, labels } of shown) yield sample(read(partition), labels);
}
