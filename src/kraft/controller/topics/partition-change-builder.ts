// What happens to a partition when brokers come, go or fail: new ISR, eligible replicas (KIP-966), leader, as one record
// or none (Kafka: PartitionChangeBuilder). The order of the steps decides; it is Kafka's.
import {
  bumpsLeaderEpochOnIsrShrink,
  type FeaturesImage,
  hasDirectoryAssignment,
  isElrEnabled,
  NO_LEADER,
  NO_LEADER_CHANGE,
  type PartitionChangeRecord,
  type PartitionImage,
  partitionRecordVersion,
  RECOVERING,
} from '../../metadata/index.ts';

export interface PartitionChange {
  readonly topicId: string;
  readonly partition: PartitionImage;
  readonly targetIsr: readonly number[];
  /** May this broker lead: is it there, and its directory of this partition online? */
  readonly isAcceptableLeader: (brokerId: number) => boolean;
  /** Brokers that lost what they had not flushed; they are no eligible replicas any more. */
  readonly uncleanShutdownReplicas: readonly number[];
  /** min.insync.replicas as it holds for the topic. */
  readonly minIsr: number;
  readonly features: FeaturesImage;
  /** unclean.leader.election.enable as it holds for the topic. */
  readonly allowsUncleanElection: boolean;
  /** The first of the replicas is to lead, if it can, even when another one does already (KIP-183). */
  readonly isPreferredElection?: boolean;
  /** The target replicas; left out, the replicas stay, and a reassignment under way goes on (KIP-455). */
  readonly reassignment?: Reassignment;
}

export interface Reassignment {
  /** The replicas while it goes on: those that are wanted first, then those that are to go. */
  readonly replicas: readonly number[];
  readonly adding: readonly number[];
  readonly removing: readonly number[];
  /** The directory of a replica that is not there yet. */
  readonly directoryOf: (brokerId: number) => string;
}

interface Targets {
  isr: readonly number[];
  elr: readonly number[];
  lastKnownElr: readonly number[];
}

interface Election {
  readonly leader: number;
  /** The leader may lack committed records. */
  readonly isUnclean: boolean;
}

/** The record that brings the change about; undefined when nothing changes. */
export function partitionChange(asked: PartitionChange): PartitionChangeRecord | undefined {
  const change = withReassignment(asked);
  const { partition, features } = change;
  const isElr = isElrEnabled(features);
  const targets = targetsOf(change);
  const election = elect(change, targets);
  const hasNewLeader = election.leader !== partition.leader;
  const isForced = hasNewLeader && election.isUnclean;
  let isr: readonly number[] | null = null;
  if (isForced) {
    // What the new leader has is the truth from now on.
    isr = [election.leader];
  } else if (hasNewLeader && targets.elr.includes(election.leader)) {
    targets.isr = [election.leader];
    targets.elr = targets.elr.filter((replica) => replica !== election.leader);
    targets.lastKnownElr = [];
  }
  if (isForced || !isElr) {
    targets.elr = [];
    targets.lastKnownElr = [];
  }
  // Without eligible replicas the last of the ISR stays, even when it is gone: nobody else may lead.
  if (isr === null && (targets.isr.length > 0 || isElr) && !sameMembers(targets.isr, partition.isr)) {
    isr = targets.isr;
  }
  if (isElr && isr !== null && isr.length === 0 && !isLastKnown(partition)) {
    targets.lastKnownElr = [partition.leader];
  }
  // The epoch rises when a replica leaves for good: it must not be counted by the leader any more.
  const isReplicaGone = change.reassignment !== undefined && !hasAll(replicasOf(change), partition.replicas);
  const isShrinkTold =
    isr !== null && bumpsLeaderEpochOnIsrShrink(features.metadataVersion) && !hasAll(isr, partition.isr);
  const isEpochDue = isReplicaGone || isShrinkTold;
  const record = changeRecord(change, {
    isr,
    leader: hasNewLeader ? election.leader : isEpochDue ? partition.leader : NO_LEADER_CHANGE,
    leaderRecoveryState: isForced && partition.leaderRecoveryState !== RECOVERING ? RECOVERING : -1,
    eligibleLeaderReplicas: sameMembers(targets.elr, partition.elr) ? null : targets.elr,
    lastKnownElr: sameMembers(targets.lastKnownElr, partition.lastKnownElr) ? null : targets.lastKnownElr,
  });
  return saysNothing(record) ? undefined : record;
}

const replicasOf = ({ reassignment, partition }: PartitionChange): readonly number[] =>
  reassignment?.replicas ?? partition.replicas;

const hasAll = (list: readonly number[], members: readonly number[]): boolean =>
  members.every((member) => list.includes(member));

/** A reassignment that needs no more waiting is finished in the same record. */
function withReassignment(change: PartitionChange): PartitionChange {
  const { reassignment, targetIsr } = change;
  if (reassignment === undefined) return change;
  const { adding, removing, replicas } = reassignment;
  if (adding.length === 0 && removing.length === 0) return change;
  const remaining = targetIsr.filter((id) => !removing.includes(id));
  if (remaining.length === 0 || !hasAll(remaining, adding)) return change;
  const finished = {
    ...reassignment,
    replicas: replicas.filter((id) => !removing.includes(id)),
    adding: [],
    removing: [],
  };
  return { ...change, targetIsr: remaining, reassignment: finished };
}

