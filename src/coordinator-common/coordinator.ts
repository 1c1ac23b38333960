// A coordinator as its host in the broker sees it: what it is told of the world, whatever it coordinates.
import type { MetadataDelta, MetadataImage } from '../kraft/metadata/index.ts';
import type { TransactionMarker } from './shard.ts';

export interface Coordinator {
  /** This node leads the partition of the internal topic from now on, in `epoch`: it is loaded. Older epochs are ignored. */
  onLeader(partition: number, epoch: number): void;
  /** Another node leads the partition in `epoch`, or nobody does; left out: the partition is gone. Older epochs are ignored. */
  onResigned(partition: number, epoch?: number): void;
  onMetadata(image: MetadataImage, delta: MetadataDelta): void;
  /**
   * Ends the transaction on the partition. Resolves when the marker is committed; rejects with KafkaError NOT_COORDINATOR,
   * COORDINATOR_LOAD_IN_PROGRESS, INVALID_PRODUCER_EPOCH, TRANSACTION_COORDINATOR_FENCED ... when it is not, or not yet.
   */
  endTransaction(partition: number, marker: TransactionMarker): Promise<void>;
  /** The node is about to stop: requests that wait for something else than the log get NOT_COORDINATOR, the others go on. */
  endWaits(): void;
  /** Ends all waits with NOT_COORDINATOR; nothing is served any more. */
  close(): void;
}
