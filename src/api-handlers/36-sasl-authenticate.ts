// SaslAuthenticate, versions 0 to 2, where there is nothing to log in to: on a listener without SASL, or after the login. Before it
// the gate of the connection answers (broker/network/sasl-gate.ts).
import { Errors } from '../protocol/index.ts';
import { SaslAuthenticate } from '../protocol/messages/36-sasl-authenticate.ts';
import { defineHandler } from './handler.ts';
import { OPEN_TO_ALL } from './permission.ts';

const NOTHING = new Uint8Array(0);

export const saslAuthenticate = () =>
  defineHandler(SaslAuthenticate, {
    authorize: OPEN_TO_ALL,
    handle: () => ({
      errorCode: Errors.ILLEGAL_SASL_STATE,
      errorMessage: 'SaslAuthenticate request received after successful authentication',
      authBytes: NOTHING,
    }),
    failed: (_request, errorCode, errorMessage) => ({ errorCode, errorMessage, authBytes: NOTHING }),
  });
