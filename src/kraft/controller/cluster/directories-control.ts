// Log directories of brokers: in which one a replica lies, and what their failure means (KIP-858; Kafka: the directory half of
// ReplicationControlManager).
import { Errors, KafkaError } from '../../../protocol/index.ts';
import type {
  AssignReplicasToDirsRequest,
  AssignReplicasToDirsResponse,
} from '../../../protocol/messages/73-assign-replicas-to-dirs.ts';
import {
  type BrokerRegistration,
  hasDirectoryAssignment,
  type MetadataImage,
  type MetadataRecord,
  NO_LEADER,
  type PartitionImage,
  type TopicImage,
} from '../../metadata/index.ts';
import type { ConfigPolicy } from '../configs/config-policy.ts';
import type { ControllerState, Outcome } from '../operation.ts';
import { defaultDirectory } from '../placement/broker-liveness.ts';
import { leadershipRecords, mayLead, settingsOf, usualElection } from '../topics/leadership-control.ts';
import { partitionChange } from '../topics/partition-change-builder.ts';

const knowsDirectories = ({ features }: MetadataImage): boolean => hasDirectoryAssignment(features.metadataVersion);

/** Notes where replicas of `broker`, which is registered in the epoch of the request, lie. Throws KafkaError UNSUPPORTED_VERSION. */
export function assignReplicasToDirs(
  state: ControllerState,
  policy: ConfigPolicy,
  broker: BrokerRegistration,
  { directories }: AssignReplicasToDirsRequest,
): Outcome<AssignReplicasToDirsResponse> {
  const { image } = state;
  if (!knowsDirectories(image)) {
    throw new KafkaError(Errors.UNSUPPORTED_VERSION, 'Directory assignment is not supported yet.');
  }
  const records: MetadataRecord[] = [];
  /** Partitions that were assigned to a directory which is not online. */
  const lost = new Set<PartitionImage>();
  const assigned = directories.map(({ id, topics }) => ({
    id,
    topics: topics.map(({ topicId, partitions }) => ({
      topicId,
      partitions: partitions.map(({ partitionIndex }) => {
        const topic = image.topics.byId.get(topicId);
        const errorCode = assignmentFault(topic, partitionIndex, broker.id);
        const partition = topic?.partitions[partitionIndex];
        if (errorCode === Errors.NONE && topic !== undefined && partition !== undefined) {
          const record = assignment(image, policy, topic, partition, broker.id, id);
          if (record !== undefined) records.push(record);
          if (!broker.directories.includes(id)) lost.add(partition);
        }
        return { partitionIndex, errorCode };
      }),
    })),
  }));
  if (lost.size > 0) {
    const isLost = (_topicId: string, partition: PartitionImage): boolean => lost.has(partition);
    records.push(...leadershipRecords(state, policy, { kind: 'lost directories', brokerId: broker.id, isLost }));
  }
  return { records, response: { throttleTimeMs: 0, errorCode: Errors.NONE, directories: assigned } };
}

function assignmentFault(topic: TopicImage | undefined, partitionIndex: number, brokerId: number): number {
  if (topic === undefined) return Errors.UNKNOWN_TOPIC_ID;
  const partition = topic.partitions[partitionIndex];
  if (partition === undefined) return Errors.UNKNOWN_TOPIC_OR_PARTITION;
  return partition.replicas.includes(brokerId) ? Errors.NONE : Errors.NOT_LEADER_OR_FOLLOWER;
}

function assignment(
  image: MetadataImage,
  policy: ConfigPolicy,
  topic: TopicImage,
  partition: PartitionImage,
  brokerId: number,
  directoryId: string,
): MetadataRecord | undefined {
  const at = partition.replicas.indexOf(brokerId);
  if (partition.directories[at] === directoryId) return undefined;
  const directories = partition.directories.map((directory, index) => (index === at ? directoryId : directory));
  // A replica that was thought lost with its directory may lead again; whoever leads is judged by where it was.
  const judged = partition.leader === NO_LEADER ? { ...partition, directories } : partition;
  const settings = settingsOf(image, topic, policy);
  return partitionChange({
    topicId: topic.id,
    partition,
    directories,
    targetIsr: partition.isr,
    isAcceptableLeader: (id) => mayLead(image, judged, id),
    uncleanShutdownReplicas: [],
    features: image.features,
    minIsr: settings.minIsr,
    election: usualElection(settings),
    directoryOf: (id) => defaultDirectory(image, id),
  });
}

/** Records for a heartbeat that tells of failed directories: their replicas stop leading, the registration loses them. */
export function offlineDirectoryRecords(
  state: ControllerState,
  policy: ConfigPolicy,
  broker: BrokerRegistration,
  offline: readonly string[],
): Iterable<MetadataRecord>[] {
  const failed = broker.directories.filter((directory) => offline.includes(directory));
  if (failed.length === 0 || !knowsDirectories(state.image)) return [];
  const isLost = (_topicId: string, { replicas, directories }: PartitionImage): boolean =>
    failed.includes(directories[replicas.indexOf(broker.id)] ?? '');
  const change: MetadataRecord = {
    type: 'BrokerRegistrationChangeRecord',
    version: 2,
    brokerId: broker.id,
    brokerEpoch: broker.epoch,
    fenced: 0,
    inControlledShutdown: 0,
    logDirs: broker.directories.filter((directory) => !offline.includes(directory)),
    cordonedLogDirs: null,
  };
  return [leadershipRecords(state, policy, { kind: 'lost directories', brokerId: broker.id, isLost }), [change]];
}
