// CreateAcls, versions 1 to 3. Creates ACLs.
//   v1 pattern types (KIP-290) · v2 flexible · v3 user resources (KIP-373)
import { api, array, int8, type RequestOf, type ResponseOf, string } from '../schema.ts';
import { errorCode, throttleTimeMs } from './fields.ts';

export const CreateAcls = api({
  key: 30,
  name: 'CreateAcls',
  versions: [1, 3],
  flexible: 2,
  request: {
    creations: array({
      resourceType: int8,
      resourceName: string,
      resourcePatternType: int8.default(3).doc('3 literal, 4 prefixed.'),
      principal: string,
      host: string,
      operation: int8,
      permissionType: int8,
    }),
  },
  response: { throttleTimeMs, results: array({ errorCode, errorMessage: string.nullable() }) },
});
export interface CreateAclsRequest extends RequestOf<typeof CreateAcls> {}
export interface CreateAclsResponse extends ResponseOf<typeof CreateAcls> {}
