// Metadata records about who may do what and how much of it: quotas, ACLs, SCRAM credentials, delegation tokens.
import {
  array,
  bool,
  bytes,
  exactInt64,
  float64,
  int32,
  int8,
  message,
  string,
  uuid,
  type ValueOf,
} from '../../../protocol/index.ts';

export const clientQuotaRecord = message('ClientQuotaRecord', [0, 0], 0, {
  entity: array({ entityType: string, entityName: string.nullable().doc('null: the default of the type.') }),
  key: string,
  value: float64,
  remove: bool.doc('true: remove the quota, value is not looked at.'),
});
export interface ClientQuotaRecord extends ValueOf<typeof clientQuotaRecord.fields> {
  readonly type: 'ClientQuotaRecord';
  readonly version: number;
}

export const accessControlEntryRecord = message('AccessControlEntryRecord', [0, 0], 0, {
  id: uuid,
  resourceType: int8,
  resourceName: string,
  patternType: int8,
  principal: string,
  host: string,
  operation: int8,
  permissionType: int8,
});
export interface AccessControlEntryRecord extends ValueOf<typeof accessControlEntryRecord.fields> {
  readonly type: 'AccessControlEntryRecord';
  readonly version: number;
}

export const removeAccessControlEntryRecord = message('RemoveAccessControlEntryRecord', [0, 0], 0, { id: uuid });
export interface RemoveAccessControlEntryRecord extends ValueOf<typeof removeAccessControlEntryRecord.fields> {
  readonly type: 'RemoveAccessControlEntryRecord';
  readonly version: number;
}

export const userScramCredentialRecord = message('UserScramCredentialRecord', [0, 0], 0, {
  name: string,
  mechanism: int8,
  salt: bytes,
  storedKey: bytes,
  serverKey: bytes,
  iterations: int32,
});
export interface UserScramCredentialRecord extends ValueOf<typeof userScramCredentialRecord.fields> {
  readonly type: 'UserScramCredentialRecord';
  readonly version: number;
}

export const removeUserScramCredentialRecord = message('RemoveUserScramCredentialRecord', [0, 0], 0, {
  name: string,
  mechanism: int8,
});
export interface RemoveUserScramCredentialRecord extends ValueOf<typeof removeUserScramCredentialRecord.fields> {
  readonly type: 'RemoveUserScramCredentialRecord';
  readonly version: number;
}

export const delegationTokenRecord = message('DelegationTokenRecord', [0, 0], 0, {
  owner: string,
  requester: string,
  renewers: array(string),
  issueTimestamp: exactInt64,
  maxTimestamp: exactInt64,
  expirationTimestamp: exactInt64,
  tokenId: string,
});
export interface DelegationTokenRecord extends ValueOf<typeof delegationTokenRecord.fields> {
  readonly type: 'DelegationTokenRecord';
  readonly version: number;
}

export const removeDelegationTokenRecord = message('RemoveDelegationTokenRecord', [0, 0], 0, { tokenId: string });
export interface RemoveDelegationTokenRecord extends ValueOf<typeof removeDelegationTokenRecord.fields> {
  readonly type: 'RemoveDelegationTokenRecord';
  readonly version: number;
}
