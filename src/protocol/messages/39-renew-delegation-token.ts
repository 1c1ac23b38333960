// RenewDelegationToken, versions 1 to 2. Lets a delegation token live longer (KIP-48).
//   v2 flexible
import { api, bytes, int64, type RequestOf, type ResponseOf } from '../schema.ts';
import { errorCode, throttleTimeMs } from './fields.ts';

export const RenewDelegationToken = api({
  key: 39,
  name: 'RenewDelegationToken',
  versions: [1, 2],
  flexible: 2,
  request: { hmac: bytes.doc('What the client proves its knowledge of the token with.'), renewPeriodMs: int64 },
  response: { errorCode, expiryTimestampMs: int64, throttleTimeMs },
});
export interface RenewDelegationTokenRequest extends RequestOf<typeof RenewDelegationToken> {}
export interface RenewDelegationTokenResponse extends ResponseOf<typeof RenewDelegationToken> {}
