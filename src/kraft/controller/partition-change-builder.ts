// What happens to a partition when brokers come, go or fail: new ISR, eligible replicas (KIP-966), leader, as one record
// or none (Kafka: PartitionChangeBuilder). The order of the steps decides; it is Kafka's.
import {
  NO_LEADER,
  NO_LEADER_CHANGE,
  type PartitionChangeRecord,
  type PartitionImage,
  RECOVERING,
} from '../metadata/index.ts';

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
  readonly isElrEnabled: boolean;
  /** unclean.leader.election.enable as it holds for the topic. */
  readonly allowsUncleanElection: boolean;
  readonly recordVersion: number;
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
export function partitionChange(change: PartitionChange): PartitionChangeRecord | undefined {
  const { partition, isElrEnabled } = change;
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
  if (isForced || !isElrEnabled) {
    targets.elr = [];
    targets.lastKnownElr = [];
  }
  // Without eligible replicas the last of the ISR stays, even when it is gone: nobody else may lead.
  if (isr === null && (targets.isr.length > 0 || isElrEnabled) && !sameMembers(targets.isr, partition.isr)) {
    isr = targets.isr;
  }
  if (isElrEnabled && isr !== null && isr.length === 0 && !isLastKnown(partition)) {
    targets.lastKnownElr = [partition.leader];
  }
  const record = changeRecord(change, {
    isr,
    leader: hasNewLeader ? election.leader : NO_LEADER_CHANGE,
    leaderRecoveryState: isForced && partition.leaderRecoveryState !== RECOVERING ? RECOVERING : -1,
    eligibleLeaderReplicas: sameMembers(targets.elr, partition.elr) ? null : targets.elr,
    lastKnownElr: sameMembers(targets.lastKnownElr, partition.lastKnownElr) ? null : targets.lastKnownElr,
  });
  return saysNothing(record) ? undefined : record;
}

function targetsOf(change: PartitionChange): Targets {
  const { partition, targetIsr, isElrEnabled, minIsr, uncleanShutdownReplicas } = change;
  const targets = { isr: targetIsr, elr: partition.elr, lastKnownElr: partition.lastKnownElr };
  if (!isElrEnabled) return targets;
  if (targetIsr.length >= Math.min(minIsr, partition.replicas.length)) {
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
  const { partition, isAcceptableLeader, isElrEnabled, allowsUncleanElection } = change;
  const isValid = (replica: number): boolean =>
    (isr.includes(replica) || (isElrEnabled && isr.length === 0 && elr.includes(replica))) &&
    isAcceptableLeader(replica);
  if (isValid(partition.leader)) return { leader: partition.leader, isUnclean: false };
  const clean = partition.replicas.find(isValid);
  if (clean !== undefined) return { leader: clean, isUnclean: false };
  const [lastKnown, ...others] = lastKnownElr;
  const isAlone = isElrEnabled && isr.length === 0 && elr.length === 0 && others.length === 0;
  if (isAlone && lastKnown !== undefined && isAcceptableLeader(lastKnown))
    return { leader: lastKnown, isUnclean: true };
  const unclean = allowsUncleanElection ? partition.replicas.find(isAcceptableLeader) : undefined;
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

function changeRecord(
  { topicId, partition, recordVersion }: PartitionChange,
  fields: ChangedFields,
): PartitionChangeRecord {
  return {
    type: 'PartitionChangeRecord',
    version: recordVersion,
    partitionId: partition.partition,
    topicId,
    isr: fields.isr as number[] | null,
    leader: fields.leader,
    replicas: null,
    removingReplicas: null,
    addingReplicas: null,
    leaderRecoveryState: fields.leaderRecoveryState,
    directories: null,
    eligibleLeaderReplicas: fields.eligibleLeaderReplicas as number[] | null,
    lastKnownElr: fields.lastKnownElr as number[] | null,
  };
}

function saysNothing(record: PartitionChangeRecord): boolean {
  return (
    record.isr === null &&
    record.leader === NO_LEADER_CHANGE &&
    record.leaderRecoveryState === -1 &&
    record.eligibleLeaderReplicas === null &&
    record.lastKnownElr === null
  );
}
