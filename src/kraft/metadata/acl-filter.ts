// Which access control entries a filter of DescribeAcls or DeleteAcls means (Kafka: AclBindingFilter, ResourcePatternFilter,
// AccessControlEntryFilter).
import { ACL_WILDCARD, AclPattern } from '../../protocol/index.ts';
import type { AclEntry } from './image/acls-image.ts';

/** Stands for every kind of resource, pattern, operation or permission in a filter. */
export const ACL_ANY = 1;

/** null: whatever it is. */
export interface AclFilter {
  readonly resourceTypeFilter: number;
  readonly resourceNameFilter: string | null;
  readonly patternTypeFilter: number;
  readonly principalFilter: string | null;
  readonly hostFilter: string | null;
  readonly operation: number;
  readonly permissionType: number;
}

export function matchesAclFilter(filter: AclFilter, acl: AclEntry): boolean {
  const { resourceTypeFilter, principalFilter, hostFilter, operation, permissionType } = filter;
  return (
    (resourceTypeFilter === ACL_ANY || resourceTypeFilter === acl.resourceType) &&
    (principalFilter === null || principalFilter === acl.principal) &&
    (hostFilter === null || hostFilter === acl.host) &&
    (operation === ACL_ANY || operation === acl.operation) &&
    (permissionType === ACL_ANY || permissionType === acl.permissionType) &&
    matchesPattern(filter, acl)
  );
}

/** A name that is asked for with MATCH is that of a resource: every pattern counts that applies to it. */
function matchesPattern({ patternTypeFilter, resourceNameFilter }: AclFilter, acl: AclEntry): boolean {
  const isAny = patternTypeFilter === ACL_ANY || patternTypeFilter === AclPattern.MATCH;
  if (!isAny && patternTypeFilter !== acl.patternType) return false;
  if (resourceNameFilter === null) return true;
  if (patternTypeFilter !== AclPattern.MATCH) return resourceNameFilter === acl.resourceName;
  return acl.patternType === AclPattern.PREFIXED
    ? resourceNameFilter.startsWith(acl.resourceName)
    : acl.resourceName === resourceNameFilter || acl.resourceName === ACL_WILDCARD;
}
