// D4 and D5, looked at from inside: the high watermark of a replica does not go back while its process lives, an epoch has one
// leader, and what is committed is on every in-sync replica.
import type { Partition } from '../../../src/replication/index.ts';
import type { Cluster } from './cluster.ts';
import { nameOf } from './node-config.ts';
import { ensure } from './violation.ts';

interface Held {
  readonly id: number;
  readonly partition: Partition;
}

/** What has been seen of one replica; another process has another one. */
interface Seen {
  readonly name: string;
  highWatermark: number;
}

export class ReplicaWatch {
  readonly #cluster: Cluster;
  readonly #seen = new WeakMap<Partition, Seen>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** Throws Violation. */
  check(): void {
    const byName = new Map<string, Held[]>();
    for (const { id, node } of this.#cluster.nodes) {
      for (const partition of node?.heldPartitions ?? []) {
        const seen = this.#seenOf(partition);
        this.#checkOne(id, partition, seen);
        const held = byName.get(seen.name);
        if (held === undefined) byName.set(seen.name, [{ id, partition }]);
        else held.push({ id, partition });
      }
    }
    for (const [name, held] of byName) this.#checkReplicas(name, held);
  }

  #seenOf(partition: Partition): Seen {
    let seen = this.#seen.get(partition);
    if (seen === undefined) {
      seen = { name: `${partition.topic}-${partition.index}`, highWatermark: 0 };
      this.#seen.set(partition, seen);
    }
    return seen;
  }

  #checkOne(id: number, partition: Partition, seen: Seen): void {
    const { highWatermark, logEndOffset } = partition.log;
    const before = seen.highWatermark;
    ensure(
      highWatermark >= before,
      'D4',
      () => `the high watermark of ${seen.name} on ${nameOf(id)} goes back from ${before} to ${highWatermark}`,
    );
    ensure(
      highWatermark <= logEndOffset,
      'D4',
      () => `${seen.name} on ${nameOf(id)} ends at ${logEndOffset} with high watermark ${highWatermark}`,
    );
    seen.highWatermark = highWatermark;
  }

  /**
   * Whose power has failed may have lost what it had flushed not, until its leader knows of its new process: with that it has left the
   * ISR, unless nobody else is in it, and comes into it again when it has caught up.
   */
  #mayLack(id: number, leaderId: number, isr: readonly number[]): boolean {
    const { hasLostPower, node } = this.#cluster.node(id);
    if (!hasLostPower) return false;
    const own = node?.image.cluster.brokers.get(id)?.epoch;
    const known = this.#cluster.node(leaderId).node?.image.cluster.brokers.get(id)?.epoch;
    return own === undefined || own !== known || isr.length === 1;
  }

  #checkReplicas(name: string, held: readonly Held[]): void {
    let leader: Held | undefined;
    for (const one of held) {
      if (!one.partition.isLeader) continue;
      if (leader === undefined || one.partition.leaderEpoch > leader.partition.leaderEpoch) leader = one;
    }
    if (leader === undefined) return;
    const { leaderEpoch, state } = leader.partition;
    // A new leader may know of less than its followers at first: what any of them knows to be committed is.
    const known = held.filter(({ partition }) => partition.leaderEpoch <= leaderEpoch);
    const committed = Math.max(...known.map(({ partition }) => partition.log.highWatermark));
    for (const { id, partition } of held) {
      const isOther = partition.leaderEpoch !== leaderEpoch || !partition.isLeader || id === leader.id;
      ensure(
        isOther,
        'D4',
        () => `${name} is led by ${nameOf(id)} and by ${nameOf(leader.id)} in epoch ${leaderEpoch}`,
      );
      if (!state.isr.includes(id) || this.#mayLack(id, leader.id, state.isr)) continue;
      const { logEndOffset } = partition.log;
      ensure(
        logEndOffset >= committed,
        'D5',
        () => `${name} ends at ${logEndOffset} on ${nameOf(id)}, which is in sync, and is committed up to ${committed}`,
      );
    }
  }
}
