// ExpireDelegationToken, versions 1 to 2. Sets when a delegation token ends; now, if need be (KIP-48).
//   v2 flexible
import { api, bytes, int64, type RequestOf, type ResponseOf } from '../schema.ts';
import { errorCode, throttleTimeMs } from './fields.ts';

export const ExpireDelegationToken = api({
  key: 40,
  name: 'ExpireDelegationToken',
  versions: [1, 2],
  flexible: 2,
  request: {
    hmac: bytes.doc('What the client proves its knowledge of the token with.'),
    expiryTimePeriodMs: int64.doc('Negative: at once.'),
  },
  response: { errorCode, expiryTimestampMs: int64, throttleTimeMs },
});
export interface ExpireDelegationTokenRequest extends RequestOf<typeof ExpireDelegationToken> {}
export interface ExpireDelegationTokenResponse extends ResponseOf<typeof ExpireDelegationToken> {}
