// Delegation tokens by their id (KIP-48, KIP-900; Kafka: DelegationTokenImage). The secret of a token is computed from its
// id and the cluster's key; it stands nowhere.
import type { Int64 } from '../../../protocol/index.ts';
import type { DelegationTokenRecord } from '../records/index.ts';
import type { PersistentMap } from './persistent-map.ts';

export interface DelegationToken {
  readonly tokenId: string;
  /** `User:alice`, whom the token stands for. */
  readonly owner: string;
  readonly requester: string;
  readonly renewers: readonly string[];
  /** Milliseconds since the epoch, as the two below. */
  readonly issueTimestamp: Int64;
  readonly maxTimestamp: Int64;
  readonly expirationTimestamp: Int64;
}

/** By the id of the token. */
export type DelegationTokensImage = PersistentMap<DelegationToken>;

export function tokenFromRecord(record: DelegationTokenRecord): DelegationToken {
  const { tokenId, owner, requester, renewers, issueTimestamp, maxTimestamp, expirationTimestamp } = record;
  return { tokenId, owner, requester, renewers, issueTimestamp, maxTimestamp, expirationTimestamp };
}

export function* tokenRecords(image: DelegationTokensImage): Generator<DelegationTokenRecord> {
  for (const token of image.values()) {
    yield { type: 'DelegationTokenRecord', version: 0, ...token, renewers: [...token.renewers] };
  }
}
