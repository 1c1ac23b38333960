// From committed batches to images and their publication (Kafka: MetadataLoader, MetadataBatchLoader). The image moves
// at once when a batch is committed; publishers then hear of it one after the other, in the order in which they were
// installed. Nothing between the begin and the end of a metadata transaction is ever seen (KIP-868).
import { assert, type Logger } from '../../runtime/index.ts';
import type { CommittedBatch, Provenance } from '../committed/index.ts';
import { MetadataDelta } from './delta/metadata-delta.ts';
import { MetadataImage } from './image/metadata-image.ts';
import { differenceBetween } from './image-difference.ts';
import type { MetadataRecord } from './records/index.ts';
import { deltaFromNothing } from './snapshot-records.ts';

/** What a publication rests on. */
export interface Manifest {
  readonly kind: 'log' | 'snapshot';
  /** Bytes of the metadata log that it covers. */
  readonly sizeInBytes: number;
}

export interface MetadataPublisher {
  readonly name: string;
  /** The first call goes from the empty image to the present one. A failure is reported and does not stop the others. */
  publish(delta: MetadataDelta, image: MetadataImage, manifest: Manifest): void | Promise<void>;
}

interface Publication {
  readonly delta: MetadataDelta;
  readonly image: MetadataImage;
  readonly manifest: Manifest;
  /** The publishers that are told; one that is added later begins with a delta of its own. */
  readonly to: readonly MetadataPublisher[];
}

interface Waiter {
  readonly offset: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Records of a snapshot that are replayed in one turn of the event loop. */
const RECORDS_PER_STEP = 1_000;

export class MetadataLoader {
  readonly #logger: Logger;
  readonly #publishers: MetadataPublisher[] = [];
  readonly #publications: Publication[] = [];
  #waiters: Waiter[] = [];
  #image = MetadataImage.empty;
  #delta = new MetadataDelta(MetadataImage.empty);
  #deltaSizeInBytes = 0;
  #isInTransaction = false;
  /** The last batch in the delta that is no part of a transaction; undefined when all such are in the image. */
  #unpublished: CommittedBatch<MetadataRecord> | undefined;
  #lastAppliedOffset = -1;
  #publishedOffset = -1;
  #isDraining = false;
  #drained: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** The latest committed state. */
  get image(): MetadataImage {
    return this.#image;
  }

  /** What a broker tells the controller as its CurrentMetadataOffset. */
  get lastAppliedOffset(): number {
    return this.#lastAppliedOffset;
  }

  /** True between the begin and the end of a metadata transaction: a new active controller has to abort it. */
  get isInTransaction(): boolean {
    return this.#isInTransaction;
  }

