// RenewDelegationToken, versions 1 to 2, goes to the controller, which lets owners and renewers have a token live longer (KIP-48).
import { RenewDelegationToken } from '../protocol/messages/39-renew-delegation-token.ts';
import type { ControllerChannel } from './controller-requests.ts';
import { defineHandler } from './handler.ts';
import { OPEN_TO_ALL } from './permission.ts';
import { expiryIn, type TokenCheck } from './token-requests.ts';

export const renewDelegationToken = (controller: ControllerChannel, check: TokenCheck) =>
  defineHandler(RenewDelegationToken, {
    authorize: OPEN_TO_ALL,
    handle(request, context) {
      check(context.session);
      return controller.forward(RenewDelegationToken, request, context);
    },
    failed: (_request, errorCode) => ({ errorCode, expiryTimestampMs: expiryIn(errorCode) }),
  });
