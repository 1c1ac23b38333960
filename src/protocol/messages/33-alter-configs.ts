// AlterConfigs, versions 0 to 2. Replaces all configs of a resource: what is not named goes back to its default
// (KIP-133). IncrementalAlterConfigs is its better.
//   v2 flexible
import { api, array, bool, int8, type RequestOf, type ResponseOf, string } from '../schema.ts';
import { errorCode, throttleTimeMs } from './fields.ts';

export const AlterConfigs = api({
  key: 33,
  name: 'AlterConfigs',
  versions: [0, 2],
  flexible: 2,
  request: {
    resources: array({
      resourceType: int8.mapKey(),
      resourceName: string.mapKey(),
      configs: array({ name: string.mapKey(), value: string.nullable() }),
    }),
    validateOnly: bool.doc('true: only say whether it would work.'),
  },
  response: {
    throttleTimeMs,
    responses: array({ errorCode, errorMessage: string.nullable(), resourceType: int8, resourceName: string }),
  },
});
export interface AlterConfigsRequest extends RequestOf<typeof AlterConfigs> {}
export interface AlterConfigsResponse extends ResponseOf<typeof AlterConfigs> {}
