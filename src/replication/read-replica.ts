// Which replica a consumer had better read from (KIP-392; Kafka: ReplicaSelector and its two implementations). Only replicas in
// sync are offered, and only those that have what is asked for.
import type { ClusterView } from './leading/cluster-view.ts';
import type { Partition } from './partition.ts';

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

/** Where a consumer in `rack` had better read `offset`; -1: here. */
export function readReplicaFor(
  partition: Partition,
  offset: number,
  rack: string,
  { select, cluster, localId }: { select: ReplicaSelector; cluster: ClusterView; localId: number },
): number {
  if (!partition.isLeader) return -1;
  const leader: ReplicaView = {
    id: localId,
    rack: cluster.broker(localId)?.rack ?? null,
    endOffset: partition.log.logEndOffset,
    lagMs: 0,
  };
  const replicas = [leader];
  const nowMs = cluster.liveMs();
  for (const { id, endOffset, logStartOffset, lastCaughtUpMs } of partition.followers) {
    const broker = cluster.broker(id);
    const isAlive = broker !== undefined && !broker.isFenced;
    if (!isAlive || !partition.state.isr.includes(id) || endOffset < offset || logStartOffset > offset) continue;
    replicas.push({ id, rack: broker.rack, endOffset, lagMs: nowMs - lastCaughtUpMs });
  }
  const selected = select(rack, leader, replicas);
  return selected === leader ? -1 : selected.id;
}
