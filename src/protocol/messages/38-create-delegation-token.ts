// CreateDelegationToken, versions 1 to 3. Creates a delegation token (KIP-48).
//   v2 flexible · v3 a token for somebody else (KIP-373)
import { api, array, bytes, int64, type RequestOf, type ResponseOf, string } from '../schema.ts';
import { errorCode, throttleTimeMs } from './fields.ts';

export const CreateDelegationToken = api({
  key: 38,
  name: 'CreateDelegationToken',
  versions: [1, 3],
  flexible: 2,
  request: {
    ownerPrincipalType: string.since(3).nullable(),
    ownerPrincipalName: string.since(3).nullable(),
    renewers: array({ principalType: string, principalName: string }).doc(
      'Principals that may renew the token beside the owner.',
    ),
    maxLifetimeMs: int64.doc("-1 for the broker's delegation.token.max.lifetime.ms."),
  },
  response: {
    errorCode,
    principalType: string,
    principalName: string,
    tokenRequesterPrincipalType: string.since(3),
    tokenRequesterPrincipalName: string.since(3),
    issueTimestampMs: int64,
    expiryTimestampMs: int64,
    maxTimestampMs: int64,
    tokenId: string,
    hmac: bytes.doc('What the client proves its knowledge of the token with.'),
    throttleTimeMs,
  },
});
export interface CreateDelegationTokenRequest extends RequestOf<typeof CreateDelegationToken> {}
export interface CreateDelegationTokenResponse extends ResponseOf<typeof CreateDelegationToken> {}
