// To what part of its size a batch is expected to be packed, topic by topic, so that packed batches come near to batch.size too
// (Kafka: CompressionRatioEstimator).
import { type CodecId, Codecs } from '../../protocol/index.ts';

/** Quickly up, since batches must not become too large; slowly down. */
const WORSE_STEP = Math.fround(0.05);
const BETTER_STEP = Math.fround(0.005);

export class CompressionRatios {
  readonly #isPacked: boolean;
  readonly #ratios = new Map<string, number>();

  constructor(codec: CodecId) {
    this.#isPacked = codec !== Codecs.NONE;
  }

  expected(topic: string): number {
    return this.#ratios.get(topic) ?? 1;
  }

  observed(topic: string, ratio: number): void {
    if (!this.#isPacked) return;
    const before = this.#ratios.get(topic) ?? 1;
    const after = ratio > before ? Math.max(before + WORSE_STEP, ratio) : Math.max(before - BETTER_STEP, ratio);
    this.#ratios.set(topic, Math.fround(after));
  }

  /** A batch was too large. */
  reset(topic: string): void {
    this.#ratios.set(topic, 1);
  }
}
