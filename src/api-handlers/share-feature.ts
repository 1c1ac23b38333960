// Share groups are there from share.version 1 on (KIP-932; Kafka: KafkaApis.isShareGroupProtocolEnabled).
import { SHARE_VERSION } from '../kraft/metadata/index.ts';
import { Errors, KafkaError } from '../protocol/index.ts';
import type { Features } from './18-api-versions.ts';

export class ShareFeature {
  readonly #features: () => Features;

  constructor(features: () => Features) {
    this.#features = features;
  }

  get isEnabled(): boolean {
    return (this.#features().finalized.get(SHARE_VERSION) ?? 0) >= 1;
  }

  /** Throws KafkaError UNSUPPORTED_VERSION while the cluster is below. */
  check(): void {
    if (!this.isEnabled) throw new KafkaError(Errors.UNSUPPORTED_VERSION);
  }
}
