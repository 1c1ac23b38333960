// Decides when the metadata log has grown enough for a snapshot (Kafka: SnapshotGenerator). It looks only when there is
// news: an idle cluster writes nothing.
import type { Clock, Logger } from '../../runtime/index.ts';
import type { Manifest, MetadataPublisher } from './metadata-loader.ts';
import type { MetadataDelta } from './delta/metadata-delta.ts';
import type { MetadataImage } from './image/metadata-image.ts';

export interface SnapshotGeneratorOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** metadata.log.max.record.bytes.between.snapshots */
  readonly maxBytesBetweenSnapshots: number;
  /** metadata.log.max.snapshot.interval.ms; 0: size alone decides. */
  readonly maxIntervalMs: number;
  /** Writes the image as a snapshot; may take its time, publication goes on meanwhile. */
  readonly emit: (image: MetadataImage) => Promise<void>;
}

export class SnapshotGenerator implements MetadataPublisher {
  readonly name = 'snapshot generator';
  readonly #options: SnapshotGeneratorOptions;
  #bytesSinceLast = 0;
  #lastMs: number;
  #emitting: Promise<void> | undefined;

  constructor(options: SnapshotGeneratorOptions) {
    this.#options = options;
    this.#lastMs = options.clock.monotonicMs();
  }

  publish(_delta: MetadataDelta, image: MetadataImage, manifest: Manifest): void {
    this.#bytesSinceLast += manifest.sizeInBytes;
    if (this.#emitting !== undefined || !image.provenance.isBatchAligned || this.#bytesSinceLast === 0) return;
    const { maxBytesBetweenSnapshots, maxIntervalMs, clock } = this.#options;
    const isLarge = this.#bytesSinceLast >= maxBytesBetweenSnapshots;
    const isOld = maxIntervalMs > 0 && clock.monotonicMs() - this.#lastMs >= maxIntervalMs;
    if (!isLarge && !isOld) return;
    this.#bytesSinceLast = 0;
    this.#lastMs = clock.monotonicMs();
    this.#emitting = this.#emit(image).finally(() => {
      this.#emitting = undefined;
    });
  }

  /** Waits for the snapshot that is being written. */
  async close(): Promise<void> {
    await this.#emitting;
  }

  async #emit(image: MetadataImage): Promise<void> {
    try {
      await this.#options.emit(image);
    } catch (error) {
      this.#options.logger.log('error', 'a metadata snapshot could not be written', { reason: String(error) });
    }
  }
}
