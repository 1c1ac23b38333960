// What an assignor of consumer and share groups is (KIP-848, KIP-932; Kafka: PartitionAssignor): a pure function from members
// and topics to what each member is to have. It looks at no clock and at nothing but its arguments, so the same group gets the
// same targets again. Where members or partitions are equally good, the order of `members` and of the sets decides.

/** Partitions by topic id. */
export type TopicPartitions = ReadonlyMap<string, ReadonlySet<number>>;

export interface MemberSpec {
  /** Set for static members. */
  readonly instanceId: string | null;
  /** No assignor of Apache Kafka 4.3 looks at racks. */
  readonly rackId: string | null;
  /** Topics that exist. */
  readonly subscribedTopicIds: ReadonlySet<string>;
  /** Its target as it is; empty for one that is new. */
  readonly assigned: TopicPartitions;
}

export interface GroupSpec {
  readonly members: ReadonlyMap<string, MemberSpec>;
  /** All members have subscribed to the same topics. */
  readonly isHomogeneous: boolean;
  /**
   * Share groups: whether the partition may be given out, its share state being initialised (Kafka: isPartitionAssignable).
   * Absent: all may.
   */
  readonly isAssignable?: (topicId: string, partition: number) => boolean;
}

/** Partitions of a topic; -1 for one that does not exist. */
export type PartitionCountOf = (topicId: string) => number;

export interface Assignor {
  /** As configs and heartbeats name it. */
  readonly name: string;
  /**
   * Targets by member id; a member that is left out is to have nothing. What does not change is handed back as it was given.
   * Throws AssignorError when a member has subscribed to a topic that does not exist.
   */
  assign(spec: GroupSpec, partitionCountOf: PartitionCountOf): ReadonlyMap<string, TopicPartitions>;
}

/** No assignment can be computed from what was given (Kafka: PartitionAssignorException, TaskAssignorException). */
export class AssignorError extends Error {
  override readonly name = 'AssignorError';
}

/** The partition count of every topic that somebody has subscribed to, in the order in which members name them. */
export function subscribedTopics({ members }: GroupSpec, partitionCountOf: PartitionCountOf): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { subscribedTopicIds } of members.values()) {
    for (const topicId of subscribedTopicIds) {
      if (counts.has(topicId)) continue;
      const count = partitionCountOf(topicId);
      if (count < 0) {
        const what = `Members are subscribed to topic ${topicId} which doesn't exist in the topic metadata.`;
        throw new AssignorError(what);
      }
      counts.set(topicId, count);
    }
  }
  return counts;
}
