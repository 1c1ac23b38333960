// The log of `__cluster_metadata` for Raft: the port `ReplicatedLog` over a log of the log room. A flush is one sync of the
// segment: indexes need none, as this log is read from its first byte at each start.
import {
  DamagedLogError,
  type DiskFailed,
  type LogConfig,
  type LogRuntime,
  openLog,
  type PartitionLog,
  topicLogConfig,
} from '../../log/index.ts';
import { MetadataDamagedError, type ReplicatedLog } from '../../kraft/raft/index.ts';
import { Errors, errorName, METADATA_TOPIC, METADATA_TOPIC_ID } from '../../protocol/index.ts';
import { batchSizeAt } from '../../protocol/records/index.ts';
import { assert, type DiskError, type Durability } from '../../runtime/index.ts';

export interface MetadataLogOptions {
  readonly runtime: LogRuntime;
  /** `<metadata.log.dir>/__cluster_metadata-0`; made when absent. */
  readonly directory: string;
  readonly config: LogConfig;
  /** metadata.log.segment.bytes and .ms */
  readonly segmentBytes: number;
  readonly segmentMs: number;
  /** The last broker stopped in an orderly way, with this log. */
  readonly wasClosed: boolean;
  /** True: nothing outlives the process. Otherwise every commit is on stable storage, whatever topics are promised. */
  readonly isInMemory: boolean;
}

/** Rejects with DiskError, MetadataDamagedError. */
export async function openMetadataLog(options: MetadataLogOptions): Promise<ReplicatedLog> {
  try {
    return await MetadataLog.open(options);
  } catch (error) {
    if (!(error instanceof DamagedLogError)) throw error;
    const { path, position } = error;
    const remedy = `Put it back from a copy. To go on without all metadata behind that place: truncate -s ${position} ${path}`;
    const others = 'remove the .log files with higher numbers beside it, and .kafka_cleanshutdown';
    throw new MetadataDamagedError(`${error.message}. ${remedy}, ${others}`, { cause: error });
  }
}

function open(options: MetadataLogOptions, diskFailed: DiskFailed): Promise<PartitionLog> {
  const { runtime, directory, config, segmentBytes, segmentMs } = options;
  const durability: Durability = options.isInMemory ? 'memory' : 'fsync';
  return openLog({
    runtime,
    directory,
    topic: METADATA_TOPIC,
    partition: 0,
    topicId: METADATA_TOPIC_ID,
    config,
    topicConfig: {
      ...topicLogConfig(config),
      cleanupPolicy: ['delete'],
      // Snapshots decide what may go (KIP-630), never age or size of the log alone.
      retentionMs: -1,
      retentionBytes: -1,
      segmentBytes,
      segmentMs,
    },
    durability,
    wasClosed: options.wasClosed,
    diskFailed,
  });
}

class MetadataLog implements ReplicatedLog {
  readonly #log: PartitionLog;
  readonly #runtime: LogRuntime;
  /** What the disk has said to the write that it refused last. */
  readonly #refusal: () => DiskError | undefined;

  private constructor(log: PartitionLog, runtime: LogRuntime, refusal: () => DiskError | undefined) {
    this.#log = log;
    this.#runtime = runtime;
    this.#refusal = refusal;
  }

  /** Rejects with DiskError, DamagedLogError. */
  static async open(options: MetadataLogOptions): Promise<MetadataLog> {
    let refusal: DiskError | undefined;
    const log = await open(options, (_, error) => {
      refusal = error;
    });
    return new MetadataLog(log, options.runtime, () => refusal);
  }

  get startOffset(): number {
    return this.#log.logStartOffset;
  }
  get endOffset(): number {
    return this.#log.logEndOffset;
  }
  get lastEpoch(): number {
    return Math.max(0, this.#log.latestEpoch);
  }
  get sizeInBytes(): number {
    return this.#log.sizeBytes;
  }

  endOffsetForEpoch(epoch: number): { readonly epoch: number; readonly endOffset: number } {
    const { leaderEpoch: found, endOffset } = this.#log.endOffsetForEpoch(epoch);
    return { epoch: found, endOffset };
  }

  beginEpoch(epoch: number): void {
    this.#log.becomeLeader(epoch);
  }

  append(batches: Buffer): void {
    const info = this.#log.appendAsFollower(batches, { now: this.#runtime.clock.nowMs() });
    assert(info.errorCode === Errors.NONE, `the metadata log refused an append: ${errorName(info.errorCode)}`);
  }

  flush(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#log.onWritten(this.#log.logEndOffset, {
        written: (errorCode) => {
          if (errorCode === Errors.NONE) return resolve();
          const cause = this.#refusal();
          const why = cause?.message ?? errorName(errorCode);
          reject(new Error(`the metadata log could not be written: ${why}`, { cause }));
        },
      });
    });
  }

  read(offset: number, maxBytes: number): Buffer {
    if (offset >= this.#log.logEndOffset) return Buffer.alloc(0);
    const slice = this.#log.read(offset, maxBytes, { upTo: this.#log.logEndOffset, minOneBatch: true });
    const pieces = slice.readSync();
    const bytes = pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
    return bytes.subarray(0, wholeBatches(bytes));
  }

  truncateTo(offset: number): Promise<void> {
    return this.#log.truncateTo(offset);
  }

  truncateFullyAndStartAt(offset: number): Promise<void> {
    return this.#log.truncateFullyAndStartAt(offset);
  }

  startAt(offset: number): void {
    this.#log.updateHighWatermark(offset);
    this.#log.deleteRecordsBefore(offset);
    for (const segment of this.#log.takeExpiredSegments(this.#runtime.clock.nowMs())) segment.remove();
  }

  close(): Promise<void> {
    return this.#log.close();
  }
}

/** Reading stops at a size, which may be in the middle of a batch. */
function wholeBatches(bytes: Buffer): number {
  let end = 0;
  for (let size = batchSizeAt(bytes, end); size > 0; size = batchSizeAt(bytes, end)) end += size;
  return end;
}
