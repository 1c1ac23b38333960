// How the leader of a classic group divides partitions among its members. The answers are those of Kafka's clients, so that members of
// different kinds may lead one group in turn. Partitions' racks play no part (KIP-881 only matters to members that give one).
export interface TopicPartitions {
  readonly topic: string;
  readonly partitions: number[];
}

export interface AssignorMember {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  /** Subscribed to. */
  readonly topics: readonly string[];
  readonly owned: readonly TopicPartitions[];
  /** In which `owned` was assigned; -1 when not known (KIP-792). */
  readonly generationId: number;
  readonly userData: Uint8Array | null;
}

/** Member → what it reads; every member is there, though it may read nothing. */
export type Assignment = Map<string, TopicPartitions[]>;

export interface Assignor {
  /** As it goes over the wire: members agree on one by it. */
  readonly name: string;
  /** cooperative: members keep what they have while they join again, and give up what others are to have (KIP-429). */
  readonly protocol: 'eager' | 'cooperative';
  assign(members: readonly AssignorMember[], partitionCounts: ReadonlyMap<string, number>): Assignment;
  /** What a member tells the leader beside its subscription. */
  userData?(owned: readonly TopicPartitions[], generationId: number): Uint8Array;
}

/** Kafka compares strings by UTF-16 units, as JavaScript does. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Static members by their instance id first, then the others by member id (MemberInfo.compareTo). */
export function compareMembers(a: AssignorMember, b: AssignorMember): number {
  if (a.groupInstanceId !== null && b.groupInstanceId !== null)
    return compareText(a.groupInstanceId, b.groupInstanceId);
  if (a.groupInstanceId !== null) return -1;
  if (b.groupInstanceId !== null) return 1;
  return compareText(a.memberId, b.memberId);
}

/** Partition by partition, to what goes over the wire. */
export function groupedByTopic(
  places: Iterable<{ readonly topic: string; readonly partition: number }>,
): TopicPartitions[] {
  const topics = new Map<string, TopicPartitions>();
  for (const { topic, partition } of places) {
    const known = topics.get(topic);
    if (known === undefined) topics.set(topic, { topic, partitions: [partition] });
    else known.partitions.push(partition);
  }
  return [...topics.values()];
}
