// SASL OAUTHBEARER (RFC 7628; Kafka: OAuthBearerSaslServer): a bearer token, which somebody else vouches for. What is wrong with a
// token the client is told in a first answer, as JSON; its answer to that ends the login.
import {
  BrokenExchangeError,
  SaslAuthenticationError,
  SaslError,
  type SaslExchange,
  type SaslMechanism,
  type SaslStep,
  textOf,
} from './sasl-mechanism.ts';

/** A token that was taken. */
export interface BearerToken {
  readonly subject: string;
  /** Milliseconds since the epoch. */
  readonly expiresAtMs: number;
}

/** Why a token was not taken, as the client is told. */
export interface TokenRefusal {
  readonly status: 'invalid_token' | 'insufficient_scope';
  readonly scope?: string;
  /** For the log. */
  readonly reason: string;
}

export interface TokenValidator {
  /** Throws, or rejects, when there is no way to say: the connection is closed. */
  validate(token: string): Promise<BearerToken | TokenRefusal>;
}

/** What an extension is refused for; undefined: it is taken. */
export type ExtensionCheck = (name: string, value: string) => string | undefined;

const SASL_NAME = '(?:[\\x01-\\x2b\\x2d-\\x3c\\x3e-\\x7f]|=2C|=3D)+';
const PAIRS = '(?:[A-Za-z]+=[\\x21-\\x7e \\t\\r\\n]+\\x01)*';
const INITIAL = new RegExp(`^n,(?:a=(${SASL_NAME}))?,\\x01(${PAIRS})\\x01$`);
const AUTH = /^(\w+) +([-_.a-zA-Z0-9]+=*)$/;
/** The client's word that it has read why it was refused. */
const ACKNOWLEDGED = 1;
const NOTHING = new Uint8Array(0);

export class OAuthBearerMechanism implements SaslMechanism {
  readonly name = 'OAUTHBEARER';
  readonly #validator: TokenValidator;
  readonly #checkExtension: ExtensionCheck;
  readonly #refused: (reason: string) => void;

  /** `refused` hears why a token was not taken, for the log. */
  constructor(
    validator: TokenValidator,
    refused: (reason: string) => void = () => undefined,
    checkExtension: ExtensionCheck = () => undefined,
  ) {
    this.#validator = validator;
    this.#refused = refused;
    this.#checkExtension = checkExtension;
  }

  begin(): SaslExchange {
    let refusal: string | undefined;
    return {
      evaluate: async (token) => {
        if (refusal !== undefined && token.length === 1 && token[0] === ACKNOWLEDGED) {
          throw new SaslAuthenticationError(refusal);
        }
        const step = await this.#evaluate(token);
        refusal = step.refusal;
        return step;
      },
    };
  }

  async #evaluate(token: Uint8Array): Promise<SaslStep & { readonly refusal?: string }> {
    const { bearer, authorizationId, extensions } = parseInitial(token);
    const result = await this.#validator.validate(bearer);
    if ('status' in result) {
      this.#refused(result.reason);
      const { status, scope } = result;
      const refusal = scope === undefined ? `{"status":"${status}"}` : `{"status":"${status}", "scope":"${scope}"}`;
      return { token: Buffer.from(refusal, 'utf8'), refusal };
    }
    const { subject, expiresAtMs } = result;
    if (authorizationId !== '' && authorizationId !== subject) {
      throw new SaslAuthenticationError(
        `Authentication failed: Client requested an authorization id (${authorizationId}) that is different from the token's principal name (${subject})`,
      );
    }
    this.#checkExtensions(extensions);
    return { token: NOTHING, login: { user: subject, expiresAtMs, isToken: false } };
  }

  #checkExtensions(extensions: ReadonlyMap<string, string>): void {
    const faults = [...extensions].flatMap(([name, value]) => {
      const fault = this.#checkExtension(name, value);
      return fault === undefined ? [] : [`${name}: ${fault}`];
    });
    if (faults.length === 0) return;
    throw new SaslAuthenticationError(
      `Authentication failed: ${faults.length} extensions are invalid! They are: ${faults.join(' ')}`,
    );
  }
}

interface Initial {
  readonly bearer: string;
  readonly authorizationId: string;
  readonly extensions: ReadonlyMap<string, string>;
}

/** Throws SaslError, BrokenExchangeError. */
function parseInitial(token: Uint8Array): Initial {
  const match = INITIAL.exec(textOf(token));
  if (match === null) throw new SaslError('Invalid OAUTHBEARER client first message');
  const [, authorizationId = '', pairs = ''] = match;
  const properties = new Map<string, string>();
  for (const pair of pairs.split('\x01')) {
    const at = pair.indexOf('=');
    if (at > 0) properties.set(pair.slice(0, at), pair.slice(at + 1));
  }
  const auth = properties.get('auth');
  if (auth === undefined) throw new SaslError("Invalid OAUTHBEARER client first message: 'auth' not specified");
  properties.delete('auth');
  const [, scheme = '', bearer = ''] = AUTH.exec(auth) ?? [];
  if (bearer === '') throw new SaslError("Invalid OAUTHBEARER client first message: invalid 'auth' format");
  // Kafka falls over its own message here, so that the client gets no answer.
  if (scheme.toLowerCase() !== 'bearer') throw new BrokenExchangeError('No group with name <scheme>');
  return { bearer, authorizationId, extensions: properties };
}
