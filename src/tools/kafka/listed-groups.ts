// Groups as the tools list them: all or none, in the order of Java's maps.
import type { Admin, ListedGroup, ListGroupsOptions } from '../../client/index.ts';
import { hashOrder } from './java-order.ts';
import { javaHash } from '../../protocol/index.ts';

/** Throws ClientError when a broker does not answer. */
export async function listedGroups(admin: Admin, how: ListGroupsOptions): Promise<readonly ListedGroup[]> {
  const { groups, errors } = await admin.listGroups(how);
  if (errors[0] !== undefined) throw errors[0];
  return hashOrder(groups, ({ groupId }) => javaHash(groupId));
}
