// DeleteAcls, versions 1 to 3. Deletes the ACLs that match filters.
//   v1 pattern types (KIP-290) · v2 flexible · v3 user resources (KIP-373)
import { api, array, int8, type RequestOf, type ResponseOf, string } from '../schema.ts';
import { errorCode, throttleTimeMs } from './fields.ts';

export const DeleteAcls = api({
  key: 31,
  name: 'DeleteAcls',
  versions: [1, 3],
  flexible: 2,
  request: {
    filters: array({
      resourceTypeFilter: int8,
      resourceNameFilter: string.nullable().doc('null: whatever it is.'),
      patternTypeFilter: int8.default(3).doc('1 any, 2 match (what applies to the name), 3 literal, 4 prefixed.'),
      principalFilter: string.nullable().doc('null: whatever it is.'),
      hostFilter: string.nullable().doc('null: whatever it is.'),
      operation: int8,
      permissionType: int8,
    }),
  },
  response: {
    throttleTimeMs,
    filterResults: array({
      errorCode,
      errorMessage: string.nullable(),
      matchingAcls: array({
        errorCode,
        errorMessage: string.nullable(),
        resourceType: int8,
        resourceName: string,
        patternType: int8.default(3).doc('3 literal, 4 prefixed.'),
        principal: string,
        host: string,
        operation: int8,
        permissionType: int8,
      }),
    }),
  },
});
export interface DeleteAclsRequest extends RequestOf<typeof DeleteAcls> {}
export interface DeleteAclsResponse extends ResponseOf<typeof DeleteAcls> {}
