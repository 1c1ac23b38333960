// AlterPartition (KIP-497): the leader of a partition proposes its ISR, the controller decides (Kafka:
// ReplicationControlManager.alterPartition). Checks come in Kafka's order; members must be alive, in the very incarnation that
// the leader has seen catch up (KIP-841, KIP-903).
import { Errors } from '../../../protocol/index.ts';
import type { AlterPartitionRequest, AlterPartitionResponse } from '../../../protocol/messages/56-alter-partition.ts';
import {
  type BrokerRegistration,
  changedPartition,
  type MetadataImage,
  type MetadataRecord,
  NO_LEADER_CHANGE,
  type PartitionImage,
  RECOVERED,
  RECOVERING,
  type TopicImage,
} from '../../metadata/index.ts';
import type { ConfigPolicy } from '../configs/config-policy.ts';
import type { Outcome } from '../operation.ts';
import { defaultDirectory } from '../placement/broker-liveness.ts';
import { mayLead, settingsOf, type TopicSettings, usualElection } from './leadership-control.ts';
import { partitionChange } from './partition-change-builder.ts';

type AskedTopic = AlterPartitionRequest['topics'][number];
type AskedPartition = AskedTopic['partitions'][number];
type AnsweredTopic = AlterPartitionResponse['topics'][number];
type AnsweredPartition = AnsweredTopic['partitions'][number];

/** A member of an ISR as the leader knows it; epoch -1: it does not say which incarnation. */
interface ProposedMember {
  readonly brokerId: number;
  readonly brokerEpoch: number;
}

/** From this version on members come with their epochs. */
const MEMBERS_HAVE_EPOCHS_SINCE = 3;
const ANY_EPOCH = -1;

/** `leader` is the registered broker that asks. The answer grows while the records are drawn. */
export function alterPartitions(
  image: MetadataImage,
  policy: ConfigPolicy,
  leader: BrokerRegistration,
  request: AlterPartitionRequest,
  apiVersion: number,
): Outcome<AlterPartitionResponse> {
  const topics: AnsweredTopic[] = [];
  return {
    records: recordsOf(image, policy, { leader, asked: request.topics, apiVersion, topics }),
    response: { throttleTimeMs: 0, errorCode: Errors.NONE, topics },
  };
}

interface Proposal {
  readonly leader: BrokerRegistration;
  readonly asked: readonly AskedTopic[];
  readonly apiVersion: number;
  /** Where answers go. */
  readonly topics: AnsweredTopic[];
}

function* recordsOf(
  image: MetadataImage,
  policy: ConfigPolicy,
  { leader, asked, apiVersion, topics }: Proposal,
): Generator<MetadataRecord> {
  for (const { topicId, partitions } of asked) {
    const answered: AnsweredPartition[] = [];
    topics.push({ topicId, partitions: answered });
    const topic = image.topics.byId.get(topicId);
    if (topic === undefined) {
      for (const { partitionIndex } of partitions) answered.push(refused(partitionIndex, Errors.UNKNOWN_TOPIC_ID));
      continue;
    }
    const settings = settingsOf(image, topic, policy);
    for (const proposed of partitions) {
      const members = membersOf(proposed, apiVersion);
      const partition = topic.partitions[proposed.partitionIndex];
      const fault = proposalFault(image, partition, leader.id, proposed, members);
      if (partition === undefined || fault !== Errors.NONE) {
        answered.push(refused(proposed.partitionIndex, fault));
        continue;
      }
      const { record, answer } = accept(image, { topic, settings, partition, proposed, members });
      if (record !== undefined) yield record;
      answered.push(answer);
    }
  }
}

function membersOf({ newIsr, newIsrWithEpochs }: AskedPartition, apiVersion: number): readonly ProposedMember[] {
  if (apiVersion >= MEMBERS_HAVE_EPOCHS_SINCE) return newIsrWithEpochs;
  return newIsr.map((brokerId) => ({ brokerId, brokerEpoch: ANY_EPOCH }));
}

