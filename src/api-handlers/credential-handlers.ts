// The APIs of logins, users and tokens: parts of the lists of both kinds of listeners.
import type { Access } from './access.ts';
import type { BrokerIdentity } from './broker-endpoints.ts';
import type { ControllerChannel } from './controller-requests.ts';
import type { TokenHmac } from './41-describe-delegation-token.ts';
import { serve, type ServedApi } from './served-api.ts';
import type { TokenCheck } from './token-requests.ts';

export interface CredentialParts {
  readonly controller: ControllerChannel;
  readonly identity: BrokerIdentity;
  /** undefined: there is no authorizer, and everybody may do everything. */
  readonly access: Access | undefined;
  /** The HMACs of delegation tokens; undefined: there are none. */
  readonly tokenHmac: TokenHmac;
}

/** Of every listener. */
export function credentialHandlers(
  { controller, access }: Pick<CredentialParts, 'controller' | 'access'>,
  check: TokenCheck,
): ServedApi[] {
  return [
    serve(17, async () => (await import('./17-sasl-handshake.ts')).saslHandshake()),
    serve(36, async () => (await import('./36-sasl-authenticate.ts')).saslAuthenticate()),
    serve(38, async () =>
      (await import('./38-create-delegation-token.ts')).createDelegationToken(controller, access, check),
    ),
    serve(39, async () => (await import('./39-renew-delegation-token.ts')).renewDelegationToken(controller, check)),
    serve(40, async () => (await import('./40-expire-delegation-token.ts')).expireDelegationToken(controller, check)),
    serve(51, async () => (await import('./51-alter-user-scram-credentials.ts')).alterUserScramCredentials(controller)),
  ];
}

/** What a broker's listener tells of them. */
export function credentialDescriptions({ identity, tokenHmac, access }: CredentialParts): ServedApi[] {
  return [
    serve(41, async () =>
      (await import('./41-describe-delegation-token.ts')).describeDelegationToken(identity, tokenHmac, access),
    ),
    serve(50, async () =>
      (await import('./50-describe-user-scram-credentials.ts')).describeUserScramCredentials(identity),
    ),
  ];
}
