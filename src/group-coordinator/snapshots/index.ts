// Where a group stands, in plain objects: what `broker.groups()` of an embedded broker gives. Types alone, which stand in the
// package's declarations; group-snapshots.ts is loaded when somebody asks for some.

/** Where one group stands, of whatever kind it is. */
export interface GroupSnapshot {
  readonly groupId: string;
  readonly type: 'classic' | 'consumer' | 'share' | 'streams';
  readonly state: GroupStateName;
  /** What a classic group is for, as its members say: `consumer`, `connect`. Empty without members, and for other types. */
  readonly protocolType: string;
  /** Of a classic group the protocol that its members agreed on (`RoundRobinAssigner`), else the assignor of the broker. */
  readonly assignor: string | undefined;
  /** Of a classic group its generation. */
  readonly epoch: number;
  /** The epoch that `target` of the members was computed for; of a classic group its generation. */
  readonly assignmentEpoch: number;
  readonly members: readonly GroupMemberSnapshot[];
  /** Committed offsets, by topic and partition. Share groups have none. */
  readonly offsets: readonly GroupOffsetSnapshot[];
  /** Offsets that open transactions will commit, or not. */
  readonly pendingOffsets: readonly PendingOffsetSnapshot[];
  /** Of a share group, for each partition that has been set up for it. Empty for other types. */
  readonly startOffsets: readonly ShareStartOffsetSnapshot[];
}

/** Classic groups come from PreparingRebalance and CompletingRebalance to Stable, others from Assigning and Reconciling. */
export type GroupStateName =
  | 'Empty'
  | 'PreparingRebalance'
  | 'CompletingRebalance'
  | 'NotReady'
  | 'Assigning'
  | 'Reconciling'
  | 'Stable';

export interface GroupMemberSnapshot {
  readonly memberId: string;
  /** `group.instance.id` of a static member. */
  readonly instanceId: string | undefined;
  readonly clientId: string;
  /** As Kafka shows it: `/127.0.0.1`. */
  readonly clientHost: string;
  /** undefined in a classic group, whose members have none of their own. */
  readonly epoch: number | undefined;
  /** By name; of members of a classic group as far as they are consumers. Empty for those of streams groups. */
  readonly subscribedTopics: readonly string[];
  /**
   * Partitions as `orders-0`, those that are still to be given up included; of a streams group active tasks, as `0_3`
   * (subtopology and partition).
   */
  readonly assignment: readonly string[];
  /** What the member is to have in the end. undefined in a classic group, whose leader decides that. */
  readonly target: readonly string[] | undefined;
  /** Of a streams group; empty for other types. */
  readonly standbyTasks: readonly string[];
  readonly warmupTasks: readonly string[];
}

export interface GroupOffsetSnapshot {
  /** As `orders-0`. */
  readonly partition: string;
  /** The next record that the group reads. A bigint beyond 2^53 only. */
  readonly offset: number | bigint;
  readonly metadata: string;
}

export interface PendingOffsetSnapshot extends GroupOffsetSnapshot {
  /** Whose transaction it is; `transactions()` tells its transactional id. */
  readonly producerId: number | bigint;
}

export interface ShareStartOffsetSnapshot {
  /** As `orders-0`. */
  readonly partition: string;
  /** The first record that the group is not done with; undefined before it has begun to read. */
  readonly offset: number | undefined;
  /** Records from there on that the group is not done with; undefined when it is not known. */
  readonly lag: number | undefined;
}
