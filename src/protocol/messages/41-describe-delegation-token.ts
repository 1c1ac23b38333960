// DescribeDelegationToken, versions 1 to 3. The delegation tokens of owners (KIP-48).
//   v2 flexible · v3 who asked for the token (KIP-373)
import { api, array, bytes, int64, type RequestOf, type ResponseOf, string } from '../schema.ts';
import { errorCode, throttleTimeMs } from './fields.ts';

export const DescribeDelegationToken = api({
  key: 41,
  name: 'DescribeDelegationToken',
  versions: [1, 3],
  flexible: 2,
  request: { owners: array({ principalType: string, principalName: string }).nullable().doc('null: all.') },
  response: {
    errorCode,
    tokens: array({
      principalType: string,
      principalName: string,
      tokenRequesterPrincipalType: string.since(3),
      tokenRequesterPrincipalName: string.since(3),
      issueTimestamp: int64,
      expiryTimestamp: int64,
      maxTimestamp: int64,
      tokenId: string,
      hmac: bytes.doc('What the client proves its knowledge of the token with.'),
      renewers: array({ principalType: string, principalName: string }).doc(
        'Principals that may renew the token beside the owner.',
      ),
    }),
    throttleTimeMs,
  },
});
export interface DescribeDelegationTokenRequest extends RequestOf<typeof DescribeDelegationToken> {}
export interface DescribeDelegationTokenResponse extends ResponseOf<typeof DescribeDelegationToken> {}
