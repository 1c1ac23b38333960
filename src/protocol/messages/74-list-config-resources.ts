// ListConfigResources, versions 0 to 1, flexible. Names of resources that have configs.
//   v0 client metrics (KIP-1000) · v1 any type (KIP-1142)
import { api, array, int8, type RequestOf, type ResponseOf, string } from '../schema.ts';
import { errorCode, throttleTimeMs } from './fields.ts';

export const ListConfigResources = api({
  key: 74,
  name: 'ListConfigResources',
  versions: [0, 1],
  flexible: 0,
  request: { resourceTypes: array(int8).since(1).doc('Empty: all that the version knows.') },
  response: {
    throttleTimeMs,
    errorCode,
    configResources: array({ resourceName: string, resourceType: int8.since(1).default(16).ignorable() }),
  },
});
export interface ListConfigResourcesRequest extends RequestOf<typeof ListConfigResources> {}
export interface ListConfigResourcesResponse extends ResponseOf<typeof ListConfigResources> {}
