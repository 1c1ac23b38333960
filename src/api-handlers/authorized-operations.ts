// Which operations a principal may carry out, as the bit sets of Metadata and the Describe APIs: bit n is AclOperation n.
import { AclOperation, type AclResourceTypeName, Errors, SUPPORTED_OPERATIONS } from '../protocol/index.ts';

/** INT32_MIN stands for a set that nobody asked for. */
export const OPERATIONS_NOT_ASKED = -2147483648;

/** All operations that exist for a resource of this type: without an authorizer everybody may do everything. */
const everyOperationOn = (type: AclResourceTypeName): number =>
  SUPPORTED_OPERATIONS[type].reduce((set, operation) => set | (1 << AclOperation[operation]), 0);

export const TOPIC_OPERATIONS = everyOperationOn('TOPIC');
const GROUP_OPERATIONS = everyOperationOn('GROUP');
export const CLUSTER_OPERATIONS = everyOperationOn('CLUSTER');

/** The groups as they are described, with what may be done with those that were found. */
export function withGroupOperations<G extends { readonly errorCode?: number }>(
  groups: readonly G[],
): (G & { authorizedOperations?: number })[] {
  return groups.map((group) =>
    group.errorCode === Errors.NONE ? { ...group, authorizedOperations: GROUP_OPERATIONS } : group,
  );
}
