// What a coordinator needs of the log behind it, one partition of an internal topic (Kafka: PartitionWriter, and the log
// reading half of CoordinatorLoaderImpl). The broker implements it over its replica manager.
import type { Producer } from './shard.ts';

/** Told once, when what was appended is committed, or that it never will be. */
export interface CommitWaiter {
  committed(errorCode: number): void;
}

export interface AppendResult {
  /** Not 0: nothing was appended. */
  readonly errorCode: number;
  readonly firstOffset: number;
  /** The offset of the next record. */
  readonly endOffset: number;
}

/** Told of every batch that is appended to a partition, by whomever, in the run in which it is appended. */
export interface AppendWatcher {
  /** Something is about to be appended, or refused. */
  beforeAppend(): void;
  /** `batch` stands in the log from `firstOffset` on; it need not be committed. */
  appended(batch: Buffer, firstOffset: number, endOffset: number): void;
}

/** The log of one partition, for loading. */
export interface LogReader {
  readonly startOffset: number;
  /** The offset of the next record that will be written; it may move while the log is read. */
  readonly endOffset: number;
  /** Everything below is committed. */
  readonly committedOffset: number;
  /**
   * At most `maxBytes` from the batch with `offset` on; the first batch is whole, the last may be cut short. Empty at the
   * end, and when the partition is not led here any more. Rejects with DiskError.
   */
  read(offset: number, maxBytes: number): Promise<Buffer>;
}

/** The transaction that an operation wants to write within, as its client names it. */
export interface ClientTransaction extends Producer {
  readonly transactionalId: string;
  /** The client can be told TRANSACTION_ABORTABLE (KIP-890). */
  readonly knowsAbortable: boolean;
  /** The client leaves it to the broker to add the partition to its transaction (KIP-890). */
  readonly addsPartition: boolean;
}

export interface PartitionWriter {
  /** Largest batch, in bytes, that the partition takes. */
  maxBatchBytes(partition: number): number;
  /** undefined when the partition is not led here. */
  reader(partition: number): LogReader | undefined;
  /**
   * Appends one batch, which belongs to the log until it is committed or has failed. `transactionVersion`: of a marker, the
   * level of transaction.version that its transaction was run by.
   */
  append(partition: number, batch: Buffer, transactionVersion?: number): AppendResult;
  /**
   * Tells `waiter` when all before `endOffset` is committed: below the high watermark. Perhaps at once. Leading on in a newer
   * epoch is no failure; that the partition is led elsewhere, even for a moment, is one.
   */
  awaitCommitted(partition: number, endOffset: number, waiter: CommitWaiter): void;
  /** NONE, or why nothing can be appended now: NOT_LEADER_OR_FOLLOWER, NOT_ENOUGH_REPLICAS, KAFKA_STORAGE_ERROR ... */
  refusal(partition: number): number;
  /** NONE, or why a batch within the transaction of this producer would be refused now. */
  refusalOf(partition: number, producer: Producer): number;
  /** Has `watcher` told from now on, and nobody else; undefined: nobody. */
  watch(partition: number, watcher: AppendWatcher | undefined): void;
  /** Deletes what stands before `offset`, which must be committed (Kafka: PartitionWriter.deleteRecords). 0, or why not. */
  deleteRecords(partition: number, offset: number): number;
  /**
   * Whether the partition is part of the open transaction (KIP-890): 0, or why not. The answer comes within a bounded time.
   * A batch of the producer that follows goes into that transaction, or is refused.
   */
  verify(partition: number, transaction: ClientTransaction): number | Promise<number>;
}
