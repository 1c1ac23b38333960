// How the replica is picked that a consumer had better read from (KIP-392; Kafka: ReplicaSelector and its two implementations).

export interface ReplicaView {
  readonly id: number;
  readonly rack: string | null;
  readonly endOffset: number;
  /** How long ago it was last caught up; 0 for the leader. */
  readonly lagMs: number;
}

/** Picks one of `replicas`, of which `leader` is one, for a client in `rack`. */
export type ReplicaSelector = (rack: string, leader: ReplicaView, replicas: readonly ReplicaView[]) => ReplicaView;

const leaderSelector: ReplicaSelector = (_rack, leader) => leader;

/** The leader where it is in the client's rack, else the replica there that is furthest, else the leader. */
const rackAwareSelector: ReplicaSelector = (rack, leader, replicas) => {
  const near = replicas.filter((replica) => replica.rack === rack);
  if (near.length === 0 || leader.rack === rack) return leader;
  return near.reduce((best, one) => (isBetter(one, best) ? one : best));
};

function isBetter(one: ReplicaView, other: ReplicaView): boolean {
  if (one.endOffset !== other.endOffset) return one.endOffset > other.endOffset;
  if (one.lagMs !== other.lagMs) return one.lagMs < other.lagMs;
  return one.id > other.id;
}

const selectors: ReadonlyMap<string, ReplicaSelector> = new Map([
  ['org.apache.kafka.common.replica.LeaderSelector', leaderSelector],
  ['org.apache.kafka.common.replica.RackAwareReplicaSelector', rackAwareSelector],
]);

/** Why replica.selector.class cannot be this; undefined when it can. */
export function selectorFault(className: string): string | undefined {
  if (selectors.has(className)) return undefined;
  return `Class ${className} cannot be loaded here; there are ${Array.from(selectors.keys()).join(' and ')}`;
}

/** undefined: consumers read from the leader. */
export const selectorOf = (className: string | null): ReplicaSelector | undefined =>
  className === null ? undefined : selectors.get(className);
