// CreateDelegationToken, versions 1 to 3, goes to the controller once it is sure that the caller may have the token (KIP-48, KIP-373).
//   v3 a token for somebody else
import type { Access } from './access.ts';
import { ANONYMOUS, Errors, KafkaError } from '../protocol/index.ts';
import {
  CreateDelegationToken,
  type CreateDelegationTokenRequest,
} from '../protocol/messages/38-create-delegation-token.ts';
import type { ControllerChannel } from './controller-requests.ts';
import { defineHandler, type RequestContext } from './handler.ts';
import { FOR_OTHERS_SINCE, NO_REQUESTER, principalOf, principalText, type TokenCheck } from './token-requests.ts';

const NOTHING = new Uint8Array(0);

export const createDelegationToken = (
  controller: ControllerChannel,
  access: Pick<Access, 'may'> | undefined,
  check: TokenCheck,
) =>
  defineHandler(CreateDelegationToken, {
    authorize: [
      {
        operation: 'CREATE_TOKENS',
        resource: 'USER',
        at: ['ownerPrincipalName'],
        asked: 'within',
        denied: 'DELEGATION_TOKEN_AUTHORIZATION_FAILED',
      },
    ],
    async handle(request, context) {
      // Kafka makes a principal of it before anything else, and fails.
      if (isWithoutType(request)) throw new KafkaError(Errors.UNKNOWN_SERVER_ERROR);
      check(context.session);
      const owner = ownerOf(request, context);
      if (owner !== context.session.principal && access?.may(context, 'CREATE_TOKENS', 'USER', owner) === false) {
        throw new KafkaError(Errors.DELEGATION_TOKEN_AUTHORIZATION_FAILED);
      }
      if (request.renewers.some(({ principalType }) => principalType !== 'User')) {
        throw new KafkaError(Errors.INVALID_PRINCIPAL_TYPE);
      }
      const made = await controller.forward(CreateDelegationToken, request, context);
      return context.apiVersion < FOR_OTHERS_SINCE ? { ...made, ...NO_REQUESTER } : made;
    },
    failed(request, errorCode, _message, context) {
      const requester = principalOf(isWithoutType(request) ? ANONYMOUS : context.session.principal);
      return {
        errorCode,
        ...principalOf(ownerOf(request, context)),
        ...(context.apiVersion < FOR_OTHERS_SINCE
          ? NO_REQUESTER
          : {
              tokenRequesterPrincipalType: requester.principalType,
              tokenRequesterPrincipalName: requester.principalName,
            }),
        issueTimestampMs: -1,
        expiryTimestampMs: -1,
        maxTimestampMs: -1,
        tokenId: '',
        hmac: NOTHING,
      };
    },
  });

const isWithoutType = ({ ownerPrincipalType, ownerPrincipalName }: CreateDelegationTokenRequest): boolean =>
  ownerPrincipalType === null && (ownerPrincipalName ?? '') !== '';

/** Whoever names nobody asks for itself. */
function ownerOf(request: CreateDelegationTokenRequest, { session }: RequestContext): string {
  if (isWithoutType(request)) return ANONYMOUS;
  const { ownerPrincipalType, ownerPrincipalName } = request;
  if ((ownerPrincipalName ?? '') === '') return session.principal;
  return principalText({ principalType: ownerPrincipalType ?? 'User', principalName: ownerPrincipalName ?? '' });
}
