// Access control entries made and deleted (Kafka: AclControlManager; AclApis says what is refused before).
import type { Random } from '../../../runtime/index.ts';
import {
  AclPattern,
  AclPermissionType,
  AclResourceType,
  CLUSTER_NAME,
  Errors,
  KafkaError,
} from '../../../protocol/index.ts';
import type { CreateAclsRequest, CreateAclsResponse } from '../../../protocol/messages/30-create-acls.ts';
import type { DeleteAclsRequest, DeleteAclsResponse } from '../../../protocol/messages/31-delete-acls.ts';
import {
  type AccessControlEntryRecord,
  ACL_ANY,
  type AclEntry,
  type AclFilter,
  matchesAclFilter,
  type MetadataImage,
  randomUuid,
} from '../../metadata/index.ts';
import { type ApiError, errorOf, type Outcome } from '../operation.ts';

type Creation = CreateAclsRequest['creations'][number];

/** Kafka's MAX_RECORDS_PER_USER_OP. */
const MAX_ACLS_PER_REQUEST = 10_000;
const FIRST_RESOURCE_TYPE = 2;
const LAST_RESOURCE_TYPE = 7;
const LAST_OPERATION = 15;

/** What is there already is not made again. Throws KafkaError POLICY_VIOLATION for more than the log takes in one batch. */
export function createAcls(
  { acls }: MetadataImage,
  { creations }: CreateAclsRequest,
  random: Random,
): Outcome<CreateAclsResponse> {
  if (creations.length > MAX_ACLS_PER_REQUEST) throw tooMany();
  const results = creations.map((creation) => answerTo(errorOf(() => checkCreation(creation))));
  const wanted = new Set(creations.filter((_, index) => results[index]?.errorCode === Errors.NONE).map(keyOfCreation));
  const names = new Set(creations.map(({ resourceName }) => resourceName));
  for (const entry of acls.values()) if (names.has(entry.resourceName)) wanted.delete(keyOfEntry(entry));
  const records: AccessControlEntryRecord[] = [];
  for (const creation of creations) {
    // Of what is asked for twice in one request one is made.
    if (!wanted.delete(keyOfCreation(creation))) continue;
    const { resourcePatternType: patternType, ...rest } = creation;
    records.push({ type: 'AccessControlEntryRecord', version: 0, id: randomUuid(random), patternType, ...rest });
  }
  return { records, response: { results } };
}

/** Throws KafkaError POLICY_VIOLATION, as above. */
export function deleteAcls({ acls }: MetadataImage, { filters }: DeleteAclsRequest): Outcome<DeleteAclsResponse> {
  const removed = new Set<string>();
  const filterResults = filters.map((filter) => {
    const fault = filterFault(filter);
    if (fault !== undefined) return { errorCode: Errors.INVALID_REQUEST, errorMessage: fault, matchingAcls: [] };
    const matchingAcls: DeleteAclsResponse['filterResults'][number]['matchingAcls'][number][] = [];
    for (const { id, ...acl } of acls.values()) {
      if (!matchesAclFilter(filter, { id, ...acl })) continue;
      removed.add(id);
      if (removed.size > MAX_ACLS_PER_REQUEST) throw tooMany();
      matchingAcls.push({ errorCode: Errors.NONE, errorMessage: null, ...acl });
    }
    return { errorCode: Errors.NONE, errorMessage: null, matchingAcls };
  });
  const records = Array.from(removed, (id) => ({ type: 'RemoveAccessControlEntryRecord' as const, version: 0, id }));
  return { records, response: { filterResults } };
}

/** Numbers that nobody knows (AclControlManager.validateFilter). */
function filterFault({
  resourceTypeFilter,
  patternTypeFilter,
  operation,
  permissionType,
}: AclFilter): string | undefined {
  const isWithin = (code: number, last: number): boolean => code >= ACL_ANY && code <= last;
  if (!isWithin(resourceTypeFilter, LAST_RESOURCE_TYPE) || !isWithin(patternTypeFilter, AclPattern.PREFIXED)) {
    return 'Unknown patternFilter.';
  }
  const isKnown = isWithin(operation, LAST_OPERATION) && isWithin(permissionType, AclPermissionType.ALLOW);
  return isKnown ? undefined : 'Unknown entryFilter.';
}

/** A success of CreateAcls comes with an empty text. */
function answerTo({ errorCode, errorMessage }: ApiError): ApiError {
  return errorCode === Errors.NONE ? { errorCode, errorMessage: '' } : { errorCode, errorMessage };
}

/** Throws KafkaError INVALID_REQUEST: first for what AclApis refuses, then for what the controller does. */
function checkCreation(creation: Creation): void {
  const { resourceType, resourceName } = creation;
  if (resourceType === AclResourceType.CLUSTER && resourceName !== CLUSTER_NAME) {
    throw invalid(`The only valid name for the CLUSTER resource is ${CLUSTER_NAME}`);
  }
  if (resourceName === '') throw invalid('Invalid empty resource name');
  checkAcl(creation);
}

/** Throws KafkaError INVALID_REQUEST (AclControlManager.validateNewAcl). */
export function checkAcl({
  resourceType,
  resourceName,
  resourcePatternType,
  principal,
  operation,
  permissionType,
}: Creation): void {
  if (resourceType < FIRST_RESOURCE_TYPE || resourceType > LAST_RESOURCE_TYPE)
    throw invalid('Invalid resourceType UNKNOWN');
  if (resourcePatternType !== AclPattern.LITERAL && resourcePatternType !== AclPattern.PREFIXED)
    throw invalid('Invalid patternType UNKNOWN');
  if (operation <= ACL_ANY || operation > LAST_OPERATION) throw invalid('Invalid operation UNKNOWN');
  if (permissionType !== AclPermissionType.DENY && permissionType !== AclPermissionType.ALLOW)
    throw invalid('Invalid permissionType UNKNOWN');
  if (resourceName === '') throw invalid('Resource name should not be empty');
  if (!principal.includes(':')) {
    throw invalid(
      `Could not parse principal from \`${principal}\` (no colon is present separating the principal type from the principal name)`,
    );
  }
}

function invalid(message: string): KafkaError {
  return new KafkaError(Errors.INVALID_REQUEST, message);
}

function tooMany(): KafkaError {
  return new KafkaError(Errors.POLICY_VIOLATION, 'Unable to perform excessively large batch operation.');
}

const keyOf = (parts: readonly (string | number)[]): string => JSON.stringify(parts);

function keyOfCreation(acl: Creation): string {
  const { resourceType, resourceName, resourcePatternType, principal, host, operation, permissionType } = acl;
  return keyOf([resourceType, resourceName, resourcePatternType, principal, host, operation, permissionType]);
}

function keyOfEntry(acl: AclEntry): string {
  const { resourceType, resourceName, patternType, principal, host, operation, permissionType } = acl;
  return keyOf([resourceType, resourceName, patternType, principal, host, operation, permissionType]);
}
