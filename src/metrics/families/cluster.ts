// The metadata quorum and the controller: kafka.server:type=raft-metrics, kafka.controller:type=KafkaController.
import type { MetadataImage } from '../../kraft/metadata/index.ts';
import { counter, type Family, gauge, labels, one, sample } from '../family.ts';
import type { PartitionChanges } from '../partition-changes.ts';
import type { RaftRates } from '../raft-rates.ts';
import type { Page } from '../sources.ts';

const RAFT = 'kafka_server_raftmetrics_';
const CONTROLLER = 'kafka_controller_kafkacontroller_';

export function* clusterFamilies(page: Page, changes: PartitionChanges, rates: RaftRates): Generator<Family> {
  yield* raftFamilies(page, rates);
  if (page.isController) yield* controllerFamilies(page, changes);
  yield gauge(
    'kafka_server_brokermetadatametrics_last_applied_record_offset',
    'The last record of the metadata log that this node has taken in.',
    one(page.appliedOffset()),
  );
  yield gauge('ottla_build_info', 'What runs here.', [
    sample(1, labels({ version: page.version, node: page.vitals.nodeVersion, cluster_id: page.clusterId })),
  ]);
}

function* raftFamilies({ raft, clock }: Page, rates: RaftRates): Generator<Family> {
  const { epoch, leaderId = -1 } = raft.leadership;
  const { state, votedId } = raft.standing;
  const isObserver = !raft.isVoter && (state === 'unattached' || state === 'follower');
  yield gauge(`${RAFT}current_state`, 'What this node is in the quorum, as the label says.', [
    sample(1, labels({ current_state: isObserver ? 'observer' : state })),
  ]);
  const rate = rates.read(raft.logEndOffset, clock.monotonicMs());
  const isLeader = state === 'leader';
  const rows: readonly (readonly [string, string, number])[] = [
    ['current_leader', 'The id of the leader; -1: none is known.', leaderId],
    ['current_epoch', 'The epoch of the quorum.', epoch],
    ['current_vote', 'The id of whom this node has voted for in the epoch; -1: nobody.', votedId],
    [
      'high_watermark',
      'The offset up to which the metadata log is committed; -1: not known.',
      raft.highWatermark ?? -1,
    ],
    ['log_end_offset', 'The end of the metadata log here.', raft.logEndOffset],
    ['append_records_rate', 'Records a second that the leader appends to the metadata log.', isLeader ? rate : 0],
    ['fetch_records_rate', 'Records a second that are fetched from the leader.', isLeader ? 0 : rate],
  ];
  for (const [name, help, value] of rows) yield gauge(RAFT + name, help, one(value));
}

function* controllerFamilies({ image, nodeId, raft }: Page, changes: PartitionChanges): Generator<Family> {
  const now = image();
  const sums = partitionSums(now);
  const brokers = [...now.cluster.brokers.values()];
  const fenced = brokers.filter(({ isFenced }) => isFenced).length;
  const isActive = raft.leadership.leaderId === nodeId;
  const rows: readonly (readonly [string, string, number])[] = [
    ['activecontrollercount', '1: this node is the active controller.', Number(isActive)],
    ['offlinepartitionscount', 'Partitions without a leader.', sums.offline],
    ['globaltopiccount', 'Topics of the cluster.', now.topics.byName.size],
    ['globalpartitioncount', 'Partitions of the cluster.', sums.partitions],
    ['preferredreplicaimbalancecount', 'Partitions that their preferred replica does not lead.', sums.imbalanced],
    ['activebrokercount', 'Brokers that are registered and not fenced.', brokers.length - fenced],
    ['fencedbrokercount', 'Brokers that are registered and fenced.', fenced],
  ];
  for (const [name, help, value] of rows) yield gauge(CONTROLLER + name, help, one(value));
  const stats = 'kafka_controller_controllerstats_';
  yield counter(
    `${stats}uncleanleaderelections`,
    'Leaders elected that were not in sync.',
    one(changes.uncleanElections),
  );
  yield counter(`${stats}leaderelections`, 'Leaders elected.', one(changes.elections));
}

function partitionSums({ topics }: MetadataImage): { partitions: number; offline: number; imbalanced: number } {
  const sums = { partitions: 0, offline: 0, imbalanced: 0 };
  for (const [, { partitions }] of topics.byName) {
    for (const { leader, replicas } of partitions) {
      sums.partitions += 1;
      if (leader < 0) sums.offline += 1;
      if (leader !== replicas[0]) sums.imbalanced += 1;
    }
  }
  return sums;
}
