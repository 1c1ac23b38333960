// One partition as the metadata log describes it (Kafka: PartitionRegistration). Immutable; `changedPartition` applies a change.
import { ZERO_UUID } from '../../../protocol/index.ts';
import type { PartitionChangeRecord, PartitionRecord } from '../records/index.ts';

export const NO_LEADER = -1;
/** PartitionChangeRecord.leader: the record says nothing about the leader. */
export const NO_LEADER_CHANGE = -2;
/** LeaderRecoveryState (KIP-704): after an unclean election the new leader may have to recover first. */
export const RECOVERED = 0;
export const RECOVERING = 1;
/** PartitionChangeRecord.leaderRecoveryState: the record says nothing about it. */
export const NO_RECOVERY_CHANGE = -1;

/** Directory ids with a meaning of their own (KIP-858). */
export const DIRECTORY_MIGRATING = ZERO_UUID;
export const DIRECTORY_UNASSIGNED = 'AAAAAAAAAAAAAAAAAAAAAQ';
const DIRECTORY_LOST = 'AAAAAAAAAAAAAAAAAAAAAg';

/** Ids 0 to 99 of directories mean something else than a directory (KIP-858). */
export const isReservedDirectory = (id: string): boolean => /^A{20}[A-Y]/.test(id);

export interface PartitionImage {
  readonly partition: number;
  readonly replicas: readonly number[];
  /** The log directory of each replica, in the order of `replicas`. */
  readonly directories: readonly string[];
  readonly isr: readonly number[];
  readonly addingReplicas: readonly number[];
  readonly removingReplicas: readonly number[];
  /** Eligible leader replicas (KIP-966): out of the ISR, but known to hold everything below the high watermark. */
  readonly elr: readonly number[];
  readonly lastKnownElr: readonly number[];
  readonly leader: number;
  readonly leaderRecoveryState: number;
  readonly leaderEpoch: number;
  readonly partitionEpoch: number;
}

export function partitionFromRecord(record: PartitionRecord): PartitionImage {
  return {
    partition: record.partitionId,
    replicas: shared(record.replicas),
    directories: directoriesOf(record.directories, record.replicas.length),
    isr: shared(record.isr),
    addingReplicas: shared(record.addingReplicas),
    removingReplicas: shared(record.removingReplicas),
    elr: shared(record.eligibleLeaderReplicas),
    lastKnownElr: shared(record.lastKnownElr),
    leader: record.leader,
    leaderRecoveryState: record.leaderRecoveryState,
    leaderEpoch: record.leaderEpoch,
    partitionEpoch: record.partitionEpoch,
  };
}

/** The partition epoch rises with every change; the leader epoch whenever the leader is named, even the same one. */
export function changedPartition(base: PartitionImage, change: PartitionChangeRecord): PartitionImage {
  const replicas = change.replicas === null ? base.replicas : shared(change.replicas);
  const isLeaderNamed = change.leader !== NO_LEADER_CHANGE;
  return {
    partition: base.partition,
    replicas,
    directories: changedDirectories(base, change, replicas),
    isr: change.isr === null ? base.isr : shared(change.isr),
    addingReplicas: change.addingReplicas === null ? base.addingReplicas : shared(change.addingReplicas),
    removingReplicas: change.removingReplicas === null ? base.removingReplicas : shared(change.removingReplicas),
    elr: change.eligibleLeaderReplicas === null ? base.elr : shared(change.eligibleLeaderReplicas),
    lastKnownElr: change.lastKnownElr === null ? base.lastKnownElr : shared(change.lastKnownElr),
    leader: isLeaderNamed ? change.leader : base.leader,
    leaderRecoveryState:
      change.leaderRecoveryState === NO_RECOVERY_CHANGE ? base.leaderRecoveryState : change.leaderRecoveryState,
    leaderEpoch: isLeaderNamed ? base.leaderEpoch + 1 : base.leaderEpoch,
    partitionEpoch: base.partitionEpoch + 1,
  };
}

/** The record that a snapshot holds for the partition, in the version that the metadata version allows. */
export function partitionToRecord(topicId: string, image: PartitionImage, version: number): PartitionRecord {
  return {
    type: 'PartitionRecord',
    version,
    partitionId: image.partition,
    topicId,
    replicas: image.replicas as number[],
    isr: image.isr as number[],
    removingReplicas: image.removingReplicas as number[],
    addingReplicas: image.addingReplicas as number[],
    leader: image.leader,
    leaderRecoveryState: image.leaderRecoveryState,
    leaderEpoch: image.leaderEpoch,
    partitionEpoch: image.partitionEpoch,
    directories: version < 1 ? [] : (image.directories as string[]),
    // Kafka leaves an empty list out instead of writing it: the tag is absent unless there is a member.
    eligibleLeaderReplicas: version < 2 || image.elr.length === 0 ? null : (image.elr as number[]),
    lastKnownElr: version < 2 || image.lastKnownElr.length === 0 ? null : (image.lastKnownElr as number[]),
  };
}

const NOTHING: readonly never[] = Object.freeze([]);

/** Ten thousand partitions have mostly empty lists: one list serves them all. */
function shared<T>(list: readonly T[] | null): readonly T[] {
  return list === null || list.length === 0 ? NOTHING : list;
}

function directoriesOf(directories: readonly string[], replicaCount: number): readonly string[] {
  return directories.length === replicaCount
    ? directories
    : Array.from({ length: replicaCount }, () => DIRECTORY_MIGRATING);
}

function changedDirectories(
  base: PartitionImage,
  change: PartitionChangeRecord,
  replicas: readonly number[],
): readonly string[] {
  if (change.directories !== null && change.directories.length > 0) return change.directories;
  if (change.replicas === null) return base.directories;
  return replicas.map((replica) => base.directories[base.replicas.indexOf(replica)] ?? DIRECTORY_UNASSIGNED);
}

/** Migrating and unassigned: nobody knows yet where the replica lies. */
const RESERVED_PREFIX = 'AAAAAAAAAAAAAAAAAAAAA';

/** Whether a replica lies in one of its broker's directories that are in use, as far as that is known (KIP-858). */
export function hasOnlineDirectory(
  { replicas, directories }: PartitionImage,
  brokerId: number,
  online: readonly string[],
): boolean {
  const directory = directories[replicas.indexOf(brokerId)];
  if (directory === undefined || online.length === 0) return true;
  if (directory === DIRECTORY_LOST) return false;
  return directory.startsWith(RESERVED_PREFIX) || online.includes(directory);
}
