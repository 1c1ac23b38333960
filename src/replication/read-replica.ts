// Which replica a consumer had better read from (KIP-392; Kafka: ReplicaManager.findPreferredReadReplica). Only replicas in sync
// are offered, and only those that have what is asked for.
import type { ClusterView } from './leading/cluster-view.ts';
import type { Partition } from './partition.ts';
import type { ReplicaSelector, ReplicaView } from './replica-selectors.ts';

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
