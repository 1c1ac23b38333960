// ExpireDelegationToken, versions 1 to 2, goes to the controller, which lets owners and renewers set when a token ends (KIP-48).
import { ExpireDelegationToken } from '../protocol/messages/40-expire-delegation-token.ts';
import type { ControllerChannel } from './controller-requests.ts';
import { defineHandler } from './handler.ts';
import { OPEN_TO_ALL } from './permission.ts';
import { expiryIn, type TokenCheck } from './token-requests.ts';

export const expireDelegationToken = (controller: ControllerChannel, check: TokenCheck) =>
  defineHandler(ExpireDelegationToken, {
    authorize: OPEN_TO_ALL,
    handle(request, context) {
      check(context.session);
      return controller.forward(ExpireDelegationToken, request, context);
    },
    failed: (_request, errorCode) => ({ errorCode, expiryTimestampMs: expiryIn(errorCode) }),
  });
