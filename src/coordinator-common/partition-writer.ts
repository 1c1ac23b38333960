// What a coordinator needs of the log behind it, one partition of an internal topic (Kafka: PartitionWriter, and the log
// reading half of CoordinatorLoaderImpl). The broker implements it over its replica manager.

/** Told once, when what was appended is committed, or that it never will be. */
export interface CommitWaiter {
  committed(errorCode: number): void;
}

export interface AppendResult {
  /** Not 0: nothing was appended. */
  readonly errorCode: number;
  readonly firstOffset: number;
  /** Of the next record. */
  readonly endOffset: number;
}

/** The log of one partition, for loading. */
export interface LogReader {
  readonly startOffset: number;
  /** Of the next record that will be written; it may move while the log is read. */
  readonly endOffset: number;
  /**
   * At most `maxBytes` from the batch with `offset` on; the first batch is whole, the last may be cut short. Empty at the
   * end, and when the partition is not led here any more. Rejects with DiskError.
   */
  read(offset: number, maxBytes: number): Promise<Buffer>;
}

export interface PartitionWriter {
  /** Largest batch, in bytes, that the partition takes. */
  maxBatchBytes(partition: number): number;
  /** undefined when the partition is not led here. */
  reader(partition: number): LogReader | undefined;
  /** Appends one batch, which belongs to the log until it is committed or has failed. */
  append(partition: number, batch: Buffer): AppendResult;
  /** Tells `waiter` when all before `endOffset` is committed: below the high watermark. Perhaps at once. */
  awaitCommitted(partition: number, endOffset: number, waiter: CommitWaiter): void;
}
