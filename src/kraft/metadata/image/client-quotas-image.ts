// Client quotas by entity (Kafka: ClientQuotasImage, ClientQuotaImage): what users, client ids and addresses may use up.
import type { ClientQuotaRecord } from '../records/index.ts';
import type { PersistentMap } from './persistent-map.ts';

export interface QuotaEntityPart {
  /** user, client-id or ip. */
  readonly entityType: string;
  /** null: the default of the type. */
  readonly entityName: string | null;
}

export interface EntityQuotas {
  /** In the order in which Kafka writes the parts. */
  readonly entity: readonly QuotaEntityPart[];
  /** By key, producer_byte_rate and its like; never empty. */
  readonly quotas: ReadonlyMap<string, number>;
}

/** By `quotaEntityKey`. */
export type ClientQuotasImage = PersistentMap<EntityQuotas>;

/** The order of these keys in Kafka's hash map: snapshots are the same byte for byte. */
const TYPE_ORDER: readonly string[] = ['ip', 'client-id', 'user'];

/** An entity is a set of parts: their order in a record does not matter. */
export function quotaEntity(parts: readonly QuotaEntityPart[]): readonly QuotaEntityPart[] {
  return parts
    .map(({ entityType, entityName }) => ({ entityType, entityName }))
    .sort((one, other) => TYPE_ORDER.indexOf(one.entityType) - TYPE_ORDER.indexOf(other.entityType));
}

export function quotaEntityKey(parts: readonly QuotaEntityPart[]): string {
  return parts
    .map(({ entityType, entityName }) => JSON.stringify([entityType, entityName]))
    .sort()
    .join();
}

export function* clientQuotaRecords(image: ClientQuotasImage): Generator<ClientQuotaRecord> {
  for (const { entity, quotas } of image.values()) {
    for (const [key, value] of quotas) {
      yield { type: 'ClientQuotaRecord', version: 0, entity: [...entity], key, value, remove: false };
    }
  }
}
