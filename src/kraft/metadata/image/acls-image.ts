// Access control entries by their id (Kafka: AclsImage, StandardAcl). Who may do what is decided by an authorizer; here is
// only what the metadata log says.
import type { AccessControlEntryRecord } from '../records/index.ts';
import type { PersistentMap } from './persistent-map.ts';

export interface AclEntry {
  readonly id: string;
  /** ResourceType: 2 topic, 3 group, 4 cluster, 5 transactional id, 6 delegation token, 7 user. */
  readonly resourceType: number;
  readonly resourceName: string;
  /** PatternType: 3 literal, 4 prefixed. */
  readonly patternType: number;
  /** `User:alice` */
  readonly principal: string;
  readonly host: string;
  /** AclOperation */
  readonly operation: number;
  /** AclPermissionType: 2 deny, 3 allow. */
  readonly permissionType: number;
}

/** By the id of the entry. */
export type AclsImage = PersistentMap<AclEntry>;

export function aclFromRecord(record: AccessControlEntryRecord): AclEntry {
  const { id, resourceType, resourceName, patternType, principal, host, operation, permissionType } = record;
  return { id, resourceType, resourceName, patternType, principal, host, operation, permissionType };
}

export function* aclRecords(image: AclsImage): Generator<AccessControlEntryRecord> {
  for (const entry of image.values()) yield { type: 'AccessControlEntryRecord', version: 0, ...entry };
}
