// UnregisterBroker, version 0, flexible. Removes the registration of a broker that is gone for good (KIP-631).
import { api, type RequestOf, type ResponseOf, string } from '../schema.ts';
import { brokerId, errorCode, throttleTimeMs } from './fields.ts';

export const UnregisterBroker = api({
  key: 64,
  name: 'UnregisterBroker',
  versions: [0, 0],
  flexible: 0,
  request: { brokerId },
  response: { throttleTimeMs, errorCode, errorMessage: string.nullable() },
});
export interface UnregisterBrokerRequest extends RequestOf<typeof UnregisterBroker> {}
export interface UnregisterBrokerResponse extends ResponseOf<typeof UnregisterBroker> {}