function targetsOf(change: PartitionChange): Targets {
  const { partition, targetIsr, features, minIsr, uncleanShutdownReplicas } = change;
  const targets = { isr: targetIsr, elr: partition.elr, lastKnownElr: partition.lastKnownElr };
  if (!isElrEnabled(features)) return targets;
  if (targetIsr.length >= Math.min(minIsr, replicasOf(change).length)) {
    return { isr: targetIsr, elr: [], lastKnownElr: [] };
  }
  // Whoever leaves the ISR now has everything below the high watermark, which cannot move with so small an ISR.
  const candidates = new Set([...partition.elr, ...partition.isr]);
  targets.elr = [...candidates].filter(
    (replica) => !targetIsr.includes(replica) && !uncleanShutdownReplicas.includes(replica),
  );
  return targets;
}

function elect(change: PartitionChange, { isr, elr, lastKnownElr }: Targets): Election {
  const { partition, isAcceptableLeader, allowsUncleanElection } = change;
  const isElr = isElrEnabled(change.features);
  const isValid = (replica: number): boolean =>
    (isr.includes(replica) || (isElr && isr.length === 0 && elr.includes(replica))) && isAcceptableLeader(replica);
  const replicas = replicasOf(change);
  const preferred = replicas[0];
  if (change.isPreferredElection === true && preferred !== undefined && isValid(preferred)) {
    return { leader: preferred, isUnclean: false };
  }
  if (isValid(partition.leader)) return { leader: partition.leader, isUnclean: false };
  const clean = replicas.find(isValid);
  if (clean !== undefined) return { leader: clean, isUnclean: false };
  const [lastKnown, ...others] = lastKnownElr;
  const isAlone = isElr && isr.length === 0 && elr.length === 0 && others.length === 0;
  if (isAlone && lastKnown !== undefined && isAcceptableLeader(lastKnown))
    return { leader: lastKnown, isUnclean: true };
  const unclean = allowsUncleanElection ? replicas.find(isAcceptableLeader) : undefined;
  return unclean === undefined ? { leader: NO_LEADER, isUnclean: false } : { leader: unclean, isUnclean: true };
}

const isLastKnown = ({ lastKnownElr, leader }: PartitionImage): boolean =>
  lastKnownElr.length === 1 && lastKnownElr[0] === leader;

function sameMembers(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((member, index) => member === other[index]);
}

interface ChangedFields {
  readonly isr: readonly number[] | null;
  readonly leader: number;
  readonly leaderRecoveryState: number;
  readonly eligibleLeaderReplicas: readonly number[] | null;
  readonly lastKnownElr: readonly number[] | null;
}

function changeRecord(change: PartitionChange, fields: ChangedFields): PartitionChangeRecord {
  const { topicId, partition, features } = change;
  return {
    type: 'PartitionChangeRecord',
    version: partitionRecordVersion(features.metadataVersion),
    partitionId: partition.partition,
    topicId,
    isr: fields.isr as number[] | null,
    leader: fields.leader,
    ...assignmentFields(change),
    leaderRecoveryState: fields.leaderRecoveryState,
    eligibleLeaderReplicas: fields.eligibleLeaderReplicas as number[] | null,
    lastKnownElr: fields.lastKnownElr as number[] | null,
  };
}

type AssignmentFields = Pick<PartitionChangeRecord, 'replicas' | 'removingReplicas' | 'addingReplicas' | 'directories'>;

const SAME_ASSIGNMENT: AssignmentFields = {
  replicas: null,
  removingReplicas: null,
  addingReplicas: null,
  directories: null,
};

function assignmentFields({ reassignment, partition, features }: PartitionChange): AssignmentFields {
  if (reassignment === undefined) return SAME_ASSIGNMENT;
  const { replicas, adding, removing, directoryOf } = reassignment;
  const isMoved = !sameMembers(replicas, partition.replicas);
  const directories = replicas.map((id) => partition.directories[partition.replicas.indexOf(id)] ?? directoryOf(id));
  return {
    replicas: isMoved ? [...replicas] : null,
    removingReplicas: sameMembers(removing, partition.removingReplicas) ? null : [...removing],
    addingReplicas: sameMembers(adding, partition.addingReplicas) ? null : [...adding],
    directories: isMoved && hasDirectoryAssignment(features.metadataVersion) ? directories : null,
  };
}

function saysNothing(record: PartitionChangeRecord): boolean {
  return (
    record.isr === null &&
    record.replicas === null &&
    record.addingReplicas === null &&
    record.removingReplicas === null &&
    record.leader === NO_LEADER_CHANGE &&
    record.leaderRecoveryState === -1 &&
    record.eligibleLeaderReplicas === null &&
    record.lastKnownElr === null
  );
}
