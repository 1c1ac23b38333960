// DeleteGroups, versions 0 to 2. Deletes empty groups (KIP-229).
//   v2 flexible
import { api, array, type RequestOf, type ResponseOf } from '../schema.ts';
import { errorCode, groupId, throttleTimeMs } from './fields.ts';

export const DeleteGroups = api({
  key: 42,
  name: 'DeleteGroups',
  versions: [0, 2],
  flexible: 2,
  request: { groupsNames: array(groupId) },
  response: { throttleTimeMs, results: array({ groupId: groupId.mapKey(), errorCode }) },
});
export interface DeleteGroupsRequest extends RequestOf<typeof DeleteGroups> {}
export interface DeleteGroupsResponse extends ResponseOf<typeof DeleteGroups> {}
