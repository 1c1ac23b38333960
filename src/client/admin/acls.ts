// Access control lists: who may do what with which resource, by Kafka's names for all of it.
import { AclOperation, AclPattern, AclPermissionType, AclResourceType, ALL_OPERATIONS } from '../../protocol/index.ts';
import { DescribeAcls } from '../../protocol/messages/29-describe-acls.ts';
import { CreateAcls } from '../../protocol/messages/30-create-acls.ts';
import { DeleteAcls } from '../../protocol/messages/31-delete-acls.ts';
import type { Asking } from './asking.ts';
import { failureOf, type OutcomeFor, throwIfFailed } from './outcomes.ts';

const RESOURCE_TYPES = { UNKNOWN: 0, ANY: 1, ...AclResourceType } as const;
const PATTERN_TYPES = { UNKNOWN: 0, ANY: 1, ...AclPattern } as const;
const OPERATIONS = { UNKNOWN: 0, ANY: 1, ALL: ALL_OPERATIONS, ...AclOperation } as const;
const PERMISSIONS = { UNKNOWN: 0, ANY: 1, ...AclPermissionType } as const;

export type AclResource = keyof typeof RESOURCE_TYPES;
/** ANY and MATCH are for filters: MATCH takes what applies to the name, be it literal, prefixed or `*`. */
export type AclPatternType = keyof typeof PATTERN_TYPES;
export type AclOperationOrAny = keyof typeof OPERATIONS;
export type AclPermission = keyof typeof PERMISSIONS;

export interface AclBinding {
  readonly resourceType: AclResource;
  readonly resourceName: string;
  readonly patternType: AclPatternType;
  /** `User:name`; `User:*` is everybody. */
  readonly principal: string;
  /** `*`: wherever from. */
  readonly host: string;
  readonly operation: AclOperationOrAny;
  readonly permission: AclPermission;
}

/** What is left out is whatever it is. */
export interface AclBindingFilter {
  readonly resourceType?: AclResource;
  readonly resourceName?: string | undefined;
  readonly patternType?: AclPatternType;
  readonly principal?: string | undefined;
  readonly host?: string | undefined;
  readonly operation?: AclOperationOrAny;
  readonly permission?: AclPermission;
}

/** Rejects with KafkaError. */
export function describeAcls(asking: Asking, filter: AclBindingFilter): Promise<AclBinding[]> {
  return asking.retrying(async () => {
    const answer = await asking.any(DescribeAcls, wireFilter(filter));
    throwIfFailed(answer.errorCode, answer.errorMessage);
    return answer.resources.flatMap(({ acls, ...resource }) => acls.map((acl) => bindingOf({ ...resource, ...acl })));
  });
}

/** In the order given. Rejects with KafkaError. */
export async function createAcls(
  asking: Asking,
  bindings: readonly AclBinding[],
): Promise<OutcomeFor<{ readonly binding: AclBinding }, undefined>[]> {
  const { results } = await asking.retrying(() => asking.any(CreateAcls, { creations: bindings.map(wireBinding) }));
  return bindings.map((binding, index) => {
    const one = results[index];
    return { binding, result: failureOf(one?.errorCode ?? UNANSWERED, one?.errorMessage) };
  });
}

const UNANSWERED = -1;

/** By filter, in the order given: what was deleted. Rejects with KafkaError. */
export async function deleteAcls(
  asking: Asking,
  filters: readonly AclBindingFilter[],
): Promise<
  OutcomeFor<
    { readonly filter: AclBindingFilter },
    readonly OutcomeFor<{ readonly binding: AclBinding }, undefined>[]
  >[]
> {
  const { filterResults } = await asking.retrying(() => asking.any(DeleteAcls, { filters: filters.map(wireFilter) }));
  return filters.map((filter, index) => {
    const one = filterResults[index];
    const deleted = (one?.matchingAcls ?? []).map((acl) => ({
      binding: bindingOf(acl),
      result: failureOf(acl.errorCode, acl.errorMessage),
    }));
    return { filter, result: failureOf(one?.errorCode ?? UNANSWERED, one?.errorMessage) ?? deleted };
  });
}

function wireFilter(filter: AclBindingFilter) {
  const { resourceType = 'ANY', patternType = 'ANY', operation = 'ANY', permission = 'ANY' } = filter;
  return {
    resourceTypeFilter: RESOURCE_TYPES[resourceType],
    resourceNameFilter: filter.resourceName ?? null,
    patternTypeFilter: PATTERN_TYPES[patternType],
    principalFilter: filter.principal ?? null,
    hostFilter: filter.host ?? null,
    operation: OPERATIONS[operation],
    permissionType: PERMISSIONS[permission],
  };
}

function wireBinding({ resourceType, resourceName, patternType, principal, host, operation, permission }: AclBinding) {
  return {
    resourceType: RESOURCE_TYPES[resourceType],
    resourceName,
    resourcePatternType: PATTERN_TYPES[patternType],
    principal,
    host,
    operation: OPERATIONS[operation],
    permissionType: PERMISSIONS[permission],
  };
}

function bindingOf(one: {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly patternType: number;
  readonly principal: string;
  readonly host: string;
  readonly operation: number;
  readonly permissionType: number;
}): AclBinding {
  return {
    resourceType: nameOf(RESOURCE_TYPES, one.resourceType),
    resourceName: one.resourceName,
    patternType: nameOf(PATTERN_TYPES, one.patternType),
    principal: one.principal,
    host: one.host,
    operation: nameOf(OPERATIONS, one.operation),
    permission: nameOf(PERMISSIONS, one.permissionType),
  };
}

function nameOf<N extends string>(codes: Readonly<Record<N | 'UNKNOWN', number>>, code: number): N | 'UNKNOWN' {
  const found = Object.entries<number>(codes).find(([, one]) => one === code);
  return (found?.[0] ?? 'UNKNOWN') as N | 'UNKNOWN';
}
