// What DescribeAcls, CreateAcls and DeleteAcls have in common: what says of itself that it is unknown cannot be read, so that the
// connection closes; and without an authorizer they are refused.
import type { AclFilter } from '../kraft/metadata/index.ts';
import { Errors, KafkaError } from '../protocol/index.ts';

/** The code that stands for what is not known, in each of the enumerations. Others that nobody knows are let through. */
const UNKNOWN = 0;

export function isUnknownAcl({
  resourceType,
  patternType,
  operation,
  permissionType,
}: Readonly<Record<'resourceType' | 'patternType' | 'operation' | 'permissionType', number>>): boolean {
  return [resourceType, patternType, operation, permissionType].includes(UNKNOWN);
}

export function isUnknownFilter(filter: AclFilter): boolean {
  const { resourceTypeFilter: resourceType, patternTypeFilter: patternType, operation, permissionType } = filter;
  return isUnknownAcl({ resourceType, patternType, operation, permissionType });
}

/** Throws KafkaError SECURITY_DISABLED where there is none. */
export function checkAuthorizer(hasAuthorizer: boolean, message = 'No Authorizer is configured.'): void {
  if (!hasAuthorizer) throw new KafkaError(Errors.SECURITY_DISABLED, message);
}
