// Delegation tokens made, renewed and ended (KIP-48, KIP-900; Kafka: DelegationTokenControlManager). The metadata holds who a token
// stands for and until when; the secret of it, its HMAC, is made of its id and stands nowhere.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { Errors, KafkaError, principalNameOf, principalTypeOf } from '../../../protocol/index.ts';
import type {
  CreateDelegationTokenRequest,
  CreateDelegationTokenResponse,
} from '../../../protocol/messages/38-create-delegation-token.ts';
import type {
  RenewDelegationTokenRequest,
  RenewDelegationTokenResponse,
} from '../../../protocol/messages/39-renew-delegation-token.ts';
import type {
  ExpireDelegationTokenRequest,
  ExpireDelegationTokenResponse,
} from '../../../protocol/messages/40-expire-delegation-token.ts';
import {
  type DelegationToken,
  hasDelegationTokens,
  type MetadataImage,
  type MetadataRecord,
} from '../../metadata/index.ts';
import type { Outcome } from '../operation.ts';

export interface TokenRules {
  /** delegation.token.secret.key; null: there are no tokens. */
  readonly secret: string | null;
  readonly maxLifetimeMs: number;
  readonly renewMs: number;
  /** delegation.token.expiry.check.interval.ms */
  readonly sweepEveryMs: number;
}

export interface TokenContext {
  readonly rules: TokenRules;
  readonly nowMs: number;
  /** Whoever asks, as `User:alice`. */
  readonly principal: string;
  readonly newTokenId: () => string;
}

/** Throws KafkaError DELEGATION_TOKEN_AUTH_DISABLED, UNSUPPORTED_VERSION. */
function secretOf({ rules }: TokenContext, image: MetadataImage): string {
  if (rules.secret === null) throw new KafkaError(Errors.DELEGATION_TOKEN_AUTH_DISABLED);
  if (!hasDelegationTokens(image.features.metadataVersion)) throw new KafkaError(Errors.UNSUPPORTED_VERSION);
  return rules.secret;
}

const hmacOf = (secret: string, tokenId: string): Buffer =>
  createHmac('sha512', Buffer.from(secret, 'utf8')).update(tokenId, 'utf8').digest();

/** May be asked only for tokens of whom the broker has found that the asker may. Throws KafkaError. */
export function createDelegationToken(
  image: MetadataImage,
  request: CreateDelegationTokenRequest,
  context: TokenContext,
): Outcome<CreateDelegationTokenResponse> {
  const secret = secretOf(context, image);
  const { principal: requester, nowMs, rules, newTokenId } = context;
  const isForOther = (request.ownerPrincipalName ?? '') !== '';
  const owner = isForOther ? `${request.ownerPrincipalType}:${request.ownerPrincipalName}` : requester;
  const wanted = Number(request.maxLifetimeMs);
  const lifetimeMs = wanted > 0 ? Math.min(wanted, rules.maxLifetimeMs) : rules.maxLifetimeMs;
  const maxTimestamp = nowMs + lifetimeMs;
  const expirationTimestamp = Math.min(maxTimestamp, nowMs + rules.renewMs);
  const tokenId = newTokenId();
  const renewers = request.renewers.map(({ principalType, principalName }) => `${principalType}:${principalName}`);
  const record: MetadataRecord = {
    type: 'DelegationTokenRecord',
    version: 0,
    owner,
    requester,
    renewers,
    issueTimestamp: nowMs,
    maxTimestamp,
    expirationTimestamp,
    tokenId,
  };
  const response = {
    errorCode: Errors.NONE,
    principalType: principalTypeOf(owner),
    principalName: principalNameOf(owner),
    tokenRequesterPrincipalType: principalTypeOf(requester),
    tokenRequesterPrincipalName: principalNameOf(requester),
    issueTimestampMs: nowMs,
    expiryTimestampMs: expirationTimestamp,
    maxTimestampMs: maxTimestamp,
    tokenId,
    hmac: hmacOf(secret, tokenId),
  };
  return { records: [record], response };
}

/** Throws KafkaError DELEGATION_TOKEN_NOT_FOUND. */
function tokenOf(image: MetadataImage, secret: string, hmac: Uint8Array): DelegationToken {
  for (const token of image.delegationTokens.values()) {
    const expected = hmacOf(secret, token.tokenId);
    if (expected.length === hmac.length && timingSafeEqual(expected, hmac)) return token;
  }
  throw new KafkaError(Errors.DELEGATION_TOKEN_NOT_FOUND);
}

/** Who has asked for it for somebody else sees it, and no more (DelegationTokenControlManager.allowedToRenew). */
function checkRenewer({ owner, renewers }: DelegationToken, principal: string): void {
  if (principal === owner || renewers.includes(principal)) return;
  throw new KafkaError(Errors.DELEGATION_TOKEN_OWNER_MISMATCH);
}

const hasExpired = ({ maxTimestamp, expirationTimestamp }: DelegationToken, nowMs: number): boolean =>
  Number(maxTimestamp) < nowMs || Number(expirationTimestamp) < nowMs;

const prolonged = (token: DelegationToken, expirationTimestamp: number): MetadataRecord => ({
  type: 'DelegationTokenRecord',
  version: 0,
  ...token,
  renewers: [...token.renewers],
  expirationTimestamp,
});

/** Throws KafkaError. */
export function renewDelegationToken(
  image: MetadataImage,
  { hmac, renewPeriodMs }: RenewDelegationTokenRequest,
  context: TokenContext,
): Outcome<RenewDelegationTokenResponse> {
  const token = tokenOf(image, secretOf(context, image), hmac);
  const { nowMs, rules, principal } = context;
  if (hasExpired(token, nowMs)) throw new KafkaError(Errors.DELEGATION_TOKEN_EXPIRED);
  checkRenewer(token, principal);
  const wanted = Number(renewPeriodMs);
  const periodMs = wanted > 0 ? Math.min(wanted, rules.renewMs) : rules.renewMs;
  const expiryTimestampMs = Math.min(Number(token.maxTimestamp), nowMs + periodMs);
  return {
    records: [prolonged(token, expiryTimestampMs)],
    response: { errorCode: Errors.NONE, expiryTimestampMs },
  };
}

/** Throws KafkaError. */
export function expireDelegationToken(
  image: MetadataImage,
  { hmac, expiryTimePeriodMs }: ExpireDelegationTokenRequest,
  context: TokenContext,
): Outcome<ExpireDelegationTokenResponse> {
  const token = tokenOf(image, secretOf(context, image), hmac);
  const { nowMs, principal } = context;
  checkRenewer(token, principal);
  const periodMs = Number(expiryTimePeriodMs);
  if (periodMs < 0) {
    return { records: [removalOf(token)], response: { errorCode: Errors.NONE, expiryTimestampMs: nowMs } };
  }
  if (hasExpired(token, nowMs)) throw new KafkaError(Errors.DELEGATION_TOKEN_EXPIRED);
  const expiryTimestampMs = Math.min(Number(token.maxTimestamp), nowMs + periodMs);
  return {
    records: [prolonged(token, expiryTimestampMs)],
    response: { errorCode: Errors.NONE, expiryTimestampMs },
  };
}

const removalOf = ({ tokenId }: DelegationToken): MetadataRecord => ({
  type: 'RemoveDelegationTokenRecord',
  version: 0,
  tokenId,
});

/** Takes out tokens that are of no more use. */
export function sweepDelegationTokens(image: MetadataImage, nowMs: number): Outcome<undefined> {
  const expired = [...image.delegationTokens.values()].filter((token) => hasExpired(token, nowMs));
  return { records: expired.map(removalOf), response: undefined };
}
