// What happens to delegation tokens between two images (Kafka: DelegationTokenDelta).
import { type DelegationToken, type DelegationTokensImage, tokenFromRecord } from '../image/delegation-tokens-image.ts';
import type { DelegationTokenRecord, RemoveDelegationTokenRecord } from '../records/index.ts';

export class DelegationTokensDelta {
  readonly base: DelegationTokensImage;
  readonly #changed = new Map<string, DelegationToken | null>();

  constructor(base: DelegationTokensImage) {
    this.base = base;
  }

  /** New and renewed tokens by id; null: removed. */
  get changed(): ReadonlyMap<string, DelegationToken | null> {
    return this.#changed;
  }

  replay(record: DelegationTokenRecord | RemoveDelegationTokenRecord): void {
    const isToken = record.type === 'DelegationTokenRecord';
    this.#changed.set(record.tokenId, isToken ? tokenFromRecord(record) : null);
  }

  apply(): DelegationTokensImage {
    return this.base.withChanges(this.#changed);
  }
}
