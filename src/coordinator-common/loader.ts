// Loading a shard: its partition is read from the start in slices and replayed (Kafka: CoordinatorLoaderImpl). Between two
// slices the event loop gets its turn, so that a large partition does not keep the others waiting.
import {
  batchSizeAt,
  type CodecId,
  codecReady,
  Codecs,
  compression,
  DecodeError,
  isTransactional,
  KafkaError,
  lastOffsetOf,
  loadCodec,
  magic,
  MAGIC_V2,
  NO_PRODUCER_EPOCH,
  NO_PRODUCER_ID,
  producerEpoch,
  producerId,
  recordsOf,
} from '../protocol/index.ts';
import { ensureBatchValid } from '../protocol/records/index.ts';
import type { Clock, Logger } from '../runtime/index.ts';
import { isControlBatch, markersIn } from './markers.ts';
import type { LogReader } from './partition-writer.ts';
import type { CoordinatorShard, RecordSerde } from './shard.ts';

export interface LoadOptions<R> {
  readonly reader: LogReader;
  readonly serde: RecordSerde<R>;
  readonly shard: Pick<CoordinatorShard<R, never>, 'replay' | 'replayEndTransactionMarker' | 'stored'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly sliceBytes: number;
  /** false: the load is of no use any more. */
  readonly isWanted: () => boolean;
}

export interface LoadSummary {
  readonly endOffset: number;
  readonly records: number;
  readonly skipped: number;
}

/** Replays the whole log. undefined when the load was no longer wanted. Rejects with DiskError, InvalidRecordError, CorruptRecordError. */
export async function load<R>(options: LoadOptions<R>): Promise<LoadSummary | undefined> {
  const { reader, clock, sliceBytes } = options;
  const replayer = new Replayer(options);
  let offset = reader.startOffset;
  while (offset < reader.endOffset) {
    const bytes = await reader.read(offset, sliceBytes);
    if (!options.isWanted()) return undefined;
    const before = offset;
    let at = 0;
    for (let size = batchSizeAt(bytes, at); size > 0; size = batchSizeAt(bytes, at)) {
      // A commit that a disk has changed would be believed.
      ensureBatchValid(bytes, at);
      // Messages of formats 0 and 1 know no codec that has to be loaded.
      const codec = (magic(bytes, at) < MAGIC_V2 ? Codecs.NONE : compression(bytes, at)) as CodecId;
      if (!codecReady(codec)) await loadCodec(codec);
      replayer.batch(bytes, at);
      offset = lastOffsetOf(bytes, at) + 1;
      at += size;
    }
    // Nothing more can be read: the partition has been taken away meanwhile, or its offsets do not go up.
    if (offset <= before) return undefined;
    await new Promise<void>((resolve) => clock.endOfTurn(resolve));
    if (!options.isWanted()) return undefined;
  }
  return { endOffset: offset, records: replayer.records, skipped: replayer.skipped };
}

class Replayer<R> {
  readonly #options: LoadOptions<R>;
  records = 0;
  skipped = 0;

  constructor(options: LoadOptions<R>) {
    this.#options = options;
  }

  batch(bytes: Buffer, at: number): void {
    const isOld = magic(bytes, at) < MAGIC_V2;
    if (!isOld && isControlBatch(bytes, at)) return this.#markers(bytes, at);
    const isOfTransaction = !isOld && isTransactional(bytes, at);
    const producer = isOfTransaction ? producerId(bytes, at) : NO_PRODUCER_ID;
    const epoch = isOfTransaction ? producerEpoch(bytes, at) : NO_PRODUCER_EPOCH;
    for (const { offset, key, value } of recordsOf(bytes, { at })) {
      const record = key === null ? undefined : this.#decoded(key, value, offset);
      if (record === undefined) {
        this.skipped++;
      } else {
        this.records++;
        this.#options.shard.replay(record, producer, epoch);
        if (key !== null) this.#options.shard.stored?.({ key, value }, offset);
      }
    }
  }

  #markers(bytes: Buffer, at: number): void {
    for (const isCommit of markersIn(bytes, at)) {
      this.#options.shard.replayEndTransactionMarker(producerId(bytes, at), producerEpoch(bytes, at), isCommit);
    }
  }

  /** The record; undefined for one that cannot be read, which is told and skipped: the rest of the partition is loaded. */
  #decoded(key: Uint8Array, value: Uint8Array | null, offset: number): R | undefined {
    const { serde, logger } = this.#options;
    try {
      const record = serde.decode(key, value);
      if (record === undefined) logger.log('warn', 'a coordinator record of an unknown type is skipped', { offset });
      return record;
    } catch (error) {
      if (!(error instanceof DecodeError || error instanceof KafkaError)) throw error;
      logger.log('error', 'a coordinator record that cannot be read is skipped', { offset, error: error.message });
      return undefined;
    }
  }
}