  /** Adds publishers behind those that are there, and brings them up to date. */
  install(publishers: readonly MetadataPublisher[]): Promise<void> {
    const image = this.#image;
    this.#publishers.push(...publishers);
    this.#publications.push({
      delta: deltaFromNothing(image),
      image,
      manifest: { kind: 'snapshot', sizeInBytes: 0 },
      to: publishers,
    });
    return this.#drain();
  }

  /** Resolves when everything up to and with `offset` has been published; rejects when the loader closes first. */
  published(offset: number): Promise<void> {
    if (this.#publishedOffset >= offset) return Promise.resolve();
    if (this.#isClosed) return Promise.reject(new Error('the metadata loader is closed'));
    return new Promise((resolve, reject) => this.#waiters.push({ offset, resolve, reject }));
  }

  handleCommit(batches: readonly CommittedBatch<MetadataRecord>[]): void {
    for (const batch of batches) {
      for (let index = 0; index < batch.records.length; index++) {
        this.#apply(batch.records[index] as MetadataRecord, batch, batch.baseOffset + index);
      }
      this.#deltaSizeInBytes += batch.sizeInBytes;
      this.#lastAppliedOffset = batch.lastOffset;
      if (!this.#isInTransaction) this.#unpublished = batch;
    }
    if (!this.#isInTransaction) this.#publishBatches();
  }

  /**
   * Replaces all that is known by what the snapshot holds; publishers are told the difference. Comes before everything else,
   * or later, when the log between is gone. Yields where the event loop is to have a turn: what is known stays as it was until
   * the last step, and nothing may be committed before that.
   */
  *handleSnapshot(
    provenance: Provenance,
    batches: Iterable<CommittedBatch<MetadataRecord>>,
  ): Generator<void, void, void> {
    const fresh = new MetadataDelta(MetadataImage.empty);
    let count = 0;
    for (const batch of batches) {
      for (const record of batch.records) {
        fresh.replay(record);
        if (++count % RECORDS_PER_STEP === 0) yield;
      }
    }
    assert(provenance.offset >= this.#image.offset, 'a snapshot does not lead back');
    const image = fresh.apply(provenance);
    const delta = this.#image === MetadataImage.empty ? fresh : yield* differenceBetween(this.#image, image);
    this.#isInTransaction = false;
    this.#lastAppliedOffset = provenance.offset;
    this.#show(delta, image, 'snapshot');
  }

  /** Waits for the publication under way; waiters of later offsets are told that it is over. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#drained;
    for (const waiter of this.#waiters) waiter.reject(new Error('the metadata loader is closed'));
    this.#waiters = [];
  }

  #apply(record: MetadataRecord, batch: CommittedBatch<MetadataRecord>, offset: number): void {
    switch (record.type) {
      case 'BeginTransactionRecord':
        assert(!this.#isInTransaction, `a metadata transaction begins at ${offset} inside of another one`);
        if (offset > batch.baseOffset) this.#advance(provenanceOf(batch, offset - 1, false));
        else this.#publishBatches();
        this.#isInTransaction = true;
        return;
      case 'EndTransactionRecord':
        assert(this.#isInTransaction, `no metadata transaction ends at ${offset}`);
        this.#isInTransaction = false;
        return;
      case 'AbortTransactionRecord':
        assert(this.#isInTransaction, `no metadata transaction is aborted at ${offset}`);
        this.#isInTransaction = false;
        this.#delta = new MetadataDelta(this.#image);
        return;
      default:
        this.#delta.replay(record);
    }
  }

  #publishBatches(): void {
    const last = this.#unpublished;
    if (last !== undefined) this.#advance(provenanceOf(last, last.lastOffset, true));
  }

  #advance(provenance: Provenance): void {
    this.#show(this.#delta, this.#delta.apply(provenance), 'log');
  }

  #show(delta: MetadataDelta, image: MetadataImage, kind: Manifest['kind']): void {
    const manifest = { kind, sizeInBytes: this.#deltaSizeInBytes };
    this.#image = image;
    this.#delta = new MetadataDelta(image);
    this.#deltaSizeInBytes = 0;
    this.#unpublished = undefined;
    this.#publications.push({ delta, image, manifest, to: this.#publishers.slice() });
    void this.#drain();
  }

  /** Runs in the caller's turn as long as the publishers do. */
  #drain(): Promise<void> {
    if (!this.#isDraining) this.#drained = this.#publishAll();
    return this.#drained;
  }

  async #publishAll(): Promise<void> {
    this.#isDraining = true;
    for (let next = this.#publications.shift(); next !== undefined; next = this.#publications.shift()) {
      for (const publisher of next.to) {
        try {
          const running = publisher.publish(next.delta, next.image, next.manifest);
          if (running !== undefined) await running;
        } catch (error) {
          const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
          this.#logger.log('error', 'a metadata publisher failed', { publisher: publisher.name, reason });
        }
      }
      this.#wake(next.image.offset);
    }
    this.#isDraining = false;
  }

  #wake(offset: number): void {
    this.#publishedOffset = Math.max(this.#publishedOffset, offset);
    if (this.#waiters.length === 0) return;
    const ready = this.#waiters.filter((waiter) => waiter.offset <= this.#publishedOffset);
    this.#waiters = this.#waiters.filter((waiter) => waiter.offset > this.#publishedOffset);
    for (const waiter of ready) waiter.resolve();
  }
}

function provenanceOf(batch: CommittedBatch<MetadataRecord>, offset: number, isBatchAligned: boolean): Provenance {
  return { offset, epoch: batch.epoch, appendTimeMs: batch.appendTimestamp, isBatchAligned };
}
