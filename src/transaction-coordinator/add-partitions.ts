// Which partitions are part of a transaction: adding some, and asking (Kafka: TransactionCoordinator.
// handleAddPartitionsToTransaction, handleVerifyPartitionsInTransaction; KIP-98, KIP-890).
import { type ErrorCode, Errors, type Int64 } from '../protocol/index.ts';
import { type CurrentTransaction, type Decision, decided, IMPOSSIBLE, NOTHING_TO_DO, refused } from './decision.ts';
import { isEnding, isIdle, type TransactionMetadata, TransactionState } from './transaction-metadata.ts';
import type { TopicPartitions } from './transaction-partitions.ts';
import { addPartitions } from './transitions.ts';

export interface PartitionsOfProducer {
  readonly transactionalId: string;
  readonly producerId: Int64;
  readonly producerEpoch: number;
  readonly topics: readonly TopicPartitions[];
}

export function addPartitionsToTransaction(
  known: CurrentTransaction | undefined,
  asked: PartitionsOfProducer,
  clientTransactionVersion: number,
  nowMs: number,
): Decision {
  if (known === undefined) return refused(Errors.INVALID_PRODUCER_ID_MAPPING);
  const { metadata, isPending } = known;
  if (isPending) return refused(Errors.CONCURRENT_TRANSACTIONS);
  const fault = producerFault(metadata, asked);
  if (fault !== Errors.NONE) return refused(fault);
  if (isEnding(metadata)) return refused(Errors.CONCURRENT_TRANSACTIONS);
  const isOpen = metadata.state === TransactionState.ONGOING;
  if (!isOpen && !isIdle(metadata)) return IMPOSSIBLE;
  if (isOpen && metadata.partitions.includes(asked.topics)) return NOTHING_TO_DO;
  return decided(addPartitions(metadata, asked.topics, clientTransactionVersion, nowMs));
}

/** NONE: `isPart` of the transaction can be asked of each partition. A step that is on its way does not matter. */
export function verifyFault(known: TransactionMetadata | undefined, asked: PartitionsOfProducer): ErrorCode {
  if (known === undefined) return Errors.INVALID_PRODUCER_ID_MAPPING;
  const fault = producerFault(known, asked);
  if (fault !== Errors.NONE) return fault;
  return isEnding(known) ? Errors.CONCURRENT_TRANSACTIONS : Errors.NONE;
}

function producerFault(metadata: TransactionMetadata, { producerId, producerEpoch }: PartitionsOfProducer): ErrorCode {
  if (metadata.producerId !== producerId) return Errors.INVALID_PRODUCER_ID_MAPPING;
  return metadata.producerEpoch === producerEpoch ? Errors.NONE : Errors.PRODUCER_FENCED;
}
