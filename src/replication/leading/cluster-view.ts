// What a replica has to know of the cluster around it, to judge its followers and to have its in-sync replicas changed.
import type { IsrChanges } from './isr-changes.ts';

/** A broker as the metadata knows it (BrokerRegistration, in part). */
export interface KnownBroker {
  readonly epoch: number;
  readonly rack: string | null;
  readonly isFenced: boolean;
  readonly isInControlledShutdown: boolean;
}

export interface ClusterView {
  /** replica.lag.time.max.ms */
  readonly maxLagMs: number;
  /** The epoch of this node's registration; -1 before it is known. */
  readonly ownEpoch: number;
  /** Monotonic milliseconds of which this node has noticed something: those in which its own event loop stood are left out. */
  liveMs(): number;
  /** undefined: it is not registered. */
  broker(id: number): KnownBroker | undefined;
  /** undefined: there is no controller to ask. */
  readonly isrChanges: IsrChanges | undefined;
}

/** Of a partition without others around it. */
export const ALONE: ClusterView = {
  maxLagMs: 30_000,
  ownEpoch: -1,
  liveMs: () => 0,
  broker: () => undefined,
  isrChanges: undefined,
};

/** Whether the broker, fetching with the epoch `fetchEpoch` (-1: it does not say), may come into the ISR (KIP-841, KIP-903). */
export function isIsrEligible(cluster: ClusterView, brokerId: number, fetchEpoch: number): boolean {
  const broker = cluster.broker(brokerId);
  if (broker === undefined || broker.isFenced || broker.isInControlledShutdown) return false;
  return fetchEpoch === -1 || fetchEpoch === broker.epoch;
}
