// What happens to client quotas between two images (Kafka: ClientQuotasDelta, ClientQuotaDelta).
import {
  type ClientQuotasImage,
  type EntityQuotas,
  quotaEntity,
  quotaEntityKey,
} from '../image/client-quotas-image.ts';
import type { ClientQuotaRecord } from '../records/index.ts';

export class ClientQuotasDelta {
  readonly base: ClientQuotasImage;
  readonly #changed = new Map<string, EntityQuotas>();

  constructor(base: ClientQuotasImage) {
    this.base = base;
  }

  /** Entities whose quotas differ, as they are now; without quotas: nothing is set for them any more. */
  get changed(): Iterable<EntityQuotas> {
    return this.#changed.values();
  }
  get isEmpty(): boolean {
    return this.#changed.size === 0;
  }

  replay({ entity: parts, key, value, remove }: ClientQuotaRecord): void {
    const entityKey = quotaEntityKey(parts);
    const before = this.#changed.get(entityKey) ?? this.base.get(entityKey);
    const quotas = new Map(before?.quotas);
    if (remove) quotas.delete(key);
    else quotas.set(key, value);
    this.#changed.set(entityKey, { entity: before?.entity ?? quotaEntity(parts), quotas });
  }

  apply(): ClientQuotasImage {
    let after = this.base;
    for (const [key, change] of this.#changed)
      after = change.quotas.size === 0 ? after.delete(key) : after.set(key, change);
    return after;
  }
}
