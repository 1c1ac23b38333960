// What the requests about delegation tokens have in common (KIP-48; Kafka: KafkaApis.allowTokenRequests): who may ask for tokens
// at all, and for those of others.
import { ANONYMOUS, Errors, KafkaError, principalNameOf, principalTypeOf } from '../protocol/index.ts';
import type { Session } from './session.ts';

/** The version from which a token may be for somebody else, and answers tell who has asked for it. */
export const FOR_OTHERS_SINCE = 3;
export const NO_REQUESTER = { tokenRequesterPrincipalType: '', tokenRequesterPrincipalName: '' };

/** Nobody that cannot be told from others, and nobody who is in by a token. Throws KafkaError. */
export function checkTokensAllowed({ securityProtocol, principal, isTokenAuthenticated }: Session): void {
  const isNobody = securityProtocol === 'PLAINTEXT' || (securityProtocol === 'SSL' && principal === ANONYMOUS);
  if (isNobody || isTokenAuthenticated) throw new KafkaError(Errors.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED);
}

/**
 * Throws KafkaError where the session may not ask. A controller asks nothing: the broker that passes a request on has looked at
 * the connection of whoever sent it.
 */
export type TokenCheck = (session: Session) => void;

export interface Principal {
  readonly principalType: string;
  readonly principalName: string;
}

export const principalText = ({ principalType, principalName }: Principal): string =>
  `${principalType}:${principalName}`;

export function principalOf(text: string): Principal {
  return { principalType: principalTypeOf(text), principalName: principalNameOf(text) };
}

/** What stands for a time in answers without one: the broker itself says -1, the controller 0. */
export function expiryIn(errorCode: number): number {
  return errorCode === Errors.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED ? -1 : 0;
}
