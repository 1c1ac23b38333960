// What the metadata log says about quotas, ACLs, SCRAM users and delegation tokens: records by their key, replaced
// and removed as the log says, and written to snapshots as they came.
import { PersistentMap } from './persistent-map.ts';
import type {
  AccessControlEntryRecord,
  ClientQuotaRecord,
  DelegationTokenRecord,
  RemoveUserScramCredentialRecord,
  UserScramCredentialRecord,
} from '../records/index.ts';

export interface KeptRecords {
  /** By entity and quota name. */
  readonly clientQuotas: PersistentMap<ClientQuotaRecord>;
  /** By the id of the entry. */
  readonly acls: PersistentMap<AccessControlEntryRecord>;
  /** By mechanism and user. */
  readonly scramCredentials: PersistentMap<UserScramCredentialRecord>;
  /** By token id. */
  readonly delegationTokens: PersistentMap<DelegationTokenRecord>;
}

export const NO_KEPT_RECORDS: KeptRecords = {
  clientQuotas: PersistentMap.empty(),
  acls: PersistentMap.empty(),
  scramCredentials: PersistentMap.empty(),
  delegationTokens: PersistentMap.empty(),
};

/** An entity is a set of (type, name): its order in the record does not matter. */
export function quotaKey(record: ClientQuotaRecord): string {
  const entity = record.entity.map((part) => JSON.stringify([part.entityType, part.entityName])).sort();
  return `${entity.join()} ${record.key}`;
}

export const scramKey = (record: UserScramCredentialRecord | RemoveUserScramCredentialRecord): string =>
  `${record.mechanism}:${record.name}`;

export function keptRecordsDiffer(one: KeptRecords, other: KeptRecords): boolean {
  return (
    one.clientQuotas !== other.clientQuotas ||
    one.acls !== other.acls ||
    one.scramCredentials !== other.scramCredentials ||
    one.delegationTokens !== other.delegationTokens
  );
}
