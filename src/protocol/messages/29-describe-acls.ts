// DescribeAcls, versions 1 to 3. The ACLs that match a filter.
//   v1 pattern types (KIP-290) · v2 flexible · v3 user resources (KIP-373)
import { api, array, int8, type RequestOf, type ResponseOf, string } from '../schema.ts';
import { errorCode, throttleTimeMs } from './fields.ts';

export const DescribeAcls = api({
  key: 29,
  name: 'DescribeAcls',
  versions: [1, 3],
  flexible: 2,
  request: {
    resourceTypeFilter: int8,
    resourceNameFilter: string.nullable().doc('null: whatever it is.'),
    patternTypeFilter: int8.default(3).doc('1 any, 2 match (what applies to the name), 3 literal, 4 prefixed.'),
    principalFilter: string.nullable().doc('null: whatever it is.'),
    hostFilter: string.nullable().doc('null: whatever it is.'),
    operation: int8,
    permissionType: int8,
  },
  response: {
    throttleTimeMs,
    errorCode,
    errorMessage: string.nullable(),
    resources: array({
      resourceType: int8,
      resourceName: string,
      patternType: int8.default(3).doc('3 literal, 4 prefixed.'),
      acls: array({ principal: string, host: string, operation: int8, permissionType: int8 }),
    }),
  },
});
export interface DescribeAclsRequest extends RequestOf<typeof DescribeAcls> {}
export interface DescribeAclsResponse extends ResponseOf<typeof DescribeAcls> {}
