// Whether an operation is allowed on any resource of a type whatever (Kafka: Authorizer.authorizeByResourceType): an idempotent
// producer may have an id when it may write to some topic.
import type { AclEntry } from '../../kraft/metadata/index.ts';

const ALL = 2;
const DENY = 2;
const PREFIXED = 4;
const WILDCARD = '*';

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
    if (acl.resourceType !== resourceType || (acl.operation !== operation && acl.operation !== ALL)) continue;
    if (acl.host !== host && acl.host !== WILDCARD) continue;
    if (acl.principal !== principal && acl.principal !== 'User:*') continue;
    const isAll = acl.patternType !== PREFIXED && acl.resourceName === WILDCARD;
    if (acl.permissionType === DENY) {
      if (isAll) return false;
      (acl.patternType === PREFIXED ? denied.prefixes : denied.literals).add(acl.resourceName);
    } else if (isAll) isAllAllowed = true;
    else allowed.push(acl);
  }
  if (isAllAllowed) return true;
  return allowed.some(({ patternType, resourceName }) => {
    if (patternType !== PREFIXED && denied.literals.has(resourceName)) return false;
    for (let length = 1; length <= resourceName.length; length++) {
      if (denied.prefixes.has(resourceName.slice(0, length))) return false;
    }
    return true;
  });
}
