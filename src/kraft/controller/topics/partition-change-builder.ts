// What happens to a partition when brokers come, go or fail, when its leader proposes another ISR, or somebody other replicas:
// new ISR, eligible replicas (KIP-966), leader, assignment, as one record or none (Kafka: PartitionChangeBuilder). The order of
// the steps decides; it is Kafka's.
import {
  bumpsLeaderEpochOnIsrShrink,
  type FeaturesImage,
  hasDirectoryAssignment,
  isElrEnabled,
  NO_LEADER,
  NO_LEADER_CHANGE,
  NO_RECOVERY_CHANGE,
  type PartitionChangeRecord,
  type PartitionImage,
  partitionRecordVersion,
  RECOVERING,
} from '../../metadata/index.ts';

/**
 * online: the leader stays if it can, else another in-sync or eligible replica · preferred: the first replica if it can, even
 * when another one leads (KIP-183) · unclean: as online, and anybody rather than nobody
 */
export type Election = 'online' | 'preferred' | 'unclean';

export interface PartitionChange {
  readonly topicId: string;
  readonly partition: PartitionImage;
  readonly targetIsr: readonly number[];
  /** LeaderRecoveryState as the leader gives it; left out, it stays. */
  readonly targetRecoveryState?: number;
  /** May this broker lead: is it there, and its directory of this partition online? */
  readonly isAcceptableLeader: (brokerId: number) => boolean;
  /** Brokers that lost what they had not flushed; they are no eligible replicas any more. */
  readonly uncleanShutdownReplicas: readonly number[];
  /** min.insync.replicas as it holds for the topic. */
  readonly minIsr: number;
  readonly features: FeaturesImage;
  readonly election: Election;
  /** The target replicas; left out, they stay, and a reassignment under way goes on, to its end if it can (KIP-455). */
  readonly reassignment?: Reassignment;
  /** Where the replicas lie, in the order of the replicas that the partition has; left out, it stays. */
  readonly directories?: readonly string[];
  /** The directory of a replica that is not there yet. */
  readonly directoryOf: (brokerId: number) => string;
}

export interface Reassignment {
  /** The replicas while it goes on: those that are wanted first, then those that are to go. */
  readonly replicas: readonly number[];
  readonly adding: readonly number[];
  readonly removing: readonly number[];
}

interface Targets extends Reassignment {
  readonly isr: readonly number[];
  readonly elr: readonly number[];
}

interface Elected {
  readonly leader: number;
  /** The leader may lack committed records. */
  readonly isUnclean: boolean;
}

/** The record that brings the change about; undefined when nothing changes. */
export function partitionChange(change: PartitionChange): PartitionChangeRecord | undefined {
  const { partition, features } = change;
  const isElr = isElrEnabled(features);
  const wanted = withEligible(change, reassignmentTargets(change));
  const elected = elect(change, wanted);
  const hasNewLeader = elected.leader !== partition.leader;
  const isForced = hasNewLeader && elected.isUnclean;
  const targets = hasNewLeader ? ledBy(elected, wanted) : wanted;
  // Without eligible replicas the last of the ISR stays, even when it is gone: nobody else may lead.
  const isIsrDue = isForced || ((targets.isr.length > 0 || isElr) && !isSame(targets.isr, partition.isr));
  const isr = isIsrDue ? targets.isr : null;
  const elr = isForced || !isElr ? [] : targets.elr;
  // The epoch rises when a replica leaves for good: it must not be counted by the leader any more.
  const isReplicaGone = !hasAll(targets.replicas, partition.replicas);
  const isShrinkTold =
    isr !== null && bumpsLeaderEpochOnIsrShrink(features.metadataVersion) && !hasAll(isr, partition.isr);
  const isEpochDue = isReplicaGone || isShrinkTold;
  const leader = hasNewLeader ? elected.leader : isEpochDue ? partition.leader : NO_LEADER_CHANGE;
  const record: PartitionChangeRecord = {
    type: 'PartitionChangeRecord',
    version: partitionRecordVersion(features.metadataVersion),
    partitionId: partition.partition,
    topicId: change.topicId,
    isr: isr as number[] | null,
    leader,
    ...assignmentFields(change, targets),
    leaderRecoveryState: changedRecoveryState(change, isForced),
    eligibleLeaderReplicas: changedList(partition.elr, elr),
    lastKnownElr: isElr ? lastKnownLeader(partition, leader) : null,
  };
  return saysNothing(record) ? undefined : record;
}

const hasAll = (list: readonly number[], members: readonly number[]): boolean =>
  members.every((member) => list.includes(member));

