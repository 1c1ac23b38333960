// SaslHandshake, versions 0 to 1, where there is nothing to log in to: on a listener without SASL, or after the login. Before it
// the gate of the connection answers (broker/network/sasl-gate.ts).
import { Errors } from '../protocol/index.ts';
import { SaslHandshake } from '../protocol/messages/17-sasl-handshake.ts';
import { defineHandler } from './handler.ts';
import { OPEN_TO_ALL } from './permission.ts';

export const saslHandshake = () =>
  defineHandler(SaslHandshake, {
    authorize: OPEN_TO_ALL,
    handle: () => ({ errorCode: Errors.ILLEGAL_SASL_STATE, mechanisms: [] }),
    failed: (_request, errorCode) => ({ errorCode, mechanisms: [] }),
  });
