// Which quota binds a user and a client id, and who shares one measure (Kafka: ClientQuotaManager.DefaultQuotaCallback). From
// strongest to weakest: user and client, user and any client, the user, any user and the client, any user and any client, any user,
// the client, any client. A quota of the user alone is one measure for all its clients; one of the client for all users.
import type { ClientQuotasImage } from '../../kraft/metadata/index.ts';

export interface BoundQuota {
  readonly limit: number;
  /** Whoever has the same is measured together. */
  readonly bucket: string;
}

/** Stands for the default of a type; no name can be this. */
const DEFAULT = '\u0000';

export class QuotaLimits {
  readonly #limits = new Map<string, number>();

  get isEmpty(): boolean {
    return this.#limits.size === 0;
  }

  /** The quotas of one kind (`producer_byte_rate` …). */
  static of(image: ClientQuotasImage, key: string): QuotaLimits {
    const limits = new QuotaLimits();
    for (const { entity, quotas } of image.values()) {
      const limit = quotas.get(key);
      if (limit === undefined) continue;
      const names = new Map(entity.map(({ entityType, entityName }) => [entityType, entityName ?? DEFAULT]));
      if (!names.has('ip')) limits.#limits.set(placeOf(names.get('user'), names.get('client-id')), limit);
    }
    return limits;
  }

  /** An empty client id has no quota of its own. */
  boundTo(user: string, clientId: string): BoundQuota | undefined {
    const both = `${user}\u0001${clientId}`;
    const ofUser = `${user}\u0001`;
    const ofClient = `\u0001${clientId}`;
    if (clientId === '') {
      return this.#bound(placeOf(user, undefined), ofUser) ?? this.#bound(placeOf(DEFAULT, undefined), ofUser);
    }
    return (
      this.#bound(placeOf(user, clientId), both) ??
      this.#bound(placeOf(user, DEFAULT), both) ??
      this.#bound(placeOf(user, undefined), ofUser) ??
      this.#bound(placeOf(DEFAULT, clientId), both) ??
      this.#bound(placeOf(DEFAULT, DEFAULT), both) ??
      this.#bound(placeOf(DEFAULT, undefined), ofUser) ??
      this.#bound(placeOf(undefined, clientId), ofClient) ??
      this.#bound(placeOf(undefined, DEFAULT), ofClient)
    );
  }

  #bound(place: string, bucket: string): BoundQuota | undefined {
    const limit = this.#limits.get(place);
    return limit === undefined ? undefined : { limit, bucket };
  }
}

/** undefined: the entity has no part of that type. */
const placeOf = (user: string | undefined, clientId: string | undefined): string =>
  `${user === undefined ? '' : `u${user}`}\u0001${clientId === undefined ? '' : `c${clientId}`}`;
