// What DescribeAcls, CreateAcls and DeleteAcls have in common: numbers that nobody knows cannot be read, so that the connection
// closes; and without an authorizer they are refused.
import type { AclFilter } from '../kraft/metadata/index.ts';
import { Errors, KafkaError } from '../protocol/index.ts';

const LAST_RESOURCE_TYPE = 7;
const LAST_PATTERN_TYPE = 4;
const LAST_OPERATION = 15;
const LAST_PERMISSION_TYPE = 3;

const isKnown = (number: number, last: number): boolean => number > 0 && number <= last;

export function isUnknownAcl({
  resourceType,
  patternType,
  operation,
  permissionType,
}: Readonly<Record<'resourceType' | 'patternType' | 'operation' | 'permissionType', number>>): boolean {
  return !(
    isKnown(resourceType, LAST_RESOURCE_TYPE) &&
    isKnown(patternType, LAST_PATTERN_TYPE) &&
    isKnown(operation, LAST_OPERATION) &&
    isKnown(permissionType, LAST_PERMISSION_TYPE)
  );
}

export function isUnknownFilter(filter: AclFilter): boolean {
  const { resourceTypeFilter: resourceType, patternTypeFilter: patternType, operation, permissionType } = filter;
  return isUnknownAcl({ resourceType, patternType, operation, permissionType });
}

/** Throws KafkaError SECURITY_DISABLED where there is none. */
export function checkAuthorizer(hasAuthorizer: boolean): void {
  if (!hasAuthorizer) throw new KafkaError(Errors.SECURITY_DISABLED, 'No Authorizer is configured.');
}
