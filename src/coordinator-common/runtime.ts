// The runtime in which coordinators live (Kafka: CoordinatorRuntime): one shard per partition of an internal topic that this
// node leads. What happens to a partition, and what a request for it gets:
//
//   absent    not led here                                  NOT_COORDINATOR
//   loading   led; its log is being replayed                COORDINATOR_LOAD_IN_PROGRESS
//   active    loaded                                        served
//   resting   it could not be loaded, or a write failed;    NOT_COORDINATOR
//             after a pause that doubles it is loaded again
//
// Groups, transactions and share groups are tenants of it. Nothing here knows what the records mean.
import { type MetadataDelta, MetadataImage } from '../kraft/metadata/index.ts';
import type { Clock, Logger, Timer } from '../runtime/index.ts';
import { type CodecId, codecReady, Codecs, Errors, KafkaError, loadCodec } from '../protocol/index.ts';
import { HostedShard } from './hosted-shard.ts';
import { load, type LoadSummary } from './loader.ts';
import type { ClientTransaction, LogReader, PartitionWriter } from './partition-writer.ts';
import type { CoordinatorShard, Effects, Held, RecordSerde, TransactionMarker } from './shard.ts';

export interface CoordinatorRuntimeOptions<S, R> {
  /** Names the coordinator in log lines. */
  readonly name: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly writer: PartitionWriter;
  readonly serde: RecordSerde<R>;
  /** An empty state, to be replayed into. */
  readonly newShard: (partition: number) => S;
  readonly codec?: CodecId;
  readonly commitTimeoutMs: number;
  readonly loadBufferBytes: number;
}

/** Loading takes the event loop for one slice at a time; a larger buffer would hold up the others. */
const LARGEST_SLICE_BYTES = 512 * 1024;
const FIRST_REST_MS = 100;
const LONGEST_REST_MS = 30_000;
/** Changes of the metadata that a partition keeps until it is loaded; of more, the oldest are given up. */
const MOST_KEPT = 1_000;

/** A change of the metadata, as one partition has it before it. */
interface MetadataChange {
  readonly image: MetadataImage;
  readonly delta: MetadataDelta;
  /** All that came of it is committed. */
  isDone: boolean;
}

interface Place<S extends CoordinatorShard<R, E>, R, E> {
  readonly partition: number;
  epoch: number;
  state: 'loading' | 'active' | 'resting';
  hosted: HostedShard<S, R, E> | undefined;
  /** From the first that is not done on: they are told as soon as the partition is active (again), behind the image before. */
  changes: MetadataChange[];
  /** The load that counts; those before it are given up. */
  attempt: number;
  failures: number;
  rest: Timer | undefined;
}

export class CoordinatorRuntime<S extends CoordinatorShard<R, E>, R, E> {
  readonly #options: CoordinatorRuntimeOptions<S, R>;
  readonly #places = new Map<number, Place<S, R, E>>();
  /** Loads run one after the other: together they would only take longer. */
  #loads: Promise<void> = Promise.resolve();
  #image: MetadataImage = MetadataImage.empty;
  #areWaitsEnded = false;
  #isClosed = false;

  constructor(options: CoordinatorRuntimeOptions<S, R>) {
    this.#options = options;
  }

  /** Partitions that are led here, loaded or not. */
  get partitions(): IterableIterator<number> {
    return this.#places.keys();
  }
  isHosted(partition: number): boolean {
    return this.#places.has(partition);
  }
  isActive(partition: number): boolean {
    return this.#places.get(partition)?.state === 'active';
  }

