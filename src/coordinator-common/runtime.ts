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
import { FIRST_SEQUENCE } from './shard-log.ts';
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
  /** Of batches without a producer. Default: 0, as Kafka's CoordinatorRuntime writes them. */
  readonly baseSequence?: number;
  readonly commitTimeoutMs: number;
  readonly loadBufferBytes: number;
}

/** Loading takes the event loop for one slice at a time; a larger buffer would hold up the others. */
const LARGEST_SLICE_BYTES = 512 * 1024;
const FIRST_REST_MS = 100;
const LONGEST_REST_MS = 30_000;
/** Changes of the metadata that a partition keeps until it is loaded; of more, the oldest are given up. */
const MOST_KEPT = 1_000;

/** A change of the metadata that one partition is still to be told of. */
interface MetadataChange {
  readonly image: MetadataImage;
  readonly delta: MetadataDelta;
  /** True once all records that the shard wrote over it are committed. */
  isDone: boolean;
}

/** One partition that this node leads, from `load` to `unload`: the shard in it comes and goes. */
interface CoordinatorContext<S extends CoordinatorShard<R, E>, R, E> {
  readonly partition: number;
  epoch: number;
  state: 'loading' | 'active' | 'resting';
  activeSinceMs: number;
  hosted: HostedShard<S, R, E> | undefined;
  /** Every change since the first that is not done. A shard that is loaded gets the image before it, then these. */
  changes: MetadataChange[];
  /** Counts the loads: only the newest one counts, earlier ones are given up. */
  attempt: number;
  failures: number;
  rest: Timer | undefined;
}