function refused(partitionIndex: number, errorCode: number): AnsweredPartition {
  return {
    partitionIndex,
    errorCode,
    leaderId: 0,
    leaderEpoch: 0,
    isr: [],
    leaderRecoveryState: RECOVERED,
    partitionEpoch: 0,
  };
}

/** NONE when the proposal stands. */
function proposalFault(
  image: MetadataImage,
  partition: PartitionImage | undefined,
  brokerId: number,
  { leaderEpoch, partitionEpoch, leaderRecoveryState }: AskedPartition,
  members: readonly ProposedMember[],
): number {
  if (partition === undefined) return Errors.UNKNOWN_TOPIC_OR_PARTITION;
  // Whoever knows of a later state than ours has it from another controller: ours is no longer the active one.
  if (leaderEpoch > partition.leaderEpoch || partitionEpoch > partition.partitionEpoch) return Errors.NOT_CONTROLLER;
  if (leaderEpoch < partition.leaderEpoch) return Errors.FENCED_LEADER_EPOCH;
  if (brokerId !== partition.leader) return Errors.INVALID_REQUEST;
  if (partitionEpoch < partition.partitionEpoch) return Errors.INVALID_UPDATE_VERSION;
  const isr = members.map((member) => member.brokerId);
  const isFit =
    isr.length > 0 && new Set(isr).size === isr.length && isr.every((id) => partition.replicas.includes(id));
  if (!isFit || !isr.includes(brokerId)) return Errors.INVALID_REQUEST;
  if (leaderRecoveryState !== RECOVERED && leaderRecoveryState !== RECOVERING) return Errors.INVALID_REQUEST;
  const isRecovering = leaderRecoveryState === RECOVERING;
  if (isRecovering && (isr.length > 1 || partition.leaderRecoveryState === RECOVERED)) return Errors.INVALID_REQUEST;
  return members.every((member) => isEligible(image, member)) ? Errors.NONE : Errors.INELIGIBLE_REPLICA;
}

/** KIP-841: neither fenced nor about to stop; KIP-903: not started anew since the leader saw it. */
function isEligible(image: MetadataImage, { brokerId, brokerEpoch }: ProposedMember): boolean {
  const broker = image.cluster.brokers.get(brokerId);
  if (broker === undefined || broker.isFenced || broker.isInControlledShutdown) return false;
  return brokerEpoch === ANY_EPOCH || brokerEpoch === broker.epoch;
}

interface Accepted {
  readonly topic: TopicImage;
  readonly settings: TopicSettings;
  readonly partition: PartitionImage;
  readonly proposed: AskedPartition;
  readonly members: readonly ProposedMember[];
}

function accept(
  image: MetadataImage,
  { topic, settings, partition, proposed, members }: Accepted,
): { readonly record: MetadataRecord | undefined; readonly answer: AnsweredPartition } {
  const { partitionIndex, leaderRecoveryState } = proposed;
  const record = partitionChange({
    topicId: topic.id,
    partition,
    targetIsr: members.map((member) => member.brokerId),
    targetRecoveryState: leaderRecoveryState,
    isAcceptableLeader: (id) => mayLead(image, partition, id),
    uncleanShutdownReplicas: [],
    features: image.features,
    minIsr: settings.minIsr,
    election: usualElection(settings),
    directoryOf: (id) => defaultDirectory(image, id),
  });
  if (record !== undefined && record.leader !== NO_LEADER_CHANGE && record.leader !== partition.leader) {
    // The proposal finished a reassignment that takes the leader away. It stands, but the leader is told to look again.
    return { record, answer: refused(partitionIndex, Errors.NEW_LEADER_ELECTED) };
  }
  const after = record === undefined ? partition : changedPartition(partition, record);
  return {
    record,
    answer: {
      partitionIndex,
      errorCode: Errors.NONE,
      leaderId: after.leader,
      leaderEpoch: after.leaderEpoch,
      isr: [...after.isr],
      leaderRecoveryState: after.leaderRecoveryState,
      partitionEpoch: after.partitionEpoch,
    },
  };
}