  /** This node leads `partition` from now on; one that it led before goes on as it is. Older epochs are ignored. */
  load(partition: number, epoch: number): void {
    if (this.#isClosed) return;
    const known = this.#places.get(partition);
    if (known !== undefined) {
      if (epoch > known.epoch) known.epoch = epoch;
      return;
    }
    const place: Place<S, R, E> = {
      partition,
      epoch,
      state: 'loading',
      hosted: undefined,
      changes: [],
      attempt: 0,
      failures: 0,
      rest: undefined,
    };
    this.#places.set(partition, place);
    this.#load(place);
  }

  /** The partition is led elsewhere, or gone: everybody who waits gets NOT_COORDINATOR. */
  unload(partition: number): void {
    const place = this.#places.get(partition);
    if (place === undefined) return;
    this.#places.delete(partition);
    place.rest?.cancel();
    place.hosted?.drop(new KafkaError(Errors.NOT_COORDINATOR));
  }

  /** Requests are no longer held: who waits for something else than the log gets NOT_COORDINATOR, now and later. */
  endWaits(): void {
    this.#areWaitsEnded = true;
    for (const place of this.#places.values()) place.hosted?.endWaits(new KafkaError(Errors.NOT_COORDINATOR));
  }

  close(): void {
    this.#isClosed = true;
    for (const partition of this.#places.keys()) this.unload(partition);
  }

  /** See HostedShard.ask. Throws KafkaError NOT_COORDINATOR, COORDINATOR_LOAD_IN_PROGRESS, or what the operation throws. */
  ask<T>(partition: number, operation: (shard: S, effects: Effects<R, E>) => T): T | Promise<T> {
    return this.#active(partition).ask(operation);
  }

  /** See HostedShard.hold. Throws as `ask` does. */
  hold<T>(partition: number, operation: (shard: S, effects: Effects<R, E>, held: Held<T>) => void): Promise<T> {
    return this.#active(partition).hold(operation);
  }

  /** See HostedShard.askInTransaction. Throws as `ask` does, and rejects as the verification says. */
  askInTransaction<T>(
    partition: number,
    transaction: ClientTransaction,
    operation: (shard: S, effects: Effects<R, E>) => T,
  ): Promise<T> {
    return this.#active(partition).askInTransaction(transaction, operation);
  }

  /** A transaction ends on `partition`: the marker is appended and heard. Rejects with KafkaError; see Coordinator. */
  async endTransaction(partition: number, marker: TransactionMarker): Promise<void> {
    return this.#active(partition).endTransaction(marker);
  }

  /**
   * The metadata has changed: every partition that is led here is told, at once where it is active, else once it is loaded;
   * again when what it wrote was lost with the shard.
   */
  onMetadata(image: MetadataImage, delta: MetadataDelta): void {
    this.#image = image;
    for (const place of this.#places.values()) {
      const change: MetadataChange = { image, delta, isDone: false };
      place.changes.push(change);
      if (place.changes.length > MOST_KEPT) place.changes.shift();
      if (place.hosted !== undefined) this.#tell(place, place.hosted, change);
    }
  }

  #tell(place: Place<S, R, E>, hosted: HostedShard<S, R, E>, change: MetadataChange): void {
    hosted.onMetadata(change.image, change.delta, () => {
      change.isDone = true;
      const open = place.changes.findIndex(({ isDone }) => !isDone);
      place.changes.splice(0, open === -1 ? place.changes.length : open);
    });
  }

  #active(partition: number): HostedShard<S, R, E> {
    const place = this.#places.get(partition);
    if (place?.state === 'loading') throw new KafkaError(Errors.COORDINATOR_LOAD_IN_PROGRESS);
    if (place?.hosted === undefined || place.state !== 'active') throw new KafkaError(Errors.NOT_COORDINATOR);
    return place.hosted;
  }

  #load(place: Place<S, R, E>): void {
    const attempt = ++place.attempt;
    place.state = 'loading';
    const { writer, codec = Codecs.NONE } = this.#options;
    const reader = writer.reader(place.partition);
    if (reader === undefined) return this.#rest(place, 'the partition is not led here');
    const shard = this.#options.newShard(place.partition);
    // Most partitions are empty when a broker starts: they need not wait for the others.
    if (reader.startOffset === reader.endOffset && codecReady(codec)) {
      this.#activate(place, shard, reader, reader.endOffset);
      return;
    }
    const isWanted = (): boolean => this.#places.get(place.partition) === place && place.attempt === attempt;
    this.#loads = this.#loads.then(async () => {
      if (!isWanted()) return;
      try {
        await loadCodec(codec);
        const summary = await this.#replay(place, shard, reader, isWanted);
        if (!isWanted()) return;
        if (summary === undefined) this.#rest(place, 'the log could not be read to its end');
        else this.#activate(place, shard, reader, summary.endOffset);
      } catch (error) {
        if (isWanted()) this.#rest(place, error instanceof Error ? (error.stack ?? error.message) : String(error));
      }
    });
  }

  async #replay(
    place: Place<S, R, E>,
    shard: S,
    reader: LogReader,
    isWanted: () => boolean,
  ): Promise<LoadSummary | undefined> {
    const { clock, serde, name, loadBufferBytes } = this.#options;
    const logger = this.#options.logger;
    const startMs = clock.monotonicMs();
    const sliceBytes = Math.min(loadBufferBytes, LARGEST_SLICE_BYTES);
    const summary = await load({ reader, serde, shard, clock, logger, sliceBytes, isWanted });
    if (summary !== undefined) {
      const { partition } = place;
      const durationMs = Math.round(clock.monotonicMs() - startMs);
      logger.log('info', 'a coordinator partition is loaded', { name, partition, durationMs, ...summary });
    }
    return summary;
  }

  #activate(place: Place<S, R, E>, shard: S, reader: LogReader, endOffset: number): void {
    if (reader.endOffset !== endOffset) return this.#rest(place, 'somebody wrote to the log while it was loaded');
    const { serde, writer, clock, logger, codec = Codecs.NONE, commitTimeoutMs } = this.#options;
    const { partition } = place;
    const hosted: HostedShard<S, R, E> = new HostedShard<S, R, E>({
      partition,
      shard,
      serde,
      writer,
      clock,
      logger,
      codec,
      commitTimeoutMs,
      failed: (reason) => this.#rest(place, reason),
      progressed: () => {
        place.failures = 0;
      },
    });
    if (this.#areWaitsEnded) hosted.endWaits(new KafkaError(Errors.NOT_COORDINATOR));
    place.hosted = hosted;
    place.state = 'active';
    try {
      const image = place.changes[0]?.delta.base ?? this.#image;
      hosted.activate(endOffset, reader.committedOffset >= endOffset, image);
    } catch (error) {
      // The shard has dropped itself, and rests.
      if (!(error instanceof KafkaError)) throw error;
    }
    for (const change of place.changes.slice()) if (place.hosted === hosted) this.#tell(place, hosted, change);
  }

  #rest(place: Place<S, R, E>, reason: string): void {
    place.hosted = undefined;
    place.state = 'resting';
    place.attempt++;
    if (this.#places.get(place.partition) !== place) return;
    const { clock, logger, name } = this.#options;
    const restMs = Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** place.failures);
    place.failures = Math.min(place.failures + 1, 20);
    logger.log('warn', 'a coordinator partition is loaded again', { name, partition: place.partition, reason, restMs });
    place.rest = clock.schedule(restMs, () => {
      place.rest = undefined;
      this.#load(place);
    });
  }
}
