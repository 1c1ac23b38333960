// Which operations a principal may carry out, as the bit sets of Metadata and the Describe APIs: bit n is AclOperation n.
import { AclOperation, type AclResourceTypeName, SUPPORTED_OPERATIONS } from '../protocol/index.ts';

/** INT32_MIN stands for a set that nobody asked for. */
export const OPERATIONS_NOT_ASKED = -2147483648;

/** All operations that exist for a resource of this type: without an authorizer everybody may do everything. */
const everyOperationOn = (type: AclResourceTypeName): number =>
  SUPPORTED_OPERATIONS[type].reduce((set, operation) => set | (1 << AclOperation[operation]), 0);

export const TOPIC_OPERATIONS = everyOperationOn('TOPIC');
export const GROUP_OPERATIONS = everyOperationOn('GROUP');
export const CLUSTER_OPERATIONS = everyOperationOn('CLUSTER');
