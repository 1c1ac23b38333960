// IncrementalAlterConfigs, versions 0 to 1. Changes single configs of a resource (KIP-339).
//   v1 flexible
import { api, array, bool, int8, type RequestOf, type ResponseOf, string } from '../schema.ts';
import { errorCode, throttleTimeMs } from './fields.ts';

export const IncrementalAlterConfigs = api({
  key: 44,
  name: 'IncrementalAlterConfigs',
  versions: [0, 1],
  flexible: 1,
  request: {
    resources: array({
      resourceType: int8.mapKey(),
      resourceName: string.mapKey(),
      configs: array({
        name: string.mapKey(),
        configOperation: int8.mapKey().doc('0 set, 1 delete, 2 append, 3 subtract.'),
        value: string.nullable(),
      }),
    }),
    validateOnly: bool.doc('true: only say whether it would work.'),
  },
  response: {
    throttleTimeMs,
    responses: array({ errorCode, errorMessage: string.nullable(), resourceType: int8, resourceName: string }),
  },
});
export interface IncrementalAlterConfigsRequest extends RequestOf<typeof IncrementalAlterConfigs> {}
export interface IncrementalAlterConfigsResponse extends ResponseOf<typeof IncrementalAlterConfigs> {}
