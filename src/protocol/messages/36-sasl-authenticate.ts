// SaslAuthenticate, versions 0 to 2. One step of a SASL exchange (KIP-152).
//   v1 how long the session lasts (KIP-368) · v2 flexible
import { api, bytes, int64, type RequestOf, type ResponseOf, string } from '../schema.ts';
import { errorCode } from './fields.ts';

export const SaslAuthenticate = api({
  key: 36,
  name: 'SaslAuthenticate',
  versions: [0, 2],
  flexible: 2,
  request: { authBytes: bytes.doc('Token of the mechanism.') },
  response: {
    errorCode,
    errorMessage: string.nullable(),
    authBytes: bytes.doc('Token of the mechanism.'),
    sessionLifetimeMs: int64.since(1).default(0).ignorable().doc('The client must authenticate anew before; 0: never.'),
  },
});
export interface SaslAuthenticateRequest extends RequestOf<typeof SaslAuthenticate> {}
export interface SaslAuthenticateResponse extends ResponseOf<typeof SaslAuthenticate> {}
