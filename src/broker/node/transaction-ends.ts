// The end of a transaction on partitions that are led here: those of __consumer_offsets through their coordinator, which hears
// of it, all others by their log (Kafka: KafkaApis.handleWriteTxnMarkersRequest).
import type { TransactionMarker } from '../../coordinator-common/index.ts';
import { Errors, KafkaError } from '../../protocol/index.ts';
import { endTransactionOn, type ReplicaManager, type TransactionEnd } from '../../replication/index.ts';

export interface TransactionEndsParts {
  readonly replicas: Pick<ReplicaManager, 'partition' | 'clock'>;
  readonly coordinators: {
    endTransaction(topic: string, partition: number, marker: TransactionMarker): Promise<void> | undefined;
  };
}

/** What a transaction coordinator does not expect: it looks for the leader again. */
const NOT_READY: ReadonlySet<number> = new Set([
  Errors.COORDINATOR_NOT_AVAILABLE,
  Errors.COORDINATOR_LOAD_IN_PROGRESS,
  Errors.NOT_COORDINATOR,
]);

/**
 * NONE when the marker is committed. UNKNOWN_TOPIC_OR_PARTITION, NOT_LEADER_OR_FOLLOWER, KAFKA_STORAGE_ERROR and the like when it
 * may be tried again, INVALID_PRODUCER_EPOCH and TRANSACTION_COORDINATOR_FENCED when somebody else has taken over.
 */
export function endTransaction(
  { replicas, coordinators }: TransactionEndsParts,
  topic: string,
  index: number,
  end: TransactionEnd,
): number | Promise<number> {
  // Kafka's own answer to a batch that cannot be.
  if (end.producerId < 0 || end.producerEpoch < 0) return Errors.UNKNOWN_SERVER_ERROR;
  const partition = replicas.partition(topic, index);
  if (partition === undefined) return Errors.UNKNOWN_TOPIC_OR_PARTITION;
  if (!partition.isLeader) return Errors.NOT_LEADER_OR_FOLLOWER;
  const heard = coordinators.endTransaction(topic, index, end);
  if (heard === undefined) return endTransactionOn(partition, end, replicas.clock);
  return heard.then(
    () => Errors.NONE,
    (error: unknown) => {
      if (!(error instanceof KafkaError)) throw error;
      return NOT_READY.has(error.code) ? Errors.NOT_LEADER_OR_FOLLOWER : error.code;
    },
  );
}
