// SaslHandshake, versions 0 to 1, never flexible. A client picks its SASL mechanism.
//   v0 bare tokens follow, without header · v1 tokens travel in SaslAuthenticate (KIP-152)
import { api, array, type RequestOf, type ResponseOf, string } from '../schema.ts';
import { errorCode } from './fields.ts';

export const SaslHandshake = api({
  key: 17,
  name: 'SaslHandshake',
  versions: [0, 1],
  request: { mechanism: string },
  response: { errorCode, mechanisms: array(string) },
});
export interface SaslHandshakeRequest extends RequestOf<typeof SaslHandshake> {}
export interface SaslHandshakeResponse extends ResponseOf<typeof SaslHandshake> {}
