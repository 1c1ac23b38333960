// Whether an operation is allowed on any resource of a type whatever (Kafka: Authorizer.authorizeByResourceType): an idempotent
// producer may have an id when it may write to some topic.
import { ACL_WILDCARD, AclPattern, AclPermissionType, ALL_OPERATIONS } from '../../protocol/index.ts';
import type { AclEntry } from '../../kraft/metadata/index.ts';

export interface AnyResourceQuestion {
  readonly principal: string;
  readonly host: string;
  /** AclOperation; what implies it does not count here. */
  readonly operation: number;
}

export function isAllowedOnAny(
  entries: Iterable<AclEntry>,
  resourceType: number,
  { principal, host, operation }: AnyResourceQuestion,
): boolean {
  const denied = { literals: new Set<string>(), prefixes: new Set<string>() };
  const allowed: AclEntry[] = [];
  let isAllAllowed = false;
  for (const acl of entries) {
    if (acl.resourceType !== resourceType || (acl.operation !== operation && acl.operation !== ALL_OPERATIONS))
      continue;
    if (acl.host !== host && acl.host !== ACL_WILDCARD) continue;
    if (acl.principal !== principal && acl.principal !== 'User:*') continue;
    const isAll = acl.patternType !== AclPattern.PREFIXED && acl.resourceName === ACL_WILDCARD;
    if (acl.permissionType === AclPermissionType.DENY) {
      if (isAll) return false;
      (acl.patternType === AclPattern.PREFIXED ? denied.prefixes : denied.literals).add(acl.resourceName);
    } else if (isAll) isAllAllowed = true;
    else allowed.push(acl);
  }
  if (isAllAllowed) return true;
  return allowed.some(({ patternType, resourceName }) => {
    if (patternType !== AclPattern.PREFIXED && denied.literals.has(resourceName)) return false;
    for (let length = 1; length <= resourceName.length; length++) {
      if (denied.prefixes.has(resourceName.slice(0, length))) return false;
    }
    return true;
  });
}