export class CoordinatorRuntime<S extends CoordinatorShard<R, E>, R, E> {
  readonly #options: CoordinatorRuntimeOptions<S, R>;
  readonly #contexts = new Map<number, CoordinatorContext<S, R, E>>();
  /** The newest epoch in which each partition that is led elsewhere was heard of: nothing older is led here again. */
  readonly #resigned = new Map<number, number>();
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
    return this.#contexts.keys();
  }
  isHosted(partition: number): boolean {
    return this.#contexts.has(partition);
  }
  isActive(partition: number): boolean {
    return this.#contexts.get(partition)?.state === 'active';
  }

  /** The epoch in which this node leads `partition`; undefined: it does not. */
  epochOf(partition: number): number | undefined {
    return this.#contexts.get(partition)?.epoch;
  }

  /**
   * This node leads `partition` from now on. One that it led before goes on as it is: nobody else has written to it, and what
   * is in its log stays there; only one that rests is tried anew. Older epochs are ignored.
   */
  load(partition: number, epoch: number): void {
    if (this.#isClosed) return;
    const known = this.#contexts.get(partition);
    if (known !== undefined) return this.#leadOn(known, epoch);
    if (epoch <= (this.#resigned.get(partition) ?? -1)) return;
    this.#resigned.delete(partition);
    const context: CoordinatorContext<S, R, E> = {
      partition,
      epoch,
      state: 'loading',
      activeSinceMs: 0,
      hosted: undefined,
      changes: [],
      attempt: 0,
      failures: 0,
      rest: undefined,
    };
    this.#contexts.set(partition, context);
    this.#load(context);
  }

  #leadOn(context: CoordinatorContext<S, R, E>, epoch: number): void {
    if (epoch <= context.epoch) return;
    context.epoch = epoch;
    if (context.state !== 'resting') return;
    context.rest?.cancel();
    context.rest = undefined;
    context.failures = 0;
    this.#load(context);
  }

  /**
   * The partition is led elsewhere in `epoch`, or gone when that is left out: everybody who waits gets NOT_COORDINATOR. Older
   * epochs are ignored.
   */
  unload(partition: number, epoch?: number): void {
    const context = this.#contexts.get(partition);
    if (epoch === undefined) this.#resigned.delete(partition);
    else if (epoch < (context?.epoch ?? epoch)) return;
    else this.#resigned.set(partition, Math.max(epoch, this.#resigned.get(partition) ?? epoch));
    if (context === undefined) return;
    this.#contexts.delete(partition);
    context.rest?.cancel();
    context.hosted?.drop(new KafkaError(Errors.NOT_COORDINATOR));
  }

  /** Requests are no longer held: those that wait for something else than the log get NOT_COORDINATOR, now and later. */
  endWaits(): void {
    this.#areWaitsEnded = true;
    for (const context of this.#contexts.values()) context.hosted?.endWaits(new KafkaError(Errors.NOT_COORDINATOR));
  }

  close(): void {
    this.#isClosed = true;
    for (const partition of this.#contexts.keys()) this.unload(partition);
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

  /** See HostedShard.tell; nothing happens where no shard is active. */
  tell(partition: number, what: string, operation: (shard: S, effects: Effects<R, E>) => void): void {
    const context = this.#contexts.get(partition);
    if (context?.state === 'active') context.hosted?.tell(what, operation);
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
    for (const context of this.#contexts.values()) {
      const change: MetadataChange = { image, delta, isDone: false };
      context.changes.push(change);
      if (context.changes.length > MOST_KEPT) context.changes.shift();
      if (context.hosted !== undefined) this.#tell(context, context.hosted, change);
    }
  }

  #tell(context: CoordinatorContext<S, R, E>, hosted: HostedShard<S, R, E>, change: MetadataChange): void {
    hosted.onMetadata(change.image, change.delta, () => {
      change.isDone = true;
      const open = context.changes.findIndex(({ isDone }) => !isDone);
      context.changes.splice(0, open === -1 ? context.changes.length : open);
    });
  }

  #active(partition: number): HostedShard<S, R, E> {
    const context = this.#contexts.get(partition);
    if (context?.state === 'loading') throw new KafkaError(Errors.COORDINATOR_LOAD_IN_PROGRESS);
    if (context?.hosted === undefined || context.state !== 'active') throw new KafkaError(Errors.NOT_COORDINATOR);
    return context.hosted;
  }

  #load(context: CoordinatorContext<S, R, E>): void {
    const attempt = ++context.attempt;
    context.state = 'loading';
    const { writer, codec = Codecs.NONE } = this.#options;
    const reader = writer.reader(context.partition);
    if (reader === undefined) return this.#rest(context, 'the partition is not led here');
    const shard = this.#options.newShard(context.partition);
    // Most partitions are empty when a broker starts: they need not wait for the others.
    if (reader.startOffset === reader.endOffset && codecReady(codec)) {
      this.#activate(context, shard, reader, reader.endOffset);
      return;
    }
    const isWanted = (): boolean => this.#contexts.get(context.partition) === context && context.attempt === attempt;
    this.#loads = this.#loads.then(async () => {
      if (!isWanted()) return;
      try {
        await loadCodec(codec);
        const summary = await this.#replay(context, shard, reader, isWanted);
        if (!isWanted()) return;
        if (summary === undefined) this.#rest(context, 'the log could not be read to its end');
        else this.#activate(context, shard, reader, summary.endOffset);
      } catch (error) {
        if (isWanted()) this.#rest(context, error instanceof Error ? (error.stack ?? error.message) : String(error));
      }
    });
  }

  async #replay(
    context: CoordinatorContext<S, R, E>,
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
      const { partition } = context;
      const durationMs = Math.round(clock.monotonicMs() - startMs);
      logger.log('info', 'a coordinator partition is loaded', { name, partition, durationMs, ...summary });
    }
    return summary;
  }

  #activate(context: CoordinatorContext<S, R, E>, shard: S, reader: LogReader, endOffset: number): void {
    if (reader.endOffset !== endOffset) return this.#rest(context, 'somebody wrote to the log while it was loaded');
    const { serde, writer, clock, logger, codec = Codecs.NONE, commitTimeoutMs } = this.#options;
    const { baseSequence = FIRST_SEQUENCE } = this.#options;
    const { partition } = context;
    const hosted: HostedShard<S, R, E> = new HostedShard<S, R, E>({
      partition,
      shard,
      serde,
      writer,
      clock,
      logger,
      codec,
      baseSequence,
      commitTimeoutMs,
      failed: (reason) => this.#rest(context, reason),
      progressed: () => {
        context.failures = 0;
      },
    });
    if (this.#areWaitsEnded) hosted.endWaits(new KafkaError(Errors.NOT_COORDINATOR));
    context.hosted = hosted;
    context.state = 'active';
    context.activeSinceMs = clock.monotonicMs();
    try {
      const image = context.changes[0]?.delta.base ?? this.#image;
      hosted.activate(endOffset, reader.committedOffset >= endOffset, image);
    } catch (error) {
      // The shard has dropped itself, and rests.
      if (!(error instanceof KafkaError)) throw error;
    }
    for (const change of context.changes.slice()) if (context.hosted === hosted) this.#tell(context, hosted, change);
  }

  #rest(context: CoordinatorContext<S, R, E>, reason: string): void {
    const livedMs = context.state === 'active' ? this.#options.clock.monotonicMs() - context.activeSinceMs : 0;
    if (livedMs > LONGEST_REST_MS) context.failures = 0;
    context.hosted = undefined;
    context.state = 'resting';
    context.attempt++;
    if (this.#contexts.get(context.partition) !== context) return;
    const { clock, logger, name, writer } = this.#options;
    const restMs = Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** context.failures);
    context.failures = Math.min(context.failures + 1, 20);
    // Leadership that has gone is seen by the log first: the coordinator hears of it in a moment.
    const isElsewhere = writer.reader(context.partition) === undefined;
    logger.log(isElsewhere ? 'debug' : 'warn', 'a coordinator partition is loaded again', {
      name,
      partition: context.partition,
      reason,
      restMs,
    });
    context.rest = clock.schedule(restMs, () => {
      context.rest = undefined;
      this.#load(context);
    });
  }
}
