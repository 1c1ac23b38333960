// Delegation tokens (KIP-48): a secret with which a program logs in as its owner for a while.
import { CreateDelegationToken } from '../../protocol/messages/38-create-delegation-token.ts';
import { RenewDelegationToken } from '../../protocol/messages/39-renew-delegation-token.ts';
import { ExpireDelegationToken } from '../../protocol/messages/40-expire-delegation-token.ts';
import { DescribeDelegationToken } from '../../protocol/messages/41-describe-delegation-token.ts';
import { Errors, KafkaError } from '../../protocol/index.ts';
import type { CallOptions } from '../connections/patience.ts';
import type { Asking } from './asking.ts';
import { throwIfFailed } from './outcomes.ts';

export interface Principal {
  /** `User`. */
  readonly type: string;
  readonly name: string;
}

export interface DelegationToken {
  readonly tokenId: string;
  readonly owner: Principal;
  /** undefined: the broker is older than Kafka 3.3. */
  readonly requester: Principal | undefined;
  readonly renewers: readonly Principal[];
  /** Milliseconds since 1970, like the two below. */
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** Beyond it no renewal reaches. */
  readonly maxTimestamp: number;
  /** The secret. */
  readonly hmac: Uint8Array;
}

export interface CreateTokenOptions extends CallOptions {
  /** Whoever asks, when left out; others from Kafka 3.3 on (KIP-373). */
  readonly owner?: Principal;
  readonly renewers?: readonly Principal[];
  /** Left out: delegation.token.max.lifetime.ms of the broker. */
  readonly maxLifetimeMs?: number;
}

const OWNERS_SINCE = 3;

/** Rejects with KafkaError. */
export function createDelegationToken(asking: Asking, how: CreateTokenOptions): Promise<DelegationToken> {
  const { owner, renewers = [], maxLifetimeMs = -1 } = how;
  return asking.retrying(async () => {
    const answer = await asking.any(CreateDelegationToken, (version) => ({
      ...ownerFor(version, owner),
      renewers: renewers.map(wirePrincipal),
      maxLifetimeMs,
    }));
    throwIfFailed(answer.errorCode);
    return {
      tokenId: answer.tokenId,
      owner: { type: answer.principalType, name: answer.principalName },
      requester: requesterOf(answer),
      renewers,
      issuedAt: answer.issueTimestampMs,
      expiresAt: answer.expiryTimestampMs,
      maxTimestamp: answer.maxTimestampMs,
      hmac: answer.hmac,
    };
  });
}

function ownerFor(version: number, owner: Principal | undefined) {
  if (owner !== undefined && version < OWNERS_SINCE) {
    throw new KafkaError(Errors.UNSUPPORTED_VERSION, 'tokens are made for others from Kafka 3.3 on');
  }
  if (version < OWNERS_SINCE) return {};
  return { ownerPrincipalType: owner?.type ?? null, ownerPrincipalName: owner?.name ?? null };
}

export interface RenewTokenOptions extends CallOptions {
  /** Left out: delegation.token.expiry.time.ms of the broker. */
  readonly renewPeriodMs?: number;
}

/** When it expires, milliseconds since 1970. Rejects with KafkaError. */
export function renewDelegationToken(
  asking: Asking,
  hmac: Uint8Array,
  { renewPeriodMs = -1 }: RenewTokenOptions,
): Promise<number> {
  return asking.retrying(async () => {
    const answer = await asking.any(RenewDelegationToken, { hmac, renewPeriodMs });
    throwIfFailed(answer.errorCode);
    return answer.expiryTimestampMs;
  });
}

export interface ExpireTokenOptions extends CallOptions {
  /** From now on; left out: at once. */
  readonly expiryPeriodMs?: number;
}

/** When it expires, milliseconds since 1970. Rejects with KafkaError. */
export function expireDelegationToken(
  asking: Asking,
  hmac: Uint8Array,
  { expiryPeriodMs = -1 }: ExpireTokenOptions,
): Promise<number> {
  return asking.retrying(async () => {
    const answer = await asking.any(ExpireDelegationToken, { hmac, expiryTimePeriodMs: expiryPeriodMs });
    throwIfFailed(answer.errorCode);
    return answer.expiryTimestampMs;
  });
}

export interface DescribeTokensOptions extends CallOptions {
  /** Left out: of all that the principal may see. */
  readonly owners?: readonly Principal[];
}

/** Rejects with KafkaError. */
export function describeDelegationToken(asking: Asking, { owners }: DescribeTokensOptions): Promise<DelegationToken[]> {
  return asking.retrying(async () => {
    const answer = await asking.any(DescribeDelegationToken, { owners: owners?.map(wirePrincipal) ?? null });
    throwIfFailed(answer.errorCode);
    return answer.tokens.map((token) => ({
      tokenId: token.tokenId,
      owner: { type: token.principalType, name: token.principalName },
      requester: requesterOf(token),
      renewers: token.renewers.map(({ principalType, principalName }) => ({
        type: principalType,
        name: principalName,
      })),
      issuedAt: token.issueTimestamp,
      expiresAt: token.expiryTimestamp,
      maxTimestamp: token.maxTimestamp,
      hmac: token.hmac,
    }));
  });
}

const wirePrincipal = ({ type, name }: Principal) => ({ principalType: type, principalName: name });

function requesterOf(token: {
  readonly tokenRequesterPrincipalType: string;
  readonly tokenRequesterPrincipalName: string;
}): Principal | undefined {
  const { tokenRequesterPrincipalType: type, tokenRequesterPrincipalName: name } = token;
  return type === '' && name === '' ? undefined : { type, name };
}
