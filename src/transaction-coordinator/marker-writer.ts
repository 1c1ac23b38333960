// How a marker comes into the log of a partition, whoever asks for it: the transaction coordinator of this node, or another
// one through WriteTxnMarkers. A port: the partition may be led by another node.
import type { TransactionMarker } from '../coordinator-common/index.ts';
import { NO_PRODUCER_EPOCH, NO_PRODUCER_ID } from '../protocol/index.ts';

export interface MarkerToWrite extends TransactionMarker {
  /** The level of transaction.version by which the transaction was run: how strictly its epoch is checked (KIP-1228). */
  readonly transactionVersion: number;
}

/** No batch can be made of it, whatever the partition: -1 stands for no producer and no epoch, other negative numbers for nothing. */
export const isImpossible = ({
  producerId,
  producerEpoch,
  transactionVersion,
}: Pick<MarkerToWrite, 'producerId' | 'producerEpoch' | 'transactionVersion'>): boolean =>
  producerId === NO_PRODUCER_ID || producerEpoch === NO_PRODUCER_EPOCH || transactionVersion < 0;

/** Older than any: no partition takes it of a producer. */
export const isOfNoEpoch = ({
  producerId,
  producerEpoch,
}: Pick<MarkerToWrite, 'producerId' | 'producerEpoch'>): boolean =>
  producerId > NO_PRODUCER_ID && producerEpoch < NO_PRODUCER_EPOCH;

export interface MarkerWriter {
  /**
   * Appends the marker, in the run in which it is called where the partition is led here. Resolves with NONE when it is
   * committed, else with why it is not: UNKNOWN_TOPIC_OR_PARTITION, NOT_LEADER_OR_FOLLOWER, INVALID_PRODUCER_EPOCH,
   * TRANSACTION_COORDINATOR_FENCED, COORDINATOR_LOAD_IN_PROGRESS ... Never rejects.
   */
  write(topic: string, partition: number, marker: MarkerToWrite): Promise<number>;
}
