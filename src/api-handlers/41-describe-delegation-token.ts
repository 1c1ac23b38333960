// DescribeDelegationToken, versions 1 to 3: the tokens that a caller owns or may renew, and those that it may see beside them, with
// what logs in by them (KIP-48, KIP-373; Kafka: DelegationTokenManager.filterToken).
import type { Access } from './access.ts';
import type { DelegationToken } from '../kraft/metadata/index.ts';
import { Errors, KafkaError } from '../protocol/index.ts';
import { DescribeDelegationToken } from '../protocol/messages/41-describe-delegation-token.ts';
import type { BrokerIdentity } from './broker-endpoints.ts';
import { defineHandler, type RequestContext } from './handler.ts';
import { checkTokensAllowed, FOR_OTHERS_SINCE, NO_REQUESTER, principalOf, principalText } from './token-requests.ts';

/** The HMAC of a token; undefined: there are no tokens (delegation.token.secret.key). */
export type TokenHmac = ((tokenId: string) => Promise<Uint8Array>) | undefined;

export const describeDelegationToken = (
  identity: Pick<BrokerIdentity, 'image'>,
  hmacOf: TokenHmac,
  access: Pick<Access, 'may' | 'sees'> | undefined,
) =>
  defineHandler(DescribeDelegationToken, {
    authorize: [
      {
        operation: 'DESCRIBE',
        resource: 'DELEGATION_TOKEN',
        at: [],
        asked: 'within',
        denied: null,
        orElse: ['USER', 'DESCRIBE_TOKENS'],
      },
    ],
    async handle({ owners }, context) {
      checkTokensAllowed(context.session);
      if (hmacOf === undefined) throw new KafkaError(Errors.DELEGATION_TOKEN_AUTH_DISABLED);
      const wanted = owners === null ? undefined : owners.map(principalText);
      const shown = [...identity.image().delegationTokens.values()].filter(
        (token) =>
          (wanted === undefined || wanted.some((one) => isOwnedBy(token, one))) && isSeen(token, context, access),
      );
      const tokens = await Promise.all(
        shown.map(async (token) => ({ ...described(token, context.apiVersion), hmac: await hmacOf(token.tokenId) })),
      );
      return { errorCode: Errors.NONE, tokens };
    },
    failed: (_request, errorCode) => ({ errorCode, tokens: [] }),
  });

function isOwnedBy({ owner, requester, renewers }: DelegationToken, principal: string): boolean {
  return owner === principal || requester === principal || renewers.includes(principal);
}

function isSeen(
  token: DelegationToken,
  context: RequestContext,
  access: Pick<Access, 'may' | 'sees'> | undefined,
): boolean {
  if (access === undefined || isOwnedBy(token, context.session.principal)) return true;
  return (
    access.sees(context, 'DESCRIBE', 'DELEGATION_TOKEN', token.tokenId) ||
    access.sees(context, 'DESCRIBE_TOKENS', 'USER', token.owner)
  );
}

function described(token: DelegationToken, apiVersion: number) {
  const requester = principalOf(token.requester);
  return {
    ...principalOf(token.owner),
    ...(apiVersion < FOR_OTHERS_SINCE
      ? NO_REQUESTER
      : { tokenRequesterPrincipalType: requester.principalType, tokenRequesterPrincipalName: requester.principalName }),
    issueTimestamp: Number(token.issueTimestamp),
    expiryTimestamp: Number(token.expirationTimestamp),
    maxTimestamp: Number(token.maxTimestamp),
    tokenId: token.tokenId,
    renewers: token.renewers.map(principalOf),
  };
}