/** A reassignment that needs no more waiting is finished in the same record. */
function reassignmentTargets({ partition, reassignment, targetIsr }: PartitionChange): Targets {
  const replicas = reassignment?.replicas ?? partition.replicas;
  const adding = reassignment?.adding ?? partition.addingReplicas;
  const removing = reassignment?.removing ?? partition.removingReplicas;
  const { elr } = partition;
  const underWay = { replicas, adding, removing, isr: targetIsr, elr };
  if (adding.length === 0 && removing.length === 0) return underWay;
  const isr = targetIsr.filter((id) => !removing.includes(id));
  const remaining = replicas.filter((id) => !removing.includes(id));
  const isFilled = isr.length > 0 && remaining.length > 0 && hasAll(isr, adding);
  // Where fewer come than go, all that stay have to be in sync.
  const isSafe = adding.length >= removing.length || hasAll(isr, remaining);
  return isFilled && isSafe ? { replicas: remaining, adding: [], removing: [], isr, elr } : underWay;
}

function withEligible(change: PartitionChange, targets: Targets): Targets {
  const { partition, features, minIsr, uncleanShutdownReplicas } = change;
  if (!isElrEnabled(features)) return targets;
  if (targets.isr.length >= minIsr) return { ...targets, elr: [] };
  // Whoever leaves the ISR now has everything below the high watermark, which cannot move with so small an ISR.
  const candidates = [...new Set([...partition.elr, ...partition.isr])].sort((one, other) => one - other);
  const elr = candidates.filter(
    (replica) => !targets.isr.includes(replica) && !uncleanShutdownReplicas.includes(replica),
  );
  return { ...targets, elr };
}

function ledBy({ leader, isUnclean }: Elected, targets: Targets): Targets {
  // What a leader has that was elected without being complete is the truth from now on.
  if (!isUnclean && !targets.elr.includes(leader)) return targets;
  return { ...targets, isr: [leader], elr: targets.elr.filter((replica) => replica !== leader) };
}

/** Who led last, when nobody does any more: it may lead again where neither ISR nor eligible replicas are left. */
function lastKnownLeader({ lastKnownElr, leader: before }: PartitionImage, leader: number): number[] | null {
  if (leader === NO_LEADER && lastKnownElr.length === 0) return [before];
  return leader >= 0 && lastKnownElr.length > 0 ? [] : null;
}

function elect(change: PartitionChange, { replicas, isr, elr }: Targets): Elected {
  const { partition, isAcceptableLeader, election } = change;
  const isElr = isElrEnabled(change.features);
  const isValid = (replica: number): boolean =>
    (isr.includes(replica) || (isElr && isr.length === 0 && elr.includes(replica))) && isAcceptableLeader(replica);
  const preferred = replicas[0];
  if (election === 'preferred' && preferred !== undefined && isValid(preferred)) {
    return { leader: preferred, isUnclean: false };
  }
  if (isValid(partition.leader)) return { leader: partition.leader, isUnclean: false };
  const clean = replicas.find(isValid);
  if (clean !== undefined) return { leader: clean, isUnclean: false };
  const [lastKnown, ...others] = partition.lastKnownElr;
  const isAlone = isElr && isr.length === 0 && elr.length === 0 && others.length === 0;
  if (isAlone && lastKnown !== undefined && isAcceptableLeader(lastKnown)) {
    return { leader: lastKnown, isUnclean: true };
  }
  const unclean = election === 'unclean' ? replicas.find(isAcceptableLeader) : undefined;
  return unclean === undefined ? { leader: NO_LEADER, isUnclean: false } : { leader: unclean, isUnclean: true };
}

function isSame<T>(one: readonly T[], other: readonly T[]): boolean {
  return one.length === other.length && one.every((member, index) => member === other[index]);
}

const changedList = (before: readonly number[], after: readonly number[]): number[] | null =>
  isSame(before, after) ? null : [...after];

function changedRecoveryState({ partition, targetRecoveryState }: PartitionChange, isForced: boolean): number {
  const before = partition.leaderRecoveryState;
  if (targetRecoveryState !== undefined && targetRecoveryState !== before) return targetRecoveryState;
  return isForced && before !== RECOVERING ? RECOVERING : NO_RECOVERY_CHANGE;
}

type AssignmentFields = Pick<PartitionChangeRecord, 'replicas' | 'removingReplicas' | 'addingReplicas' | 'directories'>;

function assignmentFields(change: PartitionChange, { replicas, adding, removing }: Targets): AssignmentFields {
  const { partition, features, directoryOf } = change;
  const current = change.directories ?? partition.directories;
  const directories = replicas.map((id) => current[partition.replicas.indexOf(id)] ?? directoryOf(id));
  const areDirectoriesDue =
    hasDirectoryAssignment(features.metadataVersion) && !isSame(directories, partition.directories);
  return {
    replicas: changedList(partition.replicas, replicas),
    removingReplicas: changedList(partition.removingReplicas, removing),
    addingReplicas: changedList(partition.addingReplicas, adding),
    directories: areDirectoriesDue ? directories : null,
  };
}

function saysNothing(record: PartitionChangeRecord): boolean {
  return (
    record.isr === null &&
    record.replicas === null &&
    record.addingReplicas === null &&
    record.removingReplicas === null &&
    record.directories === null &&
    record.leader === NO_LEADER_CHANGE &&
    record.leaderRecoveryState === NO_RECOVERY_CHANGE &&
    record.eligibleLeaderReplicas === null &&
    record.lastKnownElr === null
  );
}
