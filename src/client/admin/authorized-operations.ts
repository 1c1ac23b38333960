// What the principal may do with a resource, as brokers tell it: one bit an operation.
import { AclOperation, type AclOperationName } from '../../protocol/index.ts';

const NOT_ASKED_FOR = -0x8000_0000;

/** undefined: it was not asked for, or the broker is too old to say. */
export function authorizedOperations(bits: number): readonly AclOperationName[] | undefined {
  if (bits === NOT_ASKED_FOR) return undefined;
  const names = Object.keys(AclOperation) as AclOperationName[];
  return names.filter((name) => (bits & (1 << AclOperation[name])) !== 0);
}
